"""Distinguish calls by a student's or author's code from calls that libraries make.

Runs inside the student's kernel.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.aliases import AUTHORS_MODULE

IMPORTS = "importlib"
"""Begins the names of the modules that import others; frozen ones have an underscore before it."""

LISTING = frozenset(
    {"os", "glob", "pathlib", "genericpath", "posixpath", "ntpath", "shutil", "grader"}
)
"""Modules that list folders for whoever calls them."""


class Callers:
    """Finds the code that makes a call, from the frames above it."""

    def __init__(self, namespace: Callable[[], dict[str, Any]], folder: str) -> None:
        """Initialise with a getter of the current namespace, and the working directory."""
        self._namespace = namespace
        self._folder = folder

    def are_students(self, frame: types.FrameType | None) -> bool:
        """Return whether the student's code makes a call, directly or through a library.

        Calls while a module is imported are not the student's, unless the module is.
        """
        namespace = self._namespace()
        while frame is not None:
            if self._is_students(frame, namespace):
                return True
            name = _module_name(frame)
            plain_name = name.lstrip("_")
            if plain_name.startswith((IMPORTS, f"frozen_{IMPORTS}")):
                return False
            frame = frame.f_back
        return False

    def list_for_student(self, frame: types.FrameType | None) -> bool:
        """Return whether the student's code itself lists a folder."""
        namespace = self._namespace()
        while frame is not None and not self._is_students(frame, namespace):
            name = _module_name(frame)
            top = name.partition(".")[0]
            is_datasets = name.startswith("torchvision.datasets")
            if top not in LISTING and not is_datasets:
                return False
            frame = frame.f_back
        return frame is not None

    def _is_students(self, frame: types.FrameType, namespace: dict[str, Any]) -> bool:
        if frame.f_globals is namespace or _module_name(frame) == AUTHORS_MODULE:
            return True
        file = frame.f_code.co_filename
        return file.startswith(self._folder)


def _module_name(frame: types.FrameType) -> str:
    """Return the name of the module that a frame's code is in; empty if it has none."""
    name = frame.f_globals.get("__name__", "")
    return str(name)
