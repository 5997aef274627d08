"""Find the local path that a path of another machine refers to. Runs in the student's kernel.

Consulted only for missing paths, so ordinary notebooks are not affected.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from grader.kernel.portability.laid_files import LaidFiles, is_url, parts_of

WORKING_DIRECTORIES = re.compile(r"^/(?:content|kaggle/working)/+(?P<rest>.+)$")
"""Matches a path in the working directory of Colab or Kaggle."""

FOLDERS = re.compile(
    r"^/(content(/drive(/my ?drive)?)?|kaggle(/working|/input(/[^./]*)?)?)/*$", re.IGNORECASE
)
"""Folders that are there on Colab and Kaggle."""

TEMPORARY = re.compile(r"^tmp[a-z0-9_]{8}$")
"""A folder that the standard library made: no student wrote its name."""

SPARE_PREFIX = "grader-"
"""Prefix of folders for files with names that are taken in the working directory."""

SYSTEM = re.compile(r"^/(bin|boot|dev|etc|lib\w*|proc|run|sbin|sys|usr|var)(/|$)")
"""Folders of the operating system, which are the same on all machines."""

_lstat = os.lstat
"""The original: the one in `os` will find missing files."""

Find = Callable[[str], str | None]
"""Finds the file that a path refers to; None: there is none."""

Note = Callable[[str, str], None]
"""Notes a topic and a detail, each pair once."""


def is_there(path: str) -> bool:
    """Return whether a path exists under its own name."""
    try:
        _lstat(path)
    except (OSError, ValueError):
        return False
    return True


def text_of(path: Any) -> str | None:
    """Return a path as text; None for a descriptor, or anything else."""
    kind = type(path)
    if kind is str:
        return str(path)
    if kind is bytes:
        return os.fsdecode(path)
    if kind is int or not hasattr(kind, "__fspath__"):
        return None
    plain = os.fspath(path)
    return os.fsdecode(plain)


class ForeignPaths:
    """Maps paths of another machine to the working directory."""

    def __init__(
        self, folder: str, laid: LaidFiles, note: Note, find_data: Find = lambda _: None
    ) -> None:
        """Initialise with the files and folders that are here.

        Args:
            folder: the working directory.
            laid: the files laid into it.
            note: notes a path.
            find_data: finds the file that a path refers to in the assignment's data folders.
        """
        self._find_data = find_data
        self.folder = folder
        self.laid = laid
        self.note = note
        self._written: dict[str, str] = {}
        """By path: the file that was written instead."""
        self._made: set[str] = set()
        """Folders that were to be made where none can be."""
        self._listed: dict[str, str] = {}
        """By path: the folder that was listed instead."""

    def forget(self) -> None:
        """Forget written and created files: a new run begins."""
        self._written.clear()
        self._made.clear()
        self._listed.clear()

    def existing(self, path: Any) -> str | None:
        """Find the file that a missing path refers to; None if there is none."""
        text = text_of(path)
        if text is None:
            return None
        normal = _normal(text)
        written = self._written.get(normal)
        if written is not None:
            return written
        if is_url(text) or _is_librarys(text):
            return None

        data = self._find_data(text)
        if data is not None:
            return data
        name = self.laid.find(text)
        if name is not None:
            return self._if_there(name)
        return self._below_known(text)

    def _below_known(self, text: str) -> str | None:
        """Find a path below a folder listed before, or another machine's working directory."""
        below_listed = self._below_listed(text)
        if below_listed is not None:
            return below_listed
        return self._below_working_directory(text)

    def _below_listed(self, text: str) -> str | None:
        """Find a path that a listing in place of a missing folder returned."""
        normal = _normal(text)
        folder, name = os.path.split(normal)
        listed = self._listed.get(folder)
        if listed is None:
            return None
        real = os.path.join(listed, name)  # noqa: PTH118
        if is_there(real):
            return real
        return None

    def _below_working_directory(self, text: str) -> str | None:
        match = WORKING_DIRECTORIES.match(text)
        if match is None:
            return None
        return self._if_there(match["rest"])

    def readable(self, path: Any) -> str | None:
        """Find the file that a path refers to, as `existing` does, and note that it was read."""
        real = self.existing(path)
        if real is None:
            return None
        if real not in self._written.values():
            text = str(text_of(path))
            self.note("path", text)
        return real

    def writable(self, path: Any) -> str | None:
        """Choose a file to write if a path cannot be created; None for a library's path."""
        text = _text_of_own(path)
        if text is None:
            return None
        parts = parts_of(text)
        if not parts:
            return None

        normal = _normal(text)
        known = self._written.get(normal)
        if known is not None:
            return known
        written = self._free_file(text, parts[-1])
        self._written[normal] = written
        self.note("written", text)
        return written

    def _free_file(self, text: str, name: str) -> str:
        """Choose a file that does not exist, and that is not the assignment's."""
        free = os.path.join(self.folder, name)  # noqa: PTH118 - `pathlib` would cost each open
        is_laid = self.laid.find(text) is not None
        if not is_laid and not is_there(free):
            return free
        folder = tempfile.mkdtemp(prefix=SPARE_PREFIX)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return os.path.join(folder, name)  # noqa: PTH118

    def forget_written(self, path: Any) -> str | None:
        """Remove and return the entry for a file written in place of a path."""
        text = text_of(path)
        if text is None:
            return None
        normal = _normal(text)
        return self._written.pop(normal, None)

    def make_folder(self, path: Any) -> str | None:
        """Record a folder as created.

        Returns:
            The folder that is used instead; None if the path is a library's.
        """
        text = text_of(path)
        if text is None or _is_librarys(text):
            return None
        normal = _normal(text)
        self._made.add(normal)
        self.note("chdir", text)
        return self.folder

    def folder_of(self, path: Any) -> str | None:
        """Find the folder that a missing path refers to; None if there is none."""
        text = text_of(path)
        if text is None or is_url(text):
            return None
        real = self._folder_with_files(text) or self._below_known(text)
        if real is not None:
            return real

        normal = _normal(text)
        if FOLDERS.match(text) or normal in self._made:
            return self.folder
        return None

    def _folder_with_files(self, text: str) -> str | None:
        """Find a folder of files in the working directory, or of the assignment's data."""
        name = self.laid.folder(text)
        if name:
            return self._if_there(name)
        return self._find_data(text)

    def listed(self, path: Any) -> str | None:
        """Choose the folder to list in place of a missing one, and note it.

        A folder that nothing is known of held the assignment's files, if there are any: it was to
        be read from. One below it that is not here either is missing.
        """
        text = _text_of_own(path)
        if text is None:
            return None
        normal = _normal(text)
        parent = os.path.dirname(normal)  # noqa: PTH120
        is_below = parent in self._listed
        real = self.folder_of(text)
        if real is None:
            if is_below or not self.laid.names:
                return None
            real = self.folder

        self._listed[normal] = real
        if not is_below:
            shown = text.rstrip("/")
            self.note("path", shown)
        return real

    def place_of(self, path: str) -> str | None:
        """Find the local path that a word of a shell command refers to; None if there is none."""
        place = self.existing(path) or self.folder_of(path)
        if place is not None:
            return place
        match = WORKING_DIRECTORIES.match(path)
        if match is None:
            return None
        rest = match["rest"]
        if _is_drive(rest):
            return None
        return os.path.join(self.folder, rest)  # noqa: PTH118

    def _if_there(self, name: str) -> str | None:
        parts = name.split("/")
        real = os.path.join(self.folder, *parts)  # noqa: PTH118
        if is_there(real):
            return real
        return None


def _is_drive(rest: str) -> bool:
    """Return whether a path below `/content` is in Google Drive."""
    first, _, _ = rest.partition("/")
    return first == "drive"


def _text_of_own(path: Any) -> str | None:
    """Return the text of a path that may be the student's; None for URLs and paths of libraries."""
    text = text_of(path)
    if text is None or is_url(text):
        return None
    if _is_librarys(text):
        return None
    return text


def _normal(text: str) -> str:
    absolute = os.path.abspath(text)  # noqa: PTH100
    return os.path.normpath(absolute)


def _is_librarys(text: str) -> bool:
    """Return whether a path belongs to the system, or to a library's own files."""
    if SYSTEM.match(text):
        return True
    parts = parts_of(text)
    if any(part.startswith(".") for part in parts):
        return True
    return any(map(TEMPORARY.match, parts))
