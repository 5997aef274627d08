"""Run the trials of one validation, and reuse stored results."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from grader.assignment import Exercise
from grader.authoring.marked_runs import CellsToRun, MarkValues, WrongAnswers, answering_cells
from grader.authoring.validation.class_trials import ClassTrials, class_findings
from grader.authoring.validation.constant_trials import ConstantTrials
from grader.authoring.validation.constant_trials import judge as judge_constants
from grader.authoring.validation.copied_answers import copied_findings
from grader.authoring.validation.effort import (
    BUDGET_S,
    SHARES,
    Budget,
    in_rounds,
    left_out_finding,
)
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.handout_findings import handout_findings
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.known_reference import KnownReference
from grader.authoring.validation.leaks import leak_findings
from grader.authoring.validation.margins import Robustness
from grader.authoring.validation.mistake_findings import mistake_findings
from grader.authoring.validation.mutant_findings import but_for, mutant_findings, wrong_answers
from grader.authoring.validation.mutant_trials import MutantTrial, MutantTrials, TrialLimits
from grader.authoring.validation.mutants import Mutant, given_in, make_mutants
from grader.authoring.validation.other_ways import KeptValues, OtherWays, WayValues
from grader.authoring.validation.place_findings import place_findings
from grader.authoring.validation.rewrite_findings import rewrite_findings
from grader.authoring.validation.rewrite_order import make_rewrites
from grader.authoring.validation.rewrite_trials import Grade, RewriteTrials
from grader.authoring.validation.rewrites import SolvedNotebook, read_solved
from grader.authoring.validation.score_findings import judge, lesser_scores, scores_in
from grader.authoring.validation.variant_findings import variant_findings
from grader.grading.agreement import as_number
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import CHECKS
from grader.messages import Language, word
from grader.progress import Progress
from grader.reference.runner import trusted_job
from grader.report import ExerciseResult, Message
from grader.running.session import Launch, Session
from grader.settings import Effort
from grader.trace import BASE

PATIENCE_S = 3.0
"""Time that each run of a mutant has in any case: it may go on for ever."""
PATIENCE_FACTOR = 10
"""How many times the reference's own time, for all its runs, it has besides."""

UNSEEN_BY_MUTANTS = frozenset({"test", "score", "figure"})
"""Checks that mutants do not test, because a changed line may still be right."""

Findings = list[ValidationFinding]


