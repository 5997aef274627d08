"""The action for GitHub, and the page on CI: inputs are handed on as they are, and options are those there are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import click
import pytest

from grader.cli.main import cli

ROOT = Path(__file__).parent.parent
ACTION = (ROOT / "action.yml").read_text("utf-8")
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
DEFAULTS = {
    "PATHS": "submissions/",
    "EXERCISES": "exercises",
    "SOLUTIONS": "solutions",
    "OUT": "grades",
}
EMPTY = {"ASSIGNMENT": "", "FAIL_UNDER": "", "JUNIT": "", "SANDBOX": "auto"}


@pytest.fixture
def graded(tmp_path):
    """Runs the last script of the action with inputs, and a stand-in for `grade` that says what it was given."""
    (stand_in := tmp_path / "grade").write_text(
        '#!/bin/sh\nfor one in "$@"; do printf "%s\\n" "$one"; done\nexit 7\n'
    )
    stand_in.chmod(0o755)
    script = textwrap.dedent(ACTION.rpartition("run: |\n")[2])

    def run(**inputs):
        variables = {
            **DEFAULTS,
            **EMPTY,
            **inputs,
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        }
        # As GitHub runs a script of bash.
        bash = shutil.which("bash") or "bash"
        command = [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False, cwd=tmp_path
        )

    return run


def test_the_defaults_grade_the_submissions(graded):
    folders = ["--out", "grades", "--exercises", "exercises", "--solutions", "solutions"]
    expected = ["run", "--github", *folders, "--sandbox", "auto", "--", "submissions/"]
    assert expected == graded().stdout.splitlines()


def test_inputs_become_options(graded):
    told = graded(
        ASSIGNMENT="autograd", FAIL_UNDER="60", JUNIT="a b.xml", PATHS="one/\n\ntwo three/\n"
    )
    assert (
        [
            "--assignment",
            "autograd",
            "--fail-under",
            "60",
            "--junit",
            "a b.xml",
            "--",
            "one/",
            "two three/",
        ]
    ) == (told.stdout.splitlines()[-9:])


def test_the_exit_code_is_that_of_grade(graded):
    assert 7 == graded().returncode


@pytest.mark.parametrize(
    "text", ["$(touch hacked)", "; touch hacked", '"; touch hacked; "', "--version"]
)
def test_an_input_is_never_run_nor_taken_for_an_option(graded, tmp_path, text):
    told = graded(PATHS=text, ASSIGNMENT=text)
    assert (False, text) == ((tmp_path / "hacked").exists(), told.stdout.splitlines()[-1])


def test_no_input_is_part_of_a_script():
    scripts = re.findall(r"run: (?:\|\n((?:        .*\n|\n)*)|(.*))", ACTION)
    assert [] == [script for script in scripts if "${{" in "".join(script)]


def test_every_variable_of_the_script_is_an_input():
    inputs = re.findall(
        r"^  ([\w-]+):\n    description", ACTION.partition("outputs:")[0], re.MULTILINE
    )
    handed_on = re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", ACTION)
    assert set(inputs) == set(handed_on)


def test_the_options_on_the_page_and_in_the_action_are_those_of_the_program():
    options = {name for one in cli.commands.values() for name in _options(one)}
    of_others = {"--quiet"}
    assert (
        set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE + ACTION)) - of_others - options == set()
    )


def test_the_page_uses_inputs_that_the_action_has():
    used = re.search(r"uses: OWNER/grader.*?with:\n(.*?)```", PAGE, re.DOTALL)
    names = re.findall(r"^ +([\w-]+):", used[1] if used else "", re.MULTILINE)
    assert ["paths", "fail-under", "junit"] == names
    assert [] == [name for name in names if f"\n  {name}:\n" not in ACTION]


def test_the_exit_codes_on_the_page_are_those_of_the_help():
    told = " ".join((cli.help or "").split()).partition("Exit codes:")[2]
    assert re.findall(r"\b(\d) ", told) == re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)


def _options(command: click.Command) -> list[str]:
    return [name for one in command.params if isinstance(one, click.Option) for name in one.opts]
