"""Find how values were made: by given or own code, typed in, counted, or in a list. Pure.

If no variant changes an answer, an equal number is weak evidence: a loop counter, a written-out
number or one of a hundred losses may agree by chance.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from grader.grading.agreement import as_number
from grader.grading.printed_numbers import numbers_in
from grader.notebook.cell_names import ALL_EFFECTS, Effects
from grader.notebook.code import shared_tree
from grader.notebook.slicing import cells_behind
from grader.notebook.typed_values import Typing, counters, loop_names, typing_of_statement
from grader.trace import Array, CodeCell, Event, Number, Trace, Value, is_literal

if TYPE_CHECKING:
    from grader.grading.search import Candidate

MAX_WHOLE = 3
"""A number in a list of more is no answer by itself."""

ITEM = re.compile(r"(?P<parent>.*)\[(?P<index>\d+)\]", re.DOTALL)

READING = re.compile(r"load|read|open|glob|listdir|exist|file|folder|csv|path", re.IGNORECASE)
"""Something in a cell that may read a file."""

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Origins:
    """How the values of one trace were made."""

    def __init__(self, trace: Trace) -> None:
        """Initialise with the trace."""
        self._trace = trace
        self._cells: Mapping[int, CodeCell] = {cell.cell: cell for cell in trace.cells}

    # Whose code it is

    @cached_property
    def _definitions(self) -> Mapping[str, int]:
        """The cell of each function and class that the student defines."""
        cells: dict[str, int] = {}
        for cell in self._trace.cells:
            if cell.handout:
                continue
            tree = shared_tree(cell.source)
            for node in ast.walk(tree):
                if isinstance(node, DEFINITIONS):
                    cells[node.name] = cell.cell
        return cells

    def defining_cell(self, event: Event) -> int | None:
        """Return the student's cell that defines the function in which something happened."""
        root, _, _ = event.scope.partition(".")
        return self._definitions.get(root)

    def is_given(self, event: Event) -> bool:
        """Return whether an event happened in a line of the handout."""
        cell = self._cells.get(event.cell)
        if cell is None or not cell.handout:
            return False
        return self.defining_cell(event) is None

    def runs_given_code(self, event: Event) -> bool:
        """Return whether an event happened in code of the handout, whichever cell called it."""
        if self.is_given(event):
            return True
        return bool(event.scope) and self.defining_cell(event) is None

    def own_events(self) -> Iterator[Event]:
        """Yield the events of the student's own lines, including those that a given cell calls."""
        for event in self._trace.base.events:
            if not self.is_given(event):
                yield event

    def rests_on_own_code(self, cell: int) -> bool:
        """Return whether a cell needs something that the student's own cells make."""
        return cell in self._resting

    @cached_property
    def _resting(self) -> frozenset[int]:
        """The given cells that need something of the student's own."""
        order = []
        for run in self._trace.base.cells:
            code = self._cells.get(run.cell)
            if code is not None:
                position = (run.cell, code.source)
                order.append(position)

        handout = self._trace.handout_cells()
        resting = set()
        for cell in handout:
            source = self._source(cell)
            behind = cells_behind(order, [cell], effects=_effects_on(source))
            if not handout.issuperset(behind):
                resting.add(cell)
        return frozenset(resting)

    # How it was made

    def is_counter(self, candidate: Candidate) -> bool:
        """Return whether a number is only a loop counter, or runs over a list."""
        if as_number(candidate.value) is None:
            return False
        event = candidate.event
        source = self._source(event.cell)
        counting = counters(source)
        reads_counters = counting.issuperset(event.reads)
        if event.reads and reads_counters:
            return True

        path = candidate.place.path
        if path not in loop_names(source):
            return False
        return event.turn == "last" or path not in event.assigned

    def _source(self, cell: int) -> str:
        code = self._cells.get(cell)
        if code is None:
            return ""
        return code.source

    def is_element(self, candidate: Candidate) -> bool:
        """Return whether a number, text or bool is one of more than three in a list."""
        value = candidate.value
        if isinstance(value, Array) and value.size > 1:
            return False
        return _length_of_list(candidate) > MAX_WHOLE

    def is_passing(self, candidate: Candidate) -> bool:
        """Return whether a value belongs to an early pass of a loop that ends with another one."""
        event = candidate.event
        if event.turn == "last":
            return False
        place = (event.cell, event.scope)
        loops = self._loop_ends.get(place, ())
        for loop in loops:
            is_inside = loop.line < event.line <= loop.end_line
            if is_inside and _is_left_behind(candidate, loop):
                return True
        return False

    @cached_property
    def _loop_ends(self) -> Mapping[tuple[int, str], Sequence[Event]]:
        """The last values of loops, by cell and scope."""
        ends: dict[tuple[int, str], list[Event]] = {}
        for event in self._trace.base.events:
            if event.kind == "value" and event.turn == "last":
                place = (event.cell, event.scope)
                in_scope = ends.setdefault(place, [])
                in_scope.append(event)
        return ends

    def is_last_element(self, candidate: Candidate) -> bool:
        """Return whether a value is the last element of its list."""
        match = ITEM.fullmatch(candidate.place.path)
        if match is None:
            return False
        index = int(match["index"])
        length = _length_of_list(candidate)
        return index == length - 1

    def typing(self, candidate: Candidate) -> Typing:
        """Classify a value as computed or written out, here or under an earlier name."""
        event = candidate.event
        path = candidate.place.path
        if is_literal(event):
            return self._typing_of(event, path)

        event_id = id(event)
        written = self._written.get(event_id, {})
        if not any(_is_shown(value, candidate) for value in written.values()):
            return "computed"
        names = frozenset(written)
        return self._typing_of(event, path, names)

    def _typing_of(self, event: Event, path: str, written: frozenset[str] = frozenset()) -> Typing:
        source = ""
        if not event.scope:
            whole = self._source(event.cell)
            lines = whole.split("\n")
            first = max(event.line - 1, 0)
            statement = lines[first : event.end_line]
            source = "\n".join(statement)
        return typing_of_statement(source or event.source, path, written)

    @cached_property
    def _written(self) -> Mapping[int, Mapping[str, Value]]:
        """The names of written-out values that each event (`id(event)`) reads."""
        now: dict[str, Value] = {}
        by_event: dict[int, Mapping[str, Value]] = {}
        for event in self._trace.base.events:
            read: dict[str, Value] = {}
            for name in event.reads:
                if name in now:
                    read[name] = now[name]
            event_id = id(event)
            by_event[event_id] = read

            for name in event.assigned:
                now.pop(name, None)
            if not is_literal(event) or self._typing_of(event, "") != "bare":
                continue
            for name in event.assigned:
                if name in event.values:
                    now[name] = event.values[name]
        return by_event


