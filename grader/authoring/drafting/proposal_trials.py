"""Try proposals: the reference must earn all points with them, and the handout none.

Only the instructor's own code runs, so it runs unsealed, as a reference does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator

from grader.assignment import PLACED, READ_BY_A_PERSON, Assignment
from grader.authoring.drafting.plan import Plan, Refusal
from grader.authoring.drafting.writing import DraftFolders, DraftWriter
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.handout_findings import may_earn
from grader.errors import AssignmentError
from grader.grading.evaluation import Evaluation
from grader.grading.knowledge import Knowledge
from grader.grading.search import Values
from grader.job import VariedInput
from grader.progress import Progress
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.running.session import Launch, Session

MAX_ROUNDS = 6
"""Most times that proposals are changed, and tried again."""


async def settle(
    plan: Plan,
    writer: DraftWriter,
    folders: DraftFolders,
    launch: Launch,
    progress: Progress,
    *,
    max_rounds: int = MAX_ROUNDS,
) -> bool:
    """Write a plan, and replace proposals until the written assignment can be used.

    Args:
        plan: the plan, which is changed.
        writer: writes it.
        folders: its folders.
        launch: creates the host of each kernel.
        progress: receives each round.
        max_rounds: most rounds; what the last one puts in place is not tried.

    Returns:
        Whether the reference earns all points and the handout none.
    """
    for number in range(max_rounds):
        writer.write(plan, folders)
        try:
            solution = writer.load(folders)
            refused = await _refused(solution, launch)
        except AssignmentError as error:
            refused = dict.fromkeys(_named_in(error, plan), "refused")
            if not refused and not _vary_less(plan):
                return False
            if not refused:
                continue
        progress.advance(str(number + 1))
        if not refused:
            return True
        if not plan.fall_back(refused):
            return False
    writer.write(plan, folders)
    return False


def _vary_less(plan: Plan) -> bool:
    """Remove variants with which a notebook may not run: drawn numbers, then other rows."""
    if plan.draws:
        plan.draws = {}
        return True
    has_files = bool(plan.files)
    plan.files = ()
    return has_files


def _named_in(error: AssignmentError, plan: Plan) -> set[str]:
    """Find the exercises that an error names."""
    words = re.split(r"[\s,.:]+", error.problem)
    return {planned.id for planned in plan.exercises if planned.id in words}


async def _refused(solution: ReferenceFiles, launch: Launch) -> dict[str, Refusal]:
    """Find the exercises that the reference loses, or that the handout earns."""
    cache = ReferenceCache(solution, None, launch)
    running = asyncio.create_task(cache.base())
    try:
        reference, handout, given = await _graded(solution, launch, cache, running)
    finally:
        await asyncio.wait({running})

    assignment = solution.assignment
    lost: dict[str, Refusal] = dict.fromkeys(_lost(assignment, reference), "lost")
    earned: dict[str, Refusal] = dict.fromkeys(_earned(assignment, handout, given), "earned")
    return lost | earned


async def _graded(
    solution: ReferenceFiles,
    launch: Launch,
    cache: ReferenceCache,
    running: asyncio.Task[Knowledge],
) -> tuple[Evaluation, Evaluation, Evaluation]:
    """Grade the reference, the handout, and the handout with its cells as given ones.

    Args:
        solution: the reference.
        launch: creates the host of each kernel.
        cache: the reference's results.
        running: runs the reference for its answers. Without variants the reference is graded
            meanwhile, in a kernel of its own: a long notebook takes half the time.
    """

    async def knowledge_of(_values: Values) -> Knowledge:
        return await running

    inputs: tuple[VariedInput, ...] = ()
    if solution.variants.tables:
        await running
        inputs = await cache.inputs()
    assignment = solution.assignment
    async with Session(trusted_job(solution), launch) as session:
        unknown = Knowledge({}, {})
        trusted = TrustedGrader(assignment, unknown, inputs, session)
        grader = trusted.of_student(solution.cells, knowledge_of)
        reference_cells = [(cell.cell, cell.code) for cell in solution.reference.cells]
        reference = await grader.grade("the-reference", reference_cells)
        handout_cells = _handout_cells(assignment)
        handout = await grader.grade("the-handout", handout_cells)
        given = await grader.as_given(handout)
    return reference, handout, given


def _handout_cells(assignment: Assignment) -> Iterable[tuple[int, str]]:
    for index, cell in enumerate(assignment.handout):
        if cell.kind == "code":
            yield index, cell.source


def _lost(assignment: Assignment, reference: Evaluation) -> Iterator[str]:
    """List the automatic exercises in which the reference does not earn all points."""
    for result in reference.results:
        exercise = assignment.exercise(result.id)
        if exercise is None:
            continue
        if not exercise.automatic:
            continue
        if result.credit < 1:
            yield result.id


def _earned(assignment: Assignment, own: Evaluation, given: Evaluation) -> Iterator[str]:
    """List the exercises in which the handout earns points, or would wait for a person."""
    for own_result, given_result in zip(own.results, given.results, strict=True):
        exercise = assignment.exercise(own_result.id)
        if exercise is None:
            continue
        if exercise.check in READ_BY_A_PERSON:
            continue
        result = own_result
        if exercise.check in PLACED:
            result = given_result
        if may_earn(result):
            yield result.id
