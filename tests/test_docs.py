"""The documentation says what the code does: its tables, commands, examples and links."""

from __future__ import annotations

import importlib
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
from grader.assignment import CheckName, Exercise
from grader.cli.main import cli, load_commands
from grader.grading.reviews import REVIEWS_VERSION, Review
from grader.reference.tables import VariantsFile
from grader.report import ExerciseResult, Report
from grader.settings import Limits
from scripts import commands_page, site_links
from tests.support.networks import decided, expected

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
COMMANDS = {"": cli, **load_commands()}

ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
ROOM = re.compile(r"^\| `(\w+)/` \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
ANCHOR_LINK = re.compile(r"\]\(([^)#\s:]*)#([^)\s]+)\)")
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


def test_the_example_of_a_report_is_valid():
    example = example_of_a_report()
    jsonschema.validate(example, {"$ref": "#/$defs/ExerciseResult", "$defs": SCHEMA["$defs"]})
    assert ExerciseResult.model_validate(example).model_dump(mode="json") == example


def test_the_example_of_a_report_names_the_mistake_as_the_assignment_does():
    example = example_of_a_report()
    (mistake,) = example["mistakes"]
    declared = declared_mistakes()[mistake["id"]]
    assert (mistake["name"], mistake["hint"]) == (declared["name"], declared["hint"])
    assert example["credit"] == declared["credit"][example["id"]]


def example_of_a_report() -> dict[str, Any]:
    """The exercise of `linear-regression` that stands on the page as an example."""
    (example,) = map(json.loads, blocks(read("docs/report.md"), "json"))
    return example


def declared_mistakes() -> dict[str, Any]:
    return tomllib.loads(read("solutions/linear-regression/mistakes.toml"))["mistakes"]


# The README


def test_the_table_in_the_readme_has_the_points_that_the_samples_promise():
    row = re.compile(r"^\| linear-regression/(\w+)-example\S* \|.*\| ([\d.]+) \|$", re.MULTILINE)
    promised = row.findall(read("submissions/README.md"))
    shown = re.findall(r"^(\w+)-example\S* +([\d.]+)/12 ", read("README.md"), re.MULTILINE)
    assert promised == shown


def test_the_feedback_in_the_readme_is_what_the_assignment_says_of_the_mistake():
    _, feedback = blocks(read("README.md"), "text")
    example = example_of_a_report()
    mistake = declared_mistakes()[example["mistakes"][0]["id"]]
    happened = mistake["happened"][example["id"]]["en"].format(name="w")
    assert f"{happened} {mistake['hint']['en']}" in " ".join(feedback.split())
    assert f"{example['title']}  {example['points']:g}/{example['max_points']:g}\n" in feedback


def test_the_readme_counts_the_samples():
    rows = re.findall(r"^\| `([\w-]+)` \| \w+ \| \[(\d+)\]", read("README.md"), re.MULTILINE)
    shown = {name: int(count) for name, count in rows}
    counted = {}
    for assignment in (ROOT / "exercises").iterdir():
        name = assignment.name
        folder = ROOT / "submissions" / ("" if name == "autograd" else name)
        counted[name] = len(list(folder.glob("*.ipynb")))
    assert counted == shown


def test_the_commands_of_the_readme_are_targets_of_the_makefile():
    (shown,) = blocks(section(read("README.md"), "Start"), "sh")
    used = re.findall(r"^make (\w+)", shown, re.MULTILINE)
    targets = set(re.findall(r"^(\w+):", read("Makefile"), re.MULTILINE))
    assert ["grade", "test"] == used
    assert set(used) - targets == set()


def test_the_variables_of_the_readme_are_those_of_the_makefile():
    shown = set(re.findall(r"\b([A-Z]+)=", section(read("README.md"), "Start")))
    assert shown == set(re.findall(r"^(\w+) \?=", read("Makefile"), re.MULTILINE))


def test_the_readme_links_to_every_page():
    linked = set(LINK.findall(read("README.md")))
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md")} - linked == set()


# The command line


def test_the_page_of_commands_is_what_the_program_says():
    assert read("docs/commands.md") == commands_page.page()


def test_a_page_of_commands_that_is_out_of_date_is_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(commands_page, "PAGE", tmp_path / "commands.md")
    assert 1 == commands_page.main(["--check"])
    assert "docs/commands.md is out of date" in capsys.readouterr().err
    assert 0 == commands_page.main([])
    assert 0 == commands_page.main(["--check"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_the_page_of_commands(command):
    assert f"`grade {command}".rstrip() in read("docs/commands.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_on_the_page_of_commands(command):
    named = set(re.findall(r"`(?:-\w, )?(--[\w-]+)", read("docs/commands.md")))
    assert options(COMMANDS[command]) - named == set()


def test_the_page_of_commands_names_no_option_that_is_not_there():
    known = set().union(*map(options, COMMANDS.values()))
    assert set(re.findall(r"`(--[\w-]+)", read("docs/commands.md"))) - known == set()


def test_the_exit_codes_on_the_page_of_commands_are_those_of_the_help():
    told = re.search(
        r"Exit codes:(.*?)\n\n", CliRunner().invoke(cli, ["--help"]).output + "\n\n", re.DOTALL
    )
    assert told is not None
    codes = section(read("docs/commands.md"), "Exit codes")
    assert re.findall(r"\b(\d) ", told[1]) == re.findall(r"^\| (\d) \|", codes, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_on_a_page_have_options_of_the_program(page):
    unknown = []
    for line in command_lines(page.read_text("utf-8")):
        name, *_ = line.split()[1:]
        command = COMMANDS.get(name, COMMANDS["run"])
        used = re.findall(r"(?<!\S)--[a-z][a-z-]*", line)
        unknown += [f"{option} in {line!r}" for option in used if option not in options(command)]
    assert unknown == []


def command_lines(page: str) -> list[str]:
    """The calls of `grade` in the shell blocks of a page, without their comments."""
    lines = "\n".join(blocks(page, "sh")).splitlines()
    return [line.partition(" #")[0] for line in lines if line.startswith("grade ")]


# Assignments


def test_a_table_gives_every_limit_and_its_default():
    text = section(read("docs/writing-an-assignment.md"), "`[run]`: the limits of one submission")
    shown = {
        name: float(default)
        for name, default in re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)
    }
    without_number = {"data": "", "datasets": (), "subset": None, "packages": (), "device": "cpu"}
    assert shown | without_number == Limits().model_dump()
    assert rows(text) == list(Limits.model_fields)


def test_a_table_lists_every_field_of_an_exercise():
    common = rows(section(read("docs/writing-an-assignment.md"), "`[[exercises]]`"))
    of_checks = rows(read("docs/checks.md"))
    written = {field.alias or name for name, field in Exercise.model_fields.items()}
    assert written == set(common) | (written & set(of_checks))


@pytest.mark.parametrize(
    "heading",
    [
        "Where an answer has to be",
        "Form, several values, other kinds of values",
    ],
)
def test_the_examples_of_exercises_are_valid(heading):
    text = section(read("docs/writing-an-assignment.md"), heading)
    (example,) = blocks(text, "toml")
    tables = tomllib.loads(example)["exercises"]
    assert tables == [
        Exercise.model_validate(table).model_dump(mode="json", by_alias=True, exclude_unset=True)
        for table in tables
    ]


def test_the_examples_of_what_to_ask_are_valid():
    examples = re.findall(r"`(check = [^`]+)`", read("docs/what-to-ask.md"))
    checks = set()
    for example in examples:
        (table,) = tomllib.loads(f"exercise = {{ {example} }}").values()
        exercise = Exercise.model_validate(table | {"id": "a", "title": "A", "points": 1})
        checks.add(exercise.check)
    assert set(get_args(CheckName)) == checks


def test_the_example_of_a_score_is_valid():
    text = section(read("docs/checks.md"), "`score`: how well a trained model does")
    (example,) = blocks(text, "toml")
    (table,) = tomllib.loads(example)["exercises"]
    assert 2 == len(Exercise.model_validate(table).bounds)


@pytest.mark.parametrize(
    ("heading", "reads"),
    [
        ("`given`: values of the handout", {"given": ["x"]}),
        ("`own`: the answer to another exercise", {"own": ["w-grad"]}),
        ("A test cell", {"calls": ["assertion 1", "assertion 2", "assertion 3"]}),
    ],
)
def test_the_examples_of_references_are_valid(heading, reads):
    text = section(read("docs/checks.md"), heading)
    example, *_ = blocks(text, "toml")
    (table,) = tomllib.loads(example)["exercises"]
    asked = Exercise.model_validate(table).asked
    assert asked is not None
    assert reads == {field: list(getattr(asked, field)) for field in reads}


def test_the_example_of_a_network_earns_its_points():
    text = section(read("docs/checks.md"), "`module`: a network")
    (example,) = blocks(text, "toml")
    (solved,) = blocks(text, "python")
    (table,) = tomllib.loads(example)["exercises"]
    exercise = Exercise.model_validate(table)
    decision = decided(exercise, expected(exercise, solved), solved)
    assert "passed" == decision.status


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
    folders = []
    for option in ("exercises", "solutions", "out"):
        folders += [f"--{option}", str(example / option)]
    (shown,) = blocks(read("docs/writing-an-assignment.md"), "text")
    printed = CliRunner().invoke(cli, ["validate", "descent", *folders]).stdout
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


# Dependencies


def test_every_dependency_is_listed_and_no_other():
    project = tomllib.loads(read("pyproject.toml"))
    extras = project["project"]["optional-dependencies"]
    of_extras = [
        *extras["grading"],
        *extras["cluster"],
        *(one for one in extras["dev"] if not one.startswith("notebook-grader[")),
        *extras["docs"],
    ]
    wanted = [*project["project"]["dependencies"], *of_extras, *project["build-system"]["requires"]]
    assert rows(read("docs/dependencies.md")) == [
        re.split(r"[<>=]", requirement)[0] for requirement in wanted
    ]


# Pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_a_heading_lead_to_one(page):
    lost = []
    for target, anchor in ANCHOR_LINK.findall(page.read_text("utf-8")):
        linked = page.parent / target if target else page
        if linked.suffix == ".md" and anchor not in anchors(linked.read_text("utf-8")):
            lost.append(f"{target}#{anchor}")
    assert lost == []


def test_the_site_has_every_page():
    pages = {page.name for page in PAGES if page.parent.name == "docs"}
    navigation = re.findall(r"- (\S+\.md)$", read("mkdocs.yml"), re.MULTILINE)
    assert pages == set(navigation)
    assert len(navigation) == len(pages)


def test_links_out_of_the_pages_lead_to_the_repository():
    page = "[a](../CONTRIBUTING.md) [b](checks.md) [c](../README.md#start)"
    site = {"repo_url": "https://example.org/grader/"}
    assert (
        "[a](https://example.org/grader/blob/main/CONTRIBUTING.md) [b](checks.md) "
        "[c](https://example.org/grader/blob/main/README.md#start)"
    ) == site_links.on_page_markdown(page, site)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page):
    named = re.findall(
        r"\b(?:grader|tests|benchmarks|scripts)/[\w/]+\.py\b", page.read_text("utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_modules_that_the_contributing_page_names_exist():
    named = re.findall(r"`(?:grader/)?((?:\w+/)*\w+\.py)`", read("CONTRIBUTING.md"))
    assert "grading/agreement.py" in named
    missing = [name for name in named if not (ROOT / "grader" / name).exists()]
    assert [] == [name for name in missing if not (ROOT / name).exists()]


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    without_code = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)
    kept = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


def test_the_layers_in_the_contributing_page_are_those_that_are_checked():
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    (shown,) = blocks(read("CONTRIBUTING.md"), "text")
    assert shown.splitlines() == contract["layers"]


@pytest.mark.parametrize("name", ROOM.findall(read("CONTRIBUTING.md")))
def test_a_room_names_entry_points_that_it_has(name: str) -> None:
    room = ROOT / "grader" / name
    package = importlib.import_module(f"grader.{name}")
    missing = []
    for module in package.__all__:
        if not (room / f"{module}.py").exists() and not (room / module).is_dir():
            missing.append(module)
    for module, entry in re.findall(r"`(\w+)\.(\w+)`", package.__doc__ or ""):
        source = read(f"grader/{name}/{module}.py")
        if not re.search(rf"^(async )?(class|def) {entry}\b", source, re.MULTILINE):
            missing.append(f"{module}.{entry}")
    assert [] == missing


def test_the_command_in_the_contributing_page_writes_the_schema():
    (shown,) = blocks(read("CONTRIBUTING.md"), "sh")
    code, file = re.findall(r"-c '(.*)' > (\S+)", shown)[0]
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed == read(file)


@pytest.mark.parametrize(
    "heading", ["Data of any size", "Files", "Seeds", "Other items of a data set"]
)
def test_examples_of_variants_are_tables_of_variants(heading: str) -> None:
    (example,) = blocks(section(read("docs/writing-an-assignment.md"), heading), "toml")
    variants = VariantsFile.model_validate(tomllib.loads(example))
    assert 2 == variants.count("variants")
    assert variants.are_drawn
