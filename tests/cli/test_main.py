"""The group of commands: which command an argument means, its language, and a quick start."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from grader import __version__
from tests.support.commands import grade

HEAVY = ("torch", "jupyter_client", "nbformat", "nbclient", "IPython", "babel")
"""What the command line does not import at its start."""


def test_grade_alone_prints_help():
    result = grade()
    assert 0 == result.exit_code
    assert "Usage:" in result.stdout


def test_grade_shows_the_versions_of_what_it_grades_with():
    first, second = grade("--version").stdout.splitlines()
    assert f"grade {__version__}" == first
    assert re.fullmatch(r"Python 3\.\d+\.\S+, torch \d\S+, (no )?bubblewrap", second)


def test_the_help_lists_the_commands_in_the_order_of_the_work():
    listed = grade("--help").stdout.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.strip()]
    assert ["init", "new", "validate", "release", "run"] == names[:5]
    assert "..." not in listed


@pytest.mark.parametrize(
    "arguments",
    [
        ("submissions/",),
        ("run", "submissions/"),
        ("--json", "submissions/"),
        ("--", "submissions/"),
    ],
)
def test_a_path_as_first_argument_means_run(calls, arguments):
    grade(*arguments)
    assert ["grade_paths"] == calls.names
    assert ["submissions"] == [str(path) for path in calls.subject]


def test_a_path_named_like_a_command_can_be_given_with_a_dot(calls):
    grade("./check")
    assert ["grade_paths"] == calls.names


@pytest.mark.parametrize(("word", "command"), [("valdate", "validate"), ("chekc", "check")])
def test_a_misspelt_command_is_told_which_was_meant(word, command):
    result = grade(word, "a.ipynb")
    assert 2 == result.exit_code
    assert f"Did you mean {command!r}?" in result.stderr


def test_a_path_that_is_there_is_no_misspelt_command(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chekc").mkdir()
    grade("chekc")
    assert ["grade_paths"] == calls.names


def test_a_command_is_not_a_path(calls):
    grade("check", "a.ipynb")
    assert ["check_notebook"] == calls.names
    assert "a.ipynb" == str(calls.subject)


@pytest.mark.parametrize(
    "command",
    ["run", "check", "regrade", "show", "doctor", "new", "validate", "release", "review", "export"],
)
def test_every_command_explains_itself_and_has_debug(command):
    result = grade(command, "--help")
    assert 0 == result.exit_code
    assert "--debug" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("check",),
        ("run", "a", "--jobs", "0"),
        ("a", "--fail-under", "101"),
        ("a", "--nope"),
    ],
)
def test_a_usage_error_exits_with_2(calls, arguments):
    assert 2 == grade(*arguments).exit_code


# In which language


@pytest.mark.parametrize(
    ("arguments", "pt", "en"),
    [
        (("a",), "aluno", "student"),
        (("show",), "aluno", "student"),
        (("show", "gabriela"), "encontrado: w", "found: w"),
        (("check", "a.ipynb"), "Mude o que falta", "Change what is missing"),
        (("validate",), "tudo certo", "all right"),
        (("regrade",), "1 pontuação mudou", "1 score changed"),
        (("doctor",), "podem ser isolados", "can be sandboxed"),
    ],
)
def test_the_language_asked_for_stands_in_place_of_the_assignments(calls, arguments, pt, en):
    in_portuguese = grade(*arguments, "--language", "pt").stdout
    assert pt in in_portuguese
    assert en not in in_portuguese

    in_english = grade(*arguments, "--language", "en").stdout
    assert en in in_english
    assert pt not in in_english


@pytest.mark.parametrize("command", ["run", "check", "regrade", "validate"])
def test_the_language_asked_for_is_that_of_the_run(calls, command):
    grade(command, "a", "--language", "en")
    assert "en" == calls.settings.language


def test_a_language_without_a_catalogue_is_not_understood(calls):
    assert 2 == grade("a", "--language", "fr").exit_code
    assert [] == calls.names


def test_a_note_that_is_not_there_in_that_language_is_shown_in_another(calls):
    assert "A perda pode subir." in grade("check", "a.ipynb", "--language", "en").stdout


# The program


def test_the_command_line_starts_without_torch_and_jupyter():
    program = (
        "import sys, grader.cli.main, grader.__main__\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[]\n" == ended.stdout


def test_python_m_grader_is_the_same_program():
    ended = subprocess.run(
        [sys.executable, "-m", "grader", "--version"], capture_output=True, text=True, check=True
    )
    assert ended.stdout.startswith(f"grade {__version__}\n")
