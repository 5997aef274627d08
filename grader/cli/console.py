"""Show progress on standard error and results on standard output, and leave with an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from rich.console import Group, RenderableType
from rich.text import Text

from grader.cli.progress_bar import ProgressBar
from grader.machine import install_name
from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import make_console

if TYPE_CHECKING:
    from grader.assignment import Assignment


def progress() -> ProgressBar:
    """Create the progress bar of a long task."""
    console = make_console(sys.stderr)
    return ProgressBar(console)


def show(renderable: RenderableType, *, err: bool = False) -> None:
    """Print a result; on standard error where standard output is for another program."""
    stream = sys.stderr if err else sys.stdout
    make_console(stream).print(renderable)


def show_json(text: str) -> None:
    """Print JSON, escaped to ASCII, so that a student's text cannot control the terminal."""
    content = json.loads(text)
    escaped = json.dumps(content, indent=2)
    make_console(sys.stdout).out(escaped, highlight=False)


def tell(key: str, language: Language, **params: str) -> None:
    """Print a message of the catalogue below earlier output."""
    sentence = word(key, language, **params)
    show(Group(Text(""), safe(sentence, "bold")))


def tell_missing_packages(assignments: Iterable[Assignment], language: Language) -> None:
    """Print which packages of the assignments are not installed, and how to install them."""
    from grader.assignment import packages_not_installed

    missing = packages_not_installed(assignments)
    if missing:
        names = ", ".join(missing)
        to_install = " ".join(map(install_name, missing))
        sentence = word("packages-missing", language, names=names, install=to_install)
        show(safe(sentence, "yellow"), err=True)


def leave(code: int) -> None:
    """Exit with a code, unless it is 0."""
    if code:
        raise click.exceptions.Exit(code)
