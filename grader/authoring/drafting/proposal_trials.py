"""Try proposals out: the reference earns all points with them, and the handout none.

The instructor's own code runs, so it runs unsealed, as a reference does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.assignment import PLACED, READ_BY_A_PERSON, Assignment
from grader.authoring.drafting.plan import Plan
from grader.authoring.drafting.writing import DraftFolders, DraftWriter
from grader.authoring.trusted_grader import TrustedGrader
from grader.errors import AssignmentError
from grader.grading.evaluation import Evaluation
from grader.progress import Progress
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.report import ExerciseResult
from grader.running.session import Launch, Session

MAX_ROUNDS = 6
"""Most times that proposals are changed, and tried again."""


async def settle(
    plan: Plan,
    writer: DraftWriter,
    folders: DraftFolders,
    launch: Launch,
    progress: Progress,
) -> bool:
    """Write a plan, and decide exercises in another way until what is written can be used.

    Args:
        plan: the plan, which is changed.
        writer: writes it.
        folders: where.
        launch: gives each kernel its host.
        progress: told of each round.

    Returns:
        Whether the reference earns all points and the handout none.
    """
    for number in range(MAX_ROUNDS):
        writer.write(plan, folders)
        try:
            refused = set(await _refused(writer.load(folders), launch))
        except AssignmentError as error:
            refused = _named_in(error, plan)
            if not refused and not plan.files:
                return False
            if not refused:
                plan.files = ()  # the notebook does not run with other rows
                continue
        progress.advance(str(number + 1))
        if not refused:
            return True
        if not plan.fall_back(refused):
            return False
    writer.write(plan, folders)
    return False


def _named_in(
    error: AssignmentError,
    plan: Plan,
) -> set[str]:
    """Find the exercises that an error speaks of."""
    words = error.problem.replace(",", " ").replace(".", " ").replace(":", " ").split()
    return {planned.id for planned in plan.exercises if planned.id in words}


async def _refused(
    solution: ReferenceFiles,
    launch: Launch,
) -> Iterator[str]:
    """List the exercises that the reference loses, or that the handout earns."""
    cache = ReferenceCache(
        solution,
        None,
        launch,
    )
    knowledge = await cache.base()
    inputs = await cache.inputs()
    assignment = solution.assignment
    async with Session(trusted_job(solution), launch) as session:
        grader = TrustedGrader(
            assignment,
            knowledge,
            inputs,
            session,
            solution.cells,
        )
        cells = [(cell.cell, cell.code) for cell in solution.reference.cells]
        reference = await grader.grade("the-reference", cells)
        lost = [result.id for result in reference.results if _is_lost(result, assignment)]

        handout = await grader.grade("the-handout", _handout_cells(assignment))
        given = await grader.as_given(handout)
    return iter(
        [
            *lost,
            *_earned(
                assignment,
                handout,
                given,
            ),
        ]
    )


def _handout_cells(assignment: Assignment) -> Iterable[tuple[int, str]]:
    for index, cell in enumerate(assignment.handout):
        if cell.kind == "code":
            yield index, cell.source


def _is_lost(
    result: ExerciseResult,
    assignment: Assignment,
) -> bool:
    exercise = assignment.exercise(result.id)
    return exercise is not None and exercise.automatic and result.credit < 1


def _earned(
    assignment: Assignment,
    own: Evaluation,
    given: Evaluation,
) -> Iterator[str]:
    """List the exercises that the handout earns something of, or that would wait for a person."""
    for own_result, given_result in zip(
        own.results,
        given.results,
        strict=True,
    ):
        exercise = assignment.exercise(own_result.id)
        if exercise is None or exercise.check in READ_BY_A_PERSON:
            continue
        result = given_result if exercise.check in PLACED else own_result
        if result.credit > 0 or result.status == "pending":
            yield result.id
