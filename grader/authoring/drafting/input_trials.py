"""Try other numbers as the data of a solved notebook: it must run, and its answers must change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.inputs import NamedData
from grader.authoring.drafting.proposals.base import is_comparable
from grader.authoring.drafting.solved_run import first_values
from grader.authoring.drafting.variants import (
    VARIANTS,
    DraftedInput,
    Family,
    number_families,
    propose_inputs,
)
from grader.authoring.marked_runs import runnable_sources
from grader.grading.agreement import Tolerance, agrees
from grader.reference.markers import MarkedCell
from grader.running.replays import Replay
from grader.running.session import Session
from grader.trace import Value


@dataclass(frozen=True)
class VariedCells:
    """The code of a notebook that is run with other data."""

    marked: Sequence[MarkedCell]
    """Its cells, with the answers marked."""
    may_fail: frozenset[int]
    """Indices of those that fail with the original data."""


@dataclass(frozen=True)
class TriedInputs:
    """The variants with which a notebook runs."""

    inputs: tuple[DraftedInput, ...]
    """Empty: it runs with none of those that were tried."""
    constant: tuple[str, ...]
    """Exercises with an answer that is the same in every variant."""
    family: Family = ()
    """How their numbers were made."""


@dataclass(frozen=True)
class _Trial:
    """The variants of one family, and how often an answer does not change."""

    inputs: TriedInputs
    same_answers: int

    @property
    def rank(self) -> tuple[int, int]:
        """Sort key of trials: fewer constant exercises, then fewer equal answers, are better."""
        return len(self.inputs.constant), self.same_answers


async def try_inputs(
    session: Session,
    data: Sequence[NamedData],
    cells: VariedCells,
    right: Mapping[str, Value],
) -> TriedInputs:
    """Find variants with which a notebook runs and every answer changes, or most do.

    Args:
        session: the session that ran the notebook.
        data: the data to vary.
        cells: the notebook's code, with the answers marked.
        right: the answers on the data as it is.
    """
    best: _Trial | None = None
    for number, makers in enumerate(number_families() if data else ()):
        inputs = propose_inputs(data, makers)
        answers = []
        for variant in range(len(makers)):
            label = f"family-{number}/{variant}"
            answers.append(await _run_variant(session, label, inputs, variant, cells))

        if not all(_has_answers(given, right) for given in answers):
            continue
        trial = _compare(inputs, answers, right, makers)
        if best is None or trial.rank < best.rank:
            best = trial
        if trial.rank == (0, 0):
            break
    if best is not None:
        return best.inputs
    return TriedInputs((), tuple(right))


def _has_answers(given: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    return all(is_comparable(given.get(exercise)) for exercise in right)


def _compare(
    inputs: tuple[DraftedInput, ...],
    answers: Sequence[Mapping[str, Value]],
    right: Mapping[str, Value],
    family: Family,
) -> _Trial:
    """Count the answers that are equal in a variant and on the data.

    A practice variant with the answer of the original data is useless.
    """
    constant = []
    same_answers = 0
    for exercise, value in right.items():
        same = []
        for given in answers:
            same.append(agrees(given[exercise], value, Tolerance()))
        same_answers += sum(same)
        if all(same[:VARIANTS]):
            constant.append(exercise)
    tried = TriedInputs(inputs, tuple(constant), family)
    return _Trial(tried, same_answers)


async def _run_variant(
    session: Session,
    label: str,
    inputs: Sequence[DraftedInput],
    variant: int,
    cells: VariedCells,
) -> dict[str, Value]:
    """Run a variant for its answers; there are none if a cell raises."""
    numbers = []
    for drafted in inputs:
        if drafted.numbers:
            original = list(drafted.data.array.elements)
            other = list(drafted.numbers[variant])
            numbers.append({"name": drafted.data.name, "original": original, "other": other})

    order = runnable_sources(cells.marked)
    await session.replay_all([Replay(label, order, numbers, marks_only=True)])
    run = session.run_of(label)
    if len(run.cells) != len(order):
        return {}
    for cell in run.cells:
        if cell.status != "ok" and cell.cell not in cells.may_fail:
            return {}
    return first_values(run, cells.marked)