def _is_shown(value: Value, candidate: Candidate) -> bool:
    """Return whether a candidate is a value, or one of its numbers as it is printed."""
    if candidate.value == value:
        return True
    shown = candidate.value
    half_unit = candidate.half_unit
    if half_unit is None or not isinstance(shown, Number):
        return False
    match value:
        case Number(value=number):
            return abs(number - shown.value) <= half_unit
        case Array(elements=elements):
            return any(abs(number - shown.value) <= half_unit for number in elements)
        case _:
            return False


def _effects_on(source: str) -> Effects:
    """List what students' cells may change for a given cell that shares no name with them.

    A seed does not make a cell theirs, and a file only a cell that may read it.
    """
    if READING.search(source):
        return ALL_EFFECTS - {"library"}
    return ALL_EFFECTS - {"library", "file"}


def _is_left_behind(candidate: Candidate, loop: Event) -> bool:
    """Return whether the end of a loop replaces a value by another."""
    path = candidate.place.path
    at_end = loop.values.get(path)
    if at_end is None:
        return candidate.event.kind in ("shown", "printed")
    return at_end != candidate.value


def _length_of_list(candidate: Candidate) -> int:
    """Return the length of the list that a value is in; 1 for a value in none."""
    event = candidate.event
    match = ITEM.fullmatch(candidate.place.path)
    if match is None:
        return 1
    if event.kind == "printed":
        return _count_numbers(event.text)

    parent = match["parent"]
    whole = event.values.get(parent)
    if isinstance(whole, Array):
        return len(whole.elements)
    length = 0
    for path in event.values:
        if _is_item_of(path, parent):
            length += 1
    return length


def _count_numbers(text: str) -> int:
    count = 0
    for number in numbers_in(text):
        if number is not None:
            count += 1
    return count


def _is_item_of(path: str, parent: str) -> bool:
    match = ITEM.fullmatch(path)
    if match is None:
        return False
    return match["parent"] == parent
