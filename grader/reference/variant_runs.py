"""Run a reference on its variants, as many as fit into the time limit."""

from __future__ import annotations

from dataclasses import dataclass

from grader.job import VariedInput, fewer_variants, variant_numbers
from grader.reference.files import ReferenceFiles
from grader.reference.records import DrawnVariant
from grader.reference.replay_plan import ReplayPlanner
from grader.reference.requirements import check_in_time
from grader.running.session import Session
from grader.running.variant_budget import VariantBudget
from grader.trace import BASE, Run

Inputs = tuple[VariedInput, ...]
"""Data and variants."""

Runs = dict[str, Run]
"""Runs by their labels."""


@dataclass(frozen=True)
class VariedRuns:
    """The runs of a reference on its variants."""

    inputs: Inputs
    """The data, and as many variants as fit into the time for them."""
    runs: Runs
    """The runs on them."""
    left_out: int
    """How many variants did not fit."""
    drawn: tuple[DrawnVariant, ...] = ()
    """Which drawings were chosen; none where nothing is drawn."""


class VariantRuns:
    """Runs a reference on its variants, in its kernel."""

    def __init__(
        self,
        solution: ReferenceFiles,
        session: Session,
        planner: ReplayPlanner,
        count: int,
        seconds: float,
    ) -> None:
        """Initialise with the runner, the planner and the limits.

        Args:
            solution: the reference.
            session: of its trusted job.
            planner: plans its runs.
            count: number of variants.
            seconds: time of its run on the original data.
        """
        limits = solution.assignment.limits
        self.count = count
        """Number of variants."""
        self._solution = solution
        self._session = session
        self._planner = planner
        self._budget = VariantBudget(limits.variants_s, seconds)

    def label(self, index: int) -> str:
        """Return the label of a variant."""
        return self._planner.label_of_variant(index)

    def fits(self, index: int) -> bool:
        """Return whether there is time for a variant; one in place of the data runs anyway."""
        label = self.label(index)
        return label == BASE or self._budget.has_room

    def fits_again(self, index: int) -> bool:
        """Return whether there is time to repeat a variant, and for those after it."""
        needed = self.count - index
        return self._budget.has_room_for(needed)

    async def run(self, inputs: Inputs, index: int, attempt: int = 0) -> Run:
        """Run the reference on a variant.

        Args:
            inputs: the data and its variants.
            index: of the variant.
            attempt: how often it ran before.

        Raises:
            AssignmentError: it did not finish in time.
        """
        session = self._session
        numbers = variant_numbers(inputs, index)
        name = f"reference-{attempt}"
        replay = self._planner.on_variant(name, index, numbers)
        with self._budget.measured():
            await session.replay_all([replay])

        label = self.label(index)
        run = session.run_of(replay.label, label)
        complete = replay.is_complete(run)
        subject = f"{label} of the reference"
        check_in_time(self._solution, subject, complete=complete)
        return run

    async def run_all(self, inputs: Inputs) -> VariedRuns:
        """Run the reference on all variants.

        Raises:
            AssignmentError: a run did not finish in time.
        """
        runs: Runs = {}
        for index in range(self.count):
            if not self.fits(index):
                break
            label = self.label(index)
            runs[label] = await self.run(inputs, index)
        return self.brought_back(inputs, runs, ())

    def brought_back(
        self, inputs: Inputs, runs: Runs, drawn: tuple[DrawnVariant, ...]
    ) -> VariedRuns:
        """Combine the runs; variants that did not run are removed from the inputs."""
        ran = len(runs)
        left_out = self.count - ran
        if left_out:
            inputs = fewer_variants(inputs, ran)
        return VariedRuns(inputs, runs, left_out, drawn)
