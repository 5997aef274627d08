"""`grade check`: what a student sees, and what it exits with. Fakes stand in for what is heavy."""

from __future__ import annotations

import types

import pytest

from grader.report import CellProblem, Execution, Message, Where
from tests.support.commands import ASSIGNMENT, UNSEALED, grade
from tests.support.reports import TITLES, exercise, not_graded, submission, unsealed, zeroed

NOTHING_DECIDED = submission("Ana", *(exercise(name, "pending", 0.0) for name in TITLES))


def test_a_check_with_a_release_shows_no_points_and_says_that_the_numbers_were_others(
    calls, monkeypatch
):
    release = types.SimpleNamespace(shows_points=False)
    outcome = (ASSIGNMENT, zeroed(), release)
    monkeypatch.setattr("grader.cli.check.check_with_release", lambda *_: outcome)
    result = grade("check", "ana.ipynb", "--release", "autograd.zip")
    assert 1 == result.exit_code
    assert "/3" not in result.stdout
    assert "Não é a sua nota." in result.stdout


def test_a_release_beside_the_notebook_is_taken(calls, tmp_path):
    release = tmp_path / "check.json"
    release.write_text("{}", "utf-8")
    result = grade("check", str(tmp_path / "ana.ipynb"))
    assert 3 == result.exit_code
    assert result.stderr.startswith(f"grade: {release} is not of")


def test_a_check_that_fails_exits_with_1_and_says_what_to_do(calls):
    result = grade("check", "a.ipynb")
    lines = result.stdout.strip().split("\n")
    assert 1 == result.exit_code
    assert "Mude o que falta, salve e confira de novo com o mesmo comando." == lines[-1]


def test_a_check_shows_the_student_the_note_for_students_only(calls):
    shown = grade("check", "a.ipynb").stdout
    assert "A perda pode subir." in shown
    assert "45,36" not in shown


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (submission("Ana"), 0),
        (submission("Ana", exercise("w-grad", "pending", 0.0)), 0),
        (NOTHING_DECIDED, 4),
        (submission("Ana", exercise("w-grad", "missing", 0.0)), 1),
        (not_graded("Ana", "unreadable", "unreadable.empty"), 1),
        (not_graded("Ana", "ungradable", "ungradable.kernel", problem="no kernel"), 3),
    ],
)
def test_a_check_passes_if_all_that_is_decided_passes(monkeypatch, result, code):
    monkeypatch.setattr("grader.cli.check.check_notebook", lambda *_: (ASSIGNMENT, result))
    assert code == grade("check", "a.ipynb").exit_code


def test_a_check_runs_the_students_own_notebook_and_warns_of_nothing(monkeypatch):
    outcome = (ASSIGNMENT, unsealed("Ana"))
    monkeypatch.setattr("grader.cli.check.check_notebook", lambda *_: outcome)
    result = grade("check", "a.ipynb")
    assert UNSEALED not in result.stdout
    assert UNSEALED not in result.stderr


def ending(monkeypatch, result) -> str:
    """The last sentence of a check."""
    monkeypatch.setattr("grader.cli.check.check_notebook", lambda *_: (ASSIGNMENT, result))
    return " ".join(grade("check", "a.ipynb", "--language", "en").stdout.split())


def test_a_check_that_could_check_nothing_does_not_say_that_all_is_right(monkeypatch):
    text = ending(monkeypatch, NOTHING_DECIDED)
    assert "Nothing could be checked here; the reasons are above." in text
    assert "is right" not in text


def test_a_check_names_what_it_could_not_check(monkeypatch):
    passed = exercise("gradient-step", "passed", 1.0)
    waiting = exercise("w-grad", "pending", 0.0)
    text = ending(monkeypatch, submission("Ana", passed, waiting))
    assert f"What could be checked is right. Not checked here: {waiting.title}." in text


@pytest.mark.parametrize(
    "execution",
    [
        Execution(notes=(Message(id="note.missing", params={"what": "sklearn, wandbx"}),)),
        Execution(
            problems=(
                CellProblem(
                    where=Where(cell=0),
                    status="error",
                    reason=Message(id="machine.package", params={"what": "sklearn", "cell": 0}),
                ),
                CellProblem(
                    where=Where(cell=1),
                    status="error",
                    reason=Message(id="machine.package", params={"what": "wandbx", "cell": 0}),
                ),
            )
        ),
    ],
    ids=["noted", "failed"],
)
def test_a_check_says_first_which_packages_are_not_installed(monkeypatch, execution):
    lacking = submission("Ana").model_copy(update={"execution": execution})
    text = ending(monkeypatch, lacking)
    assert text.startswith("Not installed here: sklearn, wandbx.")
    assert "`pip install scikit-learn wandbx`" in text


def test_a_student_without_a_release_is_told_what_to_unpack(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.ipynb").write_text("{}")
    result = grade("check", "x.ipynb")
    assert 3 == result.exit_code
    assert "Unpack the zip that came with the assignment" in result.stderr


def test_a_notebook_that_is_not_there_is_said_before_the_release(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = grade("check", "x.ipynb")
    assert "grade: There is no x.ipynb. Check the path.\n" == result.stderr
