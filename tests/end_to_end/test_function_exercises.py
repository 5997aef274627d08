"""An assignment that asks for a function: its reference, a class, a regrade, validation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.authoring.validation.validate import validate
from grader.errors import AssignmentError
from grader.progress import SilentProgress
from grader.reference.cache import ReferenceCache
from grader.report import SubmissionResult
from tests.support import forks
from tests.support.courses import (
    Course,
    by_student,
    graded,
    regraded,
    write_notebook,
    write_texts,
)

pytestmark = pytest.mark.kernel

ASSIGNMENT = "exercises/double/assignment.toml"
NOTEBOOK = "solutions/double/double.ipynb"
DATA = "numbers = [2.0, 4.5, 7.25]"
TOTAL = "total = sum(numbers)"
_FILES = {
    ASSIGNMENT: """
        title = "Doubles"
        handout = "double.ipynb"

        [run]
        cell_timeout_s = 8

        [[exercises]]
        id = "double"
        title = "Twice as much"
        points = 2
        check = "function"
        function = "double"
        calls = ["7.", "[1., 3.]"]

        [[exercises]]
        id = "total"
        title = "All together"
        points = 1
        check = "value"
        """,
    "solutions/double/variants.toml": """
        [[inputs]]
        name = "numbers"
        from = "numbers"
        variants = ["[1., 3., 2.]", "[.37, 1.19, 2.53]"]
        """,
    "solutions/double/mistakes.toml": """
        [mistakes.lists-twice]
        name = { en = "the list is repeated" }
        hint = { en = "Double each number." }
        credit = { double = 0.5 }
        """,
}
_REFERENCE = (
    DATA,
    """
    def double(a):
        if type(a) is list:
            return [2 * number for number in a]  # wrong(lists-twice): return 2 * a
        return 2 * a
    # grade: double = double
    """,
    f"{TOTAL}\n# grade: total = total",
)
RIGHT = "def double(a):\n    return [x + x for x in a] if isinstance(a, list) else a + a"
NOTEBOOKS: Mapping[str, tuple[str, ...]] = {
    "right": (DATA, RIGHT, TOTAL),
    "renamed": (DATA, RIGHT.replace("double", "twice"), TOTAL),
    "repeats": (DATA, "def double(a):\n    return 2 * a", TOTAL),
    "ends": (DATA, "import os\ndef double(a):\n    os._exit(0)", TOTAL),
    "without": (DATA, TOTAL),
}


def write_course(folder: Path) -> Course:
    write_texts(folder, _FILES)
    write_notebook(folder / "exercises/double/double.ipynb", (DATA, "# your code here"))
    write_notebook(folder / NOTEBOOK, _REFERENCE)
    return Course(folder)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "course")


@pytest.fixture(scope="module")
def course_with_class(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course, and a folder `in` with the notebooks of a class."""
    course = write_course(tmp_path_factory.mktemp("class"))
    for name, cells in NOTEBOOKS.items():
        write_notebook(course.folder / f"in/{name}.ipynb", cells)
    return course


@pytest.fixture(scope="module")
def students(course_with_class: Course) -> Mapping[str, SubmissionResult]:
    folder = course_with_class.folder
    return by_student(graded(folder / "in", course_with_class.settings(folder / "grades")))


@pytest.mark.parametrize(
    ("student", "credit", "message"),
    [
        ("right", 1.0, "function.passed"),
        ("renamed", 1.0, "function.passed"),
        ("repeats", 0.5, "function.wrong"),
        ("ends", 0.0, "function.no-end"),
        ("without", 0.0, "function.missing"),
    ],
)
def test_a_function_earns_what_it_gives(
    student: str, credit: float, message: str, students: Mapping[str, SubmissionResult]
) -> None:
    double = students[student].exercises[0]
    assert (credit, message) == (double.credit, double.checks[0].message.id)


@pytest.mark.parametrize("student", NOTEBOOKS)
def test_nothing_that_a_function_does_costs_another_exercise_points(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    assert "passed" == students[student].exercises[1].status


def test_a_mistake_in_a_function_is_named(students: Mapping[str, SubmissionResult]) -> None:
    assert ["lists-twice"] == [mistake.id for mistake in students["repeats"].exercises[0].mistakes]


def test_a_notebook_runs_again_when_the_calls_change(course: Course) -> None:
    write_notebook(course.folder / "in/ana.ipynb", NOTEBOOKS["right"])
    settings = course.settings(course.folder / "grades")
    graded(course.folder / "in", settings)
    course.edit(ASSIGNMENT, '"7.", ', '"8.", "9.", ')

    regrade = regraded(settings)

    assert ("ana",) == regrade.rerun
    assert (ASSIGNMENT,) == regrade.why
    assert () == regrade.changes


# The reference


def run_reference(course: Course) -> None:
    references = ReferenceCache(course.reference_files("double"), None, forks.shared().launch)
    asyncio.run(references.base())


def refusal(course: Course) -> str:
    with pytest.raises(AssignmentError) as error:
        run_reference(course)
    return str(error.value)


def test_calls_that_all_give_the_same_are_refused(course: Course) -> None:
    course.edit(ASSIGNMENT, '"[1., 3.]"', '"7.0"')
    assert "a constant would earn its points" in refusal(course)


def test_a_call_that_gives_nothing_is_refused(course: Course) -> None:
    course.edit(ASSIGNMENT, '"[1., 3.]"', '"{}"')
    assert "double({}) of exercise double gives nothing" in refusal(course)


def test_a_function_without_a_mark_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "# grade: double = double", "pass")
    assert "marks the answer of exercise double" in refusal(course)


def test_an_assignment_with_a_function_is_valid_and_its_mutants_lose_points(course: Course) -> None:
    settings = course.settings(course.folder / "grades")

    (validation,) = validate("double", settings, SilentProgress(), forks.shared().launch)

    assert validation.ok, [finding for finding in validation.findings if not finding.ok]
    messages = {finding.message.id: finding.message for finding in validation.findings}
    mutants = messages["validate.mutants"].params
    assert mutants["count"] == mutants["killed"]
