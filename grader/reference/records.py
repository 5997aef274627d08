"""Define the stored records of references, in private and apart from the report.

They contain answers, which are stored nowhere else.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from grader.grading.expectation import Answer
from grader.job import VariedInput

COMBINED = "+"
"""Joins the ids of mistakes that are made together in one notebook."""

RunAnswers = dict[str, tuple[Answer, ...]]
"""An exercise's alternatives, per run."""

Answers = dict[str, RunAnswers]
"""Each exercise's alternatives, per run."""

ExerciseValues = dict[str, tuple[Answer, ...]]
"""Values per exercise."""

Dependencies = dict[str, tuple[str, ...]]
"""Per exercise, names of the data that its answer depends on."""

Told = dict[str, dict[str, Answer]]
"""Per exercise, values to show to the instructor, by their labels: `# tell: …`."""


class _Stored(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")


class DrawFaults(_Stored):
    """The faults of a variant's drawn numbers."""

    fails: str = ""
    """Why the reference has no answer to compare with: `raises`, `no-answer`, `not-finite`; empty:
    it has.
    """
    known: bool = False
    """The numbers are those of the data, of an earlier variant, or for practice."""
    unmoved: tuple[str, ...] = ()
    """Exercises with the answer that the original data has."""
    untold: tuple[str, ...] = ()
    """Mistakes with the right answer."""
    unstable: tuple[str, ...] = ()
    """Exercises with an answer that rounding alone moves out of its tolerance."""

    @property
    def rank(self) -> tuple[int, ...]:
        """Sort key of drawings, the best first."""
        fails = bool(self.fails)
        unmoved = len(self.unmoved)
        untold = len(self.untold)
        unstable = len(self.unstable)
        return fails, self.known, unmoved, untold, unstable

    @property
    def any(self) -> bool:
        """Whether there are any faults."""
        return max(self.rank) > 0


class DrawnVariant(_Stored):
    """The drawing that was chosen for a variant."""

    attempt: int
    """How often it was drawn before."""
    faults: DrawFaults
    """Its remaining faults."""


class StoredReference(_Stored):
    """The results of the reference."""

    key: str
    """Version of the reference: another one makes the record stale."""
    inputs: tuple[VariedInput, ...]
    """The data, and the numbers that variants put in its place."""
    answers: Answers
    """The answers on the original data and on every variant."""
    depends: Dependencies = {}
    """Per exercise that follows the data, the inputs that its answer depends on."""
    right: ExerciseValues
    """Per exercise, values that the reference's own cells come by."""
    seen: ExerciseValues
    """The same, with the handout's cells among them."""
    told: Told
    """Further values for the instructor."""
    draws: bool = True
    """Whether cells behind its answers draw random numbers, or set a seed."""
    drawn_from: str = ""
    """Identifies the class's seed; empty: no variant is drawn."""
    drawn: tuple[DrawnVariant, ...] = ()
    """Per variant, which drawing was chosen; empty: no variant is drawn."""
    left_out: int = 0
    """How many variants did not fit into the time for them."""


class StoredMistake(_Stored):
    """The results of a mistake."""

    answers: Answers
    """For the exercises that it changes the answer of."""
    told: Told
    """Further values for the instructor."""


class StoredMistakes(_Stored):
    """The results of the mistakes, by their ids."""

    key: str
    """Version of the mistakes: another one makes the record stale."""
    mistakes: dict[str, StoredMistake]
    """Results of each mistake."""


class StoredGiven(_Stored):
    """The results of the reference from other start values."""

    key: str
    """Version of the reference and its mistakes; the record is stale if it differs."""
    answers: dict[str, Answers]
    """Its results, by the start values."""


class StoredSeeds(_Stored):
    """The results of the reference with other seeds."""

    key: str
    """Version of the reference: another one makes the record stale."""
    unfixed: tuple[str, ...] | None = None
    """Exercises with an answer that depends on seeds; None: not known yet."""
    on_data: dict[str, Answers] = {}
    """The answers on the original data, by the seeds."""
    answers: dict[str, Answers] = {}
    """The answers on the variants, too, by the seeds: where those on the data were right."""


class StoredCombinations(_Stored):
    """The results of several mistakes together, by joined ids."""

    key: str
    """Version of the mistakes: another one makes the record stale."""
    base: dict[str, StoredMistake]
    """All combinations, on the original data alone."""
    whole: dict[str, StoredMistake]
    """Those that some submission may have made, on the variants, too."""
