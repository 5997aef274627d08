"""Outputs are written as whole files; what the instructor gave stays as it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import jsonschema
import pytest

from grader.errors import GraderError
from grader.outputs.formats.github import locate_submission
from grader.outputs.gradebooks.grades import Scale
from grader.outputs.write import Outputs, write_outputs
from grader.report import Where
from grader.store.atomic import write_file
from tests.outputs.gradebooks.test_canvas import EXPORT as CANVAS
from tests.outputs.gradebooks.test_moodle import ENGLISH as MOODLE
from tests.support.gradebooks import half_step, settled
from tests.support.reports import report, submission
from tests.support.schemas import GRADESCOPE, junit_problems

TWO = (settled("Ana Exemplo"), half_step("Beto Exemplo"))


@pytest.fixture
def canvas(tmp_path):
    (path := tmp_path / "export.csv").write_bytes(CANVAS.encode())
    return path


@pytest.fixture
def moodle(tmp_path):
    (path := tmp_path / "worksheet.csv").write_bytes(MOODLE.encode())
    return path


def files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def write(outputs, *submissions, roots=()):
    return write_outputs(outputs, report(*(submissions or TWO)), "pt", roots)


def test_a_gradebook_that_is_filled_in_lies_beside_the_original(canvas, moodle, tmp_path):
    write(Outputs(canvas=canvas, moodle=moodle))
    assert ["export.csv", "export.graded.csv", "worksheet.csv", "worksheet.graded.csv"] == files(
        tmp_path
    )
    assert (CANVAS.encode(), MOODLE.encode()) == (canvas.read_bytes(), moodle.read_bytes())


def test_the_scale_is_that_of_both_gradebooks(canvas, moodle, tmp_path):
    write(Outputs(canvas=canvas, moodle=moodle, scale=Scale(to=10, step=0.5)))
    assert b'"Turma 1",8.5,7.5' in (tmp_path / "export.graded.csv").read_bytes()  # 8.33
    assert b'grading",8.5,12.00' in (tmp_path / "worksheet.graded.csv").read_bytes()


def test_a_comment_in_moodle_is_what_the_student_is_told(moodle, tmp_path):
    write(Outputs(moodle=moodle))
    assert "<p>✓ <b>Gradiente de J" in (tmp_path / "worksheet.graded.csv").read_text("utf-8")


def test_the_zip_of_feedback_takes_numbers_from_the_worksheet(moodle, tmp_path):
    write(Outputs(moodle=moodle, moodle_feedback=tmp_path / "f.zip"))
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        text = archive.read("Ana Exemplo_71_assignsubmission_file_/feedback.txt").decode()
    assert "✓ Gradiente de J em relação a w  2/2" in text


def test_a_single_result_for_gradescope_is_a_file(tmp_path):
    write(Outputs(gradescope=tmp_path / "results/results.json"), TWO[0])
    jsonschema.validate(json.loads((tmp_path / "results/results.json").read_bytes()), GRADESCOPE)


def test_several_results_for_gradescope_are_a_folder(tmp_path):
    write(Outputs(gradescope=tmp_path / "results"))
    assert [f"results/{submission.id}.json" for submission in TWO] == files(tmp_path)


def test_several_results_do_not_go_into_one_file(tmp_path):
    with pytest.raises(GraderError, match=r"there are 2\. Give a folder with --gradescope"):
        write(Outputs(gradescope=tmp_path / "results.json"))


def test_what_is_for_machines_is_written_though_a_gradebook_does_not_fit(canvas, tmp_path):
    canvas.write_text("a,b\n1,x\n", "utf-8")
    with pytest.raises(GraderError):
        write(Outputs(canvas=canvas, junit=tmp_path / "j.xml", csv=tmp_path / "t.csv"))
    assert ["export.csv", "j.xml", "t.csv"] == files(tmp_path)
    assert [] == junit_problems((tmp_path / "j.xml").read_bytes())


def test_annotations_are_printed_and_the_table_is_added_to_the_summary(
    tmp_path, monkeypatch, capsys
):
    (target := tmp_path / "summary.md").write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(target))
    write(Outputs(github=True))
    assert capsys.readouterr().out.startswith("::warning file=beto-exemplo.ipynb,")
    assert target.read_text("utf-8").startswith("before\n## PyTorch")


def test_without_a_summary_there_are_annotations_alone(monkeypatch, capsys):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    write(Outputs(github=True))
    assert 1 == capsys.readouterr().out.count("\n")


def test_a_file_that_cannot_be_written_leaves_the_one_before_and_nothing_half_written(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(GraderError, match="cannot be written"):
        write_file(tmp_path / "t.csv", b"x")
    assert ["t.csv"] == [path.name for path in tmp_path.iterdir()]


# Where in the repository something is


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cell = {"cell_type": "code", "source": ['s = "ção"\n', "w = 1\n", "w = 1"]}
    (path := tmp_path / "in/turma/ana.ipynb").parent.mkdir(parents=True)
    path.write_text(json.dumps({"cells": [cell]}, indent=1), "utf-8")
    return path


@pytest.mark.parametrize("root", ["in", "in/turma/ana.ipynb"])
def test_a_submission_is_found_below_what_was_given(notebook, root):
    file = "turma/ana.ipynb" if root == "in" else "ana.ipynb"
    assert ("in/turma/ana.ipynb", 0) == locate_submission(
        submission("Ana", file=file), None, [Path(root)]
    )


def test_the_line_is_that_of_the_file(notebook):
    where = Where(cell=0, line=1, source='s = "ção"')
    assert ("in/turma/ana.ipynb", 6) == locate_submission(
        submission("Ana", file="turma/ana.ipynb"), where, [Path("in")]
    )


@pytest.mark.parametrize("source", ["w = 1", "w = 2", " "])
def test_a_line_that_is_not_there_exactly_once_is_not_guessed(notebook, source):
    where = Where(cell=0, line=1, source=source)
    assert 0 == locate_submission(submission("Ana", file="turma/ana.ipynb"), where, [Path("in")])[1]


def test_a_submission_whose_folder_is_not_known_is_named_as_in_the_report(notebook):
    assert ("turma/ana.ipynb", 0) == locate_submission(
        submission("Ana", file="turma/ana.ipynb"), Where(cell=0, source="s"), []
    )
