"""Find every file below the given paths: in folders, in zips, and in students' zips."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from grader.errors import NothingToGrade, SubmissionUnreadable
from grader.notebook.format import safe_name
from grader.report import Message
from grader.submissions import gradescope
from grader.submissions.companion_files import SUFFIXES
from grader.submissions.file_kinds import LOOKED_INTO, holds_notebook, is_packed
from grader.submissions.lms_downloads import owner_in_download
from grader.submissions.paths import (
    NOTEBOOK,
    Parts,
    cannot_open,
    is_ignored,
    is_regular,
    mode_of,
)
from grader.submissions.zip_archive import CLASS_LIMITS, STUDENT_LIMITS, ZipEntry, ZipLimits, unpack

ZIP = ".zip"

EMPTY = "(empty)"
"""Name of the file that represents a folder without anything that can be graded."""

NEEDED = SUFFIXES | LOOKED_INTO | {NOTEBOOK, ZIP}
"""Endings of files that the grader reads; others are listed without being unpacked."""


@dataclass(frozen=True)
class FoundFile:
    """A file that was found, or an ignored folder."""

    parts: Parts
    """Its path if every zip were a folder of its name."""
    depth: int
    """How many of those parts are below the path that was given."""
    path: Path | None = None
    """Path of its content; None if it is not needed or not available."""
    given: bool = False
    """Whether it was named on the command line, rather than found."""
    unpacked: bool = False
    """Whether it is in a temporary folder."""
    refused: Message | None = None
    """Why it was not taken out of its zip."""
    ignored: Message | None = None
    """Why it is not looked at."""
    order: int = 0
    """Index of the given path that it was found below."""
    is_stand_in: bool = False
    """Whether there is no such file: it represents an empty folder, which may be a student's."""

    @property
    def below(self) -> Parts:
        """Its path below the given one."""
        return self.parts[-self.depth :]

    @cached_property
    def is_notebook(self) -> bool:
        """Whether it has the ending or the content of a notebook."""
        name = self.parts[-1].lower()
        if name.endswith(NOTEBOOK):
            return True
        if name.endswith(".md") or self.path is None:
            return False  # a README is none, whatever is in it
        return holds_notebook(self.path)


class Finder:
    """Finds files, and unpacks zips on the way."""

    def __init__(self, unpack_folder: Callable[[], Path]) -> None:
        """Initialise with the folder to unpack into.

        Args:
            unpack_folder: returns the folder; it is called only if there is a zip.
        """
        self._unpack_folder = unpack_folder
        self._numbers = itertools.count()

    def find(self, paths: Sequence[Path]) -> tuple[FoundFile, ...]:
        """Find every file below some paths, in their order.

        Raises:
            NothingToGrade: a path is not there, or is a zip that cannot be read and the only path.
            GraderError: a folder cannot be opened, or there is no room to unpack a zip.
        """
        is_only = len(paths) == 1
        files: list[FoundFile] = []
        for order, path in enumerate(paths):
            files.extend(self._find(path, order, is_only=is_only))
        return tuple(files)

    def _find(self, path: Path, order: int, *, is_only: bool) -> Iterator[FoundFile]:
        mode = mode_of(path)
        given = FoundFile(
            parts=path.absolute().parts,
            depth=1,
            path=path,
            given=True,
            order=order,
        )
        if stat.S_ISDIR(mode):
            yield from self._find_in_folder(path, order)
        elif mode and not stat.S_ISREG(mode):
            shown = safe_name(str(path))
            raise NothingToGrade(f"{shown} is neither a file nor a folder.", "Check the path.")
        elif _is_zip(path):
            yield from self._find_in_given_zip(given, path, is_only=is_only)
        else:
            yield given

    def _find_in_given_zip(
        self, given: FoundFile, path: Path, *, is_only: bool
    ) -> Iterator[FoundFile]:
        folder = _zip_folder(replace(given, depth=0))
        try:
            yield from self._find_in_zip(path, folder, _limits_by_name(path))
        except SubmissionUnreadable as error:
            if is_only:
                raise NothingToGrade(
                    f"{safe_name(str(path))} cannot be read as a zip.",
                    "Download it again, or unpack it and give the folder.",
                ) from None
            yield replace(given, refused=_message(error))

    def _find_in_folder(self, folder: Path, order: int) -> Iterator[FoundFile]:
        above = len(folder.absolute().parts)

        for parent, folders, files in os.walk(folder, onerror=cannot_open):
            for name in sorted(folders):
                if is_ignored(name):
                    shown = _describe_file(Path(parent, name), above, order)
                    yield replace(shown, path=None, ignored=Message(id="arrived.system"))
            folders[:] = sorted(name for name in folders if not is_ignored(name))
            is_empty = not folders and all(map(is_ignored, files))
            if is_empty and Path(parent) != folder:
                shown = _describe_file(Path(parent, EMPTY), above, order)
                yield replace(shown, path=None, is_stand_in=True)

            for name in sorted(files):
                path = Path(parent, name)
                file = _describe_file(path, above, order)
                if is_ignored(path.name):
                    yield replace(file, path=None, ignored=Message(id="arrived.system"))
                elif not is_regular(path):
                    # SECURITY: a link may lead to another student's file, or to one of the
                    # instructor's; to open a pipe would wait for ever.
                    reason = "arrived.link" if path.is_symlink() else "arrived.special"
                    yield replace(file, path=None, ignored=Message(id=reason))
                elif _is_zip(path):
                    limits = STUDENT_LIMITS
                    if file.depth == 1:
                        limits = _limits_by_name(path)
                    yield from self._open_zip(file, path, limits)
                else:
                    yield file

    def _open_zip(self, zip_file: FoundFile, path: Path, limits: ZipLimits) -> Iterator[FoundFile]:
        """Find the files in a zip.

        The zip itself is found if it cannot be opened, or contains no notebook.
        """
        try:
            inside = tuple(self._find_in_zip(path, _zip_folder(zip_file), limits))
        except SubmissionUnreadable as error:
            yield FoundFile(
                parts=zip_file.parts,
                depth=zip_file.depth,
                path=path,
                refused=_message(error),
                order=zip_file.order,
            )
            return

        if any(file.is_notebook for file in inside):
            yield from inside
        else:
            yield zip_file

    def _find_in_zip(self, path: Path, folder: FoundFile, limits: ZipLimits) -> Iterator[FoundFile]:
        """Find the files in a zip.

        Args:
            path: the zip.
            folder: the folder that it represents.
            limits: how much it may contain; a zip inside is opened only in one of a whole class.
        """
        entries = unpack(path, self._unpack_folder(), _is_needed, limits, self._numbers)
        may_hold_zips = limits is not STUDENT_LIMITS

        for entry in entries:
            file = _from_zip(entry, folder)
            is_zip = entry.path is not None and _is_zip(entry.path, entry.name)
            if entry.path and is_zip and may_hold_zips and not file.ignored:
                yield from self._open_zip(file, entry.path, STUDENT_LIMITS)
            else:
                yield file


