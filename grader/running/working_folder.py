"""Copy the files of a notebook into its working folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from grader.errors import KernelUnavailable
from grader.job import InputFile
from grader.notebook.filenames import is_plain


def lay_out(files: Iterable[InputFile], folder: Path) -> None:
    """Copy files into a folder.

    Args:
        files: the files to copy; of two with one name, the later one stays.
        folder: the folder to copy them into.

    Raises:
        ValueError: a name is not a plain relative path.
        KernelUnavailable: a file has changed, or is gone, since the job was made.
    """
    for name, content in contents(files):
        target = folder.joinpath(*PurePosixPath(name).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o644)


def contents(files: Iterable[InputFile]) -> Iterator[tuple[str, bytes]]:
    """Yield each file's name and content.

    Raises:
        ValueError: a name is not a plain relative path.
        KernelUnavailable: a file has changed, or is gone, since the job was made.
    """
    for file in files:
        if not is_plain(file.name):
            raise ValueError(f"not a name for a file: {file.name!r}")
        yield file.name, _content(file)


def _content(file: InputFile) -> bytes:
    try:
        data = file.path.read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise KernelUnavailable(f"The file {file.name!r} has changed, or is gone.")
    return data
