"""`grade export`, and its options of `grade run`: what they write, print and exit with."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.errors import GraderError, NothingToGrade
from grader.report import Who
from grader.store.store import Store
from tests.outputs.gradebooks.test_canvas import EXPORT, FILLED
from tests.support.commands import fake_run
from tests.support.gradebooks import half_step, settled
from tests.support.reports import info, report, submission
from tests.support.schemas import GRADESCOPE

TWO = report(settled("Ana Exemplo"), half_step("Beto Exemplo"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the report of a run, and an export of Canvas."""
    monkeypatch.chdir(tmp_path)
    fake_run(monkeypatch, lambda *_: TWO)
    with Store(tmp_path / "grades") as store:
        store.write_report(TWO)
    (tmp_path / "export.csv").write_bytes(EXPORT.encode())
    return tmp_path


def grade(*arguments):
    return CliRunner().invoke(main.cli, list(arguments))


def failing(monkeypatch, error):
    def raises(*_):
        raise error

    fake_run(monkeypatch, raises)


@pytest.mark.parametrize(
    "command", [("export",), ("export", "grades/"), ("run", "submissions/"), ("submissions/",)]
)
def test_a_run_and_an_export_fill_in_the_same(here, command):
    assert 0 == grade(*command, "--canvas", "export.csv").exit_code
    assert FILLED.encode() == (here / "export.graded.csv").read_bytes()


@pytest.mark.parametrize("output", ["--csv", "--junit", "--feedback", "--gradescope"])
def test_standard_output_is_no_file(here, output):
    result = grade("export", output, "-")
    assert 2 == result.exit_code
    assert "Give the name of a file: '-' is none." in result.stderr
    assert not (here / "-").exists()


def test_an_export_says_what_it_wrote_and_who_is_on_one_side_only(here):
    lines = grade(
        "export", "--canvas", "export.csv", "--csv", "t.csv", "--language", "en"
    ).stdout.splitlines()
    assert ["Written: t.csv", "export.graded.csv: 2 grades, 0 comments"] == lines[:2]
    assert ["Rows in the file without a submission:", "  Exemplo, Zoé", "  Student, Test"] == lines[
        -3:
    ]


@pytest.mark.parametrize("command", [("export",), ("submissions/",)])
def test_the_students_copies_of_their_pages_are_written_when_asked_for(here, command):
    result = grade(*command, "--feedback", "copies", "--language", "en")
    assert ["Ana-Exemplo.html", "Beto-Exemplo.html"] == sorted(
        path.name for path in (here / "copies").iterdir()
    )
    assert "Written: copies/, 2 pages, one per student" in result.stdout


def test_a_gradebook_that_does_not_fit_does_not_cost_the_students_their_pages(here):
    result = grade(
        "export", "--feedback", "copies", "--canvas", "export.csv", "--canvas-column", "x"
    )
    assert (3, 2) == (result.exit_code, len(list((here / "copies").iterdir())))


def test_feedback_for_moodle_has_the_students_own_page_beside_the_text(here):
    known = settled("Ana Exemplo").model_copy(
        update={"who": Who(source="moodle", name="Ana Exemplo", lms_id="72")}
    )
    with Store(here / "grades") as store:
        store.write_report(report(known))
    grade("export", "--moodle-feedback", "f.zip")
    with zipfile.ZipFile(here / "f.zip") as archive:
        names = [name.rpartition("/")[2] for name in archive.namelist()]
    assert ["feedback.txt", "feedback.html"] == names


def test_a_run_writes_the_pages_beside_the_report(here):
    output = grade("submissions/").stdout
    assert (True, True) == (
        (here / "grades" / "index.html").is_file(),
        "Páginas: grades/index.html" in output,
    )


def test_beside_json_it_is_said_on_standard_error(here):
    result = grade("submissions/", "--json", "--csv", "t.csv")
    assert ("1.0", True) == (
        json.loads(result.stdout)["schema_version"],
        "Gravado: t.csv" in result.stderr,
    )


def test_a_scale_and_a_rounding_are_those_of_the_gradebook(here):
    grade("export", "--canvas", "export.csv", "--scale", "10", "--round", "0.5")
    assert b'"Turma 1",8.5,7.5' in (here / "export.graded.csv").read_bytes()


def test_provisional_grades_are_written_when_asked_for(here):
    with Store(here / "grades") as store:
        store.write_report(report(submission("Ana Exemplo")))
    outputs = [
        grade("export", "--canvas", "export.csv", *more).stdout for more in ((), ("--provisional",))
    ]
    assert ["0 notas", "1 nota,"] == [line.partition(": ")[2][:7] for line in outputs]


def test_an_export_can_be_of_one_assignment(here):
    of_other = submission("Caio", assignment="outra")
    both = report(*TWO.submissions, of_other).model_copy(
        update={"assignments": (info().model_copy(update={"name": "outra"}), info())}
    )
    with Store(here / "grades") as store:
        store.write_report(both)
    refused = grade("export", "--canvas", "export.csv")
    assert (3, True) == (refused.exit_code, "--assignment NAME" in refused.stderr)
    assert 0 == grade("export", "--canvas", "export.csv", "--assignment", "autograd").exit_code
    assert (
        "grade: The report has no assignment x. There is: outra, autograd.\n"
        == grade("export", "--csv", "t.csv", "--assignment", "x").stderr
    )


