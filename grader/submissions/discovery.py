"""Finds every file below the paths that were given: in folders, in zips, and in the zips that students handed in."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from grader.errors import NothingToGrade, SubmissionUnreadable
from grader.notebook.format import safe_name
from grader.report import Message
from grader.submissions import gradescope
from grader.submissions.companion_files import SUFFIXES
from grader.submissions.file_kinds import LOOKED_INTO, NOTEBOOK
from grader.submissions.lms_downloads import in_download
from grader.submissions.submission import Parts, cannot_open, is_ignored, mode_of, stays_in
from grader.submissions.zip_archive import OF_CLASS, OF_STUDENT, Allowed, Entry, unpack

ZIP = ".zip"
NEEDED = SUFFIXES | LOOKED_INTO | {NOTEBOOK, ZIP}
"""Endings of files that something of the grader's reads; others are listed without being unpacked."""


@dataclass(frozen=True)
class Found:
    """A file that was handed in, or a folder that is none of the students'."""

    parts: Parts
    """Where it would lie if every zip were a folder of its name."""
    depth: int
    """How many of those parts are below what was given."""
    path: Path | None = None
    """Where what is in it lies; None if it is not needed, or cannot be had."""
    given: bool = False
    """Whether it was named, rather than found."""
    unpacked: bool = False
    """Whether it lies in a temporary folder."""
    refused: Message | None = None
    """Why it was not taken out of its zip."""
    ignored: Message | None = None
    """Why it is not looked at."""
    order: int = 0
    """Of what was given the how-manieth it came with."""

    @property
    def below(self) -> Parts:
        """Its path below what was given."""
        return self.parts[-self.depth :]

    @cached_property
    def is_notebook(self) -> bool:
        """Whether it has the ending of a notebook."""
        return self.parts[-1].lower().endswith(NOTEBOOK)


class Finder:
    """Finds files, and unpacks zips as it meets them."""

    def __init__(self, place: Callable[[], Path]) -> None:
        """Take what gives a folder to unpack into; it is asked only if there is a zip."""
        self._place = place
        self._numbers = itertools.count()

    def find(self, given: Sequence[Path]) -> tuple[Found, ...]:
        """Every file below some paths, in their order.

        Raises:
            NothingToGrade: a path is not there, or is a zip that cannot be read and all that was given.
            GraderError: a folder cannot be opened, or there is no room to unpack a zip.
        """
        return tuple(
            found
            for order, path in enumerate(given)
            for found in self._find(path, order, len(given) == 1)
        )

    def _find(self, given: Path, order: int, alone: bool) -> Iterator[Found]:
        mode, parts = mode_of(given), given.absolute().parts
        if stat.S_ISDIR(mode):
            yield from self._below(given, order)
        elif stat.S_ISREG(mode) and given.suffix.lower() == ZIP:
            try:
                yield from self._inside(given, _unzipped(parts), 0, order, _allowed(given))
            except SubmissionUnreadable as error:
                if alone:
                    advice = "Download it again, or unpack it and give the folder."
                    raise NothingToGrade(
                        f"{safe_name(str(given))} cannot be read as a zip.", advice
                    ) from None
                yield Found(parts, 1, given, given=True, refused=_message(error), order=order)
        else:
            yield Found(parts, 1, given, given=True, order=order)

    def _below(self, folder: Path, order: int) -> Iterator[Found]:
        inside = os.path.realpath(folder)
        above = len(folder.absolute().parts)
        for place, folders, files in os.walk(folder, onerror=cannot_open):
            for name in sorted(filter(is_ignored, folders)):
                yield _as_ignored(Path(place, name, ""), above, "arrived.system", order)
            folders[:] = sorted(name for name in folders if not is_ignored(name))
            for name in sorted(files, key=lambda name: (Path(place, name).is_symlink(), name)):
                path = Path(place, name)
                if is_ignored(name):
                    yield _as_ignored(path, above, "arrived.system", order)
                elif not stays_in(path, inside):
                    yield _as_ignored(path, above, "arrived.link", order)
                else:
                    yield from self._file(path, above, order)

    def _file(self, path: Path, above: int, order: int) -> Iterator[Found]:
        parts = path.absolute().parts
        plain = Found(parts, len(parts) - above, path, order=order)
        if path.suffix.lower() != ZIP:
            yield plain
            return
        allowed = _allowed(path) if plain.depth == 1 else OF_STUDENT
        yield from self._opened(plain, path, allowed)

    def _opened(self, plain: Found, path: Path, allowed: Allowed) -> Iterator[Found]:
        """What is in a zip that was found; the zip itself if it cannot be opened, or holds no notebook."""
        try:
            inside = tuple(
                self._inside(path, _unzipped(plain.parts), plain.depth, plain.order, allowed)
            )
        except SubmissionUnreadable as error:
            yield Found(plain.parts, plain.depth, path, refused=_message(error), order=plain.order)
            return
        yield from inside if any(found.is_notebook for found in inside) else (plain,)

    def _inside(
        self, file: Path, parts: Parts, depth: int, order: int, allowed: Allowed
    ) -> Iterator[Found]:
        """What is in a zip, with `parts` and `depth` of the folder that it stands for."""
        for entry in unpack(file, self._place(), _is_needed, allowed, self._numbers):
            found = _from_zip(entry, parts, depth, order)
            is_zip = entry.path is not None and entry.name.lower().endswith(ZIP)
            if is_zip and entry.path and not found.ignored and allowed is not OF_STUDENT:
                yield from self._opened(found, entry.path, OF_STUDENT)
            else:
                yield found


def _allowed(file: Path) -> Allowed:
    """A zip whose name says that it is of one student's may hold less than one of a class."""
    return OF_STUDENT if in_download((file.stem, NOTEBOOK)) else OF_CLASS


def _unzipped(parts: Parts) -> Parts:
    return (*parts[:-1], PurePosixPath(parts[-1]).stem)


def _is_needed(name: str) -> bool:
    path = PurePosixPath(name)
    wanted = path.suffix.lower() in NEEDED or path.name == gradescope.NAME
    return wanted and not any(map(is_ignored, path.parts))


def _as_ignored(path: Path, above: int, reason: str, order: int) -> Found:
    parts = path.absolute().parts
    return Found(parts, len(parts) - above, ignored=Message(id=reason), order=order)


def _from_zip(entry: Entry, parts: Parts, depth: int, order: int) -> Found:
    inner = tuple(part for part in entry.name.split("/") if part not in ("", ".")) or (entry.name,)
    ignored = next((at for at, part in enumerate(inner, 1) if part != ".." and is_ignored(part)), 0)
    if ignored:
        inner = inner[:ignored]
    return Found(
        parts=(*parts, *inner),
        depth=depth + len(inner),
        path=entry.path,
        unpacked=True,
        refused=entry.refused,
        ignored=Message(id="arrived.system") if ignored else None,
        order=order,
    )


def _message(error: SubmissionUnreadable) -> Message:
    return Message(id=error.reason, params=dict(error.params))
