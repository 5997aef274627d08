"""Faults: one line on standard error, and an exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import AssignmentError, NothingToGrade
from tests.support.commands import grade, run_fails


def test_a_fault_of_the_instructors_is_one_line_and_exit_code_3(monkeypatch):
    error = AssignmentError("this is not TOML.", "Mend that line.", where=Path("a.toml"))
    run_fails(monkeypatch, error)
    result = grade("a")
    assert 3 == result.exit_code
    assert "" == result.stdout
    assert "grade: a.toml: this is not TOML. Mend that line.\n" == result.stderr


def test_nothing_to_grade_exits_with_5(monkeypatch):
    run_fails(monkeypatch, NothingToGrade("There is no notebook in empty/."))
    assert 5 == grade("empty/").exit_code


def test_an_unexpected_exception_is_one_line_with_its_type(monkeypatch):
    run_fails(monkeypatch, RuntimeError("out of\npaper\x1b[2J"))
    result = grade("a")
    expected = (
        "grade: RuntimeError: out of paper "
        "(a fault of the grader's; run again with --debug to see where)\n"
    )
    assert 3 == result.exit_code
    assert expected == result.stderr


def test_a_missing_package_names_the_extra_and_how_to_install_it(monkeypatch):
    run_fails(monkeypatch, ModuleNotFoundError("no module", name="torch"))
    result = grade("a")
    assert 3 == result.exit_code
    assert "Grading needs torch, which is not installed." in result.stderr
    assert "Run: pip install 'notebook-grader[grading]'." in result.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("paper"), 3), (NothingToGrade("none"), 5)]
)
def test_debug_shows_the_traceback_and_keeps_the_exit_code(monkeypatch, error, code):
    run_fails(monkeypatch, error)
    result = grade("a", "--debug")
    assert code == result.exit_code
    assert "Traceback" in result.stderr


def test_an_interrupt_says_that_what_was_graded_is_kept(monkeypatch):
    run_fails(monkeypatch, KeyboardInterrupt())
    result = grade("a")
    expected = "grade: Interrupted. What was graded is kept: the same command goes on from there.\n"
    assert 130 == result.exit_code
    assert expected == result.stderr


INTERRUPTED_TWICE = """
import atexit, os, signal, sys

class Interrupting:
    def find_spec(name, path=None, target=None):
        if name == "grader.cli.main":
            raise KeyboardInterrupt

from grader.__main__ import main
sys.meta_path.insert(0, Interrupting)
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_second_interrupt_changes_neither_what_is_said_nor_the_exit_code():
    program = [sys.executable, "-c", INTERRUPTED_TWICE]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert (130, "grade: Interrupted.\n") == (ended.returncode, ended.stderr)
