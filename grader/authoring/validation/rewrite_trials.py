"""Try right rewrites: which keep their points, and which lose some."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from pydantic import BaseModel, ConfigDict

from grader.authoring.validation.effort import Budget
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.rewrites import Rewrite, RewriteKind, SolvedNotebook, code_of
from grader.grading.evaluation import Evaluation
from grader.notebook.cells import NotebookCell
from grader.running.replays import TIMEOUT_ERRORS

AS_IT_IS = "as-it-is"
"""Name of the trial of the reference itself, handed in by a student."""


Grade = Callable[[str, Sequence[NotebookCell]], Awaitable[Evaluation]]
"""Grades a notebook as a student's, under a name that keeps its runs apart from others."""


class Loss(BaseModel):
    """An exercise in which a right notebook lost points."""

    model_config = ConfigDict(frozen=True)

    exercise: str
    credit: float
    cell: int = 0
    before: str = ""
    after: str = ""


class RewriteTrial(BaseModel):
    """The result of a rewrite."""

    model_config = ConfigDict(frozen=True)

    kind: RewriteKind | None = None
    """None: the unchanged reference."""
    losses: tuple[Loss, ...] = ()
    waits: tuple[str, ...] = ()
    """Ids of exercises that a person has to look at."""
    raised: int = 0
    """How many of its cells did not end well."""
    cut: bool = False
    """Whether it did not end in time, so that it is not judged."""


class RewriteTrials:
    """Tries rewrites of one reference, graded like students' notebooks."""

    def __init__(
        self,
        notebook: SolvedNotebook,
        grade: Grade,
        kept: KeptTrials,
    ) -> None:
        """Prepare trials.

        Args:
            notebook: the reference without marks.
            grade: grades notebooks.
            kept: results of earlier trials.
        """
        self._notebook = notebook
        self._grade = grade
        self._kept = kept
        self._answering = {each.exercise: each.cells for each in notebook.answers}

    async def try_all(
        self, rewrites: Sequence[Rewrite], budget: Budget, done: Callable[[str], None]
    ) -> list[RewriteTrial]:
        """Try the unchanged reference, then its rewrites.

        If one does not run, its changes are tried one by one, and skipped if they do not run
        either.

        Returns:
            The trials that can be judged, the reference's first.
        """
        original = await self._try(AS_IT_IS, self._notebook.cells, None)
        trials = [original]
        lost = {loss.exercise for loss in original.losses}
        waiting = set(original.waits)
        if original.cut:
            budget.counts.cut += 1
            return []
        for rewrite in budget.rounds([[each] for each in rewrites]):
            for trial in await self._try_rewrite(rewrite, original.raised):
                if trial.cut:
                    budget.counts.cut += 1
                    continue
                trials.append(_but_for(trial, lost, waiting))
            done(rewrite.id)
        return trials

    async def _try_rewrite(self, rewrite: Rewrite, may_raise: int) -> list[RewriteTrial]:
        """Try a rewrite, or each of its changes if it does not run as a whole."""
        trial = await self._try_changed(rewrite)
        if trial.cut or trial.raised <= may_raise:
            return [trial]
        trials: list[RewriteTrial] = []
        for single in rewrite.singles():
            trial = await self._try_changed(single)
            if trial.cut or trial.raised <= may_raise:
                trials.append(trial)
        return trials

    async def _try_changed(self, rewrite: Rewrite) -> RewriteTrial:
        cells = rewrite.applied(self._notebook.cells)
        return await self._try(rewrite.id, cells, rewrite)

    async def _try(
        self, name: str, cells: tuple[NotebookCell, ...], rewrite: Rewrite | None
    ) -> RewriteTrial:
        sources = [[cell.kind, cell.source] for cell in cells]
        key = self._kept.key(["rewrite", name, sources])
        known = self._kept.get(key, RewriteTrial)
        if known is not None:
            return known
        evaluation = await self._grade(f"rewrite-{name}", cells)
        trial = self._judge(evaluation, rewrite, len(code_of(cells)))
        if not trial.cut:
            self._kept.put(key, trial)
        return trial

    def _judge(
        self, evaluation: Evaluation, rewrite: Rewrite | None, cell_count: int
    ) -> RewriteTrial:
        runs = evaluation.trace.base.cells
        raised = sum(run.status != "ok" for run in runs)
        timed_out = any(run.error in TIMEOUT_ERRORS for run in runs)
        is_cut = timed_out or len(runs) < cell_count
        losses: list[Loss] = []
        waits: list[str] = []
        for result in evaluation.results:
            if result.status == "pending":
                waits.append(result.id)
            elif result.credit < 1:
                losses.append(self._loss(result.id, result.credit, rewrite))
        return RewriteTrial(
            kind=rewrite.kind if rewrite else None,
            losses=tuple(losses),
            waits=tuple(waits),
            raised=raised,
            cut=is_cut,
        )

    def _loss(self, exercise: str, credit: float, rewrite: Rewrite | None) -> Loss:
        if rewrite is None:
            cells = sorted(self._answering.get(exercise, ()))
            return Loss(exercise=exercise, credit=credit, cell=cells[0] if cells else 0)
        change = rewrite.change_in(self._answering.get(exercise, ()))
        return Loss(
            exercise=exercise,
            credit=credit,
            cell=change.cell,
            before=change.before,
            after=change.after,
        )


def _but_for(trial: RewriteTrial, lost: set[str], waiting: set[str]) -> RewriteTrial:
    """Exclude exercises that also lose points, or wait, in the unchanged reference."""
    losses: list[Loss] = []
    for loss in trial.losses:
        if loss.exercise not in lost:
            losses.append(loss)
    waits: list[str] = []
    for exercise in trial.waits:
        if exercise not in waiting:
            waits.append(exercise)
    update = {"losses": tuple(losses), "waits": tuple(waits)}
    return trial.model_copy(update=update)
