"""Restore files of the working directory. Runs inside the student's kernel.

If a cell empties a file of the assignment, the file is restored, because a failed download was to
replace it. Each variant begins with only the original files: files written by the base run would
otherwise replace values that have to be computed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

MAX_KEPT_BYTES = 64 << 20
"""Most bytes of laid files that are kept in memory; larger ones cannot be put back."""

EMPTY_BYTES = 2
"""A file of no more bytes than a line break is an empty one."""

OTHERS = re.compile(
    r"\.|tmp|pymp-|torch|nvidia-|matplotlib|ipykernel|grader|python|hsperf|dconf", re.I
)
"""Prefixes of the names of files that libraries put into temporary folders and into HOME."""

Mark = tuple[int, int]
"""Size, and time of the last change in nanoseconds."""


class WorkingDirectory:
    """The original files of the working directory, and how to restore them."""

    def __init__(
        self,
        folder: str,
        originals: str | None = None,
        others: Sequence[str] = (),
        links: Mapping[str, str] | None = None,
    ) -> None:
        """Record the files that are there now.

        Args:
            folder: the working directory.
            originals: a folder with the same files that nothing can change; None: they are kept
                in memory.
            others: further folders of this kernel alone, which are emptied for a variant.
            links: folders elsewhere that are linked into this one, by name.
        """
        self.folder = folder
        self._links = dict(links or {})
        self._originals = originals
        self._others = [other for other in others if Path(other).is_dir()]
        self._marks: dict[str, Mark] = {}
        """By name, with slashes."""
        self._contents: dict[str, bytes] = {}
        self._replaced: dict[str, bytes] = {}
        """Replacements of files in a variant, by name."""
        for name in sorted(_names_below(folder)):
            self._keep(name)
        folders = _folders_of(self._marks)
        self._folders = frozenset(folders)
        self._link()
        self._in_others: dict[str, frozenset[str]] = {}
        for other in self._others:
            listed = _listed(other)
            self._in_others[other] = frozenset(listed)

    def _keep(self, name: str) -> None:
        path = self._path(name)
        mark = _mark(path)
        if mark is None:
            return
        self._marks[name] = mark
        if self._originals is not None:
            return

        size, _ = mark
        sizes = map(len, self._contents.values())
        kept_bytes = sum(sizes)
        if kept_bytes + size <= MAX_KEPT_BYTES:
            self._contents[name] = path.read_bytes()

    @property
    def names(self) -> tuple[str, ...]:
        """The original files, by their paths in the working directory, with slashes."""
        return tuple(self._marks)

    def _path(self, name: str) -> Path:
        return Path(self.folder, *name.split("/"))

    def put_back_lost(self) -> list[str]:
        """Restore the original files that are missing or empty; return their names."""
        lost = []
        for name, (size, _) in self._marks.items():
            path = self._path(name)
            remaining_bytes = -1
            mark = _mark(path)
            if mark is not None:
                remaining_bytes, _ = mark
            least_bytes = min(size, EMPTY_BYTES + 1)
            is_lost = remaining_bytes < least_bytes
            if is_lost and self._put_back(name):
                lost.append(name)
        return lost

    def restore(self) -> None:
        """Restore the directory, and the current directory, as when the files were recorded."""
        with contextlib.suppress(OSError):
            os.makedirs(self.folder, exist_ok=True)  # noqa: PTH103 - `pathlib` may be the student's
            os.chdir(self.folder)
        self._remove_new_files()
        self._link()
        replaced = set(self._replaced)
        self._replaced.clear()
        for name, mark in self._marks.items():
            path = self._path(name)
            if name in replaced or _mark(path) != mark:
                self._put_back(name)

        for other in self._others:
            listed = _listed(other)
            new = listed - self._in_others[other]
            for name in new:
                if OTHERS.match(name):
                    continue
                path = Path(other, name)
                _remove(path)

    def _link(self) -> None:
        """Link folders from elsewhere, unless their names are taken."""
        for name, target in self._links.items():
            path = self._path(name)
            with contextlib.suppress(OSError):
                if not path.exists():
                    path.symlink_to(target, target_is_directory=True)

    def replace(self, name: str, sha256: str, content: bytes) -> list[str]:
        """Replace a file and its copies under other names.

        Args:
            name: its name.
            sha256: hash of its content.
            content: its new content, until the directory is restored.

        Returns:
            The paths of the replaced files.
        """
        paths = []
        for laid in self._marks:
            if laid != name and not self._is_copy(laid, sha256):
                continue
            self._replaced[laid] = content
            self._put_back(laid)
            path = self._path(laid)
            real_path = os.path.realpath(path)
            paths.append(real_path)
        return paths

    def _is_copy(self, name: str, sha256: str) -> bool:
        try:
            content = self._content(name)
        except (OSError, KeyError):
            return False
        return hashlib.sha256(content).hexdigest() == sha256

    def _put_back(self, name: str) -> bool:
        """Write an original file again; return whether that was possible."""
        path = self._path(name)
        try:
            content = self._content(name)
            if path.is_dir() and not path.is_symlink():
                _remove(path)
            else:
                path.unlink(missing_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            size, changed_ns = self._marks[name]
            os.utime(path, ns=(changed_ns, changed_ns))
        except (OSError, KeyError):
            return False
        return size == len(content)

    def _content(self, name: str) -> bytes:
        if name in self._replaced:
            return self._replaced[name]
        if self._originals is None:
            return self._contents[name]
        parts = name.split("/")
        original = Path(self._originals, *parts)
        return original.read_bytes()

    def _remove_new_files(self) -> None:
        """Remove all other files. Links are removed, never followed."""
        for folder, inner_folders, files in os.walk(self.folder):
            for inner in list(inner_folders):
                path = Path(folder, inner)
                name = self._name_of(path)
                if path.is_symlink() or name not in self._folders:
                    inner_folders.remove(inner)
                    _remove(path)
            for file in files:
                path = Path(folder, file)
                name = self._name_of(path)
                if name not in self._marks:
                    _remove(path)

    def _name_of(self, path: Path) -> str:
        """Return the path of a file or folder in the directory, with slashes."""
        relative = path.relative_to(self.folder)
        return relative.as_posix()


def _names_below(folder: str) -> Iterator[str]:
    for inner, _, files in os.walk(folder):
        for file in files:
            path = Path(inner, file)
            relative = path.relative_to(folder)
            yield relative.as_posix()


def _folders_of(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for parent in Path(name).parents:
            yield parent.as_posix()


def _listed(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208 - names, not paths
    except OSError:
        return set()


def _mark(path: Path) -> Mark | None:
    """Return size and time of a regular file; None if there is none."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
