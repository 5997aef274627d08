"""Decide whether an answer follows the data: the core of the grader. Pure.

With other numbers in place of the data, a computed answer equals what the reference computes with
them. It is looked up at the same place in every run, so that a curve which happens to pass through
the right values earns nothing.
"""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.grading.agreement import Tolerance, agrees
from grader.grading.chance import MAX_CHANCE, MAX_OFFERS, Offer, expected_matches
from grader.grading.expectation import Expectation
from grader.grading.search import Candidate, Found, Values
from grader.notebook.cell_names import read_names
from grader.notebook.code import shared_tree
from grader.trace import BASE, CellRun, CodeCell, Run, Trace, Value

PlaceState = Literal["same", "moved", "absent", "void"]
"""State of a place in the variants.

`same`: its value on the original data, in each variant; `moved`: another value in one; `absent`:
no value in one; `void`: no variant could be made, because there was no data to replace.
"""

Verdict = Literal[
    "follows",
    "does-not-follow",
    "only-here",
    "input-not-seen",
    "raises",
    "nothing-moved",
    "not-run",
    "by-chance",
]

CONFIRMATION = "-again"
"""Ends the labels of the runs in a fresh kernel that confirm a denial."""

EXACTLY = Tolerance(rtol=0, atol=0)

CodeCells = tuple[CodeCell, ...]

_ENDS = ("timeout", "died", "flooded", "not_run")
KNOWN_ERRORS = frozenset((*_ENDS, *dir(builtins)))
"""How cells end that end badly, and the exceptions of Python's."""

SMALL_NUMBERS = frozenset(range(11))
"""Whole numbers that are in everyone's code."""


@dataclass(frozen=True)
class FollowVerdict:
    """Whether an answer follows the data, by which value, and what an instructor should check."""

    verdict: Verdict
    found: Found | None
    error: str = ""
    """For `raises`, the exception that a variant alone raised."""


def follow(
    values: Values,
    found: Sequence[Found],
    look_in: Sequence[str],
    expectation: Expectation,
    handout: CodeCells,
    *,
    inputs: Collection[str] | None = None,
) -> FollowVerdict:
    """Decide whether a value that agrees on the original data also agrees in every variant.

    Args:
        values: those of all runs.
        found: the values that agree on the original data, the best one first; not empty.
        look_in: kinds of events that count.
        expectation: the reference's values, per run.
        handout: the handout's code cells: numbers in them are no evidence of typing in.
        inputs: the data that the answer depends on in the reference; None: all that varies.

    Returns:
        For an answer that follows, with what it earns in every run: the least of them.
    """
    labels = [label for label in expectation.runs if label != BASE]
    if not labels:
        return FollowVerdict("follows", found[0])

    search = _PlaceSearch(values, look_in)
    first_attempt = _VariantAttempt(search, labels, "", inputs)
    confirmation = _VariantAttempt(search, labels, CONFIRMATION, inputs)
    attempts = (first_attempt, confirmation)
    best = _best(found, attempts, expectation)
    if best is not None:
        is_chance = any(attempt.may_be_chance(found, expectation) for attempt in attempts)
        verdict: Verdict = "by-chance" if is_chance else "follows"
        return FollowVerdict(verdict, best)
    for one in found:
        if first_attempt.is_crowded(one):  # not all of its values are known
            return FollowVerdict("by-chance", one)

    denial = _explain_denial(values.trace, found, first_attempt, handout)
    depends_on_nothing = inputs is not None and not inputs
    if depends_on_nothing and denial.verdict != "only-here":
        # No variant changes the answer, so it needs none.
        return FollowVerdict("follows", found[0])
    return denial


def _best(
    found: Sequence[Found], attempts: Sequence[_VariantAttempt], expectation: Expectation
) -> Found | None:
    """Return the value that earns most in every run of an attempt; None if none earns anything."""
    best: Found | None = None
    for one in found:
        for attempt in attempts:
            credit = attempt.credit(one, expectation)
            if credit > 0 and (best is None or credit > best.credit):
                best = Found(one.candidate, credit)
    return best


