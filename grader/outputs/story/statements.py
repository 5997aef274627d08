"""Collect the effects of each line of a cell: values, gradients, steps, printed text.

Pure. Effects beyond what a person reads are dropped and counted: a trace may have a hundred
thousand events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.outputs.story.lines import (
    MAX_EFFECTS,
    CodeLine,
    Effect,
    EffectKind,
    LineDraft,
    Turn,
)
from grader.outputs.story.values import (
    KnownValues,
    NamedValue,
    is_named,
    remember,
    root_name,
    without_parameters,
)
from grader.trace import CodeCell, Event

MAX_LINES = 200
"""Most lines of one cell, apart from those that decided something."""
MAX_VALUES = 6
"""Most values shown for one statement."""
MAX_INSIDE = 40
"""Most lines of functions of other cells that are shown below one line."""
MAX_SKIPS = 40
"""Most skipped commands that are looked for in a cell."""
MAX_PRINTED_LINES = 3
MAX_LINE = 400
"""Characters kept of a line, as of an event's source."""
PRINTED_CUT = 15_000
"""Text that is longer may be cut by the recorder: its last line is not the last one printed."""

PRINTS = ("print(", "display(")

LineKey = tuple[str, int]
"""A line of a function: the name of the function, and the number of the line."""


@dataclass(frozen=True)
class CellLines:
    """The effects of one run of a cell."""

    lines: tuple[CodeLine, ...]
    """Those that are not blank; below a line, those of functions of other cells that it called."""
    rest: tuple[Effect, ...] = ()
    """Effects that belong to no line."""
    cut: int = 0
    """Number of lines that are not shown."""
    left_out: int = 0
    """Number of events that are not shown."""


def lines_of(
    cell: CodeCell,
    events: Iterable[Event],
    known: KnownValues,
    keep: Collection[int] = (),
) -> CellLines:
    """Return the lines of a cell with their effects in one run.

    Args:
        cell: the cell.
        events: those of this run of the cell, in order.
        known: the values known so far; those of the cell are added.
        keep: lines that are shown however long the cell is.
    """
    collector = _EffectCollector(cell, known)
    for event in events:
        collector.take(event)
    return collector.finish(keep)


@dataclass(frozen=True)
class _LastPrint:
    """The line that printed last: later passes of a loop may belong to it."""

    scope: str
    line: int
    draft: LineDraft


