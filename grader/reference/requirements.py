"""Check that a reference is usable for comparison; a failed check advises in one line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.assignment import FILE_NAME, Exercise, module_calls
from grader.errors import AssignmentError
from grader.grading.agreement import Expected, Tolerance, as_number, is_true
from grader.grading.expectation import Answer, Expectation
from grader.job import Question
from grader.reference.files import ReferenceFiles
from grader.reference.records import Answers
from grader.trace import BASE, Array, Bool, CellRun, Other, Run

FROM_TOP_TO_BOTTOM = "The reference must run from top to bottom."


def check_ran(solution: ReferenceFiles, base: Run) -> None:
    """Raise if a reference does not run to its end.

    Raises:
        AssignmentError: a cell raises, or the kernel ended.
    """
    for cell in base.cells:
        if cell.status != "ok" and not _may_raise(solution, cell):
            message = " ".join(cell.message.split())
            if cell.cell >= len(solution.cells):
                raise AssignmentError(
                    f"what is asked of the reference at its end fails: {cell.error}: {message}.",
                    "Correct the expressions in assignment.toml, or probes.py.",
                    where=solution.notebook,
                )
            raise AssignmentError(
                f"cell {cell.cell + 1} of the reference fails: {cell.error}: {message}.",
                FROM_TOP_TO_BOTTOM,
                where=solution.notebook,
            )
    cells = [cell.cell for cell in solution.marked_cells]
    if len(base.cells) < len(cells):
        last = cells[len(base.cells)]
        raise AssignmentError(
            f"the kernel ended in cell {last + 1} of the reference.",
            FROM_TOP_TO_BOTTOM,
            where=solution.notebook,
        )


def _may_raise(solution: ReferenceFiles, run: CellRun) -> bool:
    """Return whether a cell raised an exception that its tags allow."""
    is_its_own = run.cell < len(solution.cells)
    if run.status != "error" or not is_its_own:
        return False
    return solution.cells[run.cell].may_raise


def check_in_time(solution: ReferenceFiles, subject: str, *, complete: bool) -> None:
    """Raise for runs that were cut off: missing runs would make the answers easier to match.

    Args:
        solution: the reference.
        subject: the subject of the runs.
        complete: whether every cell of every run ended in time.

    Raises:
        AssignmentError: one did not.
    """
    if not complete:
        raise AssignmentError(
            f"{subject} did not finish in time.",
            "Raise cell_timeout_s or notebook_timeout_s under [run] in assignment.toml.",
            where=solution.notebook,
        )


def check_answered(solution: ReferenceFiles, answers: Answers) -> None:
    """Raise if an exercise of the reference has no comparable answer.

    Raises:
        AssignmentError: an answer has no such value, or a function returns the same for every call.
    """
    for exercise in solution.assignment.exercises:
        if exercise.automatic:
            _check_exercise(solution, exercise, answers.get(exercise.id, {}))


def _check_exercise(
    solution: ReferenceFiles, exercise: Exercise, answers: Mapping[str, tuple[Answer, ...]]
) -> None:
    question = exercise.asked
    if question is not None and question.function:
        _check_calls(solution, question, answers)
    elif question is not None:
        _check_expressions(solution, exercise, question, answers)
    elif not answers.get(BASE):
        raise AssignmentError(
            f"the answer of exercise {exercise.id} has no value that can be compared.",
            "Mark a number, a tensor, a list of numbers or a graph of make_dot.",
            where=solution.notebook,
        )


def _check_expressions(
    solution: ReferenceFiles,
    exercise: Exercise,
    question: Question,
    answers: Mapping[str, tuple[Answer, ...]],
) -> None:
    """Raise if expressions have no value in the reference, or are false there."""
    where = solution.assignment.folder / FILE_NAME
    for expression, label in zip(question.calls, question.labels, strict=True):
        given = answers.get(label, ())
        if not given or isinstance(given[0].value, Other):
            shown = module_calls.in_words(expression)
            raise AssignmentError(
                f"{shown} of exercise {exercise.id} gives nothing that can be compared.",
                "Write an expression that gives a number, a truth value, a text or a tensor.",
                where=where,
            )
        if exercise.check == "score":
            _check_score(exercise, given[0].value, where)
        if exercise.check == "module":
            _check_measurement(exercise, expression, given[0].value, where)
        if expression in exercise.holds and not is_true(given[0].value):
            raise AssignmentError(
                f"{expression} of exercise {exercise.id} does not hold in the reference.",
                "Correct the expression or the reference.",
                where=where,
            )


def _check_score(exercise: Exercise, value: Expected, where: Path) -> None:
    """Raise if a score is not a number, or misses the exercise's own bound."""
    score = as_number(value)
    if score is None:
        raise AssignmentError(
            f"{exercise.measure} of exercise {exercise.id} gives no number.",
            "Write an expression that gives one, as '(…).float().mean()' does.",
            where=where,
        )
    bound = exercise.bound
    if not bound.is_kept(score):
        raise AssignmentError(
            f"the reference has {score:.6g} in exercise {exercise.id}, "
            f"and the bound is {bound.number:g}.",
            "Train the reference better, or choose another bound.",
            where=where,
        )


def _check_measurement(exercise: Exercise, expression: str, value: Expected, where: Path) -> None:
    """Raise for measurements that any network passes, or the reference's own fails."""
    if module_calls.is_method(expression):
        return
    if isinstance(value, Bool) and not value.value:
        raise AssignmentError(
            f"{module_calls.in_words(expression)} of exercise {exercise.id} "
            "is not true of the reference.",
            "Correct 'contains' or 'gradients', or the reference.",
            where=where,
        )
    if isinstance(value, Array) and _is_constant(value):
        raise AssignmentError(
            f"{module_calls.in_words(expression)} of exercise {exercise.id} is the same number "
            "everywhere, which other networks give as well.",
            "Choose other 'inputs', such as torch.randn(4, 1, 28, 28).",
            where=where,
        )


def _is_constant(array: Array) -> bool:
    """Return whether several numbers are equal."""
    elements = array.elements
    if len(elements) <= 1:
        return False
    difference = max(elements) - min(elements)
    return difference < Tolerance().atol


def _check_calls(
    solution: ReferenceFiles, question: Question, answers: Mapping[str, tuple[Answer, ...]]
) -> None:
    """Raise if a call of a function has no result, or all calls have the same."""
    for call, label in zip(question.calls, question.labels, strict=True):
        if not answers.get(label):
            raise AssignmentError(
                f"{question.function}({call}) of exercise {question.exercise} "
                "gives nothing that can be compared.",
                "Mark the function. It gives a number, a tensor, a list of numbers, a text or a "
                "truth value.",
                where=solution.notebook,
            )
    if Expectation(answers, Tolerance()).is_constant:
        raise AssignmentError(
            f"every call of exercise {question.exercise} gives the same, "
            "so that a constant would earn its points.",
            "Choose calls that give different values.",
            where=solution.assignment.folder / FILE_NAME,
        )
