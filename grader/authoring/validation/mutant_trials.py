"""Try mutants: find those that change an answer, and those of them that lose points.

A mutant is graded like a student's notebook with the changed cell, the cells that build on it, and
the cells that these need. If an answer still earns its points, it is graded again with only the
cells that it needs, since an answer that is computed again elsewhere would hide a weak check, or
make a check look weak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from grader.authoring.marked_runs import (
    CellsToRun,
    MarkedRuns,
    MarkValues,
    affected_cells,
    answer_changed,
    answering_cells,
)
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.mutants import Mutant
from grader.notebook.slicing import cells_behind
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell, sources
from grader.report import ExerciseResult
from grader.running.replays import TIMEOUT_ERRORS


@dataclass(frozen=True)
class MutantTrial:
    """The result of a mutant."""

    mutant: Mutant
    values: MarkValues
    """The values of its marks."""
    changes: tuple[str, ...] = ()
    """The exercises with an answer that it no longer gives."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """Those of them that still earned all points, with the mistake it was taken for, if any."""
    broke_off: bool = False
    """Whether a cell raised an exception."""
    pending: bool = False
    """Whether one of these exercises needs a review before it loses or earns its points."""
    cut: bool = False
    """Whether it did not end in time, so that it is not judged."""

    @property
    def equivalent(self) -> bool:
        """Whether it changes no answer."""
        return not self.changes and not self.cut

    @property
    def survived(self) -> bool:
        """Whether it changes an answer that still earns all its points."""
        return bool(self.keeps)

    @property
    def killed(self) -> bool:
        """Whether every answer that it changes loses points."""
        return bool(self.changes) and not self.keeps


class _KeptTrial(BaseModel):
    """A stored trial."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    values: MarkValues
    changes: tuple[str, ...]
    keeps: dict[str, str]
    broke_off: bool
    pending: bool

    @classmethod
    def of(cls, trial: MutantTrial) -> _KeptTrial:
        """Convert a trial to its stored form."""
        return cls(
            values=trial.values,
            changes=trial.changes,
            keeps=dict(trial.keeps),
            broke_off=trial.broke_off,
            pending=trial.pending,
        )

    def trial(self, mutant: Mutant) -> MutantTrial:
        """Return the trial of a mutant."""
        return MutantTrial(
            mutant,
            self.values,
            self.changes,
            keeps=self.keeps,
            broke_off=self.broke_off,
            pending=self.pending,
        )


@dataclass(frozen=True)
class _Graded:
    """The grading of some cells of the reference."""

    broke_off: bool
    """Whether a cell did not end well."""
    cut: bool
    """Whether one did not end in time."""
    results: dict[str, ExerciseResult]

    def earns_all(self, exercise: str) -> bool:
        """Return whether an exercise earns all its points."""
        return self.results[exercise].credit >= 1


@dataclass(frozen=True)
class TrialLimits:
    """Limits for mutants."""

    right: MarkValues
    """Values of the marks in the unchanged reference."""
    patience_s: float
    """Longest time for one run of a mutant."""
    is_warm: bool = False
    """Whether the kernel has imported the reference's packages."""