@dataclass(frozen=True)
class _PlaceSearch:
    """Finds the values of a run at the place of a value."""

    values: Values
    look_in: Sequence[str]
    """Kinds of events that count."""

    def at_place(self, found: Found, run: Run) -> Sequence[Candidate]:
        """Return the values of a run at the place of a value of the base run."""
        return self.values.at(run.label, found.candidate.place, self.look_in)

    def is_crowded(self, found: Found, label: str) -> bool:
        """Return whether a run has more values there than the same code can produce."""
        return self.values.is_crowded(label, found.candidate.place, self.look_in)


class _VariantAttempt:
    """The runs on all variants: in the kernel of the base run, or in a fresh one."""

    def __init__(
        self,
        search: _PlaceSearch,
        labels: Sequence[str],
        ending: str,
        inputs: Collection[str] | None,
    ) -> None:
        self._search = search
        self.complete = True
        """Whether all runs took place."""
        self.able: list[_VariantRun] = []
        """Runs that had other numbers."""
        for label in labels:
            run = search.values.trace.run(label + ending)
            if run is None:
                self.complete = False
            elif carried(run, inputs):
                variant = _VariantRun(label, run)
                self.able.append(variant)

    @property
    def could_decide(self) -> bool:
        """Whether all runs took place, and some had other numbers."""
        return self.complete and bool(self.able)

    def credit(self, found: Found, expectation: Expectation) -> float:
        """Return the least credit of a value over all runs with other numbers.

        It is 0 if the value disagrees or is missing in one.
        """
        if not self.could_decide:
            return 0.0
        credits = [found.credit]
        for variant in self.able:
            best = 0.0
            for candidate in self._search.at_place(found, variant.run):
                credit = candidate.credit(expectation, variant.label)
                best = max(best, credit)
            credits.append(best)
        return min(credits)

    def may_be_chance(self, found: Sequence[Found], expectation: Expectation) -> bool:
        """Return whether there are so many values that some agree by chance.

        A value that agrees where no place is crowded needs no other.
        """
        if not self.could_decide:
            return False
        if len(found) > MAX_OFFERS:
            return True
        earning = [one for one in found if self.credit(one, expectation)]
        if earning and all(map(self.is_crowded, earning)):
            return True
        offers = [self._offer(one, expectation) for one in found]
        return expected_matches(offers) > MAX_CHANCE

    def is_crowded(self, found: Found) -> bool:
        """Return whether, in some run, a place has more values than the same code can produce."""
        labels = [BASE, *(variant.run.label for variant in self.able)]
        return any(self._search.is_crowded(found, label) for label in labels)

    def _offer(self, found: Found, expectation: Expectation) -> Offer:
        """Return how far the values of a place are off in each variant."""
        offer = []
        for variant in self.able:
            at_place = self._search.at_place(found, variant.run)
            offer.append(tuple(one.distance(expectation, variant.label) for one in at_place))
        return tuple(offer)

    def state(self, found: Found) -> PlaceState:
        """Classify a value that does not follow."""
        if not self.able:
            return "void"
        in_runs = [self._search.at_place(found, variant.run) for variant in self.able]
        if not all(in_runs):
            return "absent"
        base = found.candidate.value
        for candidates in in_runs:
            if not _hold_same(candidates, base):
                return "moved"
        return "same"


@dataclass(frozen=True)
class _VariantRun:
    """A run on a variant."""

    label: str
    """The label of the variant; that of the run may end with `-again`."""
    run: Run


def carried(run: Run, inputs: Collection[str] | None = None) -> bool:
    """Return whether a variant met the data, and replaced all of it.

    Args:
        run: the run on the variant.
        inputs: the data that matters; None or empty: all that varies.
    """
    met = []
    for name, is_carried in run.carried.items():
        if not inputs or name in inputs:
            met.append(is_carried)
    return bool(met) and all(met)


def _hold_same(candidates: Sequence[Candidate], base: Value) -> bool:
    return any(agrees(candidate.value, base, EXACTLY) for candidate in candidates)


