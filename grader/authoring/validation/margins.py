"""How far right answers spread under other seeds, another random draw and other threads, and where wrong ones begin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from grader.assignment import Exercise
from grader.authoring.marked_runs import (
    Marked,
    MarkedRuns,
    Wrong,
    affected,
    answering,
    how_far,
    is_right,
)
from grader.authoring.validation.findings import Finding, Margin
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import check_of
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.running.session import Launch, Session
from grader.trace import VariedInput

OTHER_SEEDS = 3
"""Seeds beside the assignment's own: the numbers after it."""

THREADS = (1, 2)

_RESEED = """
def _reseed(number):
    import random, sys
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)
_reseed({})
"""
_DRAW = """
def _draw():
    import random, sys
    random.random()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.rand(1)
    if "torch" in sys.modules:
        sys.modules["torch"].rand(1)
_draw()
"""
"""What runs before the first cell. A library that is not there yet draws nothing."""


class Robustness:
    """Runs a reference in other ways, and its mistakes, for the answers of its exercises that numbers decide."""

    def __init__(
        self, solution: ReferenceFiles, inputs: tuple[VariedInput, ...], launch: Launch
    ) -> None:
        """Take the reference, its data and variants, and what gives each kernel its host."""
        self._launch = launch
        self._solution = solution
        self._inputs = inputs
        self._cells = solution.reference.cells
        self._exercises = [e for e in solution.assignment.exercises if check_of(e).is_measured]
        self._answering = answering(self._cells, {e.id for e in self._exercises})

    async def in_other_ways(self, session: Session) -> list[Marked]:
        """What the reference gives as it is, under other seeds, and after another draw, in one kernel."""
        runs = MarkedRuns(self._solution, self._inputs, session)
        seed = self._solution.assignment.limits.seed
        ways = {f"seed-{seed + n}": _RESEED.format(seed + n) for n in range(1, OTHER_SEEDS + 1)}
        # The first imports what the others seed.
        return [
            await runs.of(f"way-{name}", self._cells, self._answering, first=first)
            for name, first in {"own": "", **ways, "draw": _DRAW}.items()
        ]

    async def on_other_threads(self) -> list[Marked]:
        """The same on one and on two threads of torch and numpy, but for the number that the assignment says."""
        job = trusted_job(self._solution)
        found = []
        for threads in (threads for threads in THREADS if threads != job.limits.threads):
            limits = job.limits.model_copy(update={"threads": threads})
            async with Session(job.model_copy(update={"limits": limits}), self._launch) as session:
                found += await self.in_other_ways(session)
        return found

    async def mistakes(self, session: Session) -> list[Wrong]:
        """The mistakes that touch an answer, and what the answers are with each."""
        runs = MarkedRuns(self._solution, self._inputs, session)
        found = []
        for name in self._solution.mistakes:
            cells = self._solution.mistaken(name)
            edited = {new.cell for old, new in zip(self._cells, cells, strict=True) if old != new}
            if touched := affected(self._cells, edited, self._answering):
                found.append((name, await runs.of(f"wrong-{name}", cells, touched)))
        return found

    def findings(self, margins: tuple[Margin, ...]) -> list[Finding]:
        """Whether right answers earn their points and wrong ones do not, whatever the way of running them."""
        if not margins:
            return []
        ok = all(margin.right_within and margin.wrong_beyond for margin in margins)
        told = message("validate.margins" if ok else "validate.margins-overlap", seeds=OTHER_SEEDS)
        return [Finding(ok, told, margins=margins)]

    def margins(
        self, right: Marked, others: Iterable[Marked], wrong: Sequence[Wrong]
    ) -> tuple[Margin, ...]:
        """How far right answers spread and where wrong ones begin, per exercise.

        Args:
            right: what the reference gives.
            others: what it gives in other ways.
            wrong: what it gives with something wrong in it, behind what people call that.
        """
        others = list(others)
        return tuple(_margin(exercise, right, others, wrong) for exercise in self._exercises)


def _margin(
    exercise: Exercise, right: Marked, others: list[Marked], wrong: Sequence[Wrong]
) -> Margin:
    given = (way.of(exercise.id) for way in others)
    spreads = (
        how_far(own, [reference], check_of(exercise).tolerance(exercise))
        for way in given
        for own, reference in zip(way, right.of(exercise.id), strict=True)
    )
    distance, nearest = min(_distances(exercise, right, wrong), default=(math.inf, ""))
    return Margin(
        exercise=exercise.id,
        rtol=check_of(exercise).tolerance(exercise).rtol,
        atol=exercise.atol,
        spread=max(spreads, default=0.0),
        nearest=nearest if distance < math.inf else "",
        distance=distance,
    )


def _distances(
    exercise: Exercise, right: Marked, wrong: Sequence[Wrong]
) -> Iterator[tuple[float, str]]:
    """How far each wrong answer is from a right one: that of the mark which comes nearest, of those that changed."""
    for name, marked in wrong:
        changed = [
            how_far(given, right.of(exercise.id), check_of(exercise).tolerance(exercise))
            for given in marked.of(exercise.id)
            if given
            and not is_right(
                given, right.of(exercise.id), check_of(exercise).strict_tolerance(exercise)
            )
        ]
        if changed:
            yield min(changed), name
