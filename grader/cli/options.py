"""The options that commands share, in the groups that `--help` shows them in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from grader.cli.exit import Command
from grader.messages import LANGUAGES
from grader.settings import Limits, Settings

FOLDER = click.Path(file_okay=False, path_type=Path)

RUNNING = "How notebooks run"
LIMITS = "Limits of one notebook, in place of the assignment's"
FOLDERS = "Where things are"
OTHER = "Other options"


class Option(click.Option):
    """An option that `--help` shows in a group."""

    def __init__(self, *arguments: Any, group: str = OTHER, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose `--help` shows options in groups; those of no group come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups of options; called by click for `--help`."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                groups.setdefault(getattr(parameter, "group", OTHER), []).append(record)
        rest = groups.pop(OTHER, [])
        for title, records in {**groups, (OTHER if groups else "Options"): rest}.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Seconds(click.FloatRange):
    """A time in seconds: a number above 0, and finite."""

    name = "seconds"

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; called by click."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a time.", param, ctx)
        return seconds


def option(*names: str, group: str = OTHER, **more: Any) -> Callable[[Command], Command]:
    """A decorator that gives a command an option of a group."""
    return click.option(*names, cls=Option, group=group, **more)


def folders(function: Command) -> Command:
    """The options that say where assignments and references are."""
    for name, what in (("solutions", "references"), ("exercises", "assignments")):
        told = f"Folder of the {what}."
        given: dict[str, Any] = {
            "type": FOLDER,
            "default": name,
            "show_default": True,
            "help": told,
        }
        function = option(f"--{name}", group=FOLDERS, **given)(function)
    return function


def assignment(function: Command) -> Command:
    """The option that names the assignment."""
    told = "The assignment; found from each notebook's content if not given."
    return option("--assignment", group=FOLDERS, metavar="NAME", help=told)(function)


def language(function: Command) -> Command:
    """The option that puts another language in place of the assignment's."""
    told = "Language of what is printed; the assignment's if not given."
    return option("--language", type=click.Choice(LANGUAGES), help=told)(function)


def running(function: Command) -> Command:
    """The options that say how many notebooks run at a time, and how they are sealed off."""
    told = "Run notebooks with your rights, without asking, where nothing seals them off; remembered for their folders."
    function = option("--trust", group=RUNNING, is_flag=True, help=told)(function)
    tiers, told = (
        click.Choice(["auto", "bwrap", "none"]),
        "How notebooks are sealed off; none: not at all.",
    )
    given: dict[str, Any] = {"type": tiers, "default": "auto", "show_default": True, "help": told}
    function = option("--sandbox", group=RUNNING, **given)(function)
    told = "Notebooks run side by side.  [default: one more than cores, at most 8]"
    return option("--jobs", group=RUNNING, type=click.IntRange(min=1), help=told)(function)


_LIMITS: tuple[tuple[str, str, str, click.ParamType[Any, Any], str], ...] = (
    ("cell-timeout", "cell_timeout_s", "SECONDS", Seconds(), "Longest time one cell may take."),
    (
        "notebook-timeout",
        "notebook_timeout_s",
        "SECONDS",
        Seconds(),
        "Longest time for all cells together.",
    ),
    ("memory", "memory_mib", "MIB", click.IntRange(min=256), "Most memory it may allocate."),
    (
        "processes",
        "processes",
        "N",
        click.IntRange(min=32),
        "Most processes and threads at a time, if sealed.",
    ),
    (
        "disk",
        "disk_mib",
        "MIB",
        click.IntRange(min=16),
        "Largest file; if sealed, all of its files together.",
    ),
    ("output-limit", "output_kib", "KIB", click.IntRange(min=16), "Most output of one cell."),
)
"""Name of each option, the field of `Limits` it stands for, what it takes, its type, what it means."""


def limits(function: Command) -> Command:
    """The options that put other limits in place of the assignment's."""
    for name, field, takes, kind, told in reversed(_LIMITS):
        function = option(f"--{name}", field, group=LIMITS, metavar=takes, type=kind, help=told)(
            function
        )
    return function


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Settings from the options that were given; the others keep their defaults."""
    given = {name: value for name, value in options.items() if value is not None}
    limited = {name: given.pop(name) for name in Limits.model_fields if name in given}
    return Settings(**given, limits=limited)
