"""What a student writes steers neither a terminal nor a reader of the report."""

from __future__ import annotations

import io
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli.main import cli
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import class_table, make_console
from grader.report import Report
from tests.support.courses import write_notebook
from tests.support.mean_course import MEAN_DATA, write_mean_course

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("sandbox")]

CLEAR, TITLE, LINK, BELL, BACK = (
    "\x1b[2J",
    "\x1b]0;mine\x07",
    "\x1b]8;;http://192.0.2.1\x1b\\",
    "\x07",
    "\x9b1A",
)
BIDI = "\u202e\u2066\u200f"
STEERS = CLEAR + TITLE + LINK + BELL + BACK + BIDI
NAME = "ana\u202e\x1b[2J"

CELLS = (
    MEAN_DATA,
    f"media = sum(dados)  # {STEERS}",
    f"print({STEERS!r})",
    f"display({STEERS!r})",
    f"raise type({'Odd' + STEERS!r}, (Exception,), {{}})({STEERS!r})",
    f"amplitude = {STEERS!r}\nmax(dados) - media  # {STEERS}",
    f"raise NameError({STEERS!r})",
    f"!pip install {STEERS}",
    f"#!**Por que a média muda com um único dado?**\n\nPorque {STEERS} <script>alert(1)</script>",
)


@dataclass(frozen=True)
class Shown:
    """What the grader wrote of one notebook that tries to steer its readers."""

    printed: str
    as_json: str
    file: str
    pages: str
    """The page of the class, the student's, and the copy of that for the student."""
    report: Report


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("showing")
    course = write_mean_course(folder / "course")
    write_notebook(folder / "in" / f"{NAME}.ipynb", CELLS)
    places = ["--exercises", str(course.exercises), "--solutions", str(course.solutions)]
    out, copies = folder / "out", folder / "copies"
    answers = [
        "run",
        str(folder / "in"),
        "--out",
        str(out),
        "--sandbox",
        "bwrap",
        *places,
        "--feedback",
        str(copies),
    ]
    first = CliRunner().invoke(cli, answers)
    second = CliRunner().invoke(cli, [*answers, "--json"])
    file = (out / "report.json").read_text("utf-8")
    pages = "".join(
        path.read_text("utf-8")
        for path in (out / "index.html", *out.glob("pages/*"), *copies.iterdir())
    )
    return Shown(
        first.stdout + first.stderr, second.stdout, file, pages, Report.model_validate_json(file)
    )


def steering(text: str) -> list[str]:
    """The characters that steer a terminal, or turn what is read."""
    return sorted(
        {repr(character) for character in text if unicodedata.category(character) in ("Cc", "Cf")}
        - {"'\\n'"}
    )


def on_a_terminal(shown: Shown) -> str:
    """The table and the student in full, as a terminal gets them."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file = Terminal()
    console = make_console(file)
    console.print(class_table(shown.report, "pt"))
    for submission in shown.report.submissions:
        for reader in ("student", "instructor"):
            console.print(submission_view(submission, "pt", reader))
    return file.getvalue()


def test_the_notebook_was_graded(shown: Shown) -> None:
    assert ["graded"] == [submission.status for submission in shown.report.submissions]


def test_what_is_printed_steers_nothing(shown: Shown) -> None:
    assert [] == steering(shown.printed)


def test_json_that_is_printed_steers_nothing(shown: Shown) -> None:
    assert ([], Path(shown.report.submissions[0].file).name) == (
        steering(shown.as_json),
        Path(json.loads(shown.as_json)["submissions"][0]["file"]).name,
    )


def test_the_report_steers_nothing_where_it_is_shown_as_it_is(shown: Shown) -> None:
    assert [] == steering(shown.file)


def test_pages_steer_nothing_and_have_no_script_of_the_students(shown: Shown) -> None:
    assert ([], False, True) == (
        steering(shown.pages),
        "<script>alert" in shown.pages,
        "&lt;script&gt;alert" in shown.pages,
    )


@pytest.mark.parametrize("sequence", [CLEAR, TITLE, "http://192.0.2.1", BELL, "\x9b", *BIDI])
def test_a_terminal_is_steered_by_the_grader_only(shown: Shown, sequence: str) -> None:
    assert sequence not in on_a_terminal(shown)
