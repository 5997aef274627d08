"""Write the grader's zips: equal contents result in equal bytes."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from grader.errors import GraderError

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""Date of each file in a zip: with the current one, each zip would be different."""

PLAIN = 0o644
EXECUTABLE = 0o755


def add_file(archive: zipfile.ZipFile, name: str, data: bytes, mode: int = PLAIN) -> None:
    """Add a file to a zip.

    Args:
        archive: the zip.
        name: of the file in it.
        data: its contents.
        mode: its permissions.
    """
    entry = zipfile.ZipInfo(name, ZIP_DATE)
    entry.external_attr = mode << 16
    archive.writestr(entry, data, zipfile.ZIP_DEFLATED)


def write_zip(to: Path, contents: Mapping[str, bytes], programs: Collection[str] = ()) -> None:
    """Write a zip under a temporary name first, so that it is never incomplete.

    Args:
        to: the zip; one that is there is replaced once the new one is whole.
        contents: of the files, by their names in it.
        programs: those of the files that can be executed.

    Raises:
        GraderError: it cannot be written.
    """
    part = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w") as archive:
            for name, data in contents.items():
                mode = EXECUTABLE if name in programs else PLAIN
                add_file(archive, name, data, mode)
        part.replace(to)
    except OSError as error:
        with contextlib.suppress(OSError):  # a disk that is read-only refuses this, too
            part.unlink(missing_ok=True)
        problem = f"{to} cannot be written: {error.strerror}."
        raise GraderError(problem, "Give another file.") from None
