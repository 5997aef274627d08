"""Tells what each line of a cell left behind: values, gradients, steps, printed text. Pure, and decides nothing.

What is more than a person reads is left out and counted: a trace may hold a hundred thousand events.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.outputs.story.lines import MAX_LEFT, Draft, Left, LeftKind, Line, Turn, is_nameless
from grader.trace import CodeCell, Event, Module, Value

MAX_LINES = 200
"""Most lines of one cell, beside those that decided something."""
MAX_VALUES = 6
"""Most values told of one statement."""
MAX_INSIDE = 40
"""Most lines of functions of other cells that are told below one line; most skipped commands looked for in a cell."""
MAX_PRINTED_LINES = 3
MAX_PARAMETERS = 3
"""A module with more parameters is told without them."""
MAX_LINE = 400
"""Characters kept of a line, as of an event's source."""
PRINTED_CUT = 15_000
"""Text that is longer may have been cut by the recorder: its last line is not the last one printed."""

PRINTS = ("print(", "display(")

_ROOT = re.compile(r"[^.\[]*")


@dataclass(frozen=True)
class Told:
    """What one run of a cell left behind."""

    lines: tuple[Line, ...]
    """Those that are not blank; below a line, those of functions of other cells that it called."""
    rest: tuple[Left, ...] = ()
    """What belongs to no line."""
    cut: int = 0
    """Lines that are not told."""
    left_out: int = 0
    """Events that are not told."""


Known = dict[str, Value]
"""What is known to be where, by path: a name that is only read is told once."""


def remember(events: Iterable[Event], known: Known) -> None:
    """Take note of values without telling them."""
    for event in events:
        known.update(
            (path, value) for path, value in event.values.items() if _is_named(path, event)
        )


def lines_of(
    cell: CodeCell, events: Iterable[Event], known: Known, keep: Collection[int] = ()
) -> Told:
    """The lines of a cell with what they left behind in one run.

    Args:
        cell: the cell.
        events: those of this run of the cell, in order.
        known: what is known so far; what the cell leaves behind is added.
        keep: lines that are told however long the cell is.
    """
    told = _Cell(cell, known)
    for event in events:
        told.take(event)
    return told.told(keep)