def _explain_denial(
    trace: Trace, found: Sequence[Found], attempt: _VariantAttempt, handout: CodeCells
) -> FollowVerdict:
    if not attempt.complete:
        return FollowVerdict("not-run", found[0])

    states = _by_state(found, attempt)
    if "void" in states:
        return FollowVerdict("input-not-seen", states["void"])
    if "absent" in states:
        absent = states["absent"]
        error = _new_error(trace, attempt, absent)
        if error:
            return FollowVerdict("raises", absent, error)
    if "same" in states:
        first_number = next(typed_in(trace, handout), None)
        if first_number is None:
            return FollowVerdict("nothing-moved", states["same"])
        return FollowVerdict("does-not-follow", states["same"])
    if "moved" in states:
        moved = states["moved"]
        error = _error_behind(trace, attempt, moved)
        if error:
            return FollowVerdict("raises", moved, error)
        return FollowVerdict("only-here", moved)
    return FollowVerdict("not-run", states["absent"])


def _by_state(found: Sequence[Found], attempt: _VariantAttempt) -> Mapping[PlaceState, Found]:
    """Return, per state, the most credited value with that state."""
    states: dict[PlaceState, Found] = {}
    for one in found:
        state = attempt.state(one)
        states.setdefault(state, one)
    return states


def _new_error(trace: Trace, attempt: _VariantAttempt, found: Found) -> str:
    """Return the first exception in a variant, up to the answer's cell.

    Only cells count that ended well on the original data.
    """
    answer_cell = found.candidate.place.cell
    for variant in attempt.able:
        cells = _up_to(answer_cell, variant.run)
        if not cells:
            return "not-run"
        for cell in cells:
            if cell.status == "ok":
                continue
            if trace.base.ended_well(cell.cell):
                return _known_error(cell.error or cell.status)
    return ""


def _error_behind(trace: Trace, attempt: _VariantAttempt, found: Found) -> str:
    """Return the exception in a variant because of which the answer's cell had other values.

    A cell that raised did not give its names the values that later cells read.
    """
    answer_cell = found.candidate.place.cell
    sources = {cell.cell: cell.source for cell in trace.cells}
    for variant in attempt.able:
        error = ""
        unset: frozenset[str] = frozenset()
        for cell in _up_to(answer_cell, variant.run):
            if cell.cell == answer_cell:
                continue
            raised = cell.status != "ok" and trace.base.ended_well(cell.cell)
            if raised:
                error = error or cell.error or cell.status
            names = read_names(sources.get(cell.cell, ""))
            if raised or not unset.isdisjoint(names.reads):
                unset |= names.binds
        answering = read_names(sources.get(answer_cell, ""))
        if not unset.isdisjoint(answering.reads):
            return _known_error(error)
    return ""


def _known_error(name: str) -> str:
    """Return the name of a built-in exception; other names may be made up from the data."""
    if name not in KNOWN_ERRORS:
        return "Exception"
    return name


def _up_to(last_cell: int, run: Run) -> Sequence[CellRun]:
    """Return the cells that ran, up to the last run of one; none if it did not run."""
    end = 0
    for count, cell in enumerate(run.cells, start=1):
        if cell.cell == last_cell:
            end = count
    return run.cells[:end]


def typed_in(trace: Trace, handout: CodeCells) -> Iterator[tuple[int, int]]:
    """Yield cell and line of numbers in the student's cells that the handout does not have.

    Small whole numbers do not count. A string with a decimal number counts as one.
    """
    familiar: set[float] = set(SMALL_NUMBERS)
    for cell in handout:
        for number in _numbers(cell.source):
            familiar.add(number.value)

    for cell in trace.cells:
        if cell.handout:
            continue
        for number in _numbers(cell.source):
            if number.value not in familiar:
                yield cell.cell, number.line


@dataclass(frozen=True)
class _CodeNumber:
    """A number in code, without its sign."""

    line: int
    value: float


def _numbers(source: str) -> Iterator[_CodeNumber]:
    """Yield the numbers in a cell's code."""
    tree = shared_tree(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant):
            continue
        number = _as_float(node.value)
        if number is not None:
            yield _CodeNumber(node.lineno, abs(number))


def _as_float(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.replace(",", ".")
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    # `float("inf")` is how many a search for a least value begins.
    if not math.isfinite(number):
        return None
    return number
