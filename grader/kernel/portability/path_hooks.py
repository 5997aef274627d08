"""Redirect paths of another machine to local files. Runs inside the student's kernel.

`open` and the functions of `os` are called unchanged first. Only if they find nothing, and the
student's code made the call, is a matching file in the working directory used; otherwise the error
stays.
"""

from __future__ import annotations

import builtins
import bz2
import errno
import functools
import glob
import io
import os
import shutil
import sys
import tarfile
import types
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.kernel.portability.databases import can_write, wrap_connect
from grader.kernel.portability.laid_files import is_url, parts_of
from grader.kernel.portability.paths import ForeignPaths, is_there, text_of
from grader.kernel.recording.callers import Callers
from grader.kernel.recording.hooks import when_imported

Function = Callable[..., Any]

Redirect = Callable[[Any], str | None]
"""Returns the path to use in place of a missing one; None: there is none."""

UNWRITABLE: frozenset[int | None] = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EROFS, errno.EACCES, errno.EPERM, errno.EINVAL}
)
"""Errors of a folder that is not there, or not ours."""

MISSING: frozenset[int | None] = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EINVAL}
)

WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT

READERS = (
    ("torch", "", "from_file", "filename"),
    ("torch", "UntypedStorage", "from_file", "filename"),
    ("torch", "jit", "load", "f"),
    ("cv2", "", "imread", "filename"),
    ("runpy", "", "run_path", "path_name"),
    ("torchvision.io.image", "", "read_file", "path"),
)
"""Functions that open a file by themselves.

Each is a module, a module or class in it, a function, and the name of its first parameter.
"""


def install(paths: ForeignPaths, callers: Callers) -> None:
    """Wrap functions that open, find, list and create files and folders."""
    hooks = _PathHooks(paths, callers)
    hooks.wrap_open()
    hooks.wrap_os()
    hooks.wrap_copying()
    hooks.wrap_globbing()
    hooks.wrap_libraries()


