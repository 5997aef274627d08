"""Folders that may run unsealed: only those that a person vouched for; and how people are asked."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.batch.regrade import Regraded
from grader.cli import main, trust
from grader.cli.trust import folders_of, memory, remember, trusted
from grader.errors import SandboxUnavailable
from tests.support.commands import fake_regrade, fake_run
from tests.support.reports import report


@pytest.fixture(autouse=True)
def _no_pages(monkeypatch):
    """Where grading is a fake, there is no report to write pages of."""
    monkeypatch.setattr("grader.cli.class_report.write_pages", lambda *_: None)


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    """A folder for settings of this test's own, which is not there yet."""
    folder = tmp_path / "settings" / "grader"
    monkeypatch.setenv(trust.FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    return folder


def broken(text):
    memory().parent.mkdir(parents=True, exist_ok=True)
    memory().write_bytes(text)


def test_nothing_is_trusted_at_first(course):
    assert not trusted([course])


def test_a_folder_that_is_remembered_is_trusted(course):
    assert ((course,), True) == (remember([course]), trusted([course]))


def test_a_folder_below_a_trusted_one_is_trusted(course):
    remember([course])
    assert trusted([course / "week-1" / "handed-in"])


@pytest.mark.parametrize("other", ["..", "../course-2", "../cours"])
def test_a_folder_above_or_beside_a_trusted_one_is_not(course, other):
    remember([course])
    assert not trusted([course / other])


def test_of_several_folders_each_must_be_trusted(course, tmp_path):
    remember([course])
    assert not trusted([course, tmp_path / "elsewhere"])


def test_no_folders_are_not_trusted(course):
    remember([course])
    assert not trusted([])


def test_a_link_is_what_it_leads_to(course, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (course / "link").symlink_to(elsewhere)
    remember([course])
    assert not trusted([course / "link"])


def test_what_was_remembered_before_stays(course, tmp_path):
    remember([course])
    remember([tmp_path / "second"])
    assert [str(course), str(tmp_path / "second")] == json.loads(memory().read_text())


def test_the_root_of_the_file_system_is_never_trusted(course):
    assert ((), False) == (remember([Path("/")]), trusted([course]))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{}",
        b'"/"',
        b"[1, null, {}]",
        b'["relative", ""]',
        b'["/"]',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_broken_memory_trusts_nothing_and_is_replaced(course, text):
    broken(text)
    assert not trusted([course])
    remember([course])
    assert ([str(course)], True) == (json.loads(memory().read_text()), trusted([course]))


def test_a_memory_that_is_a_folder_trusts_nothing(course):
    memory().mkdir(parents=True)
    assert not trusted([course])


def test_only_its_owner_reads_the_memory(course):
    remember([course])
    assert 0o600 == memory().stat().st_mode & 0o777


def test_nothing_is_left_beside_the_memory(course):
    remember([course])
    assert [memory()] == list(memory().parent.iterdir())


def test_a_memory_that_cannot_be_written_stays_as_it_was(course, monkeypatch):
    remember([course])

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        remember([course / "more"])
    assert ([memory()], [str(course)]) == (
        list(memory().parent.iterdir()),
        json.loads(memory().read_text()),
    )


def test_without_a_variable_the_memory_lies_where_settings_do(monkeypatch):
    monkeypatch.delenv(trust.FOLDER_VARIABLE)
    monkeypatch.setattr(trust.click, "get_app_dir", lambda name: f"/settings/{name}")
    assert Path("/settings/grader/trust.json") == memory()


def test_a_notebook_stands_in_its_parent_and_a_folder_in_itself(course):
    (course / "a.ipynb").touch()
    (course / "b.ipynb").touch()
    assert (course,) == folders_of([course / "a.ipynb", course / "b.ipynb", course])


def test_a_linked_notebook_stands_where_it_lies(course, tmp_path):
    (tmp_path / "a.ipynb").touch()
    (course / "a.ipynb").symlink_to(tmp_path / "a.ipynb")
    assert (tmp_path,) == folders_of([course / "a.ipynb"])


# Without sealed kernels

NO_SEAL = SandboxUnavailable("There is no bubblewrap here.", "Say --sandbox none.")
ASKED = (
    "These notebooks would run with your rights: no sandbox works on this machine "
    "(There is no bubblewrap here). Do you know who wrote them? [y/N]: "
)


@pytest.fixture
def tries(monkeypatch):
    """The sandbox of each attempt to grade, where nothing seals and nobody is asked."""
    monkeypatch.setattr(trust, "on_terminal", lambda: False)
    sandboxes = []

    def attempt(result):
        def call(subject, settings, progress):
            sandboxes.append(settings.sandbox)
            if settings.sandbox != "none":
                raise NO_SEAL
            return result

        return call

    monkeypatch.setattr("grader.cli.course.languages", lambda settings, name: {"autograd": "en"})
    fake_run(monkeypatch, attempt(report(sandbox="none")))
    fake_regrade(
        monkeypatch,
        attempt(Regraded(report(sandbox="none"), 1, (), (), ())),
    )
    return sandboxes


@pytest.fixture
def terminal(monkeypatch):
    """Somebody sits at the terminal; asked for behind `tries`, which says that nobody does."""
    return lambda: monkeypatch.setattr(trust, "on_terminal", lambda: True)


def grade(*arguments, answer=""):
    return CliRunner().invoke(main.cli, list(arguments), input=answer)


def test_without_a_terminal_a_run_that_cannot_be_sealed_stops_with_what_to_do(tries, course):
    result = grade(str(course))
    assert (3, "", "grade: There is no bubblewrap here. Say --sandbox none.\n", ["auto"]) == (
        result.exit_code,
        result.stdout,
        result.stderr,
        tries,
    )


def test_on_a_terminal_the_person_is_asked_and_yes_runs_unsealed(tries, terminal, course):
    terminal()
    result = grade(str(course), answer="y\n")
    assert (0, ["auto", "none"], True) == (result.exit_code, tries, result.stderr.startswith(ASKED))


@pytest.mark.parametrize(("answer", "code"), [("s\n", 0), ("Sim\n", 0), ("não\n", 3), ("\n", 3)])
@pytest.mark.parametrize("asked", [(), ("--language", "pt")])
def test_a_person_is_asked_in_the_language_of_the_course(
    tries, terminal, course, monkeypatch, asked, answer, code
):
    terminal()
    if not asked:
        monkeypatch.setattr(
            "grader.cli.course.languages", lambda settings, name: {"autograd": "pt"}
        )
    result = grade(str(course), *asked, answer=answer)
    assert (code, True) == (
        result.exit_code,
        "Você sabe quem os escreveu? [s/N]: " in result.stderr,
    )


def test_a_yes_in_another_language_is_no_yes(tries, terminal, course):
    terminal()
    assert 3 == grade(str(course), "--language", "pt", answer="y\n").exit_code


@pytest.mark.parametrize("answer", ["n\n", "\n", "yes, but\n"])
def test_no_is_the_default_and_stops_with_what_to_do(tries, terminal, course, answer):
    terminal()
    result = grade(str(course), answer=answer)
    assert (3, ["auto"], False) == (result.exit_code, tries, trusted([course]))
    assert result.stderr.endswith("grade: There is no bubblewrap here. Say --sandbox none.\n")


def test_an_interrupt_at_the_question_is_an_interrupt(tries, terminal, course):
    terminal()
    assert (130, ["auto"]) == (grade(str(course), answer="").exit_code, tries)


def test_a_person_is_asked_once_for_a_folder(tries, terminal, course):
    terminal()
    grade(str(course), answer="y\n")
    again = grade(str(course / "week-2" / "a.ipynb"))
    assert (0, False, ["auto", "none"] * 2) == (
        again.exit_code,
        "Do you know" in again.stderr,
        tries,
    )


def test_another_folder_is_asked_about_again(tries, terminal, course, tmp_path):
    terminal()
    grade(str(course), answer="y\n")
    assert ASKED in grade(str(course), str(tmp_path / "other" / "b.ipynb"), answer="n\n").stderr


def test_trust_that_is_said_needs_no_terminal_and_is_remembered(tries, course):
    first, second = grade(str(course), "--trust"), grade(str(course))
    assert (0, 0, ["auto", "none"] * 2) == (first.exit_code, second.exit_code, tries)


def test_what_is_remembered_is_told(tries, course):
    assert f"grade: Remembered in {memory()}: {course}\n" in grade(str(course), "--trust").stderr


def test_trust_that_cannot_be_remembered_holds_for_this_run(tries, course, monkeypatch):
    def full(folders):
        raise OSError("disk full")

    monkeypatch.setattr(trust, "remember", full)
    result = grade(str(course), "--trust")
    assert (0, True) == (result.exit_code, "could not be remembered: disk full" in result.stderr)


def test_trust_is_not_remembered_where_notebooks_are_sealed(course, monkeypatch):
    fake_run(monkeypatch, lambda *_: report())
    assert (0, False) == (grade(str(course), "--trust").exit_code, trusted([course]))


def test_who_wants_bubblewrap_gets_it_or_nothing(tries, terminal, course):
    terminal()
    remember([course])
    result = grade(str(course), "--sandbox", "bwrap", "--trust", answer="y\n")
    assert (3, ["bwrap"], False) == (result.exit_code, tries, "Do you know" in result.stderr)


def test_who_wants_no_sandbox_is_not_asked(tries, terminal, course):
    terminal()
    result = grade(str(course), "--sandbox", "none")
    assert (0, ["none"], False) == (result.exit_code, tries, trusted([course]))


def test_the_question_does_not_stand_in_the_json(tries, terminal, course):
    terminal()
    result = grade(str(course), "--json", answer="y\n")
    assert "none" == json.loads(result.stdout)["grader"]["sandbox"]


def test_regrade_asks_like_run(tries, terminal, course):
    terminal()
    result = grade("regrade", str(course), answer="y\n")
    assert (0, ["auto", "none"], True) == (result.exit_code, tries, trusted([course]))


def test_somebody_can_be_asked_only_where_both_streams_are_a_terminal(monkeypatch):
    class Stream:
        def __init__(self, terminal):
            self.isatty = lambda: terminal

    def said(stdin, stdout):
        monkeypatch.setattr(trust.sys, "stdin", Stream(stdin))
        monkeypatch.setattr(trust.sys, "stdout", Stream(stdout))
        return trust.on_terminal()

    answers = [said(True, True), said(True, False), said(False, True)]
    monkeypatch.undo()
    assert [True, False, False] == answers
