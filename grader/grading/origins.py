"""Say how a value of a trace came to be: by whose code, typed in, counted, or in a list. Pure.

Where no variant changes an answer, an equal number is weak evidence: a counter of a loop, a number
that is written out, or one of a hundred losses may agree by chance.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from grader.grading.agreement import as_number
from grader.grading.printed_numbers import numbers_in
from grader.notebook.code import parse_cell
from grader.notebook.slicing import cells_behind
from grader.notebook.typed_values import Typing, counters, loop_names, typing_of_statement
from grader.trace import Array, CodeCell, Event, Trace, Value, is_literal

if TYPE_CHECKING:
    from grader.grading.search import Candidate

MAX_WHOLE = 3
"""A number in a list of more is no answer by itself."""

ITEM = re.compile(r"(?P<parent>.*)\[(?P<index>\d+)\]", re.DOTALL)

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Origins:
    """How the values of one trace came to be."""

    def __init__(self, trace: Trace) -> None:
        """Take the trace."""
        self._trace = trace
        self._cells: Mapping[int, CodeCell] = {cell.cell: cell for cell in trace.cells}

    # Whose code it is

    @cached_property
    def _definitions(self) -> Mapping[str, int]:
        """Per function and class that the student's own cells define, the cell."""
        cells: dict[str, int] = {}
        for cell in self._trace.cells:
            if cell.handout:
                continue
            for node in ast.walk(parse_cell(cell.source)):
                if isinstance(node, DEFINITIONS):
                    cells[node.name] = cell.cell
        return cells

    def defining_cell(self, event: Event) -> int | None:
        """Return the student's cell that defines the function in which something happened."""
        root, _, _ = event.scope.partition(".")
        return self._definitions.get(root)

    def is_given(self, event: Event) -> bool:
        """Tell whether something happened in a line of the handout's own."""
        cell = self._cells.get(event.cell)
        if cell is None or not cell.handout:
            return False
        return self.defining_cell(event) is None

    def own_events(self) -> Iterator[Event]:
        """Give the events of the student's own lines, also those that a given cell calls."""
        for event in self._trace.base.events:
            if not self.is_given(event):
                yield event

    def rests_on_own_code(self, cell: int) -> bool:
        """Tell whether a cell needs something that the student's own cells make."""
        return cell in self._resting

    @cached_property
    def _resting(self) -> frozenset[int]:
        """The given cells that need something of the student's own."""
        order = []
        for run in self._trace.base.cells:
            if run.cell in self._cells:
                order.append((run.cell, self._cells[run.cell].source))
        own = {cell.cell for cell in self._trace.cells if not cell.handout}

        resting = set()
        for cell in self._trace.handout_cells():
            behind = cells_behind(order, [cell])
            if own.intersection(behind):
                resting.add(cell)
        return frozenset(resting)

    # How it was made

    def is_counter(self, candidate: Candidate) -> bool:
        """Tell whether a number only counts the passes of a loop, or runs over a list."""
        if as_number(candidate.value) is None:
            return False
        event = candidate.event
        source = self._cells[event.cell].source if event.cell in self._cells else ""
        counting = counters(source)
        if event.reads and counting.issuperset(event.reads):
            return True

        path = candidate.place.path
        if path not in loop_names(source):
            return False
        return event.turn == "last" or path not in event.assigned

    def is_element(self, candidate: Candidate) -> bool:
        """Tell whether a number, text or truth value is one of more than three in a list."""
        value = candidate.value
        is_single = not isinstance(value, Array) or value.size == 1
        return is_single and _length_of_list(candidate) > MAX_WHOLE

    def is_passing(self, candidate: Candidate) -> bool:
        """Tell whether a value is that of an early pass, and the loop leaves another one."""
        event = candidate.event
        if event.turn == "last":
            return False
        for loop in self._loop_ends.get((event.cell, event.scope), ()):
            is_inside = loop.line < event.line <= loop.end_line
            if is_inside and self._is_left_behind(candidate, loop):
                return True
        return False

    def _is_left_behind(self, candidate: Candidate, loop: Event) -> bool:
        """Tell whether the end of a loop has another value in place of one."""
        at_end = loop.values.get(candidate.place.path)
        if at_end is None:
            return candidate.event.kind in ("shown", "printed")
        return at_end != candidate.value

    @cached_property
    def _loop_ends(self) -> Mapping[tuple[int, str], Sequence[Event]]:
        """Per cell and scope, what loops left at their ends."""
        ends: dict[tuple[int, str], list[Event]] = {}
        for event in self._trace.base.events:
            if event.kind == "value" and event.turn == "last":
                in_scope = ends.setdefault((event.cell, event.scope), [])
                in_scope.append(event)
        return ends

    def is_last_element(self, candidate: Candidate) -> bool:
        """Tell whether a value is the last one of its list."""
        match = ITEM.fullmatch(candidate.place.path)
        if match is None:
            return False
        return int(match["index"]) == _length_of_list(candidate) - 1

    def typing(self, candidate: Candidate) -> Typing:
        """Say whether a value was computed, or only written out, here or under a name before."""
        event = candidate.event
        if is_literal(event):
            return self._typing_of(event, candidate.place.path)

        written = self._written.get(id(event), {})
        if candidate.value not in written.values():
            return "computed"
        return self._typing_of(event, candidate.place.path, frozenset(written))

    def _typing_of(self, event: Event, path: str, written: frozenset[str] = frozenset()) -> Typing:
        source = event.source
        if not event.scope and event.cell in self._cells:
            lines = self._cells[event.cell].source.split("\n")
            first = max(event.line - 1, 0)
            source = "\n".join(lines[first : event.end_line]) or source
        return typing_of_statement(source, path, written)

    @cached_property
    def _written(self) -> Mapping[int, Mapping[str, Value]]:
        """Per event (`id(event)`), the names that it reads and that hold what was written out."""
        now: dict[str, Value] = {}
        by_event: dict[int, Mapping[str, Value]] = {}
        for event in self._trace.base.events:
            by_event[id(event)] = {name: now[name] for name in event.reads if name in now}
            is_written = is_literal(event) and self._typing_of(event, "") == "bare"
            for name in event.assigned:
                now.pop(name, None)
                if is_written and name in event.values:
                    now[name] = event.values[name]
        return by_event


def _length_of_list(candidate: Candidate) -> int:
    """Return how many values stand in the list that a value is one of; 1 where it is in none."""
    event = candidate.event
    match = ITEM.fullmatch(candidate.place.path)
    if match is None:
        return 1
    if event.kind == "printed":
        numbers = [number for number in numbers_in(event.text) if number is not None]
        return len(numbers)

    parent = match["parent"]
    whole = event.values.get(parent)
    if isinstance(whole, Array):
        return len(whole.elements)
    items = [path for path in event.values if _is_item_of(path, parent)]
    return len(items)


def _is_item_of(path: str, parent: str) -> bool:
    match = ITEM.fullmatch(path)
    return match is not None and match["parent"] == parent
