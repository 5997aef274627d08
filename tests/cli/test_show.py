"""`grade show`: a class, or one student, of an earlier run. Fakes stand in for the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.outputs.story.lines import CodeLine
from grader.outputs.story.story import CellStory, Story, StoryLine
from grader.report import Similar
from grader.trace import CellRun
from tests.support.commands import UNSEALED, grade
from tests.support.reports import report, submission, unsealed


def show_reads(monkeypatch, stored):
    monkeypatch.setattr("grader.cli.show.read_report", lambda folder: stored)


# A class


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [((), "grades"), (("old/",), "old"), (("old/", "Ana", "Exemplo"), "old"), (("Ana",), "grades")],
)
def test_show_reads_the_report_of_a_folder(calls, arguments, folder):
    assert 0 == grade("show", *arguments).exit_code
    assert Path(folder) == calls.subject


def test_the_report_itself_stands_for_its_folder(calls, tmp_path):
    path = tmp_path / "report.json"
    path.touch()
    assert 0 == grade("show", str(path)).exit_code
    assert tmp_path == calls.subject


def test_show_without_a_student_shows_the_class(calls):
    assert "8 entregas" in grade("show").stdout


@pytest.mark.parametrize("words", [(), ("Ana",)])
def test_show_warns_of_an_unsealed_class_and_of_an_unsealed_student(monkeypatch, words):
    show_reads(monkeypatch, report(unsealed("Ana"), sandbox="none"))
    assert UNSEALED == grade("show", *words).stdout.split("\n")[0]


# A student


def test_show_with_a_student_shows_the_instructor_everything(calls):
    shown = grade("show", "gabriela").stdout
    assert "encontrado: w = 1.0000042" in shown
    assert "45,36" in shown


def test_show_with_a_student_says_whom_the_notebook_is_similar_to(monkeypatch):
    ana = submission("Ana")
    bruno = submission("Bruno")
    pair = Similar(submissions=(ana.id, bruno.id), share=0.9)
    show_reads(monkeypatch, report(ana, bruno).model_copy(update={"similar": (pair,)}))
    assert "Parecido com Ana\n90% do código do menor\n" in grade("show", "Bruno").stdout


def test_show_of_a_student_whom_nobody_knows_names_the_candidates(calls):
    result = grade("show", "zacarias")
    expected = "grade: No submission fits 'zacarias'. There is: Ana Exemplo, "
    assert 2 == result.exit_code
    assert result.stderr.startswith(expected)
    assert 1 == result.stderr.count("\n")


def test_show_of_a_part_that_several_have_names_them(calls):
    result = grade("show", "exemplo")
    expected = "grade: 8 submissions fit 'exemplo'. There is: Ana Exemplo, "
    assert 2 == result.exit_code
    assert result.stderr.startswith(expected)


def test_of_many_candidates_the_first_ten_are_named(monkeypatch):
    students = [submission(f"Ana {number:02}") for number in range(11)]
    show_reads(monkeypatch, report(*students))
    assert grade("show", "ana").stderr.endswith("Ana 08, Ana 09, ….\n")


def test_two_files_of_one_student_are_told_apart_by_their_files(monkeypatch):
    second = submission("Ana", id="other", file="again.ipynb")
    show_reads(monkeypatch, report(submission("Ana"), second))
    expected = "grade: 2 submissions fit 'Ana'. There is: ana.ipynb, again.ipynb.\n"
    assert expected == grade("show", "Ana").stderr


# A story


def test_show_tells_the_story_of_a_student(calls, monkeypatch):
    lines = (StoryLine(CodeLine(1, "w = 1")),)
    cell = CellStory(30, "Atividades", False, CellRun(cell=30, status="ok"), lines)

    def tell_story(folder, result):
        calls.note(result.student, folder, None)
        return Story((cell,))

    monkeypatch.setattr("grader.cli.show.tell_story", tell_story)
    result = grade("show", "old/", "gabriela", "--story")
    assert 0 == result.exit_code
    assert "Gabriela Exemplo" == calls.names[-1]
    assert Path("old") == calls.subject
    shown = [line.rstrip() for line in result.stdout.split("\n")]
    assert ["[31] Atividades", "  1 w = 1            │"] == shown[-3:-1]


def test_a_story_is_of_one_student(calls):
    result = grade("show", "old/", "--story")
    assert 2 == result.exit_code
    assert "--story is of one student: name one." in result.stderr


def test_without_a_stored_run_there_is_no_story_and_a_line_says_what_to_do(calls, tmp_path):
    result = grade("show", f"{tmp_path}/", "gabriela", "--story")
    problem = f"There is no stored run of Gabriela Exemplo in {tmp_path}/."
    assert 3 == result.exit_code
    assert "" == result.stdout
    assert f"grade: {problem} Grade it again: grade SUBMISSIONS --fresh.\n" == result.stderr