class _Cell:
    """A run of a cell while its events come in."""

    def __init__(self, cell: CodeCell, known: Known) -> None:
        self._sources = cell.source.split("\n")
        self._known = known
        self._own: dict[int, Draft] = {}
        self._waiting: dict[tuple[str, int], Draft] = {}
        self._called: dict[tuple[str, int], Draft] = {}
        self._inside: dict[int, dict[tuple[str, int], Draft]] = {}
        self._rest: list[Left] = []
        self._assigned_at: dict[tuple[str, str], int] = {}
        self._printing: tuple[str, int, Draft] | None = None
        self._skips = 0
        self._left_out = 0

    def take(self, event: Event) -> None:
        """Take the next event."""
        if event.kind == "skipped":
            self._skipped(event)
        elif event.kind == "note":
            self._note(Left("note", text=event.text))
        elif event.kind == "printed":
            self._printed(event)
        elif event.kind == "value" and event.turn == "last":
            self._loop_ended(event)
        elif event.kind in ("value", "shown", "grad", "step", "graph"):
            self._statement(event)

    def _source(self, line: int) -> str:
        return self._sources[line - 1] if 0 < line <= len(self._sources) else ""

    def _is_inside(self, event: Event) -> bool:
        """Whether an event is of a function that another cell defined."""
        return (
            bool(event.scope and event.source)
            and self._source(event.line).strip()[:MAX_LINE] != event.source
        )

    def _draft(self, event: Event, line: int = 0) -> Draft | None:
        """The line an event belongs to; None if it is none of the notebook's.

        Args:
            event: the event.
            line: another line of the same code, if it is there.
        """
        if self._is_inside(event):
            key = (event.scope, line)
            return self._waiting.get(key) or self._called.get(key) or self._draft_inside(event)
        line = line or event.line
        if not self._source(line).strip():
            return None
        self._called_from(line)
        return self._draft_of(line)

    def _draft_of(self, line: int) -> Draft:
        if line not in self._own:
            self._own[line] = Draft(line, self._source(line).rstrip()[:MAX_LINE])
        return self._own[line]

    def _draft_inside(self, event: Event) -> Draft | None:
        """A line of a function of another cell: it waits for the line that called it, whose event comes later."""
        key = (event.scope, event.line)
        if event.turn == "last" and key in self._called:
            return self._called[key]
        if key not in self._waiting and len(self._waiting) < MAX_INSIDE:
            self._waiting[key] = Draft(event.line, event.source, event.scope)
        return self._waiting.get(key)

    def _called_from(self, line: int) -> None:
        """Put what waited below the line that called it."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        below = self._inside.setdefault(line, {})
        self._called |= waiting
        for key, draft in waiting.items():
            if key not in below:
                below[key] = draft
                continue
            for left in draft.left:
                below[key].add(left)
            below[key].more += draft.more
            self._called[key] = below[key]

    def _statement(self, event: Event) -> None:
        draft = self._draft(event)
        if draft is None:
            self._left_out += 1
            return
        self._assigned_at.update(((event.scope, name), event.line) for name in event.assigned)
        if values := self._values(event):
            kind: LeftKind = event.kind  # type: ignore[assignment]  # `take` has looked
            draft.add(_left(kind, values, event.turn))

    def _values(self, event: Event) -> list[tuple[str, Value]]:
        """What an event tells: what it changed first, names that it only read last, and only if they are new."""
        changed, unnamed, read = [], [], []
        for path, value in _without_parameters(event.values):
            if not _is_named(path, event):
                unnamed += [] if self._is_part_known(path, value, event) else [(path, value)]
            elif event.kind not in ("value", "shown") or (
                event.kind == "value" and _root(path) in event.assigned
            ):
                changed.append((path, value))
            elif (
                self._known.get(path) != value
            ):  # also of an expression: a call may have changed its receiver
                read.append((path, value))
        remember((event,), self._known)
        # What is given to `print` stands in what it prints.
        return changed + unnamed + ([] if event.source.startswith(PRINTS) else read)

    def _is_part_known(self, path: str, value: Value, event: Event) -> bool:
        """Whether a part of what is shown is known under its name: `['w']`, where `res` is shown."""
        return (
            path.startswith("[")
            and len(event.reads) == 1
            and self._known.get(event.reads[0] + path) == value
        )

    def _loop_ended(self, event: Event) -> None:
        """What a loop left at its end: told beside the lines in it that assign the names."""
        remember((event,), self._known)
        at: dict[int, list[tuple[str, Value]]] = {}
        for path, value in _without_parameters(event.values):
            line = self._assigned_at.get((event.scope, _root(path)), 0)
            at.setdefault(line if event.line <= line <= event.end_line else event.line, []).append(
                (path, value)
            )
        for line, values in at.items():
            draft = self._draft(event, line)
            if draft is None:
                self._left_out += 1
            else:
                draft.add(_left("value", values, "last"))

    def _printed(self, event: Event) -> None:
        lines = [line[:MAX_LINE] for line in event.text.split("\n") if line.strip()]
        if not lines:
            return
        if draft := self._printing_inside(event):
            draft.add(Left("printed", text=lines[-1], turns=("last",), more=len(lines) - 1))
            return
        text, more = "\n".join(lines[:MAX_PRINTED_LINES]), max(0, len(lines) - MAX_PRINTED_LINES)
        draft = self._draft(event) if event.line else None
        if draft is None:
            self._note(Left("printed", text=text, more=more))
            return
        self._printing = (event.scope, event.line, draft)
        draft.printed += 1
        turn: Turn = "1" if draft.printed == 1 else "2" if draft.printed == 2 else "last"
        draft.add(Left("printed", text=text, turns=(turn,), more=more))

    def _printing_inside(self, event: Event) -> Draft | None:
        """The line in a loop that printed: what its later passes print comes with the loop itself."""
        if self._printing is None or len(event.text) >= PRINTED_CUT:
            return None
        scope, line, draft = self._printing
        return draft if scope == event.scope and event.line < line <= event.end_line else None

    def _skipped(self, event: Event) -> None:
        left = Left("skipped", text=event.text)
        self._skips += 1
        for number, source in enumerate(self._sources if self._skips <= MAX_INSIDE else (), 1):
            if event.text and event.text in source and self._draft_of(number).is_empty:
                self._draft_of(number).add(replace(left, turns=("1",)))
                return
        self._note(left)

    def _note(self, left: Left) -> None:
        if left in self._rest:
            return
        if len(self._rest) < MAX_LEFT:
            self._rest.append(left)
        else:
            self._left_out += 1

    def told(self, keep: Collection[int]) -> Told:
        """All lines, in order."""
        self._called_from(len(self._sources))
        numbers = [number for number, source in enumerate(self._sources, 1) if source.strip()]
        told = [
            number for place, number in enumerate(numbers) if place < MAX_LINES or number in keep
        ]
        lines = tuple(line for number in told for line in self._with_inside(number))
        left_out = self._left_out + sum(line.more for line in lines)
        return Told(lines, tuple(self._rest), len(numbers) - len(told), left_out)

    def _with_inside(self, number: int) -> Iterator[Line]:
        yield self._draft_of(number).line()
        yield from (draft.line() for draft in self._inside.get(number, {}).values())


def _left(kind: LeftKind, values: Sequence[tuple[str, Value]], turn: Turn) -> Left:
    return Left(
        kind, tuple(values[:MAX_VALUES]), turns=(turn,), more=max(0, len(values) - MAX_VALUES)
    )


def _without_parameters(values: Mapping[str, Value]) -> Sequence[tuple[str, Value]]:
    """Path and value; of a module with many parameters not these."""
    many = tuple(
        f"{path}."
        for path, value in values.items()
        if isinstance(value, Module)
        and sum(other.startswith(f"{path}.") for other in values) > MAX_PARAMETERS
    )
    return [(path, value) for path, value in values.items() if not path.startswith(many)]


def _root(path: str) -> str:
    """The name a path begins with: `m` of `m.w`, `losses` of `losses[0]`."""
    found = _ROOT.match(path)
    return found[0] if found else ""


def _is_named(path: str, event: Event) -> bool:
    """Whether a path begins with a name of the student's, as far as it can be seen."""
    return _root(path) in event.assigned or not (_root(path) in ("", "return") or is_nameless(path))
