"""Whether notebooks may run unsealed where nothing seals them off: remembered, said, or asked once on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from grader.errors import SandboxUnavailable
from grader.messages import Language, word
from grader.outputs.safe_text import plain
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
        folders = folders_of(paths)
        if settings.sandbox != "auto":
            raise
        if not trusted(folders) and not _answered(folders, error, said=said, language=language):
            raise
    return work(settings.model_copy(update={"sandbox": "none"}))


def _answered(
    folders: Sequence[Path],
    error: SandboxUnavailable,
    *,
    said: bool,
    language: Callable[[], Language],
) -> bool:
    """Whether somebody answers for the notebooks; if so their folders are remembered."""
    if not said and not (on_terminal() and _confirmed(error.problem, language())):
        return False
    try:
        remembered = remember(folders)
    except OSError as problem:
        _tell(word("consent-not-remembered", language(), problem=problem))
        return True
    if remembered:
        names = ", ".join(str(folder) for folder in remembered)
        _tell(word("consent-remembered", language(), file=memory(), folders=names))
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
    answer = click.prompt(
        f"{question} [{yes[0]}/{no[0].upper()}]", default="", show_default=False, err=True
    )
    return str(answer).strip().casefold() in (yes, yes[0])


FOLDER_VARIABLE = "GRADER_CONFIG_DIR"
"""Environment variable that names another folder than the usual one for settings."""


def memory() -> Path:
    """The file that remembers: a JSON list of absolute folders."""
    return Path(os.environ.get(FOLDER_VARIABLE) or click.get_app_dir("grader")) / "trust.json"


def folders_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The folders that notebooks stand in: of a folder itself, of a file its parent, links resolved; each once."""
    resolved = (path.resolve() for path in paths)
    return tuple(dict.fromkeys(path if path.is_dir() else path.parent for path in resolved))


def trusted(folders: Sequence[Path]) -> bool:
    """Whether each of some folders is remembered, or lies below one that is; of no folders it is not said."""
    known = _remembered()
    return bool(folders) and all(
        any(folder.resolve().is_relative_to(one) for one in known) for folder in folders
    )


def remember(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Remember folders.

    SECURITY: never the root of a file system, which would speak for every notebook there will ever be.

    Returns:
        Those that are remembered now.

    Raises:
        OSError: the memory cannot be written.
    """
    added = tuple(
        folder for folder in (one.resolve() for one in folders) if folder != folder.parent
    )
    if added:
        _write(memory(), sorted({str(folder) for folder in (*_remembered(), *added)}))
    return added


def _remembered() -> tuple[Path, ...]:
    """What the file says; nothing of what it says amiss."""
    try:
        said = json.loads(memory().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    folders = [Path(one) for one in said if isinstance(one, str)] if isinstance(said, list) else []
    return tuple(folder for folder in folders if folder.is_absolute() and folder != folder.parent)


def _write(file: Path, folders: list[str]) -> None:
    """Put a file in place whole, or not at all; only its owner may read and change it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(
        prefix=f"{file.name}.", dir=file.parent
    )  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            json.dump(folders, written, indent=2)
            written.flush()
            os.fsync(written.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