class MutantTrials:
    """Tries mutants out in one kernel."""

    def __init__(
        self,
        solution: ReferenceFiles,
        grader: TrustedGrader,
        runs: MarkedRuns,
        limits: TrialLimits,
        kept: KeptTrials | None = None,
    ) -> None:
        """Prepare trials.

        Args:
            solution: the reference.
            grader: grades notebooks.
            runs: runs them for their marks.
            limits: values of the marks in the unchanged reference, and time limits of mutants.
            kept: results of earlier trials; None: nothing is known, and nothing is kept.
        """
        self._kept = kept
        self._solution = solution
        self._cells = solution.cells_to_mutate
        self._exercises = {
            exercise.id: exercise
            for exercise in solution.assignment.exercises
            if exercise.automatic
        }
        self._answering = answering_cells(self._cells, self._exercises)
        self._grader = grader
        self._runs = runs
        self._right = limits.right
        self._patience_s = limits.patience_s
        self._is_warm = limits.is_warm
        self._is_sufficient: dict[int, bool] = {}
        """Per cell: see `_suffices`."""
        self._is_self_contained: dict[str, bool] = {}
        """Per exercise: see `_grade_single`."""

    async def try_all(
        self,
        mutants: Iterable[Mutant],
        done: Callable[[str], None],
    ) -> list[MutantTrial]:
        """Try mutants.

        Args:
            mutants: those to try.
            done: called with the id of each when it has been tried.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        trials = []
        for mutant in mutants:
            trial = await self._try_or_recall(mutant)
            trials.append(trial)
            done(mutant.id)
        return trials

    async def _try_or_recall(self, mutant: Mutant) -> MutantTrial:
        """Try a mutant, unless its result is stored."""
        if self._kept is None:
            return await self._try(mutant)
        affected = affected_cells(self._cells, [mutant.cell], self._answering)
        exercises = self._answered_in(affected)
        key = self._kept.key(["mutant", mutant.id, mutant.code], exercises)
        known = self._kept.get(key, _KeptTrial)
        if known is not None:
            return known.trial(mutant)
        trial = await self._try(mutant)
        if not trial.cut:
            self._kept.put(key, _KeptTrial.of(trial))
        return trial

    async def _try(self, mutant: Mutant) -> MutantTrial:
        if not self._is_warm:
            await self._warm_up()
        cells = mutant.within(self._cells)
        affected = affected_cells(self._cells, [mutant.cell], self._answering)
        suffices = await self._suffices(mutant.cell, affected)
        wanted = affected if suffices else self._answering

        to_run = CellsToRun(cells, wanted)
        values = await self._runs.run(mutant.id, to_run, timeout_s=self._patience_s)
        if not values.completed:
            self._is_warm = False
            return MutantTrial(mutant, values, cut=True)
        changed = self._changed_exercises(values, wanted)
        if not changed:
            return MutantTrial(mutant, values)

        graded = await self._grade(mutant.id, cells, wanted if suffices else None)
        if graded.cut:
            self._is_warm = False
            return MutantTrial(mutant, values, cut=True)
        results = dict(graded.results)
        for exercise in changed:
            if graded.earns_all(exercise):
                result = results[exercise]
                results[exercise] = await self._grade_single(mutant, exercise, result)
        changed = tuple(each for each in changed if not _is_answered_above(mutant, results[each]))
        statuses = [results[exercise].status for exercise in changed]
        return MutantTrial(
            mutant,
            values,
            changed,
            keeps=_kept_exercises(changed, results),
            broke_off=graded.broke_off,
            pending="pending" in statuses,
        )

    def _changed_exercises(self, values: MarkValues, wanted: set[int]) -> tuple[str, ...]:
        changed = []
        for name in self._answered_in(wanted):
            exercise = self._exercises[name]
            given = values.of_exercise(name)
            right = self._right.of_exercise(name)
            if answer_changed(exercise, given, right):
                changed.append(name)
        return tuple(changed)

    async def _warm_up(self) -> None:
        """Make a kernel import the libraries before time is measured."""
        to_run = CellsToRun(self._cells, self._answering)
        await self._runs.run("warm-up", to_run)
        self._is_warm = True

    def _answered_in(self, cells: set[int]) -> list[str]:
        """List the exercises that some cells answer."""
        exercises = []
        for exercise in self._exercises:
            answering = answering_cells(self._cells, [exercise])
            if not answering.isdisjoint(cells):
                exercises.append(exercise)
        return exercises

    async def _suffices(self, cell: int, affected: set[int]) -> bool:
        """Return whether the reference earns an exercise with only the cells that its answer needs.

        It does not where the answer comes by in another cell than the one that marks it.
        """
        if cell not in self._is_sufficient:
            name = f"single-{cell}"
            graded = await self._grade(name, self._cells, affected)
            exercises = self._answered_in(affected)
            earns_all = [graded.earns_all(exercise) for exercise in exercises]
            self._is_sufficient[cell] = all(earns_all)
        return self._is_sufficient[cell]

    async def _grade_single(
        self,
        mutant: Mutant,
        exercise: str,
        result: ExerciseResult,
    ) -> ExerciseResult:
        """Grade an exercise with only the cells that its answer needs.

        Returns:
            The result; the one that is given if the reference loses points in this way.
        """
        answering = answering_cells(self._cells, [exercise])
        if exercise not in self._is_self_contained:
            graded = await self._grade(f"own-{exercise}", self._cells, answering)
            self._is_self_contained[exercise] = graded.earns_all(exercise)
        if not self._is_self_contained[exercise]:
            return result

        cells = mutant.within(self._cells)
        graded = await self._grade(f"{mutant.id}/{exercise}", cells, answering)
        return graded.results[exercise]

    async def _grade(
        self,
        name: str,
        cells: Sequence[MarkedCell],
        wanted: set[int] | None,
    ) -> _Graded:
        """Grade some cells with those that they need; None for all cells."""
        code = [(cell.cell, cell.code) for cell in cells]
        if wanted is not None:
            needed = set(cells_behind(sources(cells), wanted))
            code = [(cell, source) for cell, source in code if cell in needed]
        handout = self._solution.assignment.handout_sources()
        evaluation = await self._grader.grade(f"{name}/graded", code, handout)

        base_run = evaluation.trace.base
        broke_off = any(cell.status != "ok" for cell in base_run.cells)
        is_cut = any(cell.error in TIMEOUT_ERRORS for cell in base_run.cells)
        results = {result.id: result for result in evaluation.results}
        return _Graded(broke_off, is_cut, results)


def _is_answered_above(mutant: Mutant, result: ExerciseResult) -> bool:
    """Return whether lines above a mutant's in its cell earn all points: another way to answer."""
    if result.credit < 1:
        return False
    places = []
    for check in result.checks:
        if check.found is not None:
            places.append(check.found.where)
    for where in places:
        is_above = 0 < where.line < mutant.line
        if where.cell != mutant.cell or not is_above:
            return False
    return bool(places)


def _kept_exercises(
    changed: Sequence[str],
    results: Mapping[str, ExerciseResult],
) -> dict[str, str]:
    """List the exercises that keep all points, with the ids of recognised mistakes."""
    kept = {}
    for exercise in changed:
        result = results[exercise]
        if result.credit >= 1:
            kept[exercise] = ", ".join(mistake.id for mistake in result.mistakes)
    return kept
