"""A line of a student's code, and what it left behind in each pass. Pure data, and a draft of it.

What is more than a person reads is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from grader.trace import Array, Value

Turn = Literal["1", "2", "last"]
LeftKind = Literal["value", "shown", "printed", "grad", "step", "graph", "skipped", "note"]

MAX_LEFT = 8
"""Most things told beside one line, before what a loop left at its end."""


@dataclass(frozen=True)
class Left:
    """What a statement left behind, in one or several passes."""

    kind: LeftKind
    values: tuple[tuple[str, Value], ...] = ()
    """Path and value: `w`, `m.w`; a path that is no name of the student's is empty."""
    text: str = ""
    """Printed lines, a command that was not run, or a note."""
    turns: tuple[Turn, ...] = ()
    """The passes that left the same; empty if the statement ran once."""
    more: int = 0
    """Values, or printed lines, that are not told."""


@dataclass(frozen=True)
class Line:
    """A line of the student's, and what it left behind."""

    number: int
    """In its cell, from 1."""
    source: str
    inside: str = ""
    """Name of the function it belongs to, where that was defined in another cell."""
    left: tuple[Left, ...] = ()
    more: int = 0
    """Events of this line that are not told."""


class Draft:
    """A line while its events come in."""

    def __init__(self, number: int, source: str, inside: str = "") -> None:
        self._line = Line(number, source, inside)
        self.left: list[Left] = []
        self.more = 0
        self.printed = 0

    @property
    def is_empty(self) -> bool:
        """Whether it left nothing behind so far."""
        return not self.left and not self.more

    def add(self, left: Left) -> None:
        """Add what one pass left behind."""
        if left.turns == ("last",):
            self._forget_last(left)
        if len(self.left) < (MAX_LEFT if left.turns != ("last",) else 2 * MAX_LEFT):
            self.left.append(left)
        else:
            self.more += 1

    def _forget_last(self, left: Left) -> None:
        """Of nested loops, only the end of the outermost is told."""
        self.left = [
            one
            for one in self.left
            if (one.turns, one.kind, _paths(one)) != (left.turns, left.kind, _paths(left))
        ]

    def line(self) -> Line:
        """The line; passes are told apart only where there were several."""
        left = _joined(one for one in self._without_repeats() if one.values or one.text)
        if all("1" in one.turns for one in left) and not any("2" in one.turns for one in left):
            left = [replace(one, turns=()) for one in left]
        return replace(self._line, left=tuple(left), more=self.more)

    def _without_repeats(self) -> Iterator[Left]:
        """What has no name is not told again where it has one, nor what is printed anyway."""
        printed = any(left.kind == "printed" for left in self.left)
        told: dict[tuple[Turn, ...], list[object]] = {}
        for left in self.left:
            told.setdefault(left.turns, []).extend(
                _look(value) for path, value in left.values if not is_nameless(path)
            )
        for left in self.left:
            values = []
            for path, value in left.values:
                repeated = _look(value) in told[left.turns] or (
                    printed and path.startswith("argument[")
                )
                if is_nameless(path) and repeated:
                    continue
                told[left.turns].append(_look(value))
                values.append(("" if _is_silent(path) else path, value))
            yield replace(left, values=tuple(values))


def _joined(lefts: Iterable[Left]) -> list[Left]:
    """Passes that left the same as the one before are joined to it."""
    joined: list[Left] = []
    for left in lefts:
        if joined and joined[-1].turns != left.turns and _same(joined[-1], left):
            joined[-1] = replace(joined[-1], turns=joined[-1].turns + left.turns)
        else:
            joined.append(left)
    return joined


def _same(one: Left, other: Left) -> bool:
    looks = [[(path, _look(value)) for path, value in left.values] for left in (one, other)]
    return looks[0] == looks[1] and (one.text, one.more) == (other.text, other.more)


def _look(value: Value) -> object:
    """What is seen of a value: not how it is differentiated."""
    return (value.shape, value.elements) if isinstance(value, Array) else value


def _paths(left: Left) -> list[str]:
    return [path for path, _ in left.values]


def is_nameless(path: str) -> bool:
    """Whether a path is none of the student's, so that the value is not told again beside one that has a name."""
    return _is_silent(path) or path.startswith("grad[")


def _is_silent(path: str) -> bool:
    """Whether a path is none, or one that the recorder gives to what has none."""
    return path in ("", "make_dot") or path.startswith("argument[")