def _is_zip(file: Path, name: str = "") -> bool:
    """Return whether to open a file as a zip.

    A notebook with the name of a zip is not one, and a zip with the name of a notebook is.

    Args:
        file: its path.
        name: its name, if that differs from the path's.
    """
    suffix = PurePosixPath(name or file.name).suffix.lower()
    if suffix == ZIP:
        return not holds_notebook(file)
    return suffix == NOTEBOOK and is_packed(file)


def _describe_file(path: Path, above: int, order: int) -> FoundFile:
    """Describe a file in a folder.

    Args:
        path: its path.
        above: how many parts of its path are above the folder's content.
        order: index of the given path.
    """
    parts = path.absolute().parts
    return FoundFile(parts, depth=len(parts) - above, path=path, order=order)


def _limits_by_name(file: Path) -> ZipLimits:
    """Return the limits for a zip; smaller ones for a student's than for a class's."""
    if owner_in_download((file.stem, NOTEBOOK)):
        return STUDENT_LIMITS
    return CLASS_LIMITS


def _zip_folder(zip_file: FoundFile) -> FoundFile:
    """Return the name of a zip's folder."""
    *above, name = zip_file.parts
    return FoundFile(
        parts=(*above, PurePosixPath(name).stem),
        depth=zip_file.depth,
        order=zip_file.order,
    )


def _is_needed(name: str) -> bool:
    """Return whether the grader reads a file, by its path in a zip."""
    path = PurePosixPath(name)
    if any(is_ignored(part) for part in path.parts):
        return False
    if path.name == gradescope.NAME:
        return True

    suffix = path.suffix.lower()
    if not suffix[1:].isalpha() or NOTEBOOK in path.name.lower():
        return True  # it may be a notebook that lost its ending
    return suffix in NEEDED


def _from_zip(entry: ZipEntry, folder: FoundFile) -> FoundFile:
    """Describe a file in a zip, or the ignored folder that contains it."""
    inner = _parts_inside(entry.name)
    ignored_depth = _ignored_depth(inner)
    if ignored_depth:
        inner = inner[:ignored_depth]

    return FoundFile(
        parts=(*folder.parts, *inner),
        depth=folder.depth + len(inner),
        path=entry.path,
        unpacked=True,
        refused=entry.refused,
        ignored=Message(id="arrived.system") if ignored_depth else None,
        order=folder.order,
    )


def _parts_inside(name: str) -> Parts:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts:
        return (name,)
    return tuple(parts)


def _ignored_depth(parts: Parts) -> int:
    """Return the number of parts up to an ignored folder or file; 0 if none is."""
    for depth, part in enumerate(parts, 1):
        if part != ".." and is_ignored(part):
            return depth
    return 0


def _message(error: SubmissionUnreadable) -> Message:
    return Message(id=error.reason, params=dict(error.params))