class _EffectCollector:
    """Collects the effects of a cell's run from its events."""

    def __init__(self, cell: CodeCell, known: KnownValues) -> None:
        self._cell = _CellDrafts(cell)
        self._known = known
        self._rest: list[Effect] = []
        self._assigned_at: dict[tuple[str, str], int] = {}
        """By scope and name, the line that assigned the name last."""
        self._last_print: _LastPrint | None = None
        self._skips = 0
        self._left_out = 0

    def take(self, event: Event) -> None:
        """Take the next event."""
        match event.kind:
            case "skipped":
                self._take_skipped(event)
            case "note":
                self._add_to_rest(Effect("note", text=event.text))
            case "printed":
                self._take_printed(event)
            case "value" if event.turn == "last":
                self._take_loop_end(event)
            case "value" | "shown" | "grad" | "step" | "graph":
                self._take_statement(event, event.kind)

    def finish(self, keep: Collection[int]) -> CellLines:
        """Return all lines, in order."""
        self._cell.place_waiting_below(self._cell.last_line)

        numbers = self._cell.written_lines()
        shown = _limited(numbers, keep)
        lines: list[CodeLine] = []
        for number in shown:
            lines += self._cell.finished_lines(number)

        dropped_count = sum(line.more for line in lines)
        return CellLines(
            lines=tuple(lines),
            rest=tuple(self._rest),
            cut=len(numbers) - len(shown),
            left_out=self._left_out + dropped_count,
        )

    # Statements

    def _take_statement(self, event: Event, kind: EffectKind) -> None:
        draft = self._cell.draft(event)
        if draft is None:
            self._left_out += 1
            return

        for name in event.assigned:
            self._assigned_at[event.scope, name] = event.line
        values = self._new_values(event)
        if values:
            draft.add(_value_effect(kind, values, event.turn))

    def _new_values(self, event: Event) -> list[NamedValue]:
        """Return the values to show: changed names, unnamed values, names only read.

        A name that is only read is shown if its value is new: a call may have changed its receiver.
        """
        changed = []
        unnamed = []
        read = []
        for path, value in without_parameters(event.values):
            if not is_named(path, event):
                if not self._is_known_part(path, value, event):
                    unnamed.append((path, value))
            elif _is_changed(path, event):
                changed.append((path, value))
            elif self._known.get(path) != value:
                read.append((path, value))

        remember((event,), self._known)
        # The arguments of `print` are in its output.
        if event.source.startswith(PRINTS):
            return changed + unnamed
        return changed + unnamed + read

    def _is_known_part(
        self,
        path: str,
        value: object,
        event: Event,
    ) -> bool:
        """Return whether a part of a value is known under its own name: `['w']` of `res`."""
        if not path.startswith("["):
            return False
        if len(event.reads) != 1:
            return False
        (name,) = event.reads
        return self._known.get(name + path) == value

    def _take_loop_end(self, event: Event) -> None:
        """Add the values at the end of a loop to the lines in it that assign the names."""
        remember((event,), self._known)

        values_at: dict[int, list[NamedValue]] = {}
        for path, value in without_parameters(event.values):
            line = self._assigning_line(path, event)
            values = values_at.setdefault(line, [])
            values.append((path, value))

        for line, values in values_at.items():
            draft = self._cell.draft(event, line)
            if draft is None:
                self._left_out += 1
            else:
                draft.add(_value_effect("value", values, "last"))

    def _assigning_line(self, path: str, end: Event) -> int:
        """Return the line in a loop that assigns a name, or else the loop's own line."""
        name = root_name(path)
        line = self._assigned_at.get((end.scope, name), 0)
        if end.line <= line <= end.end_line:
            return line
        return end.line

    # Printed text

    def _take_printed(self, event: Event) -> None:
        lines = _printed_lines(event.text)
        if not lines:
            return

        draft = self._printing_in_loop(event)
        if draft:
            last = Effect(
                "printed",
                text=lines[-1],
                turns=("last",),
                more=len(lines) - 1,
            )
            draft.add(last)
            return

        shown = lines[:MAX_PRINTED_LINES]
        effect = Effect(
            "printed",
            text="\n".join(shown),
            more=len(lines) - len(shown),
        )
        draft = self._cell.draft(event) if event.line else None
        if draft is None:
            self._add_to_rest(effect)
            return

        self._last_print = _LastPrint(event.scope, event.line, draft)
        draft.printed += 1
        turn = _print_turn(draft.printed)
        draft.add(replace(effect, turns=(turn,)))

    def _printing_in_loop(self, event: Event) -> LineDraft | None:
        """Return the line in a loop that printed: later passes are reported with the loop."""
        last_print = self._last_print
        if last_print is None:
            return None
        if len(event.text) >= PRINTED_CUT:
            return None
        if last_print.scope != event.scope:
            return None

        in_loop = event.line < last_print.line <= event.end_line
        if not in_loop:
            return None
        return last_print.draft

    # Commands and notes

    def _take_skipped(self, event: Event) -> None:
        """Add a skipped command to the first line that contains it and has no other effect."""
        effect = Effect("skipped", text=event.text)
        self._skips += 1
        if self._skips > MAX_SKIPS or not event.text:
            self._add_to_rest(effect)
            return

        for number in self._cell.lines_with(event.text):
            draft = self._cell.draft_of(number)
            if draft.is_empty:
                draft.add(replace(effect, turns=("1",)))
                return
        self._add_to_rest(effect)

    def _add_to_rest(self, effect: Effect) -> None:
        if effect in self._rest:
            return
        if len(self._rest) < MAX_EFFECTS:
            self._rest.append(effect)
        else:
            self._left_out += 1


