"""Hide held-out files from a notebook's code, while the author's code reads them.

Runs in the student's kernel. SECURITY: a model that could read the labels of its test data would
always be right. While such files exist, only the author's code can open them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import threading
import types
from typing import Any

from grader.kernel.recording.namespaces import Namespace

LAYING = "grader.kernel.probing.probes"
"""The module that lays files in and takes them out."""

MEASURING = "grader.kernel.probing.measured"
"""The module that calls a model of the notebook for code of the author's."""

OWN_FOLDER = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - as everywhere in the kernel
"""Folder of the grader's own modules, which may be the working directory in a test."""

ENVIRONMENT = sys.prefix + os.sep
"""Folder of the environment, which may lie in the working directory when a student checks."""

MAX_SPACES = 64
"""Most namespaces of the author's code that are known, the last ones."""

_READING = (
    "open os.chdir os.rename os.link os.symlink os.listdir os.scandir os.chmod sqlite3.connect"
)
_STARTING = "subprocess.Popen os.system os.posix_spawn os.exec"
STARTING = frozenset(_STARTING.split())
"""Functions that start another program, which could read any file."""
_FRAMES = "sys._getframe sys._current_frames sys._current_exceptions sys.setprofile sys.settrace"
_OBJECTS = "gc.get_objects gc.get_referrers gc.get_referents ctypes.dlopen ctypes.dlsym"
LOOKING = frozenset(f"{_FRAMES} {_OBJECTS}".split())
"""Functions that give access to objects of other code, such as contents that the author's code has
read.
"""
ATTRIBUTE = "object.__getattr__"
FRAME_ATTRIBUTES = frozenset(("tb_frame", "gi_frame", "cr_frame", "ag_frame"))
"""Attributes that Python audits, since they lead to a frame."""
WATCHED_EVENTS = STARTING.union(LOOKING, (ATTRIBUTE,), _READING.split())
"""Audit events by which a file, or contents read from it, could be read or moved."""

SHOWING_FRAMES = frozenset(("", "__main__", "inspect", "traceback", "IPython", "pandas", "bdb"))
"""Packages that return inspected objects to their caller, and code of no module; other libraries
inspect their caller's frame for their own purposes.
"""


class HeldOutFolder:
    """A temporary folder with an unguessable name.

    SECURITY: libraries that read files without Python's knowledge escape the guard. They would have
    to know the name, since the folder above it cannot be listed.
    """

    def __init__(self) -> None:
        """Create it, even if a cell has moved or removed the directory for temporary files."""
        set_by_cells = tempfile.tempdir
        tempfile.tempdir = None
        try:
            self.outer = tempfile.mkdtemp()
        finally:
            tempfile.tempdir = set_by_cells
        drawn = os.urandom(16).hex()
        self.name = os.path.join(self.outer, drawn)  # noqa: PTH118 - as everywhere in the kernel
        os.mkdir(self.name)  # noqa: PTH102
        os.chmod(self.outer, stat.S_IWUSR | stat.S_IXUSR)  # noqa: PTH101

    def remove(self) -> None:
        """Remove it with its contents."""
        with contextlib.suppress(OSError):
            os.chmod(self.outer, stat.S_IRWXU)  # noqa: PTH101
        shutil.rmtree(self.outer, ignore_errors=True)


