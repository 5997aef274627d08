"""Decide whether notebooks may run without a sandbox on a machine that has none.

Consent is given by an option, or on the terminal, and remembered per folder.
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
    """Run work in sealed kernels, or in plain ones if there is no sandbox and the user consents.

    SECURITY: only `--sandbox auto` falls back to plain kernels, and only with consent.

    Args:
        work: runs notebooks; if it raises `SandboxUnavailable`, it has run none.
        settings: how to run them.
        paths: notebooks, and folders of them.
        said: whether `--trust` was given.
        language: returns the language of the question; called only if there is something to ask or
            print.

    Raises:
        SandboxUnavailable: kernels cannot be sealed here, and there is no consent.
    """
    try:
        return work(settings)
    except SandboxUnavailable as error:
        if settings.sandbox != "auto":
            raise
        folders = folders_of(paths)
        if not trusted(folders):
            vouched = _has_consent(folders, error, said=said, language=language)
            if not vouched:
                raise
    return work(settings.model_copy(update={"sandbox": "none"}))


def _has_consent(
    folders: Sequence[Path],
    error: SandboxUnavailable,
    *,
    said: bool,
    language: Callable[[], Language],
) -> bool:
    """Return whether the user consents, and remember the folders if so."""
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
    """Return whether standard input and output are a terminal, so that a question can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _confirmed(problem: str, language: Language) -> bool:
    """Ask on the terminal for consent; only a yes in the question's language counts."""
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
    """Return the path of the list of trusted folders: a JSON list of absolute paths."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    folder = chosen or click.get_app_dir("grader")
    return Path(folder) / "trust.json"


def folders_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """List the folders that contain the notebooks, each once and with links resolved.

    Args:
        paths: notebooks, which count as their parent folders, and folders.
    """
    resolved = [path.resolve() for path in paths]
    folders = [path if path.is_dir() else path.parent for path in resolved]
    return tuple(dict.fromkeys(folders))


def trusted(folders: Sequence[Path]) -> bool:
    """Return whether each folder is in or below a trusted one; False for no folders."""
    if not folders:
        return False
    remembered = _trusted_folders()
    return all(_is_within(folder.resolve(), remembered) for folder in folders)


def _is_within(folder: Path, trusted_folders: Sequence[Path]) -> bool:
    return any(folder.is_relative_to(trusted_folder) for trusted_folder in trusted_folders)


def remember(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Add folders to the trusted ones.

    SECURITY: never the root of a file system, which would cover every notebook on it.

    Returns:
        Those of the folders that were added.

    Raises:
        OSError: the list of trusted folders cannot be written.
    """
    resolved = [folder.resolve() for folder in folders]
    added = [folder for folder in resolved if _may_be_trusted(folder)]
    if added:
        together = {str(folder) for folder in (*_trusted_folders(), *added)}
        _write(memory(), sorted(together))
    return tuple(added)


def _may_be_trusted(folder: Path) -> bool:
    is_root = folder == folder.parent
    return folder.is_absolute() and not is_root


def _trusted_folders() -> tuple[Path, ...]:
    """Read the trusted folders; invalid entries are ignored."""
    try:
        entries = json.loads(memory().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    folders = [Path(entry) for entry in entries if isinstance(entry, str)]
    return tuple(folder for folder in folders if _may_be_trusted(folder))


def _write(file: Path, folders: list[str]) -> None:
    """Replace the list of trusted folders; only its owner may read and change it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(folders, indent=2)
    put_in_place(file, text.encode(), mode=0o600)
