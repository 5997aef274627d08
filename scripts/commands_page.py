"""Write docs/commands.md, the reference of the command line, from click's own help texts.

python scripts/commands_page.py            # write the page
python scripts/commands_page.py --check    # end with 1 if the page is out of date
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from grader.cli.main import cli, load_commands

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"

INTRODUCTION = """\
# Commands

Every command of `grade`, with its arguments, options and exit codes.
`scripts/commands_page.py` writes this page from the help texts of the program,
and a test compares the two.
`grade COMMAND --help` prints the same.
"""

GUIDES = {
    "run": {
        "what it accepts": "handing-in.md",
        "how notebooks are sandboxed": "sandbox.md",
        "gradebooks": "gradebooks.md",
        "CI": "ci.md",
    },
    "check": {"checking at home": "checking-at-home.md"},
    "regrade": {"the report": "report.md"},
    "show": {"the story of a notebook": "pages.md#the-story-of-a-notebook"},
    "doctor": {"sandbox": "sandbox.md"},
    "init": {"your own course": "../README.md#your-own-course"},
    "new": {"from a solved notebook": "from-a-solved-notebook.md"},
    "validate": {"what it checks": "writing-an-assignment.md#grade-validate"},
    "release": {"checking at home": "checking-at-home.md"},
    "review": {"reviewing": "reviewing.md"},
    "export": {"gradebooks": "gradebooks.md", "pages": "pages.md", "CI": "ci.md"},
}
"""The pages that say more about a command: link text and address, by command."""

NOTES = {
    "run": "`--jobs` is an upper limit: fewer notebooks run in parallel if memory is short.",
    "show": "`FOLDER` is by default `grades`. `STUDENT` is an id, a file, or part of a name.",
}
"""What the help texts leave out, by command."""

ROOT_CONTEXT = click.Context(cli, info_name="grade", **cli.context_settings)

UNGROUPED = "Other options"
EXIT_CODES = "Exit codes:"
"""Begins the paragraph of the help that lists them."""

BRACKETS = re.compile(r" *\[([^\]]*)\]")


class Row(NamedTuple):
    """One row of a table of options."""

    option: str
    default: str
    meaning: str


def context(command: click.Command, name: str) -> click.Context:
    """Return a context in which click can describe a command."""
    return click.Context(command, info_name=name, parent=ROOT_CONTEXT)


def sentences(text: str | None) -> list[str]:
    """Return the paragraphs of a help text, each on one line."""
    stripped = (text or "").strip()
    paragraphs = re.split(r"\n\s*\n", stripped)
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def code(text: str) -> str:
    """Put text into code type for the cell of a table."""
    escaped = escape(text)
    return f"`{escaped}`"


def escape(text: str) -> str:
    """Escape what would end the cell of a table."""
    return text.replace("|", "\\|")


def bounds(parameter: click.Parameter) -> str:
    """Say in words which numbers an option accepts."""
    kind = parameter.type
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""

    if kind.min is None:
        return ""
    if kind.max is not None:
        return f"From {kind.min} to {kind.max}."
    if kind.min_open:
        return f"More than {kind.min}."
    return f"At least {kind.min}."


def row(option: click.Option, ctx: click.Context) -> Row | None:
    """Describe an option as a row of a table; return None for a hidden one."""
    record = option.get_help_record(ctx)
    if record is None:
        return None

    names, text = record
    meaning = BRACKETS.sub("", text).strip()
    limits = bounds(option)
    if limits:
        meaning = f"{meaning} {limits}"
    return Row(
        option=code(names),
        default=default_in(text),
        meaning=escape(meaning),
    )


def default_in(text: str) -> str:
    """Return the default that a help text names in brackets; empty if there is none."""
    for brackets in BRACKETS.findall(text):
        for remark in brackets.split("; "):
            if remark.startswith("default: "):
                return remark.removeprefix("default: ")
    return ""


def rows_by_group(command: click.Command, ctx: click.Context) -> dict[str, list[Row]]:
    """Describe a command's options by the groups of its help; those of no group come last."""
    groups: dict[str, list[Row]] = {}
    for parameter in command.get_params(ctx):
        if not isinstance(parameter, click.Option):
            continue
        described = row(parameter, ctx)
        if described:
            group = getattr(parameter, "group", UNGROUPED)
            rows = groups.setdefault(group, [])
            rows.append(described)

    ungrouped = groups.pop(UNGROUPED, [])
    return {**groups, UNGROUPED: ungrouped}


