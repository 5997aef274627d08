"""What `from grader import …` offers an instructor's notebook."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.authoring.course import create_course
from grader.cli import from_python
from grader.errors import GraderError, NothingToGrade
from tests.support.reports import report


def test_the_names_on_offer_are_there() -> None:
    assert [] == [name for name in grader.__all__ if not hasattr(grader, name)]
    with pytest.raises(AttributeError, match="nothing"):
        grader.nothing  # noqa: B018


def test_a_report_is_a_table_with_a_row_per_submission() -> None:
    class_report = report()
    table = class_report.to_dataframe()
    assert [one.student for one in class_report.submissions] == list(table["student"])
    assert [one.points for one in class_report.submissions] == list(table["points"])


def test_an_exercise_has_points_and_none_while_it_waits() -> None:
    class_report = report()
    table = class_report.to_dataframe()
    for row, submission in zip(table.to_dict("records"), class_report.submissions, strict=True):
        for exercise in submission.exercises:
            waits = exercise.status == "pending"
            assert math.isnan(row[exercise.id]) if waits else exercise.points == row[exercise.id]


def test_a_notebook_shows_the_table_and_no_markup_of_a_student() -> None:
    class_report = report()
    hostile = class_report.submissions[0].model_copy(update={"student": "<script>x</script>"})
    shown = class_report.model_copy(update={"submissions": (hostile,)})._repr_html_()
    assert shown is not None
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


def test_without_pandas_a_notebook_shows_what_it_shows_of_any_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert report()._repr_html_() is None


def test_nothing_to_grade_is_an_exception_with_the_sentence_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(NothingToGrade, match="Check the path"):
        grader.grade(tmp_path / "nowhere", out=tmp_path / "grades")


def test_options_are_those_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def popen(command: list[str], **_: object) -> object:
        asked.extend(command)
        raise GraderError("stop")

    monkeypatch.setattr(from_python.subprocess, "Popen", popen)
    with pytest.raises(GraderError, match="stop"):
        grader.grade("-a.ipynb", assignment="x", sandbox="none", trust=True, jobs=3)
    assert ["--", "-a.ipynb"] == asked[-2:]
    given = " ".join(asked)
    assert "--assignment x --trust --jobs 3" in given
    assert "--sandbox none" in given


def test_a_student_s_notebook_waits_for_nothing_of_the_instructor_s() -> None:
    program = "import grader, sys; print('pydantic' in sys.modules)"
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "False\n" == ended.stdout


@pytest.mark.kernel
def test_a_class_is_graded_from_within_an_event_loop(tmp_path: Path) -> None:
    create_course(tmp_path, "en", example=True)

    async def cell() -> grader.Report:
        return grader.grade(
            *sorted((tmp_path / "submissions").glob("[ac]*")),
            exercises=tmp_path / "exercises",
            solutions=tmp_path / "solutions",
            out=tmp_path / "grades",
            trust=True,
        )

    graded = asyncio.run(cell())
    assert [6.0, 4.0] == [submission.points for submission in graded.submissions]
