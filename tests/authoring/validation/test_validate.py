"""`validate` is green where an assignment does what it says, and red where it does not."""

from __future__ import annotations

import pytest

from grader.authoring.validation.findings import Validation, ValidationFinding
from grader.authoring.validation.validate import validate
from grader.errors import AssignmentError
from grader.progress import SilentProgress
from tests.support import forks
from tests.support.courses import Course
from tests.support.mean_course import write_mean_course

pytestmark = pytest.mark.kernel

ASSIGNMENT = "exercises/media/assignment.toml"
HANDOUT = "exercises/media/media.ipynb"
NOTEBOOK = "solutions/media/media.ipynb"
MISTAKES = "solutions/media/mistakes.toml"

WAIVER = """
[[waived]]
find = "amplitude = max(dados) - media"
becomes = "amplitude = max(dados) + media"
reason = "Tanto faz."

"""

Faults = dict[str, list[dict[str, object]]]
"""What was found wrong: the particulars of each, by message."""


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    """Validate an assignment with many faults: those that do not hide each other."""
    course = write_mean_course(tmp_path_factory.mktemp("spoiled"))
    course.edit(MISTAKES, "credit = {}", "credit = { spread = 1.0 }")
    course.edit(MISTAKES, "Falta dividir pelo número de dados.", "Falta dividir: a média é 3,6875.")
    course.edit(ASSIGNMENT, "points = 3", 'points = 3\nstudent_note = { pt = "Dá 3,56." }')
    course.edit(HANDOUT, "# Sua vez: a m\\u00e9dia", "1 / 0")
    return faults(validated(course))


def validated(course: Course, name: str = "media") -> Validation:
    settings = course.settings(course.folder / "grades")
    (validation,) = validate(name, settings, SilentProgress(), forks.shared().launch)
    return validation


def faults(validation: Validation) -> Faults:
    faults: Faults = {}
    for finding in validation.findings:
        if not finding.ok:
            faults.setdefault(finding.message.id, []).append(dict(finding.message.params))
    assert validation.ok == (not faults)
    return faults


def finding(validation: Validation, message_id: str) -> ValidationFinding:
    (only,) = (finding for finding in validation.findings if finding.message.id == message_id)
    return only


def test_a_small_assignment_is_as_it_says(course: Course) -> None:
    assert {} == faults(validated(course))


def test_a_mistake_that_is_declared_harmless_is_found(spoiled: Faults) -> None:
    expected = {"mistake": "from-the-least", "exercise": "spread", "earned": 0.0, "declared": 1.0}
    assert [expected] == spoiled["validate.mistake-earns"]


def test_a_handout_that_raises_is_found(spoiled: Faults) -> None:
    assert ["ZeroDivisionError: division by zero"] == [
        fault["error"] for fault in spoiled["validate.handout-raises"]
    ]


def test_texts_for_students_that_tell_an_expected_value_are_found(spoiled: Faults) -> None:
    leaks = [fault["where"] for fault in spoiled["validate.leak"]]
    assert ["spread.student_note.pt", "mistakes.sum-only.hint.pt"] == leaks


def test_a_check_that_is_too_loose_is_found(course: Course) -> None:
    course.edit(ASSIGNMENT, "points = 3", "points = 3\nrtol = 10.0")
    earned = [
        (fault["exercise"], fault["earned"])
        for fault in faults(validated(course))["validate.mistake-earns"]
    ]
    assert {("spread", 1.0)} == set(earned)


def test_mutants_that_a_loose_check_lets_pass_are_found(course: Course) -> None:
    course.edit(ASSIGNMENT, "points = 3", "points = 3\nrtol = 10.0")
    validation = validated(course)
    survivors = [
        detail.params["after"] for detail in finding(validation, "validate.mutants-survive").details
    ]
    assert "amplitude = max(dados) + media" in survivors
    (_, spread) = finding(validation, "validate.margins-overlap").margins
    assert (True, False) == (spread.right_within, spread.wrong_beyond)


def test_a_survivor_can_be_waived(course: Course) -> None:
    course.edit(MISTAKES, "[mistakes.sum-only]", f"{WAIVER}[mistakes.sum-only]")
    course.edit(ASSIGNMENT, "points = 3", "points = 3\nrtol = 10.0")
    told = finding(validated(course), "validate.mutants-survive").details
    assert ["Tanto faz."] == [
        one.params["reason"] for one in told if one.id == "validate.survivor-waived"
    ]


def test_a_waiver_of_what_loses_points_is_found(course: Course) -> None:
    course.edit(MISTAKES, "[mistakes.sum-only]", f"{WAIVER}[mistakes.sum-only]")
    expected = {
        "line": "amplitude = max(dados) - media",
        "becomes": "amplitude = max(dados) + media",
    }
    assert {"validate.waiver-stale": [expected]} == faults(validated(course))


def test_a_handout_that_gives_an_answer_away_is_found(course: Course) -> None:
    course.edit(ASSIGNMENT, "points = 2", "points = 2\nhandout_counts = true")
    course.edit(HANDOUT, "# Sua vez: a m\\u00e9dia", "resultado = sum(dados) / len(dados)")
    found = faults(validated(course))
    assert [{"earned": 2.0, "possible": 5.0}] == found["validate.handout"]


@pytest.mark.parametrize("given", ["resultado = sum(dados) / len(dados)", "esperado = 3.6875"])
def test_a_given_cell_with_an_answer_to_copy_is_told(course: Course, given: str) -> None:
    course.edit(HANDOUT, "# Sua vez: a m\\u00e9dia", given)
    validation = validated(course)
    assert {} == faults(validation)
    assert [("validate.handout-holds", {"exercise": "mean"})] == [
        (detail.id, detail.params) for detail in finding(validation, "validate.handout").details
    ]


def test_a_reference_that_fails_cannot_be_validated(course: Course) -> None:
    course.edit(NOTEBOOK, "max(dados) - media  #", "max(dados) - medai  #")
    with pytest.raises(AssignmentError, match="cell 3 of the reference fails: NameError"):
        validated(course)
