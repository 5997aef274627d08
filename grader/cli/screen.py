"""What commands show: progress on standard error, results on standard output, and their exit code."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Group, RenderableType
from rich.text import Text

from grader.cli.progress_bar import ProgressBar
from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import make_console


def progress() -> ProgressBar:
    """What tells how far a long work has come."""
    return ProgressBar(make_console(sys.stderr))


def show(renderable: RenderableType, *, err: bool = False) -> None:
    """Print what a command was asked for; on standard error where standard output is another program's."""
    make_console(sys.stderr if err else sys.stdout).print(renderable)


def show_json(text: str) -> None:
    """Print JSON, escaped to ASCII, so that what a student wrote can steer neither a terminal nor an encoding."""
    make_console(sys.stdout).out(json.dumps(json.loads(text), indent=2), highlight=False)


def tell(key: str, language: Language) -> None:
    """Print a sentence of the screen below what was shown."""
    show(Group(Text(""), safe(word(key, language), "bold")))


def leave(code: int) -> None:
    """End the command with an exit code, if it is not 0."""
    if code:
        raise click.exceptions.Exit(code)
