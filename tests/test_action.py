"""The action for GitHub hands its inputs on as they are; the page on CI is right about both."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import click
import pytest

from grader.cli.main import cli, load_commands

ROOT = Path(__file__).parent.parent
ACTION = (ROOT / "action.yml").read_text("utf-8")
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
DEFAULTS = {
    "PATHS": "submissions/",
    "EXERCISES": "exercises",
    "SOLUTIONS": "solutions",
    "OUT": "grades",
}
OPTIONS = {
    "ASSIGNMENT": "--assignment",
    "FAIL_UNDER": "--fail-under",
    "JUNIT": "--junit",
    "CSV": "--csv",
    "COURSE_LANGUAGE": "--language",
    "JOBS": "--jobs",
    "CELL_TIMEOUT": "--cell-timeout",
    "NOTEBOOK_TIMEOUT": "--notebook-timeout",
    "MEMORY": "--memory",
}
EMPTY = {"SANDBOX": "auto"} | dict.fromkeys(OPTIONS, "")


PRINT_ARGUMENTS = """\
#!/bin/sh
for argument in "$@"; do printf "%s\\n" "$argument"; done
exit 7
"""


@pytest.fixture
def run_action(tmp_path):
    """Runs the last script of the action with inputs, and with a fake `grade`.

    The fake prints its arguments, one a line, and exits with 7.
    """
    fake = tmp_path / "grade"
    fake.write_text(PRINT_ARGUMENTS)
    fake.chmod(0o755)
    script = textwrap.dedent(ACTION.rpartition("run: |\n")[2])
    # As GitHub runs a script of bash.
    bash = shutil.which("bash") or "bash"
    command = [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script]

    def run(**inputs):
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command,
            env=DEFAULTS | EMPTY | inputs | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    return run


def test_the_defaults_grade_the_submissions(run_action):
    folders = ["--out", "grades", "--exercises", "exercises", "--solutions", "solutions"]
    expected = ["run", "--github", *folders, "--sandbox", "auto", "--", "submissions/"]
    assert expected == run_action().stdout.splitlines()


def test_inputs_become_options(run_action):
    paths = "one/\n\ntwo three/\n"
    process = run_action(ASSIGNMENT="autograd", FAIL_UNDER="60", JUNIT="a b.xml", PATHS=paths)
    options = ["--assignment", "autograd", "--fail-under", "60", "--junit", "a b.xml"]
    expected = [*options, "--", "one/", "two three/"]
    assert expected == process.stdout.splitlines()[-len(expected) :]


@pytest.mark.parametrize("variable", OPTIONS)
def test_an_input_that_is_given_is_an_option(run_action, variable):
    arguments = run_action(**{variable: "a b"}).stdout.splitlines()
    assert [OPTIONS[variable], "a b"] == arguments[-4:-2]


def test_the_exit_code_is_that_of_grade(run_action):
    assert 7 == run_action().returncode


@pytest.mark.parametrize(
    "text", ["$(touch hacked)", "; touch hacked", '"; touch hacked; "', "--version"]
)
def test_an_input_is_never_run_nor_taken_for_an_option(run_action, tmp_path, text):
    process = run_action(PATHS=text, ASSIGNMENT=text)
    assert not (tmp_path / "hacked").exists()
    assert text == process.stdout.splitlines()[-1]


def test_no_input_is_part_of_a_script():
    scripts = re.findall(r"run: (?:\|\n((?:        .*\n|\n)*)|(.*))", ACTION)
    assert [] == [script for script in scripts if "${{" in "".join(script)]


def test_every_variable_of_the_script_is_an_input():
    above_outputs = ACTION.partition("outputs:")[0]
    inputs = re.findall(r"^  ([\w-]+):\n    description", above_outputs, re.MULTILINE)
    handed_on = re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", ACTION)
    assert set(inputs) == set(handed_on)


def test_the_options_on_the_page_and_in_the_action_are_those_of_the_program():
    options_of_others = {"--quiet", "--index-url"}
    options = options_of_others.union(*map(list_options, load_commands().values()))
    of_github = re.compile(r"^.*\bgh repo .*$", re.MULTILINE)
    said = of_github.sub("", PAGE + ACTION)
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", said))
    assert set() == mentioned - options


def list_options(command: click.Command) -> set[str]:
    names: set[str] = set()
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names.update(parameter.opts)
    return names


def test_the_page_uses_inputs_that_the_action_has():
    used = re.search(r"uses: OWNER/grader.*?with:\n(.*?)```", PAGE, re.DOTALL)
    names = re.findall(r"^ +([\w-]+):", used[1] if used else "", re.MULTILINE)
    assert ["paths", "fail-under", "junit"] == names
    assert [] == [name for name in names if f"\n  {name}:\n" not in ACTION]


def test_the_exit_codes_on_the_page_are_those_of_the_help():
    codes = " ".join((cli.help or "").split()).partition("Exit codes:")[2]
    assert re.findall(r"\b(\d) ", codes) == re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)
