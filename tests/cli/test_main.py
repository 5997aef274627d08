"""The group of commands: which command an argument means, its language, and a quick start."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from grader import __version__
from grader.cli.main import COMMANDS, load_commands
from tests.support.commands import grade

HEAVY = (
    *("torch", "jupyter_client", "nbformat", "nbclient", "IPython", "babel"),
    *("jinja2", "jsonschema", "rfc3987_syntax"),
)
"""What no command imports before it is needed."""

FOR_COMMANDS = ("pydantic", "rich", "asyncio")
"""What the commands need, but not the help and the versions of `grade`."""


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


def imported_by(program: str, names: tuple[str, ...]) -> str:
    """Tell which of these modules a program has imported at its end."""
    reporting = (
        f"import atexit, sys; names = {names}\n"
        "atexit.register(lambda: print([name for name in names if name in sys.modules]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", reporting + program], capture_output=True, text=True, check=True
    )
    return ended.stdout.splitlines()[-1]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_versions_import_no_command(option):
    program = f"from grader.cli.main import cli; cli([{option!r}])"
    assert "[]" == imported_by(program, (*HEAVY, *FOR_COMMANDS))


def test_the_commands_import_no_torch_and_no_jupyter_before_they_need_it():
    program = "import grader.__main__, grader.cli.main as main; main.load_commands()"
    assert "[]" == imported_by(program, HEAVY)


def test_the_help_says_of_each_command_what_its_own_help_says():
    own = {name: command.get_short_help_str(100) for name, command in load_commands().items()}
    assert own == COMMANDS


def test_python_m_grader_is_the_same_program():
    ended = subprocess.run(
        [sys.executable, "-m", "grader", "--version"], capture_output=True, text=True, check=True
    )
    assert ended.stdout.startswith(f"grade {__version__}\n")
