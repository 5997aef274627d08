"""`grade review`: what it says and how it ends; and merging what several people decided."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli.main import cli
from grader.grading.reviews import Review, Reviews, judged, merge
from grader.review import server
from grader.review.service import Decision, ReviewService
from grader.store.reviews import read_reviews, save_reviews
from grader.store.store import read_report
from tests.support.reports import report
from tests.support.reviewing import a_class, review, reviews, written

ANA, BRUNO, CARLA, LUCAS, OLIVIA = a_class().submissions


class FinishedServer:
    """A server whose page is finished at once."""

    def __init__(self, service: ReviewService, port: int) -> None:
        self.gate = server.AccessGate(port or 4321)
        self._service = service

    def run(self) -> None:
        self._service.decide(
            [
                Decision(
                    submission=ANA.id, exercise="question-1", credit=1, of=judged(ANA.exercises[4])
                )
            ]
        )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(server, "ReviewServer", FinishedServer)
    return written(tmp_path / "grades")


def grade_review(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["review", str(folder), "--no-browser", "--language", "en", *arguments]
    )


def test_it_says_what_waits_and_where_the_page_is(folder):
    output = grade_review(folder, "--port", "4567").output
    assert "5 answers to read · 2 results to look at" in output
    assert re.search(r"Open http://127\.0\.0\.1:4567/\?token=[\w-]{40,} on this machine", output)


def test_it_ends_well_and_with_the_report_up_to_date(folder):
    result = grade_review(folder, "--as", "Bruno Exemplo")
    assert (0, True) == (result.exit_code, "the report is up to date." in result.output)
    stored = json.loads((folder / "report.json").read_text("utf-8"))["submissions"][0]
    assert (11.0, "Bruno Exemplo") == (stored["points"], stored["exercises"][4]["review"]["by"])


def test_where_nothing_waits_it_says_so(folder, tmp_path):
    written(folder, report(ANA.model_copy(update={"exercises": ANA.exercises[:4]})))
    assert "Nothing is pending review." in grade_review(folder).output


def test_a_report_without_submissions_opens_no_page(folder):
    written(folder, report().model_copy(update={"submissions": ()}))
    result = grade_review(folder)
    assert (0, "There are no submissions in this report.") == (
        result.exit_code,
        result.output.strip(),
    )


def test_a_folder_without_a_report_is_said(tmp_path):
    result = grade_review(tmp_path / "none")
    assert (3, True) == (
        result.exit_code,
        "Grade first, or give the folder it is in." in result.output,
    )


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_somebody_decides(folder, name):
    result = grade_review(folder, "--as", name)
    assert (2, True) == (result.exit_code, "Say who decides with --as NAME" in result.output)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_ctrl_c_is_a_normal_end(tmp_path):
    folder = written(tmp_path / "grades")
    command = [
        sys.executable,
        "-m",
        "grader",
        "review",
        str(folder),
        "--no-browser",
        "--language",
        "en",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout is not None
        next(line for line in run.stdout if line.startswith("Open http"))
        run.send_signal(signal.SIGINT)
        output = run.stdout.read()
    assert (0, True) == (run.returncode, output.startswith("All is saved"))


# Merging


def theirs(tmp_path: Path, *given: Review) -> Path:
    path = tmp_path / "of-bruno.json"
    path.write_text(reviews(*given).model_dump_json(), "utf-8")
    return path


def test_merging_takes_in_what_others_decided_and_brings_the_report_up_to_date(folder, tmp_path):
    mine = review(ANA, "question-1", 1)
    others = review(CARLA, "question-1", 0.5, by="Bruno Exemplo")
    save_reviews(folder, reviews(mine))
    result = grade_review(folder, "--merge", str(theirs(tmp_path, others)))
    assert (0, merge(reviews(mine, others))) == (result.exit_code, read_reviews(folder))
    assert ["1 new decision.", "No disagreement."] == result.stdout.splitlines()
    assert [11.0, 10.5] == [read_report(folder).submissions[index].points for index in (0, 2)]


def test_merging_lists_who_disagrees_and_keeps_both(folder, tmp_path):
    save_reviews(folder, reviews(review(ANA, "question-1", 1)))
    result = grade_review(
        folder,
        "--merge",
        str(theirs(tmp_path, review(ANA, "question-1", 0.5, by="Bruno Exemplo", at=2))),
    )
    output = " ".join(result.output.split())
    assert (0, True) == (
        result.exit_code,
        "Ana Exemplo Questão 1 Ana Exemplo: 100% · Bruno Exemplo: 50%" in output,
    )
    assert 2 == len(read_reviews(folder).reviews)


def test_merging_again_adds_nothing(folder, tmp_path):
    file = theirs(tmp_path, review(ANA, "question-1", 1))
    grade_review(folder, "--merge", str(file))
    assert "0 new decisions." in grade_review(folder, "--merge", str(file)).output


def test_a_folder_can_be_merged_by_its_name(folder, tmp_path):
    other = written(tmp_path / "others")
    save_reviews(other, reviews(review(ANA, "question-1", 1)))
    assert "1 new decision." in grade_review(folder, "--merge", str(other)).output


def test_decisions_on_submissions_that_are_not_here_are_kept(folder, tmp_path):
    elsewhere = review(ANA, "question-1", 1).model_copy(update={"submission": "0f"})
    result = grade_review(folder, "--merge", str(theirs(tmp_path, elsewhere)))
    assert (
        "1 submission with decisions is not in this report; the decisions are kept."
        in result.output
    )
    assert (elsewhere,) == read_reviews(folder).reviews


@pytest.mark.parametrize("content", [None, "{", '{"schema_version": "7"}'])
def test_a_file_that_holds_no_reviews_changes_nothing(folder, tmp_path, content):
    file = tmp_path / "other.json"
    if content is not None:
        file.write_text(content, "utf-8")
    result = grade_review(folder, "--merge", str(file))
    assert (3, 1, Reviews()) == (result.exit_code, result.output.count("\n"), read_reviews(folder))


# The browser


@pytest.mark.parametrize(("screens", "opened"), [({"DISPLAY": ":0"}, 1), ({}, 0)])
@pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="there a screen is taken for granted"
)
def test_a_browser_is_opened_where_it_would_have_a_window(folder, monkeypatch, screens, opened):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in screens.items():
        monkeypatch.setenv(name, value)
    urls: list[str] = []
    monkeypatch.setattr("webbrowser.open", urls.append)
    result = CliRunner().invoke(cli, ["review", str(folder)])
    assert (0, opened, opened) == (
        result.exit_code,
        len(urls),
        sum(url in result.output for url in urls),
    )


def test_no_browser_is_opened_if_that_was_said(folder, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    urls: list[str] = []
    monkeypatch.setattr("webbrowser.open", urls.append)
    grade_review(folder)
    assert [] == urls
