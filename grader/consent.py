"""Whether notebooks may run unsealed where nothing seals them off: remembered, said, or asked once on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from grader import trust
from grader.errors import SandboxUnavailable
from grader.messages import Language, word
from grader.render.words import plain
from grader.settings import Settings

T = TypeVar("T")


def with_consent(
    work: Callable[[Settings], T],
    settings: Settings,
    paths: Sequence[Path],
    *,
    said: bool,
    language: Callable[[], Language],
) -> T:
    """Do work in sealed kernels, or unsealed where there are none and somebody answers for the notebooks.

    SECURITY: only `--sandbox auto` ever falls back, and never without a word of the person at the terminal.

    Args:
        work: what runs notebooks; it has run none when it raises `SandboxUnavailable`.
        settings: how to run them.
        paths: notebooks, and folders of them.
        said: whether `--trust` was given.
        language: gives the language to ask in; called only where somebody has to be asked or told.

    Raises:
        SandboxUnavailable: there are no sealed kernels here, and nobody answers for the notebooks.
    """
    try:
        return work(settings)
    except SandboxUnavailable as error:
        folders = trust.folders_of(paths)
        if settings.sandbox != "auto":
            raise
        if not trust.trusted(folders) and not _answered(folders, error, said=said, language=language):
            raise
    return work(settings.model_copy(update={"sandbox": "none"}))


def _answered(
    folders: Sequence[Path], error: SandboxUnavailable, *, said: bool, language: Callable[[], Language]
) -> bool:
    """Whether somebody answers for the notebooks; if so their folders are remembered."""
    if not said and not (on_terminal() and _confirmed(error.problem, language())):
        return False
    try:
        remembered = trust.remember(folders)
    except OSError as problem:
        _tell(word("consent-not-remembered", language(), problem=problem))
        return True
    if remembered:
        names = ", ".join(str(folder) for folder in remembered)
        _tell(word("consent-remembered", language(), file=trust.memory(), folders=names))
    return True


def _tell(text: str) -> None:
    click.echo(f"grade: {plain(text)}", err=True)


def on_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _confirmed(problem: str, language: Language) -> bool:
    """The answer of the person at the terminal; no unless they say yes, in the language they are asked in."""
    yes, no = word("yes", language), word("no", language)
    question = plain(word("consent", language, why=problem.rstrip(".")))
    answer = click.prompt(f"{question} [{yes[0]}/{no[0].upper()}]", default="", show_default=False, err=True)
    return str(answer).strip().casefold() in (yes, yes[0])