class _PathHooks:
    """Wraps functions that take a path."""

    def __init__(self, paths: ForeignPaths, callers: Callers) -> None:
        self._paths = paths
        self._callers = callers

    # open

    def wrap_open(self) -> None:
        """Wrap `open` under all its names."""
        opened = self._opening(io.open)
        builtins.open = opened
        io.open = opened
        bz2._builtin_open = opened  # type: ignore[attr-defined]
        tarfile.bltn_open = opened  # type: ignore[attr-defined]

        def wrap_shells(shells: types.ModuleType) -> None:
            shells.io_open = opened  # type: ignore[attr-defined]

        def wrap_numpys(sources: types.ModuleType) -> None:
            sources._file_openers._load()
            sources._file_openers._file_openers[None] = opened

        when_imported("IPython.core.interactiveshell", wrap_shells)
        when_imported("numpy.lib._datasource", wrap_numpys)

    def _opening(self, plain: Function) -> Any:
        @functools.wraps(plain)
        def open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            try:
                return plain(file, mode, *args, **kwargs)
            except OSError as error:
                real = self._opened_instead(file, mode, error)
                if real is None:
                    raise
            return plain(real, mode, *args, **kwargs)

        return open

    def _opened_instead(self, file: Any, mode: Any, error: OSError) -> str | None:
        writes = not set("wax").isdisjoint(mode)
        if writes:
            return self._instead(self._paths.writable, file, error, UNWRITABLE)
        if "+" in mode:  # SECURITY: no file of the assignment is written to by another name
            return None
        return self._instead(self._paths.readable, file, error, MISSING)

    def _instead(
        self, redirect: Redirect, path: Any, error: OSError, errors: Container[int | None]
    ) -> str | None:
        """Return the path to use instead; None to keep the error."""
        if error.errno not in errors:
            return None
        try:
            if self._callers.are_students(sys._getframe(2)):
                return redirect(path)
        except Exception:  # noqa: BLE001 - an error here must not end the student's cell
            return None
        return None

    # os

    def wrap_os(self) -> None:
        """Wrap the functions of `os`, which `os.path`, `pathlib` and `shutil` call."""
        self._redirect(("stat", "lstat"), self._file_or_folder)
        self._redirect(("chmod", "utime"), self._file_or_folder)
        attributes = [name for name in ("listxattr", "getxattr") if hasattr(os, name)]
        self._redirect(attributes, self._file_or_folder)  # which `shutil.copy2` copies
        self._redirect(("remove", "unlink"), self._paths.forget_written)
        _wrap(("listdir", "scandir"), self._listing)
        _wrap(("rename", "replace"), self._renaming)
        _wrap(("open",), self._os_opening)
        _wrap(("mkdir", "chdir"), self._passing_over)

    def _file_or_folder(self, path: Any) -> str | None:
        file = self._paths.existing(path)
        if file is not None:
            return file
        return self._paths.folder_of(path)

    def _redirect(self, names: Sequence[str], redirect: Redirect) -> None:
        for name in names:
            plain = getattr(os, name)
            wrapped = self._redirected(plain, redirect)
            _put(name, wrapped)

    def _redirected(self, plain: Function, redirect: Redirect) -> Function:
        """Wrap a function to use another path if its own is missing."""

        @functools.wraps(plain)
        def wrapped(path: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return plain(path, *args, **kwargs)
            except OSError as error:
                real = self._instead(redirect, path, error, MISSING)
                if real is None or kwargs.get("dir_fd") is not None:
                    raise
            return plain(real, *args, **kwargs)

        return wrapped

    def _os_opening(self, plain: Function) -> Function:
        @functools.wraps(plain)
        def open(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
            try:
                return plain(path, flags, *args, **kwargs)
            except OSError as error:
                redirect = self._paths.readable
                if flags & WRITE_FLAGS:
                    redirect = self._paths.writable
                real = self._instead(redirect, path, error, UNWRITABLE)
                if real is None or kwargs.get("dir_fd") is not None:
                    raise
            return plain(real, flags, *args, **kwargs)

        return open

    def _listing(self, plain: Function) -> Function:
        """Wrap a function to list the working directory in place of a missing folder."""

        @functools.wraps(plain)
        def listed(path: Any = None) -> Any:
            try:
                return plain(path)
            except OSError as error:
                is_missing = error.errno in MISSING
                if not is_missing or not self._callers.list_for_student(sys._getframe(1)):
                    raise
                real = self._paths.listed(path)
                if real is None:
                    raise
            return plain(real)

        return listed

    def _passing_over(self, plain: Function) -> Function:
        """Wrap a function to do nothing if a folder is missing or must not be created."""

        @functools.wraps(plain)
        def wrapped(path: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return plain(path, *args, **kwargs)
            except OSError as error:
                if self._instead(self._paths.make_folder, path, error, UNWRITABLE) is None:
                    raise
            return None

        return wrapped

    def _renaming(self, plain: Function) -> Function:
        """Wrap a function to copy a file that has another name here."""

        @functools.wraps(plain)
        def wrapped(src: Any, dst: Any, **kwargs: Any) -> Any:
            try:
                return plain(src, dst, **kwargs)
            except OSError as error:
                real = self._instead(self._paths.readable, src, error, MISSING)
                if real is None:
                    raise
            if not _is_same_file(real, dst):
                shutil.copyfile(real, dst)
            return None

        return wrapped

    # shutil and glob

    def wrap_copying(self) -> None:
        """Make copying a file onto itself, by another name, do nothing."""
        plain = shutil.copyfile

        @functools.wraps(plain)
        def copyfile(src: Any, dst: Any, **kwargs: Any) -> Any:
            try:
                return plain(src, dst, **kwargs)
            except shutil.SameFileError:
                if os.path.abspath(src) == os.path.abspath(dst):  # noqa: PTH100
                    raise
                self._paths.readable(src)
                return dst

        shutil.copyfile = copyfile

    def wrap_globbing(self) -> None:
        """Make a pattern below a missing folder match local files."""
        plain = glob.glob
        plain_iterator = glob.iglob

        @functools.wraps(plain)
        def globbed(pathname: Any, *args: Any, **kwargs: Any) -> Any:
            matching = list(plain_iterator(pathname, *args, **kwargs))
            return matching or self._matching(pathname)

        @functools.wraps(plain_iterator)
        def globbed_iterator(pathname: Any, *args: Any, **kwargs: Any) -> Any:
            return iter(globbed(pathname, *args, **kwargs))

        glob.glob = globbed
        glob.iglob = globbed_iterator
        for name in ("glob", "rglob"):
            plain_method = getattr(Path, name)
            wrapped = self._globbing(plain_method)
            setattr(Path, name, wrapped)

    def _globbing(self, plain: Function) -> Function:
        """Wrap a method of `Path` in the same way."""
        matching_files = self._matching

        @functools.wraps(plain)
        def globbed(self: Path, pattern: Any, **kwargs: Any) -> Iterator[Path]:
            is_empty = True
            for found in plain(self, pattern, **kwargs):
                is_empty = False
                yield found
            if is_empty:
                matching = matching_files(f"{self}/{pattern}")
                yield from map(Path, matching)

        return globbed

    def _matching(self, pattern: Any) -> list[str]:
        """List the files that match the last part of a pattern."""
        text = text_of(pattern)
        if not text:
            return []
        parts = parts_of(text)
        if not parts or is_there(_folder_before_magic(text)):
            return []
        frame = sys._getframe(2)
        if not self._callers.are_students(frame):
            return []

        paths = self._paths
        matching = paths.laid.matching(parts[-1])
        if matching:
            paths.note("path", text)
        folder = paths.folder
        return [os.path.join(folder, name) for name in matching]  # noqa: PTH118

    # Libraries that open files by themselves

    def wrap_libraries(self) -> None:
        """Wrap functions that open files without Python's `open`."""
        for module, inner, name, parameter in READERS:
            wrap = functools.partial(self._wrap_reader, inner, name, parameter)
            when_imported(module, wrap)
        when_imported("torch", self._wrap_saving)
        when_imported("pandas.io.common", self._wrap_pandas)
        when_imported("sqlite3", functools.partial(wrap_connect, self._paths))
        when_imported("importlib.util", self._wrap_module_finder)

    def _wrap_reader(self, inner: str, name: str, parameter: str, module: types.ModuleType) -> None:
        holder: Any = module
        if inner:
            holder = getattr(module, inner)
        plain = getattr(holder, name)

        @functools.wraps(plain)
        def read(*args: Any, **kwargs: Any) -> Any:
            if args:
                path, *others = args
                return plain(self._readable(path), *others, **kwargs)
            if parameter in kwargs:
                kwargs[parameter] = self._readable(kwargs[parameter])
            return plain(**kwargs)

        setattr(holder, name, staticmethod(read) if isinstance(holder, type) else read)

    def _readable(self, path: Any) -> Any:
        """Return the path to read in place of a missing one; otherwise the path itself."""
        text = text_of(path)
        if text is None or is_there(text):
            return path
        return self._paths.readable(text) or path

    def _wrap_module_finder(self, module: types.ModuleType) -> None:
        """Wrap the function that finds a module by the path of its file."""
        plain: Function = module.spec_from_file_location

        @functools.wraps(plain)
        def spec_from_file_location(name: Any, location: Any = None, **kwargs: Any) -> Any:
            return plain(name, self._readable(location), **kwargs)

        module.spec_from_file_location = spec_from_file_location  # type: ignore[attr-defined]

    def _wrap_saving(self, torch: types.ModuleType) -> None:
        """Wrap `torch.save`, which opens a file in C++."""
        plain = torch.serialization.save

        @functools.wraps(plain)
        def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
            real = None
            if not can_write(f):
                real = self._paths.writable(f)
            return plain(obj, real or f, *args, **kwargs)

        torch.save = save  # type: ignore[attr-defined]
        torch.serialization.save = save

    def _wrap_pandas(self, common: types.ModuleType) -> None:
        """Make pandas read `s3://…/iris.csv` from a local file, and write as `open` does."""
        plain = common.stringify_path

        @functools.wraps(plain)
        def stringify_path(filepath_or_buffer: Any, *args: Any, **kwargs: Any) -> Any:
            text = plain(filepath_or_buffer, *args, **kwargs)
            is_address = type(text) is str and "://" in text
            if not is_address or is_url(text):
                return text
            real = self._paths.readable(text)
            return real or text

        plain_check = common.check_parent_directory

        @functools.wraps(plain_check)
        def check_parent_directory(path: Any) -> None:
            try:
                plain_check(path)
            except OSError:
                if self._paths.writable(path) is None:
                    raise

        common.stringify_path = stringify_path  # type: ignore[attr-defined]
        common.check_parent_directory = check_parent_directory  # type: ignore[attr-defined]


def _wrap(names: Sequence[str], wrapping: Callable[[Function], Function]) -> None:
    """Wrap some functions of `os`."""
    for name in names:
        plain = getattr(os, name)
        wrapped = wrapping(plain)
        _put(name, wrapped)


def _put(name: str, wrapped: Function) -> None:
    """Put a function into `os`, and into the sets of functions that support an argument."""
    plain = getattr(os, name)
    for supporting in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
        if plain in supporting:
            supporting.add(wrapped)
    setattr(os, name, wrapped)


def _is_same_file(one: Any, other: Any) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121
    except OSError:
        return False


def _folder_before_magic(pattern: str) -> str:
    """Return the folder at the start of a pattern, up to the first wildcard."""
    folder = os.path.dirname(pattern)  # noqa: PTH120
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)  # noqa: PTH120
    return folder or os.curdir
