"""Tries mutants out: which change an answer, and which of those lose points when they are graded.

A mutant is graded as the notebook of a student who has the cell that it changes, the cells that build on that one, and
what these need; where an answer still earns its points, once more with those cells alone that this answer needs. An
answer that is computed again elsewhere would hide that a check is too weak, or make one look so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.authoring.marked_runs import Marked, MarkedRuns, affected, answering, changes
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.mutants import Mutant
from grader.notebook.slicing import cells_behind
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell, sources
from grader.report import ExerciseResult


@dataclass(frozen=True)
class Trial:
    """What became of a mutant."""

    mutant: Mutant
    marked: Marked
    """What its marks gave."""
    changes: tuple[str, ...] = ()
    """The exercises of which it no longer gives the answer."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """Of these, the ones that still earned all their points; with the known mistake that it was taken for, if any."""
    broke_off: bool = False
    """Whether a cell raised an exception, or came to no end."""
    pending: bool = False
    """Whether a person has to look before one of these loses or earns its points."""

    @property
    def equivalent(self) -> bool:
        """Whether it changes no answer."""
        return not self.changes

    @property
    def survived(self) -> bool:
        """Whether it changes an answer that still earns all its points."""
        return bool(self.keeps)

    @property
    def killed(self) -> bool:
        """Whether every answer that it changes loses points."""
        return bool(self.changes) and not self.keeps


class Trials:
    """Tries mutants out in one kernel."""

    def __init__(
        self,
        solution: ReferenceFiles,
        bench: TrustedGrader,
        runs: MarkedRuns,
        right: Marked,
        patience_s: float,
    ) -> None:
        """Take what is to be tried.

        Args:
            solution: the reference.
            bench: grades notebooks.
            runs: runs them for their marks.
            right: what the marks give as they are.
            patience_s: longest time for one run of a mutant.
        """
        self._solution = solution
        self._cells = solution.reference.cells
        self._exercises = {e.id: e for e in solution.assignment.exercises if e.automatic}
        self._answering = answering(self._cells, self._exercises)
        self._bench = bench
        self._runs = runs
        self._right = right
        self._patience_s = patience_s
        self._alone: dict[int, bool] = {}
        self._own: dict[str, bool] = {}

    async def all(self, mutants: Sequence[Mutant], done: Callable[[str], None]) -> list[Trial]:
        """Try mutants.

        Args:
            mutants: those to try.
            done: called with the id of each when it has been tried.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        trials = []
        await self._warm_up()
        for mutant in mutants:
            trials.append(await self._tried(mutant))
            done(mutant.id)
        return trials

    async def _tried(self, mutant: Mutant) -> Trial:
        cells = mutant.within(self._cells)
        wanted = affected(self._cells, [mutant.cell], self._answering)
        alone = await self._stands_alone(mutant.cell, wanted)
        wanted = wanted if alone else self._answering
        marked = await self._runs.of(mutant.id, cells, wanted, timeout_s=self._patience_s)
        changed = tuple(
            e
            for e in self._in(wanted)
            if changes(self._exercises[e], marked.of(e), self._right.of(e))
        )
        if not marked.ended:
            await self._warm_up()
            return Trial(mutant, marked, changed, broke_off=True)
        if not changed:
            return Trial(mutant, marked)
        broke_off, results = await self._graded(mutant.id, cells, wanted if alone else None)
        for e in changed:
            if results[e].credit >= 1:
                results[e] = await self._by_itself(mutant, cells, e, results[e])
        keeps = {
            e: ", ".join(m.id for m in results[e].mistakes)
            for e in changed
            if results[e].credit >= 1
        }
        pending = any(results[e].status == "pending" for e in changed)
        return Trial(mutant, marked, changed, keeps, broke_off=broke_off, pending=pending)

    async def _warm_up(self) -> None:
        """Have the libraries imported, in what may be a new kernel, before the clock runs again."""
        await self._runs.of("warm-up", self._cells, self._answering)

    def _in(self, cells: set[int]) -> list[str]:
        """The exercises that are answered in some cells."""
        return [e for e in self._exercises if not answering(self._cells, [e]).isdisjoint(cells)]

    async def _stands_alone(self, cell: int, wanted: set[int]) -> bool:
        """Whether the reference earns what a cell is for, though only the cells that it needs are there.

        It does not where the answer comes by in another cell than the one that marks it.
        """
        if cell not in self._alone:
            _, results = await self._graded(f"alone-{cell}", self._cells, wanted)
            self._alone[cell] = all(results[e].credit >= 1 for e in self._in(wanted))
        return self._alone[cell]

    async def _by_itself(
        self, mutant: Mutant, cells: Sequence[MarkedCell], exercise: str, result: ExerciseResult
    ) -> ExerciseResult:
        """The result with those cells alone that the answer needs, if the reference earns the exercise with them."""
        own = answering(self._cells, [exercise])
        if exercise not in self._own:
            _, results = await self._graded(f"own-{exercise}", self._cells, own)
            self._own[exercise] = results[exercise].credit >= 1
        if not self._own[exercise]:
            return result
        _, results = await self._graded(f"{mutant.id}/{exercise}", cells, own)
        return results[exercise]

    async def _graded(
        self, name: str, cells: Sequence[MarkedCell], wanted: set[int] | None
    ) -> tuple[bool, dict[str, ExerciseResult]]:
        """Whether a cell did not end well, and the results: of the cells that some need, or of all."""
        order = sources(cells)
        kept = {cell for cell, _ in order} if wanted is None else set(cells_behind(order, wanted))
        code = [(cell.cell, cell.code) for cell in cells if cell.cell in kept]
        trace, results = await self._bench.graded(
            f"{name}/graded", code, self._solution.assignment.handout_sources()
        )
        broke_off = any(run.status != "ok" for run in trace.base.cells)
        return broke_off, {result.id: result for result in results}
