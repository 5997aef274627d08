"""Collect the effects of one line of a student's code, pass by pass. Pure.

An effect is something that a statement produced: values, printed text, a gradient. Effects beyond
what a person reads are dropped and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from grader.trace import Array, Value

Turn = Literal["1", "2", "last"]
"""A pass of a loop."""
EffectKind = Literal[
    "value",
    "shown",
    "printed",
    "grad",
    "step",
    "graph",
    "skipped",
    "note",
]

MAX_EFFECTS = 8
"""Most effects shown beside one line, before those of the end of a loop."""

Turns = tuple[Turn, ...]


@dataclass(frozen=True)
class Effect:
    """Something that a statement produced, in one or several passes."""

    kind: EffectKind
    values: tuple[tuple[str, Value], ...] = ()
    """Path and value: `w`, `m.w`; the path is empty where the student gave no name."""
    text: str = ""
    """Printed lines, a command that was not run, or a note."""
    turns: Turns = ()
    """The passes that had this effect; empty if the statement ran once."""
    more: int = 0
    """Number of values, or printed lines, that are not shown."""


@dataclass(frozen=True)
class CodeLine:
    """A line of the student's code, and its effects."""

    number: int
    """In its cell, from 1."""
    source: str
    inside: str = ""
    """Name of the function it belongs to, where another cell defines that function."""
    effects: tuple[Effect, ...] = ()
    more: int = 0
    """Number of events of this line that are not shown."""


class LineDraft:
    """A line to which events are still added."""

    def __init__(
        self,
        number: int,
        source: str,
        inside: str = "",
    ) -> None:
        self._line = CodeLine(number, source, inside)
        self.effects: list[Effect] = []
        self.more = 0
        self.printed = 0

    @property
    def is_empty(self) -> bool:
        """Return whether the line has had no effect so far."""
        return not self.effects and not self.more

    def add(self, effect: Effect) -> None:
        """Add the effect of one pass."""
        most = MAX_EFFECTS
        if effect.turns == ("last",):
            self._forget_inner_loop(effect)
            most = 2 * MAX_EFFECTS

        if len(self.effects) < most:
            self.effects.append(effect)
        else:
            self.more += 1

    def _forget_inner_loop(self, end: Effect) -> None:
        """Drop the end of an inner loop: of nested loops, only the outermost is shown."""
        key = _end_key(end)
        kept = [effect for effect in self.effects if _end_key(effect) != key]
        self.effects = kept

    def line(self) -> CodeLine:
        """Build the line; passes are distinguished only if there were several."""
        effects = _join_passes(self._without_repeats())
        if _ran_once(effects):
            effects = [replace(effect, turns=()) for effect in effects]
        return replace(
            self._line,
            effects=tuple(effects),
            more=self.more,
        )

    def _without_repeats(self) -> Iterator[Effect]:
        """Drop unnamed values that are shown under a name, or printed.

        An effect of which nothing is left is dropped, too.
        """
        prints = any(effect.kind == "printed" for effect in self.effects)
        told = self._named_contents()

        for effect in self.effects:
            contents = told[effect.turns]
            values = []
            for path, value in effect.values:
                content = _content(value)
                printed = prints and path.startswith("argument[")
                if is_nameless(path) and (printed or content in contents):
                    continue
                contents.append(content)
                if _is_silent(path):
                    values.append(("", value))
                else:
                    values.append((path, value))
            if values or effect.text:
                yield replace(effect, values=tuple(values))

    def _named_contents(self) -> dict[Turns, list[object]]:
        """Return the contents that are shown under a name, per pass."""
        contents: dict[Turns, list[object]] = {}
        for effect in self.effects:
            named = contents.setdefault(effect.turns, [])
            for path, value in effect.values:
                if not is_nameless(path):
                    named.append(_content(value))
        return contents


def _join_passes(effects: Iterable[Effect]) -> list[Effect]:
    """Combine each pass with the previous one if both had the same effect."""
    joined: list[Effect] = []
    for effect in effects:
        previous = joined[-1] if joined else None
        if previous and previous.turns != effect.turns and _is_same(previous, effect):
            turns = previous.turns + effect.turns
            joined[-1] = replace(previous, turns=turns)
        else:
            joined.append(effect)
    return joined


def _ran_once(effects: Iterable[Effect]) -> bool:
    """Return whether all effects are of the first pass."""
    for effect in effects:
        if "1" not in effect.turns:
            return False
        if "2" in effect.turns:
            return False
    return True


def _is_same(first: Effect, second: Effect) -> bool:
    first_key = _effect_key(first)
    second_key = _effect_key(second)
    return first_key == second_key


def _effect_key(effect: Effect) -> object:
    contents = [(path, _content(value)) for path, value in effect.values]
    return contents, effect.text, effect.more


def _end_key(effect: Effect) -> object:
    paths = [path for path, _ in effect.values]
    return effect.turns, effect.kind, paths


def _content(value: Value) -> object:
    """Return the visible content of a value, without its grad_fn."""
    if isinstance(value, Array):
        return value.shape, value.elements
    return value


def is_nameless(path: str) -> bool:
    """Return whether a path was made up by the recorder."""
    if _is_silent(path):
        return True
    return path.startswith("grad[")


def _is_silent(path: str) -> bool:
    """Return whether a path is empty, or the recorder's placeholder for an unnamed value."""
    if path in ("", "make_dot"):
        return True
    return path.startswith("argument[")
