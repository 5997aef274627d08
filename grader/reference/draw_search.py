"""Draw the variants of a reference until they distinguish right answers from wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.errors import AssignmentError
from grader.job import VariedInput
from grader.reference.draw_trials import DrawTrials
from grader.reference.drawn_numbers import is_among, is_whole
from grader.reference.files import ReferenceFiles
from grader.reference.records import DrawFaults, DrawnVariant
from grader.reference.variant_inputs import VariantInputs
from grader.reference.variant_runs import Runs, VariantRuns, VariedRuns
from grader.trace import Run

MAX_DRAWS = 8
"""Most drawings of a variant; the best of them is taken."""

MAX_ALIKE = 3
"""After this many drawings with the same faults the search stops: numbers are not the reason."""

FAILURES = {
    "raises": "a cell of the reference raises",
    "no-answer": "an answer of the reference is missing",
    "not-finite": "an answer of the reference is NaN or infinite",
}
"""Why a drawing cannot be used, in words."""

Inputs = tuple[VariedInput, ...]
"""Data and variants."""


@dataclass(frozen=True)
class _Trial:
    """A drawing of a variant, and its run."""

    attempt: int
    run: Run
    faults: DrawFaults


class DrawSearch:
    """Chooses a drawing for each variant of a reference."""

    def __init__(
        self,
        variant_runs: VariantRuns,
        trials: DrawTrials,
        maker: VariantInputs,
        handed_out: Run,
        practice: VariantInputs | None,
    ) -> None:
        """Initialise with the drawings, a runner and a judge.

        Args:
            variant_runs: runs the reference on variants.
            trials: judges drawings.
            maker: draws variants.
            handed_out: the run of the reference on the original data.
            practice: draws the variants that students have, which must not be drawn for grading;
                None: they do not matter.
        """
        self._variant_runs = variant_runs
        self._trials = trials
        self._maker = maker
        self._handed_out = handed_out
        self._practice = practice
        self._practice_inputs: list[Inputs] | None = None
        self._attempts = [0] * maker.count
        """The drawing of each variant that was chosen, or is tried."""

    async def choose(self, earlier: Sequence[int], solution: ReferenceFiles) -> VariedRuns:
        """Choose a drawing for each variant, and as many variants as the time allows.

        Args:
            earlier: the drawings that were chosen for this class before: they are kept if they are
                still right.
            solution: named if no drawing can be used.

        Raises:
            AssignmentError: a variant cannot be made, did not finish in time, or fails however it
                is drawn.
        """
        runs: Runs = {}
        drawn: list[DrawnVariant] = []
        for index in range(self._maker.count):
            if not self._variant_runs.fits(index):
                break
            of_variant = earlier[index : index + 1]
            trial = await self._best(index, of_variant)
            faults = trial.faults
            if faults.fails:
                raise _refusal(index, faults, solution)
            label = self._variant_runs.label(index)
            runs[label] = trial.run
            self._attempts[index] = trial.attempt
            chosen = DrawnVariant(attempt=trial.attempt, faults=faults)
            drawn.append(chosen)

        inputs = await self._draw(self._attempts)
        return self._variant_runs.brought_back(inputs, runs, tuple(drawn))

    async def _draw(self, attempts: Sequence[int]) -> Inputs:
        return await self._maker.make(self._handed_out, attempts)

    async def _best(self, index: int, earlier: Sequence[int]) -> _Trial:
        """Draw a variant until nothing is wrong with it; return the best drawing."""
        first, *later = _order(earlier)
        best = await self._try(index, first)
        alike = 1
        for attempt in later:
            if not best.faults.any or alike == MAX_ALIKE:
                break
            has_time = self._variant_runs.fits_again(index)
            if not has_time:
                break
            trial = await self._try(index, attempt)
            if trial.faults == best.faults:
                alike += 1
            elif trial.faults.rank < best.faults.rank:
                best = trial
                alike = 1
        return best

    async def _try(self, index: int, attempt: int) -> _Trial:
        self._attempts[index] = attempt
        inputs = await self._draw(self._attempts)
        run = await self._variant_runs.run(inputs, index, attempt)
        faults = await self._trials.judge(inputs, index, run)
        is_practised = await self._is_practised(inputs, index)
        if is_practised:
            faults = faults.model_copy(update={"known": True})
        return _Trial(attempt, run, faults)

    async def _is_practised(self, inputs: Inputs, index: int) -> bool:
        """Return whether drawn integers equal those of a practice variant.

        Others agree with none but by a chance that nobody will see.
        """
        practice = self._practice
        if practice is None:
            return False
        if not is_whole(inputs, index):
            return False
        practised = await self._practised(practice)
        count = practice.count
        return any(is_among(inputs, index, others, count) for others in practised)

    async def _practised(self, practice: VariantInputs) -> list[Inputs]:
        """Compute the practice variants, of every drawing that a release may have used."""
        known = self._practice_inputs
        if known is not None:
            return known
        known = []
        count = MAX_DRAWS if practice.are_drawn else 1
        for attempt in range(count):
            attempts = [attempt] * practice.count
            inputs = await practice.make(self._handed_out, attempts)
            known.append(inputs)
        self._practice_inputs = known
        return known


def _order(earlier: Sequence[int]) -> Iterator[int]:
    """Yield the drawing that was chosen before, then all in order."""
    yield from earlier
    for attempt in range(MAX_DRAWS):
        if attempt not in earlier:
            yield attempt


def _refusal(index: int, faults: DrawFaults, solution: ReferenceFiles) -> AssignmentError:
    number = index + 1
    reason = FAILURES[faults.fails]
    where = solution.folder / "variants.toml"
    return AssignmentError(
        f"variant {number}: {reason}, however it is drawn.",
        "Correct 'draw', so that the reference runs with all numbers that it may give.",
        where=where,
    )