class _CellDrafts:
    """The drafts of a cell's lines, and of lines in functions of other cells that it called."""

    def __init__(self, cell: CodeCell) -> None:
        self._sources = cell.source.split("\n")
        self._drafts: dict[int, LineDraft] = {}
        self._waiting: dict[LineKey, LineDraft] = {}
        """Lines of functions that wait for the line that called them: its event comes later."""
        self._called: dict[LineKey, LineDraft] = {}
        """Lines of functions that are shown below the line that called them."""
        self._below: dict[int, dict[LineKey, LineDraft]] = {}
        """The same by the line that called them."""

    @property
    def last_line(self) -> int:
        """The number of the last line."""
        return len(self._sources)

    def written_lines(self) -> list[int]:
        """Return the numbers of the lines that are not blank."""
        return [number for number in self._numbers() if self._source(number).strip()]

    def lines_with(self, text: str) -> Iterator[int]:
        """Return the numbers of the lines that contain a text."""
        return (number for number in self._numbers() if text in self._source(number))

    def finished_lines(self, number: int) -> Iterator[CodeLine]:
        """Return a line, and the lines of functions below it."""
        yield self.draft_of(number).line()
        for draft in self._below.get(number, {}).values():
            yield draft.line()

    def draft(self, event: Event, line: int = 0) -> LineDraft | None:
        """Return the line of an event; None if it is not in the notebook.

        Args:
            event: the event.
            line: another line of the same code, if it is there.
        """
        if self._is_inside(event):
            key = (event.scope, line)
            draft = self._waiting.get(key) or self._called.get(key)
            return draft or self._draft_inside(event)

        number = line or event.line
        if not self._source(number).strip():
            return None
        self.place_waiting_below(number)
        return self.draft_of(number)

    def draft_of(self, number: int) -> LineDraft:
        """Return the draft of a line of the cell."""
        draft = self._drafts.get(number)
        if draft is None:
            source = self._source(number).rstrip()
            draft = LineDraft(number, source[:MAX_LINE])
            self._drafts[number] = draft
        return draft

    def place_waiting_below(self, number: int) -> None:
        """Put waiting lines below the line that called them."""
        if not self._waiting:
            return
        waiting = self._waiting
        self._waiting = {}
        self._called |= waiting

        below = self._below.setdefault(number, {})
        for key, draft in waiting.items():
            if key not in below:
                below[key] = draft
                continue
            earlier = below[key]
            for effect in draft.effects:
                earlier.add(effect)
            earlier.more += draft.more
            self._called[key] = earlier

    def _numbers(self) -> range:
        return range(1, self.last_line + 1)

    def _source(self, number: int) -> str:
        if 0 < number <= len(self._sources):
            return self._sources[number - 1]
        return ""

    def _is_inside(self, event: Event) -> bool:
        """Return whether an event is inside a function that another cell defined."""
        if not event.scope or not event.source:
            return False
        source = self._source(event.line).strip()
        return source[:MAX_LINE] != event.source

    def _draft_inside(self, event: Event) -> LineDraft | None:
        """Return the draft of a line of a function; None if too many lines wait."""
        key = (event.scope, event.line)
        if event.turn == "last" and key in self._called:
            return self._called[key]
        if key in self._waiting:
            return self._waiting[key]
        if len(self._waiting) >= MAX_INSIDE:
            return None

        draft = LineDraft(event.line, event.source, event.scope)
        self._waiting[key] = draft
        return draft


def _limited(numbers: Sequence[int], keep: Collection[int]) -> list[int]:
    """Return the first numbers, and all that must be kept."""
    kept = [number for number in numbers[MAX_LINES:] if number in keep]
    return [*numbers[:MAX_LINES], *kept]


def _value_effect(
    kind: EffectKind,
    values: Sequence[NamedValue],
    turn: Turn,
) -> Effect:
    shown = tuple(values[:MAX_VALUES])
    hidden = len(values) - len(shown)
    return Effect(
        kind,
        shown,
        turns=(turn,),
        more=hidden,
    )


def _printed_lines(text: str) -> list[str]:
    """Return the lines that are not blank, each shortened."""
    lines = text.split("\n")
    return [line[:MAX_LINE] for line in lines if line.strip()]


def _print_turn(count: int) -> Turn:
    """Return the pass of the n-th text that a line printed."""
    if count == 1:
        return "1"
    if count == 2:
        return "2"
    return "last"


def _is_changed(path: str, event: Event) -> bool:
    """Return whether a statement changed the value at a path, rather than only read it."""
    if event.kind == "shown":
        return False
    if event.kind == "value":
        return root_name(path) in event.assigned
    return True
