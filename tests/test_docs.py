"""The documentation says what the code does: its tables, commands, examples and links."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args

import click
import jsonschema
import pytest
from click.testing import CliRunner

from grader import report
from grader.assignment import Exercise
from grader.cli.main import cli
from grader.grading.reviews import REVIEWS_VERSION, Review
from grader.report import ExerciseResult, Report
from grader.settings import Limits

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted(DOCS.glob("*.md")),
)
SCHEMA = Report.model_json_schema(mode="serialization")
MODELS: dict[str, dict[str, Any]] = {"Report": SCHEMA, **SCHEMA["$defs"]}
COMMANDS = {"": cli, **cli.commands}

ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
FILE = re.compile(
    r"^`((?:exercises|solutions)/\S+)`\n\n```toml\n(.*?)```", re.MULTILINE | re.DOTALL
)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def options(command: click.Command) -> set[str]:
    """The long names of a command's options."""
    parameters = command.get_params(click.Context(command))
    names = (
        name
        for parameter in parameters
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    )
    return {name for name in names if name.startswith("--")}


def rows_of_keys(page: str) -> list[list[str]]:
    """The keys at the beginning of each row of the table of keys."""
    table = page.partition("| key | what it does |")[2].partition("\n\n")[0]
    return [
        re.findall(r"`(\S+)`", line.split("|")[1])
        for line in table.splitlines()
        if line.startswith("| `")
    ]


def rows(text: str) -> list[str]:
    """What stands in code type at the beginning of the rows of a table."""
    return ROW.findall(text)


# The report


def test_the_published_schema_is_that_of_the_code():
    assert json.loads(read("docs/report.schema.json")) == SCHEMA


@pytest.mark.parametrize("model", MODELS)
def test_a_table_lists_every_field_of_a_model_of_the_report(model):
    assert rows(section(read("docs/report.md"), model)) == list(MODELS[model]["properties"])


def test_a_table_lists_every_field_of_a_review():
    page = read("docs/reviewing.md")
    assert rows(section(page, "reviews.json")) == list(Review.model_fields)
    assert f'`"{REVIEWS_VERSION}"`' in section(page, "reviews.json")


def test_every_key_of_the_page_is_explained():
    told = {key for row in rows_of_keys(read("docs/reviewing.md")) for key in row}
    script = read("grader/review/static/page.js").partition("const KEYS = {")[2].partition("};")[0]
    known = set(re.findall(r"^  (\w+): ", script, re.MULTILINE)) | {"u"}
    assert told == {{"ArrowLeft": "←", "ArrowRight": "→"}.get(key, key) for key in known - {"h"}}


def test_every_flag_is_explained():
    assert (
        rows(section(read("docs/report.md"), "The flags"))
        == MODELS["Flag"]["properties"]["id"]["enum"]
    )


def test_every_status_is_explained():
    explained = rows(section(read("docs/deciding.md"), "Statuses"))
    assert sorted(explained) == sorted(
        [*get_args(report.ExerciseStatus), *get_args(report.SubmissionStatus)]
    )


def test_the_schema_version_in_the_page_is_that_of_the_code():
    assert f'`"{report.SCHEMA_VERSION}"`' in section(read("docs/report.md"), "Report")


def test_the_piece_of_a_report_in_the_readme_is_valid():
    (piece,) = map(json.loads, blocks(read("README.md"), "json"))
    jsonschema.validate(piece, {"$ref": "#/$defs/ExerciseResult", "$defs": SCHEMA["$defs"]})
    assert ExerciseResult.model_validate(piece).model_dump(mode="json") == piece


def test_the_piece_of_a_report_in_the_readme_says_of_the_mistake_what_the_assignment_says():
    (piece,) = map(json.loads, blocks(read("README.md"), "json"))
    (mistake,) = piece["mistakes"]
    declared = tomllib.loads(read("solutions/autograd/mistakes.toml"))["mistakes"][mistake["id"]]
    assert (mistake["name"], mistake["hint"]) == (declared["name"], declared["hint"])
    assert piece["credit"] == declared["credit"][piece["id"]]


def test_the_table_in_the_readme_has_the_points_that_the_samples_promise():
    promised = re.findall(
        r"^\| (\w+)-exemplo\S* \|.*\| ([\d.]+) \|$", read("submissions/README.md"), re.MULTILINE
    )
    shown = dict(re.findall(r"^(\w+)-exemplo\S* +([\d,]+)/10 ", read("README.md"), re.MULTILINE))
    assert [(name, points.replace(".", ",")) for name, points in promised] == [
        (n, shown.get(n)) for n, _ in promised
    ]


def test_the_table_of_lines_in_the_readme_has_the_points_that_the_samples_promise():
    row = re.compile(r"^\| linear-regression/(\w+)-example\S* \|.*\| ([\d.]+) \|$", re.MULTILINE)
    shown = re.findall(r"^(\w+)-example\S* +([\d,]+)/10 ", read("README.md"), re.MULTILINE)
    assert [
        (name, points.replace(".", ","))
        for name, points in row.findall(read("submissions/README.md"))
    ] == shown


