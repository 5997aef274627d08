"""Whether notebooks may run unsealed where nothing seals them off: remembered, said, or asked once on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from grader import trust
from grader.errors import SandboxUnavailable
from grader.render.words import plain
from grader.settings import Settings

T = TypeVar("T")


def with_consent(work: Callable[[Settings], T], settings: Settings, paths: Sequence[Path], *, said: bool) -> T:
    """Do work in sealed kernels, or unsealed where there are none and somebody answers for the notebooks.

    SECURITY: only `--sandbox auto` ever falls back, and never without a word of the person at the terminal.

    Args:
        work: what runs notebooks; it has run none when it raises `SandboxUnavailable`.
        settings: how to run them.
        paths: notebooks, and folders of them.
        said: whether `--trust` was given.

    Raises:
        SandboxUnavailable: there are no sealed kernels here, and nobody answers for the notebooks.
    """
    try:
        return work(settings)
    except SandboxUnavailable as error:
        folders = trust.folders_of(paths)
        if settings.sandbox != "auto" or not (trust.trusted(folders) or _answered(folders, error, said=said)):
            raise
    return work(settings.model_copy(update={"sandbox": "none"}))


def _answered(folders: Sequence[Path], error: SandboxUnavailable, *, said: bool) -> bool:
    """Whether somebody answers for the notebooks; if so their folders are remembered."""
    if not said and not (on_terminal() and _confirmed(error.problem)):
        return False
    try:
        remembered = trust.remember(folders)
    except OSError as problem:
        click.echo(f"grade: This could not be remembered: {plain(str(problem))}", err=True)
        return True
    names = ", ".join(plain(str(folder)) for folder in remembered)
    if names:
        click.echo(f"grade: Remembered in {plain(str(trust.memory()))}: {names}", err=True)
    return True


def on_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _confirmed(problem: str) -> bool:
    """The answer of the person at the terminal; no unless they say yes."""
    why = plain(problem).rstrip(".")
    question = (
        f"These notebooks would run with your rights: nothing on this machine seals them off ({why}). "
        "Do you know who wrote them?"
    )
    return click.confirm(question, default=False, err=True)
