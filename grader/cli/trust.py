"""Find out whether notebooks may run unsealed where nothing can seal them off.

The answer is remembered by folder, said with an option, or asked for once on a terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from grader.errors import SandboxUnavailable
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.settings import Settings
from grader.store.atomic import put_in_place

T = TypeVar("T")

FOLDER_VARIABLE = "GRADER_CONFIG_DIR"
"""Environment variable that names another folder than the usual one for settings."""


def with_consent(
    work: Callable[[Settings], T],
    settings: Settings,
    paths: Sequence[Path],
    *,
    said: bool,
    language: Callable[[], Language],
) -> T:
    """Do work in sealed kernels, or unsealed where there are none and somebody vouches for it.

    SECURITY: only `--sandbox auto` ever falls back, and never unless a person said so.

    Args:
        work: what runs notebooks; it has run none when it raises `SandboxUnavailable`.
        settings: how to run them.
        paths: notebooks, and folders of them.
        said: whether `--trust` was given.
        language: gives the language to ask in; called only where somebody has to be asked or told.

    Raises:
        SandboxUnavailable: there are no sealed kernels here, and nobody vouches for the notebooks.
    """
    try:
        return work(settings)
    except SandboxUnavailable as error:
        if settings.sandbox != "auto":
            raise
        folders = folders_of(paths)
        if not trusted(folders):
            vouched = _vouched(folders, error, said=said, language=language)
            if not vouched:
                raise
    return work(settings.model_copy(update={"sandbox": "none"}))


def _vouched(
    folders: Sequence[Path],
    error: SandboxUnavailable,
    *,
    said: bool,
    language: Callable[[], Language],
) -> bool:
    """Return whether somebody vouches for the notebooks, and remember their folders if so."""
    if not said and not on_terminal():
        return False
    if not said and not _confirmed(error.problem, language()):
        return False
    try:
        remembered = remember(folders)
    except OSError as problem:
        _notify(word("consent-not-remembered", language(), problem=problem))
        return True
    if remembered:
        names = [str(folder) for folder in remembered]
        folder_list = ", ".join(names)
        _notify(word("consent-remembered", language(), file=memory(), folders=folder_list))
    return True


def _notify(text: str) -> None:
    click.echo(f"grade: {plain(text)}", err=True)


def on_terminal() -> bool:
    """Return whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _confirmed(problem: str, language: Language) -> bool:
    """Ask the person at the terminal; only a yes in the language of the question is a yes."""
    yes = word("yes", language)
    no = word("no", language)
    question = word("consent", language, why=problem.rstrip("."))
    question = plain(question)
    short_yes = yes[0]
    short_no = no[0].upper()
    text = f"{question} [{short_yes}/{short_no}]"
    answer = str(click.prompt(text, default="", show_default=False, err=True))
    return answer.strip().casefold() in (yes, short_yes)


def memory() -> Path:
    """Return the path of the file that remembers trusted folders: a JSON list of absolute paths."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    folder = chosen or click.get_app_dir("grader")
    return Path(folder) / "trust.json"


def folders_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """List the folders that notebooks lie in, each once and with links resolved.

    Args:
        paths: notebooks, which lie in their parents, and folders, which stand for themselves.
    """
    resolved = [path.resolve() for path in paths]
    folders = [path if path.is_dir() else path.parent for path in resolved]
    return tuple(dict.fromkeys(folders))


def trusted(folders: Sequence[Path]) -> bool:
    """Return whether each folder is remembered or lies below one that is; False for no folders."""
    if not folders:
        return False
    remembered = _remembered()
    return all(_is_within(folder.resolve(), remembered) for folder in folders)


def _is_within(folder: Path, trusted_folders: Sequence[Path]) -> bool:
    return any(folder.is_relative_to(trusted_folder) for trusted_folder in trusted_folders)


def remember(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Remember folders as trusted.

    SECURITY: never the root of a file system, which would cover every notebook there will ever be.

    Returns:
        The folders of these that are remembered now.

    Raises:
        OSError: the file of remembered folders cannot be written.
    """
    resolved = [folder.resolve() for folder in folders]
    added = [folder for folder in resolved if _may_be_trusted(folder)]
    if added:
        together = {str(folder) for folder in (*_remembered(), *added)}
        _write(memory(), sorted(together))
    return tuple(added)


def _may_be_trusted(folder: Path) -> bool:
    is_root = folder == folder.parent
    return folder.is_absolute() and not is_root


def _remembered() -> tuple[Path, ...]:
    """Read the remembered folders; what is wrong in the file is passed over."""
    try:
        entries = json.loads(memory().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    folders = [Path(entry) for entry in entries if isinstance(entry, str)]
    return tuple(folder for folder in folders if _may_be_trusted(folder))


def _write(file: Path, folders: list[str]) -> None:
    """Replace the file of remembered folders; only its owner may read and change it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(folders, indent=2)
    put_in_place(file, text.encode(), mode=0o600)