def test_the_readme_counts_the_samples():
    counts = re.findall(r"\[(\d+) (?:made-up notebooks|more)\]", read("README.md"))
    folders = (ROOT / "submissions", ROOT / "submissions/linear-regression")
    assert [int(count) for count in counts] == [
        len(list(folder.glob("*.ipynb"))) for folder in folders
    ]


# The command line


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert f"`grade {command}".rstrip() in read("README.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_readme(command):
    assert options(COMMANDS[command]) - set(re.findall(r"`(--[\w-]+)", read("README.md"))) == set()


def test_the_readme_names_no_option_that_is_not_there():
    known = set().union(*map(options, COMMANDS.values()))
    assert set(re.findall(r"`(--[\w-]+)", section(read("README.md"), "Commands"))) - known == set()


def test_the_exit_codes_in_the_readme_are_those_of_the_help():
    told = re.search(
        r"Exit codes:(.*?)\n\n", CliRunner().invoke(cli, ["--help"]).output + "\n\n", re.DOTALL
    )
    assert told is not None
    codes = re.findall(r"^\| (\d) \|", section(read("README.md"), "Commands"), re.MULTILINE)
    assert re.findall(r"\b(\d) ", told[1]) == codes


def test_the_commands_of_the_readme_are_targets_of_the_makefile():
    (shown,) = blocks(section(read("README.md"), "Start"), "sh")
    targets = set(re.findall(r"^(\w+):", read("Makefile"), re.MULTILINE))
    assert {line.split()[1] for line in shown.splitlines()} - targets == set()


def test_the_options_in_the_commands_of_the_readme_are_those_of_the_program():
    (shown,) = blocks(section(read("README.md"), "From the LMS and back"), "sh")
    assert set(re.findall(r"--[a-z-]+", shown)) - options(cli.commands["run"]) == set()


def test_the_variables_of_the_readme_are_those_of_the_makefile():
    shown = set(re.findall(r"\b([A-Z]+)=", section(read("README.md"), "Start")))
    assert shown == set(re.findall(r"^(\w+) \?=", read("Makefile"), re.MULTILINE))


# Assignments


def test_a_table_gives_every_limit_and_its_default():
    text = section(read("docs/writing-an-assignment.md"), "`[run]`: the limits of one submission")
    shown = {
        name: float(default)
        for name, default in re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)
    }
    assert shown == Limits().model_dump()


def test_a_table_lists_every_field_of_an_exercise():
    text = section(read("docs/writing-an-assignment.md"), "`[[exercises]]`")
    assert rows(text) == list(Exercise.model_fields)


def test_a_table_lists_every_place_an_answer_may_be_in():
    kinds = Exercise.model_json_schema()["properties"]["look_in"]["items"]["enum"]
    text = section(read("docs/writing-an-assignment.md"), "`look_in`: where an answer may be")
    assert sorted(rows(text)) == sorted(kinds)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The course that stands on the page as an example, as files."""
    page = read("docs/writing-an-assignment.md")
    for name, text in FILE.findall(page):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    handout, *reference = blocks(page, "python")
    (tmp_path / "exercises/descent/descent.ipynb").write_text(notebook(handout), "utf-8")
    (tmp_path / "solutions/descent/descent.ipynb").write_text(notebook(*reference), "utf-8")
    return tmp_path


def notebook(*sources: str) -> str:
    return json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": source} for source in sources]}
    )


@pytest.mark.kernel
def test_the_example_of_an_assignment_is_valid_and_prints_what_the_page_shows(example):
    folders = ["--exercises", str(example / "exercises"), "--solutions", str(example / "solutions")]
    (shown,) = blocks(read("docs/writing-an-assignment.md"), "text")
    printed = CliRunner().invoke(cli, ["validate", "descent", *folders]).stdout
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


# Dependencies


def test_every_dependency_is_listed_and_no_other():
    project = tomllib.loads(read("pyproject.toml"))
    extras = project["project"]["optional-dependencies"]
    of_extras = [*extras["grading"], *(one for one in extras["dev"] if one != "grader[grading]")]
    wanted = [*project["project"]["dependencies"], *of_extras, *project["build-system"]["requires"]]
    assert rows(read("docs/dependencies.md")) == [
        re.split(r"[<>=]", requirement)[0] for requirement in wanted
    ]


# Pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_layers_in_the_contributing_page_are_those_that_are_checked():
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    (shown,) = blocks(read("CONTRIBUTING.md"), "text")
    assert shown.splitlines() == contract["layers"]


def test_the_command_in_the_contributing_page_writes_the_schema():
    (shown,) = blocks(read("CONTRIBUTING.md"), "sh")
    code, file = re.findall(r"-c '(.*)' > (\S+)", shown)[0]
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed == read(file)
