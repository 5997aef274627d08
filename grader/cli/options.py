"""Define the options that commands share, in the groups that `--help` shows them in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from grader.cli.exit import Command
from grader.messages import LANGUAGES
from grader.settings import Limits, Settings

FOLDER = click.Path(file_okay=False, path_type=Path)
MOMENTS = click.Choice(["after_due_date", "after_published"])
"""Times at which students on Gradescope may see hidden results."""

RUNNING = "How notebooks run"
LIMITS = "Limits of one notebook, in place of the assignment's"
FOLDERS = "Folders and names"
OTHER = "Other options"

TRUST = (
    "If no sandbox is available, run notebooks with your rights without asking, and remember their "
    "folders."
)
SANDBOX = "Kind of sandbox; none: run notebooks without one."
JOBS = "Notebooks to run in parallel.  [default: one more than cores, at most 8]"
CLUSTER = "Run notebooks on a Dask cluster: the address of its scheduler, or cluster.toml."
ASSIGNMENT = "The assignment; by default found from each notebook's content."
LANGUAGE = "Language of the output; by default the assignment's."


class Option(click.Option):
    """An option that `--help` shows in a group."""

    def __init__(self, *arguments: Any, group: str = OTHER, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.group = group


class GroupedCommand(click.Command):
    """A command with options in groups in its `--help`; ungrouped ones come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups of options; called by click for `--help`."""
        groups = self._records_by_group(ctx)
        ungrouped = groups.pop(OTHER, [])
        last_title = OTHER if groups else "Options"
        for title, records in {**groups, last_title: ungrouped}.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def _records_by_group(self, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
        """Return names and help texts of the options, by the titles of their groups."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                title = getattr(parameter, "group", OTHER)
                groups.setdefault(title, []).append(record)
        return groups


class PositiveNumber(click.FloatRange):
    """A finite number above 0."""

    def __init__(self, name: str, kind: str) -> None:
        """Initialise with the type's name in help texts, and what to call a refused value."""
        super().__init__(min=0, min_open=True)
        self.name = name
        self._kind = kind

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Parse the number; called by click."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not {self._kind}.", param, ctx)
        return number


class NewPath(click.Path):
    """A file, or a folder, to write: no standard output."""

    def __init__(self, *, dir_okay: bool) -> None:
        """Initialise with whether it may be a folder."""
        super().__init__(dir_okay=dir_okay, path_type=Path)

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Refuse `-`, which would become the name of a file; called by click."""
        if value == "-":
            self.fail("Give the name of a file: '-' is none.", param, ctx)
        return super().convert(value, param, ctx)


SECONDS = PositiveNumber("seconds", "a time")
"""A time in seconds."""


def option(*names: str, group: str = OTHER, **more: Any) -> Callable[[Command], Command]:
    """Create a decorator that adds a grouped option to a command."""
    return click.option(*names, cls=Option, group=group, **more)


def folders(function: Command) -> Command:
    """Add the options that say where assignments and references are."""
    function = _folder("solutions", "references")(function)
    return _folder("exercises", "assignments")(function)


def _folder(name: str, content: str) -> Callable[[Command], Command]:
    return option(
        f"--{name}",
        group=FOLDERS,
        type=FOLDER,
        default=name,
        show_default=True,
        help=f"Folder of the {content}.",
    )


def assignment(function: Command) -> Command:
    """Add the option that names the assignment."""
    add = option("--assignment", group=FOLDERS, metavar="NAME", help=ASSIGNMENT)
    return add(function)


def language(function: Command) -> Command:
    """Add the option that overrides the assignment's language."""
    add = option("--language", type=click.Choice(LANGUAGES), help=LANGUAGE)
    return add(function)


def running(function: Command) -> Command:
    """Add the options for the number of notebooks at a time and for the sandbox."""
    add_trust = option("--trust", group=RUNNING, is_flag=True, help=TRUST)
    add_sandbox = option(
        "--sandbox",
        group=RUNNING,
        type=click.Choice(["auto", "bwrap", "none"]),
        default="auto",
        show_default=True,
        help=SANDBOX,
    )
    add_jobs = option("--jobs", group=RUNNING, type=click.IntRange(min=1), help=JOBS)

    # `--help` shows them in the opposite order: the option that is added last comes first.
    return add_jobs(add_sandbox(add_trust(function)))


def cluster(function: Command) -> Command:
    """Add the option that names the cluster on which notebooks run."""
    add = option("--cluster", group=RUNNING, metavar="ADDRESS|FILE", help=CLUSTER)
    return add(function)


@dataclass(frozen=True)
class LimitOption:
    """An option that overrides a limit of the assignment."""

    name: str
    field: str
    """The field of `Limits` that it sets."""
    metavar: str
    type: click.ParamType[Any, Any]
    help: str


_LIMITS = (
    LimitOption(
        name="--cell-timeout",
        field="cell_timeout_s",
        metavar="SECONDS",
        type=SECONDS,
        help="Time limit of one cell.",
    ),
    LimitOption(
        name="--notebook-timeout",
        field="notebook_timeout_s",
        metavar="SECONDS",
        type=SECONDS,
        help="Time limit of all cells together.",
    ),
    LimitOption(
        name="--memory",
        field="memory_mib",
        metavar="MIB",
        type=click.IntRange(min=256),
        help="Memory that it may allocate.",
    ),
    LimitOption(
        name="--processes",
        field="processes",
        metavar="N",
        type=click.IntRange(min=32),
        help="Processes and threads at any time, if sandboxed.",
    ),
    LimitOption(
        name="--disk",
        field="disk_mib",
        metavar="MIB",
        type=click.IntRange(min=16),
        help="Size of the largest file; if sandboxed, of all files together.",
    ),
    LimitOption(
        name="--output-limit",
        field="output_kib",
        metavar="KIB",
        type=click.IntRange(min=16),
        help="Output of one cell.",
    ),
)


def limits(function: Command) -> Command:
    """Add the options that override limits of the assignment."""
    for limit in reversed(_LIMITS):
        add = option(
            limit.name,
            limit.field,
            group=LIMITS,
            metavar=limit.metavar,
            type=limit.type,
            help=limit.help,
        )
        function = add(function)
    return function


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Create settings from the given options; the others keep their defaults."""
    settings = {name: value for name, value in options.items() if value is not None}
    other_limits: dict[str, float] = {}
    for name in Limits.model_fields:
        if name in settings:
            other_limits[name] = settings.pop(name)
    return Settings(**settings, limits=other_limits)