class _KeptFindings(BaseModel):
    """Stored findings."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    findings: tuple[ValidationFinding, ...]


@dataclass(frozen=True)
class TriedBeside:
    """The findings of the second kernel."""

    constants: Findings
    rewrites: Findings
    mutants: Sequence[MutantTrial]


class TrialRun:
    """Runs all trials of one assignment."""

    def __init__(
        self,
        reference: KnownReference,
        kept: KeptTrials,
        launch: Launch,
        progress: Progress,
        language: Language,
    ) -> None:
        """Initialise with a reference, stored trials, and the receiver of progress."""
        self._reference = reference
        self._solution = reference.solution
        self._assignment = reference.assignment
        self._kept = kept
        self._launch = launch
        self._progress = progress
        self._language = language
        self._notebook = read_solved(self._solution, reference.numbers)
        self._rewrites = make_rewrites(self._notebook)
        given = given_in(self._assignment.handout)
        answering = self._solution.network_cells() | _unmarked_answers(self._notebook)
        self._mutants = make_mutants(self._solution.reference.cells, answering, given)
        self._robustness = Robustness(self._solution, reference.inputs)
        self._ways = OtherWays(self._solution, reference.inputs, launch, kept)
        self._way_values: list[WayValues] = []
        self._budgets: dict[str, Budget] = {}
        self._total_s: float | None = BUDGET_S
        self._patience_s = PATIENCE_S

    @property
    def mistakes(self) -> list[str]:
        """Ids of the known mistakes."""
        return list(self._solution.mistakes)

    def session(self) -> Session:
        """Open a session of the reference's trusted job."""
        return Session(trusted_job(self._solution), self._launch)

    def begin(self, effort: Effort) -> None:
        """Report how much there is to do."""
        steps = 2 + len(self.mistakes)
        if effort != "quick":
            steps += len(self._mutants)
            steps += len(self._rewrites)
            steps += len(self._ways.ways)
        if effort == "thorough":
            self._total_s = None
        self._progress.stage(self._assignment.name, steps)

    def _budget(self, kind: str, session: Session) -> Budget:
        seconds = None if self._total_s is None else self._total_s * SHARES[kind]
        budget = Budget(seconds, session.busy_time_s)
        self._budgets[kind] = budget
        return budget

    async def _known_or(
        self, parts: Sequence[object], find: Callable[[], Awaitable[Iterable[ValidationFinding]]]
    ) -> Findings:
        """Return stored findings, or compute them."""
        key = self._kept.key(list(parts))
        known = self._kept.get(key, _KeptFindings)
        if known is None:
            found = await find()
            known = _KeptFindings(findings=tuple(found))
            self._kept.put(key, known)
        return list(known.findings)

    # Known right and wrong answers

    async def reference(self, session: Session) -> Findings:
        """Check that the reference earns every point, and report where else its answers occur."""

        async def find() -> Findings:
            return await self._try_reference(session)

        points = self._assignment.max_points
        findings = await self._known_or(["reference", points], find)
        self._advance("reference")
        return findings

    async def _try_reference(self, session: Session) -> Findings:
        grader = self._reference.grader(session)
        cells = self._solution.reference.cells
        code = [(cell.cell, cell.code) for cell in cells]
        evaluation = await grader.grade("the-reference", code)
        for result in evaluation.results:
            if result.credit < 1:
                why = _reference_loses(result)
                return [ValidationFinding(False, why)]
        points = self._assignment.max_points
        earns_all = message("validate.reference-earns-all", points=points)
        also_found = place_findings(evaluation, self._solution)
        return [ValidationFinding(True, earns_all), *also_found]

    async def mistake(self, session: Session, name: str) -> Findings:
        """Judge a known mistake."""
        grader = self._reference.grader(session)
        knowledge = self._reference.knowledge

        async def find() -> Findings:
            return await mistake_findings(grader, self._solution, knowledge, name)

        points = {each.id: each.points for each in self._assignment.exercises}
        findings = await self._known_or(["mistake", name, points], find)
        self._progress.advance(name)
        return findings

    async def handout(self, session: Session) -> Findings:
        """Judge the handout."""
        grader = self._reference.grader(session)

        async def find() -> Findings:
            return await handout_findings(grader, self._assignment, self._solution)

        points = {each.id: each.points for each in self._assignment.exercises}
        findings = await self._known_or(["handout", points], find)
        self._advance("handout")
        return findings

    async def variants(self) -> Findings:
        """Report the effects of the variants."""
        reference = self._reference
        stored = await reference.cache.record()
        return list(variant_findings(self._assignment, stored, reference.knowledge))

    async def other_classes(self, effort: Effort) -> Findings:
        """Draw the variants for other classes, if they are drawn."""
        variants = self._solution.variants
        if not variants.are_drawn:
            return []
        thorough = effort == "thorough"
        cache = self._reference.cache
        trials = ClassTrials(cache, self._kept, self.session, thorough=thorough)
        tried = await trials.try_all()
        return class_findings(tried, trials.count)

    def leaks(self) -> Findings:
        """Report texts for students and parts of the handout that reveal an answer."""
        told = leak_findings(self._assignment, self._solution, self._reference.knowledge)
        copied = copied_findings(self._assignment, self._solution)
        return [*told, *copied]

    async def _constants(self, session: Session) -> Findings:
        grade = self._student_grade(session)
        trials = ConstantTrials(self._notebook, self._assignment, grade, self._kept)
        tried = await trials.try_all(self._reference.answers)
        return list(judge_constants(tried, self._assignment, self._reference.knowledge))

    def _student_grade(self, session: Session) -> Grade:
        reference = self._reference
        return lambda name, notebook: reference.grade_student(session, name, notebook)

    # The reference in other ways

    async def right(self, session: Session) -> MarkValues:
        """Run the reference for its marks, and measure its run time."""
        key = self._kept.key(["right"])
        known = self._kept.get(key, KeptValues)
        if known is None:
            known = await self._run_right(session)
            if known.values.completed:
                self._kept.put(key, known)
        self._patience_s = PATIENCE_S + PATIENCE_FACTOR * known.seconds
        return known.values

    async def _run_right(self, session: Session) -> KeptValues:
        cells = self._solution.cells_to_mutate
        exercises = {exercise.id for exercise in self._assignment.exercises}
        wanted = answering_cells(cells, exercises)
        runs = self._reference.runs(session)
        to_run = CellsToRun(cells, wanted)
        before_s = session.busy_time_s()
        values = await runs.run("right", to_run)
        after_s = session.busy_time_s()
        return KeptValues(values=values, seconds=max(0.0, after_s - before_s))

    async def other_ways(self, session: Session) -> Findings:
        """Run the reference in other ways, and judge the bounds of scores."""
        budget = self._budget("ways", session)
        self._way_values = await self._ways.run(session, budget, self._progress.advance)
        findings: Findings = []
        for exercise in self._assignment.exercises:
            if exercise.check == "score":
                findings += await self._judge_score(exercise, session)
        return findings

    async def _judge_score(self, exercise: Exercise, session: Session) -> Findings:
        own: float | None = None
        answer = self._reference.answers.get(exercise.id)
        if answer is not None:
            own = as_number(answer.value)
        scores = scores_in(exercise, self._way_values)
        scores |= await lesser_scores(self._solution, exercise, self._ways, session)
        return list(judge(exercise, own, scores))

    # Constants, rewrites and mutants, in a kernel of their own

    async def beside(self, right: Awaitable[MarkValues]) -> TriedBeside:
        """Try constants, then rewrites, then mutants: there may be no time for all.

        Args:
            right: returns the values of the reference, with which mutants are compared.
        """
        async with self.session() as session:
            constants = await self._constants(session)
            rewrites = await self._try_rewrites(session)
            mutants = await self._try_mutants(session, await right)
        return TriedBeside(constants, rewrites, mutants)

    async def _try_rewrites(self, session: Session) -> Findings:
        budget = self._budget("rewrites", session)
        grade = self._student_grade(session)
        trials = RewriteTrials(self._notebook, grade, self._kept)
        tried = await trials.try_all(self._rewrites, budget, self._progress.advance)
        return list(rewrite_findings(tried, self._assignment))

    async def _try_mutants(self, session: Session, right: MarkValues) -> list[MutantTrial]:
        budget = self._budget("mutants", session)
        rounds = in_rounds(self._mutants, _cell_and_kind)
        chosen = budget.rounds(rounds)
        trials = MutantTrials(
            self._solution,
            self._reference.grader(session),
            self._reference.runs(session),
            TrialLimits(right, self._patience_s, is_warm=session.busy_time_s() > 0),
            self._kept,
        )
        tried = await trials.try_all(chosen, self._progress.advance)
        for trial in tried:
            budget.counts.cut += trial.cut
        return tried

    # Judging

    async def judge(
        self, session: Session, right: MarkValues, tried: Sequence[MutantTrial]
    ) -> Findings:
        """Judge mutants and margins once the spread of right answers is known."""
        robustness = self._robustness
        others = self._ways.with_same_data(self._way_values)
        unsettled = robustness.unsettled(right, others)
        waivers = self._solution.waived
        judged = but_for(tried, unsettled)
        left_out = self._budgets["mutants"].counts.left_out
        findings = mutant_findings(judged, waivers, tried_all=not left_out)
        findings += self._unseen_by_mutants(unsettled)

        wrong: list[WrongAnswers] = await robustness.run_mistakes(session)
        wrong += wrong_answers(judged, waivers)
        margins = robustness.margins(right, others, wrong)
        findings += robustness.stability_findings(right, others)
        findings += robustness.findings(margins, len(others))
        findings += left_out_finding(self._budgets)
        return findings

    def _unseen_by_mutants(self, unsettled: Collection[str]) -> Findings:
        """List the exercises about which mutants say nothing."""
        titles: list[str] = []
        for exercise in self._assignment.exercises:
            if exercise.check in UNSEEN_BY_MUTANTS or exercise.id in unsettled:
                titles.append(exercise.title)
        if not titles:
            return []
        names = ", ".join(titles)
        return [ValidationFinding(True, message("validate.mutants-unseen", titles=names))]

    def _advance(self, word_id: str) -> None:
        """Report that something has been checked, by its word in the catalogues."""
        name = word(word_id, self._language)
        self._progress.advance(name)


def _cell_and_kind(mutant: Mutant) -> tuple[int, str]:
    return mutant.cell, mutant.kind


def _unmarked_answers(notebook: SolvedNotebook) -> frozenset[int]:
    """List the student's cells that compute the value of a mark in a given cell."""
    cells: set[int] = set()
    for answered in notebook.answers:
        cells |= answered.made_in
    return frozenset(cells)


def _reference_loses(result: ExerciseResult) -> Message:
    """Report the exercise and the run in which the reference lost it."""
    check_result = result.checks[0]
    check = CHECKS[check_result.check]
    run = "variants"
    if check.fails_on_base(check_result.message.id):
        run = BASE
    return message("validate.reference-loses", exercise=result.id, title=result.title, run=run)