class HeldOutGuard:
    """Watches one folder with held-out files."""

    def __init__(self) -> None:
        """Initialise without a folder."""
        self.trusts_notebook = False
        """Whether the notebook is the author's own."""
        self._folder = ""
        self._spaces: list[Namespace] = []
        self._notebook: Namespace = {}
        self._home = os.getcwd()  # noqa: PTH109 - where the notebook's own modules lie

    def begin(self, folder: str) -> None:
        """Watch a folder, from its first file on."""
        self._folder = os.path.realpath(folder)
        if not self.trusts_notebook:
            _watch(self)

    def end(self) -> None:
        """Stop watching."""
        self._folder = ""
        self._spaces.clear()
        if self in _WATCHING:
            _WATCHING.remove(self)

    def ask(self, notebook: Namespace) -> None:
        """Set the namespace of the notebook that is being asked."""
        self._notebook = notebook

    def trust(self, space: Namespace) -> None:
        """Let code with these globals open the files: it is the author's."""
        self._spaces.append(space)
        del self._spaces[:-MAX_SPACES]

    def look_at(self, event: str, args: tuple[Any, ...], frame: types.FrameType | None) -> None:
        """Refuse an audit event that could read a held-out file, unless it is the author's.

        Raises:
            PermissionError: it is refused.
        """
        if self._concerns(event, args, frame) and not self._is_authors(frame):
            raise PermissionError("not while something is measured")

    def _concerns(self, event: str, args: tuple[Any, ...], frame: types.FrameType | None) -> bool:
        """Return whether an audit event leads to the files, or to objects read from them."""
        if event == ATTRIBUTE:
            return args[1] in FRAME_ATTRIBUTES
        if event in LOOKING:
            package = _package_of(frame)
            if package in SHOWING_FRAMES:
                return True
            return self._is_handed_in(frame)
        if event in STARTING:
            return True
        return any(map(self._is_inside, args))

    def _is_inside(self, path: Any) -> bool:
        if type(path) is bytes:
            path = os.fsdecode(path)
        if type(path) is not str:
            return False
        try:
            real = os.path.realpath(path)
        except OSError:  # the working directory is gone: relative paths lead nowhere
            return False
        if real == self._folder:
            return True
        inside = self._folder + os.sep
        return real.startswith(inside)

    def _is_authors(self, frame: types.FrameType | None) -> bool:
        """Return whether the author's or the grader's code causes the event."""
        while frame is not None:
            space = frame.f_globals
            if any(space is known for known in self._spaces):
                return True
            if _is_module(LAYING, space):
                return True
            if _is_module(MEASURING, space):
                return False
            if space is self._notebook or self._is_handed_in(frame):
                return False
            frame = frame.f_back
        # A timer of the notebook's may call a library.
        current = threading.current_thread()
        return current is threading.main_thread()

    def _is_handed_in(self, frame: types.FrameType | None) -> bool:
        """Return whether a frame belongs to a module that came with the notebook."""
        file = frame.f_globals.get("__file__") if frame is not None else None
        if type(file) is not str or file.startswith((OWN_FOLDER, ENVIRONMENT)):
            return False
        inside = self._home + os.sep
        return file.startswith(inside)


def _package_of(frame: types.FrameType | None) -> str:
    """Return the package of a frame's code by its module; empty if there is none."""
    if frame is None:
        return ""
    name = frame.f_globals.get("__name__")
    if type(name) is not str or not _is_module(name, frame.f_globals):
        return ""
    package, _, _ = name.partition(".")
    return package


def _is_module(name: str, space: Namespace) -> bool:
    """Return whether a dict is the globals of a module."""
    module = sys.modules.get(name)
    return getattr(module, "__dict__", None) is space


_WATCHING: list[HeldOutGuard] = []
_HOOKED: list[bool] = []
_ASKING: set[int] = set()
"""Threads that are finding out which code is audited."""


def _watch(guard: HeldOutGuard) -> None:
    if not _HOOKED:
        # It cannot be taken out: only a kernel that is asked about held-out files has it.
        sys.addaudithook(_audit)
        _HOOKED.append(True)
    _WATCHING.append(guard)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    """Refuse access to held-out files; called by Python for every audit event."""
    if not _WATCHING or event not in WATCHED_EVENTS:
        return
    thread = threading.get_ident()
    if thread in _ASKING:  # the code below is audited as well
        return
    _ASKING.add(thread)
    try:
        frame = sys._getframe(1)
        for guard in _WATCHING:
            guard.look_at(event, args, frame)
    finally:
        _ASKING.discard(thread)
