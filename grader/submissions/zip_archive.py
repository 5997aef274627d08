"""Unpacks zips: only regular files, each into a file that is named by a number, and never more than is allowed.

SECURITY: no name of a zip reaches the file system, so that none is too long, leads elsewhere, or takes another's place.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError, SubmissionUnreadable
from grader.report import Message, Scalar
from grader.submissions.zip_names import entry_name, stays_inside

MIB = 2**20
CHUNK_BYTES = 2**18
ENCRYPTED = 0x1
LOCAL_HEADER_BYTES = 30
"""Before the name of an entry and what is in it."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others take memory as the zip pleases."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises on a zip that is not one."""


@dataclass(frozen=True)
class Allowed:
    """How much a zip may hold."""

    entries: int
    entry_bytes: int
    """Size of one, unpacked."""
    all_bytes: int
    """Size of those that are unpacked, together."""
    ratio: int = 250
    """Size of one over its size in the zip. Notebooks come to 50, and only what is above 1 MiB is measured."""
    directory_bytes: int = 8 * MIB
    """Size of the list of entries, which is read as a whole."""


OF_CLASS = Allowed(entries=20_000, entry_bytes=100 * MIB, all_bytes=4096 * MIB)
OF_STUDENT = Allowed(entries=2_000, entry_bytes=100 * MIB, all_bytes=256 * MIB)


@dataclass(frozen=True)
class Entry:
    """A file in a zip."""

    name: str
    """Its path there, with `/` between its parts."""
    path: Path | None = None
    """Where its content lies now; None if nobody wanted it, or it was refused."""
    refused: Message | None = None
    """Why it was not unpacked."""


def unpack(
    file: Path,
    into: Path,
    wanted: Callable[[str], bool],
    allowed: Allowed,
    numbers: Iterator[int] | None = None,
) -> tuple[Entry, ...]:
    """Unpack a zip.

    Args:
        file: the zip.
        into: a folder; every file gets a number for a name.
        wanted: whether what is in a file of some name is needed; the others are only listed.
        allowed: how much it may hold.
        numbers: where the next number comes from; None: from 0.

    Returns:
        Its files in the order they have in it, also those that were refused. Of several with one name, the last one
        has it.

    Raises:
        SubmissionUnreadable: it is not a zip, or holds too many files.
        GraderError: there is no room for what is in it.
    """
    numbers = numbers or itertools.count()
    try:
        with _Bounded(file, allowed.directory_bytes) as opened, zipfile.ZipFile(opened) as archive:
            infos = [info for info in archive.infolist() if not _is_folder(info)]
            if len(infos) > allowed.entries:
                raise SubmissionUnreadable("unreadable.zip-too-many", count=len(infos))
            opened.limit = None
            targets = (into / f"{number:06d}" for number in numbers)
            return tuple(_unpacked(archive, infos, wanted, allowed, targets))
    except PermissionError:
        raise SubmissionUnreadable("unreadable.no-access") from None
    except BROKEN:
        raise SubmissionUnreadable("unreadable.zip-broken") from None


class _Bounded(io.FileIO):
    """A file of which no more than so much is read at a time: `zipfile` trusts what a zip says of its own list."""

    def __init__(self, file: Path, limit: int) -> None:
        super().__init__(file)
        self.limit: int | None = limit

    def read(self, size: int | None = -1, /) -> bytes:
        """Read; called by `zipfile`."""
        size = -1 if size is None else size
        if self.limit is not None and size > self.limit:
            raise zipfile.BadZipFile
        return super().read(size) or b""


def _unpacked(
    archive: zipfile.ZipFile,
    infos: Sequence[zipfile.ZipInfo],
    wanted: Callable[[str], bool],
    allowed: Allowed,
    targets: Iterator[Path],
) -> Iterator[Entry]:
    names = [entry_name(info) for info in infos]
    last = {name: place for place, name in enumerate(names)}
    shared = _sharing_bytes(infos)
    left = allowed.all_bytes
    for place, (info, name) in enumerate(zip(infos, names, strict=True)):
        if last[name] != place:
            yield Entry(name, refused=Message(id="arrived.same-name"))
        elif refused := _refused(info, name, allowed, overlaps=place in shared):
            yield Entry(name, refused=refused)
        elif not wanted(name):
            yield Entry(name)
        elif info.file_size > left:
            yield Entry(name, refused=Message(id="unreadable.zip-full"))
        else:
            left -= info.file_size
            yield _copied(archive, info, name, next(targets))


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith(("/", "\\"))


def _refused(
    info: zipfile.ZipInfo, name: str, allowed: Allowed, *, overlaps: bool
) -> Message | None:
    def because(reason: str, **params: Scalar) -> Message:
        return Message(id=f"unreadable.{reason}", params=params)

    if not stays_inside(name):
        return because("zip-name")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return because("zip-link")
    if info.flag_bits & ENCRYPTED:
        return because("zip-encrypted")
    if info.file_size > allowed.entry_bytes:
        return because("too-large", mib=round(info.file_size / MIB))
    swells = info.file_size > MIB and info.file_size > allowed.ratio * max(info.compress_size, 1)
    if overlaps or swells:
        return because("zip-bomb")
    return None if info.compress_type in METHODS else because("zip-damaged")


def _sharing_bytes(infos: Sequence[zipfile.ZipInfo]) -> frozenset[int]:
    """Those whose bytes in the zip are also another's: how a small zip unpacks to more than any ratio allows."""
    order = sorted(range(len(infos)), key=lambda place: infos[place].header_offset)
    shared: set[int] = set()
    furthest, whose = -1, -1
    for place in order:
        start = infos[place].header_offset
        if start < furthest:
            shared |= {place, whose}
        end = start + LOCAL_HEADER_BYTES + infos[place].compress_size
        if end > furthest:
            furthest, whose = end, place
    return frozenset(shared)


def _copied(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, target: Path) -> Entry:
    try:
        with archive.open(info) as source, target.open("xb") as copy:
            left = info.file_size + 1
            while left > 0 and (data := source.read(min(CHUNK_BYTES, left))):
                copy.write(data)
                left -= len(data)
        if left == 1:
            return Entry(name, target)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise GraderError(
                f"There is no room to unpack in {target.parent}.", "Name another in TMPDIR."
            ) from None
    target.unlink(missing_ok=True)
    return Entry(name, refused=Message(id="unreadable.zip-damaged"))


def looks_like_zip(file: Path) -> bool:
    """Whether a file has the ending of a zip, and is one that can be opened without waiting."""
    try:
        return file.suffix.lower() == ".zip" and stat.S_ISREG(os.stat(file).st_mode)  # noqa: PTH116
    except OSError:
        return False