# What is not understood


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "Nothing is asked for"),
        (("--canvas-column", "x"), "give it with --canvas"),
        (("--hide-until", "after_due_date"), "give it with --gradescope"),
        (("--csv", "t.csv", "--scale", "10"), "give --canvas or --moodle"),
        (("--csv", "t.csv", "--provisional"), "give --canvas or --moodle"),
        (("--canvas", "none.csv"), "does not exist"),
        (("--canvas", "export.csv", "--scale", "0"), "not in the range"),
        (("--canvas", "export.csv", "--scale", "nan"), "is not a number of points"),
        (("--canvas", "export.csv", "--round", "-1"), "not in the range"),
        (("--canvas", "export.csv", "--csv", "./export.csv"), "would be overwritten"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(here, arguments, problem):
    result = grade("export", *arguments)
    assert (2, True) == (result.exit_code, problem in " ".join(result.stderr.split()))


def test_the_original_is_never_overwritten(here):
    grade("export", "--canvas", "export.csv", "--junit", "export.csv")
    assert EXPORT.encode() == (here / "export.csv").read_bytes()


def test_json_and_annotations_do_not_share_standard_output(here):
    assert 2 == grade("submissions/", "--json", "--github").exit_code


@pytest.mark.parametrize("command", [("submissions/",), ("export", "--csv", "t.csv")])
def test_of_what_is_printed_github_hears_the_annotations_alone(here, command):
    lines = grade(*command, "--github").stdout.splitlines()
    heard, word = [], ""
    for line in lines:
        if line.startswith("::stop-commands::"):
            word = line.removeprefix("::stop-commands::")
        elif line == f"::{word}::":
            word = ""
        elif not word:
            heard.append(line)
    assert (1, True, "") == (
        len(heard),
        heard[0].startswith("::warning file=beto-exemplo.ipynb"),
        word,
    )


def test_without_annotations_nothing_is_said_to_github(here):
    assert "::" not in grade("submissions/", "--csv", "t.csv").stdout


# Exit codes


@pytest.mark.parametrize(("percent", "code"), [("85", 0), ("86", 1)])
def test_outputs_are_written_before_fail_under_decides(here, percent, code):
    assert code == grade("submissions/", "--junit", "j.xml", "--fail-under", percent).exit_code
    assert (here / "j.xml").exists()


def test_a_gradebook_that_does_not_fit_is_a_fault_of_the_instructors(here):
    result = grade("submissions/", "--canvas", "export.csv", "--canvas-column", "x")
    errors = [line for line in result.stderr.splitlines() if line.startswith("grade: ")]
    assert (3, 1, True) == (result.exit_code, len(errors), "Relatório: " in result.stdout)


def test_without_a_report_there_is_a_line_that_says_what_to_do(here):
    result = grade("export", "old/", "--csv", "t.csv")
    assert (
        3,
        "grade: There is no old/report.json. Grade first, or give the folder it is in.\n",
    ) == (
        result.exit_code,
        result.stderr,
    )


# A run that fails


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (RuntimeError("out of paper"), 3, "not in your work"),
        (GraderError("/course/solutions is empty."), 3, "not in your work"),
        (KeyboardInterrupt(), 130, "not in your work"),
        (
            NothingToGrade("There is no notebook in submission/."),
            5,
            "no notebook in what you handed in",
        ),
    ],
)
def test_a_run_that_fails_leaves_gradescope_a_result_that_says_so(
    here, monkeypatch, error, code, sentence
):
    failing(monkeypatch, error)
    result = grade("submission/", "--gradescope", "results.json")
    written = json.loads((here / "results.json").read_bytes())
    jsonschema.validate(written, GRADESCOPE)
    assert (code, 0.0, True) == (result.exit_code, written["score"], sentence in written["output"])


def test_a_result_of_a_run_that_failed_names_nothing_of_the_instructors(here, monkeypatch):
    failing(monkeypatch, GraderError("/course/solutions/autograd is not right."))
    grade("submission/", "--gradescope", "results.json")
    assert "course" not in (here / "results.json").read_text("utf-8")


def test_a_result_of_a_run_that_failed_is_in_the_language_asked_for(here, monkeypatch):
    failing(monkeypatch, RuntimeError())
    grade("submission/", "--gradescope", "results.json", "--language", "pt")
    assert "não do seu trabalho" in json.loads((here / "results.json").read_bytes())["output"]


def test_a_run_that_fails_leaves_nothing_where_a_folder_was_asked_for(here, monkeypatch):
    failing(monkeypatch, RuntimeError())
    grade("submission/", "--gradescope", "results")
    assert not Path("results").exists()


def test_a_result_that_is_written_is_not_undone_by_what_fails_later(here, monkeypatch):
    fake_run(monkeypatch, lambda *_: report(half_step("Beto Exemplo")))
    (here / "results.json").write_text("of an earlier run", "utf-8")
    result = grade(
        "submission/",
        "--gradescope",
        "results.json",
        "--canvas",
        "export.csv",
        "--canvas-column",
        "x",
    )
    assert (3, 8.5) == (result.exit_code, json.loads((here / "results.json").read_bytes())["score"])


def test_an_export_that_fails_leaves_gradescope_a_result_too(here):
    assert 3 == grade("export", "none/", "--gradescope", "results.json").exit_code
    jsonschema.validate(json.loads((here / "results.json").read_bytes()), GRADESCOPE)