def shared_rows() -> list[Row]:
    """Return the options that all commands have with the same words."""
    counts: Counter[Row] = Counter()
    for name, command in load_commands().items():
        groups = rows_by_group(command, context(command, name))
        for rows in groups.values():
            counts.update(rows)

    everywhere = len(load_commands())
    return [row for row, count in counts.items() if count == everywhere]


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Write the lines of a table of options."""
    yield "| option | default | meaning |"
    yield "| --- | --- | --- |"
    for row in rows:
        default = f" {row.default} " if row.default else " "
        yield f"| {row.option} |{default}| {row.meaning} |"


def arguments(command: click.Command) -> Iterator[str]:
    """Write a line for each argument that has a default."""
    for parameter in command.params:
        is_argument = isinstance(parameter, click.Argument)
        if is_argument and isinstance(parameter.default, str):
            name = (parameter.name or "").upper()
            yield f"`{name}` is by default `{parameter.default}`."
            yield ""


def section(name: str, command: click.Command, shared: list[Row]) -> Iterator[str]:
    """Write the section of one command."""
    ctx = context(command, name)
    usage = " ".join(command.collect_usage_pieces(ctx))

    yield f"## `grade {name}`"
    yield ""
    yield "```text"
    yield f"grade {name} {usage}"
    yield "```"
    yield ""
    for paragraph in sentences(command.help):
        yield paragraph
        yield ""
    yield from arguments(command)

    groups = rows_by_group(command, ctx)
    for title, rows in groups.items():
        specific = [row for row in rows if row not in shared]
        yield from titled_table(title, specific)

    if name in NOTES:
        yield NOTES[name]
        yield ""
    yield from guides(name)


def titled_table(title: str, rows: list[Row]) -> Iterator[str]:
    """Write a table of options below its title; nothing without options."""
    if rows:
        yield f"**{title}**"
        yield ""
        yield from table(rows)
        yield ""


def guides(name: str) -> Iterator[str]:
    """Write the line with the pages that say more about a command."""
    links: list[str] = []
    for text, address in GUIDES[name].items():
        links.append(f"[{text}]({address})")
    listed = ", ".join(links)
    yield f"More: {listed}."
    yield ""


def overview() -> Iterator[str]:
    """Write the table of all commands."""
    yield "| command | what it does |"
    yield "| --- | --- |"
    for name, command in load_commands().items():
        purpose = sentences(command.help)[0]
        yield f"| [`grade {name}`](#grade-{name}) | {purpose} |"
    yield ""


def exit_codes() -> Iterator[str]:
    """Write the table of exit codes, which the help of the program lists in one sentence."""
    (paragraph,) = [text for text in sentences(cli.help) if text.startswith(EXIT_CODES)]
    listed = paragraph.removeprefix(EXIT_CODES).strip().rstrip(".")

    yield "## Exit codes"
    yield ""
    yield "| exit code | meaning |"
    yield "| --- | --- |"
    for entry in listed.split("; "):
        number, _, meaning = entry.partition(" ")
        yield f"| {number} | {meaning} |"
    yield ""
    yield "[CI](ci.md) explains what each code means for a job."


def page() -> str:
    """Return the whole page."""
    shared = shared_rows()
    own = rows_by_group(cli, ROOT_CONTEXT)[UNGROUPED]
    purpose, *notes = sentences(cli.help)

    lines = [INTRODUCTION, purpose, ""]
    for note in notes:
        if not note.startswith(EXIT_CODES):
            lines += [note, ""]
    lines += overview()
    lines += titled_table("Options of `grade` itself", own)
    lines += titled_table("Options of every command", shared)

    for name, command in load_commands().items():
        lines += section(name, command, shared)
    lines += exit_codes()
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it with the program; return the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not arguments:
        PAGE.write_text(page(), "utf-8")
        return 0

    if PAGE.is_file() and PAGE.read_text("utf-8") == page():
        return 0
    print("docs/commands.md is out of date: run python scripts/commands_page.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
