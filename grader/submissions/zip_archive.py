"""Unpack zips: only regular files, each into a file named by a number, within limits.

SECURITY: no name of a zip reaches the file system, so that none can be too long, escape the folder,
or overwrite another file.
"""

from __future__ import annotations

import errno
import io
import itertools
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
"""The flag of an entry that is locked with a password."""

LOCAL_HEADER_BYTES = 30
"""Bytes before the name of an entry and its content."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Supported methods of compression. With others, the zip decides how much memory is taken."""

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
"""Errors that `zipfile` raises on a file that is damaged or no zip."""


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class ZipLimits:
    """Limits for the content of a zip."""

    entries: int
    """Most files in it."""
    entry_bytes: int
    """Largest size of one file, unpacked."""
    all_bytes: int
    """Largest size of all files that are unpacked, together."""
    ratio: int = 250
    """Largest size of a file over its size in the zip. Notebooks come to 50; files below 1 MiB are
    not measured."""
    directory_bytes: int = 8 * MIB
    """Largest size of the list of entries, which is read as a whole."""


CLASS_LIMITS = ZipLimits(
    entries=20_000,
    entry_bytes=100 * MIB,
    all_bytes=4096 * MIB,
)
STUDENT_LIMITS = ZipLimits(
    entries=2_000,
    entry_bytes=100 * MIB,
    all_bytes=256 * MIB,
)


@dataclass(frozen=True)
class ZipEntry:
    """A file in a zip."""

    name: str
    """Its path in the zip, with `/` between its parts."""
    path: Path | None = None
    """Path of its content now; None if it is not needed, or was refused."""
    refused: Message | None = None
    """Why it was not unpacked."""


def unpack(
    file: Path,
    into: Path,
    is_needed: Callable[[str], bool],
    limits: ZipLimits,
    numbers: Iterator[int] | None = None,
) -> tuple[ZipEntry, ...]:
    """Unpack a zip.

    Args:
        file: the zip.
        into: a folder; every file gets a number for a name.
        is_needed: returns by a name whether a file is needed; the others are only listed.
        limits: how much it may contain.
        numbers: yields the next number; None: from 0.

    Returns:
        Its files in their order, including refused ones. If several have one name, the last one is
        unpacked.

    Raises:
        SubmissionUnreadable: it is not a zip, or holds too many files.
        GraderError: there is no room for its files.
    """
    if numbers is None:
        numbers = itertools.count()
    targets = (into / f"{number:06d}" for number in numbers)

    try:
        with (
            _BoundedFile(file, limits.directory_bytes) as opened,
            zipfile.ZipFile(opened) as archive,
        ):
            infos = [info for info in archive.infolist() if not _is_folder(info)]
            if len(infos) > limits.entries:
                raise SubmissionUnreadable("unreadable.zip-too-many", count=len(infos))

            opened.limit = None
            return tuple(_unpack_entries(archive, infos, is_needed, limits, targets))
    except PermissionError:
        raise SubmissionUnreadable("unreadable.no-access") from None
    except BROKEN:
        raise SubmissionUnreadable("unreadable.zip-broken") from None


class _BoundedFile(io.FileIO):
    """A file that refuses to read more than a limit at once.

    `zipfile` trusts the size in the zip of its own list of entries.
    """

    def __init__(self, file: Path, limit: int) -> None:
        super().__init__(file)
        self.limit: int | None = limit

    def read(self, size: int | None = -1, /) -> bytes:
        """Read; called by `zipfile`."""
        if size is None:
            size = -1
        if self.limit is not None and size > self.limit:
            raise zipfile.BadZipFile
        return super().read(size) or b""


def _unpack_entries(
    archive: zipfile.ZipFile,
    infos: Sequence[zipfile.ZipInfo],
    is_needed: Callable[[str], bool],
    limits: ZipLimits,
    targets: Iterator[Path],
) -> Iterator[ZipEntry]:
    names = [entry_name(info) for info in infos]
    last_index = {name: index for index, name in enumerate(names)}
    overlapping = _overlapping(infos)

    remaining_bytes = limits.all_bytes
    for index, info in enumerate(infos):
        name = names[index]
        if last_index[name] != index:
            yield ZipEntry(name, refused=Message(id="arrived.same-name"))
            continue

        refused = _refusal(info, name, limits, overlaps=index in overlapping)
        if refused:
            yield ZipEntry(name, refused=refused)
        elif not is_needed(name):
            yield ZipEntry(name)
        elif info.file_size > remaining_bytes:
            yield ZipEntry(name, refused=Message(id="unreadable.zip-full"))
        else:
            remaining_bytes -= info.file_size
            yield _unpack_entry(archive, info, name, next(targets))


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith(("/", "\\"))


def _refusal(
    info: zipfile.ZipInfo, name: str, limits: ZipLimits, *, overlaps: bool
) -> Message | None:
    """Return why an entry is not unpacked; None if it may be.

    SECURITY: decided by the zip's description of the entry, before anything of it is unpacked.
    """
    if not stays_inside(name):
        return _unreadable("zip-name")

    file_type = stat.S_IFMT(info.external_attr >> 16)
    if file_type not in (0, stat.S_IFREG):
        return _unreadable("zip-link")

    if info.flag_bits & ENCRYPTED:
        return _unreadable("zip-encrypted")
    if info.file_size > limits.entry_bytes:
        return _unreadable("too-large", mib=round(info.file_size / MIB))
    if overlaps or _is_zip_bomb(info, limits):
        return _unreadable("zip-bomb")
    if info.compress_type not in METHODS:
        return _unreadable("zip-damaged")
    return None


def _unreadable(reason: str, **params: Scalar) -> Message:
    return Message(id=f"unreadable.{reason}", params=params)


def _is_zip_bomb(info: zipfile.ZipInfo, limits: ZipLimits) -> bool:
    """Return whether an entry's compression ratio is far above those of notebooks and data."""
    if info.file_size <= MIB:
        return False
    packed_bytes = max(info.compress_size, 1)
    return info.file_size > limits.ratio * packed_bytes


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> frozenset[int]:
    """Find the indices of entries that share bytes of the zip with another.

    That is how a small zip unpacks to more than any ratio allows.
    """
    starts = [info.header_offset for info in infos]
    order = sorted(range(len(infos)), key=starts.__getitem__)

    overlapping: set[int] = set()
    furthest_end = -1
    furthest_index = -1
    for index in order:
        start = starts[index]
        if start < furthest_end:
            overlapping |= {index, furthest_index}

        end = start + LOCAL_HEADER_BYTES + infos[index].compress_size
        if end > furthest_end:
            furthest_end = end
            furthest_index = index

    return frozenset(overlapping)


def _unpack_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, target: Path
) -> ZipEntry:
    """Unpack one entry, and refuse it if its size differs from the declared one."""
    try:
        is_whole = _copy(archive, info, target)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise GraderError(
                f"There is no room to unpack in {target.parent}.",
                "Set TMPDIR to a folder with more room.",
            ) from None
        is_whole = False

    if is_whole:
        return ZipEntry(name, target)
    target.unlink(missing_ok=True)
    return ZipEntry(name, refused=_unreadable("zip-damaged"))


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> bool:
    """Copy an entry to a file; return whether it has the declared size.

    SECURITY: writes at most one byte more than the declared size.
    """
    remaining_bytes = info.file_size + 1
    with archive.open(info) as source, target.open("xb") as copy:
        while remaining_bytes > 0:
            data = source.read(min(CHUNK_BYTES, remaining_bytes))
            if not data:
                break
            copy.write(data)
            remaining_bytes -= len(data)

    return remaining_bytes == 1
