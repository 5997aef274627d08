"""Tell calls that a student's code makes from those that Python and libraries make by themselves.

Runs inside the student's kernel.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

IMPORTS = "importlib"
"""Begins the names of the modules that import others; frozen ones have an underscore before it."""

LISTING = frozenset(
    {"os", "glob", "pathlib", "genericpath", "posixpath", "ntpath", "shutil", "grader"}
)
"""Modules that list folders for whoever calls them."""


class Callers:
    """Whose call it is, by the frames above it."""

    def __init__(self, namespace: Callable[[], dict[str, Any]], folder: str) -> None:
        """Take what gives the namespace that cells run in now, and the working directory."""
        self._namespace = namespace
        self._folder = folder

    def are_students(self, frame: types.FrameType | None) -> bool:
        """Return whether the student's code makes a call, by itself or through a library.

        What a module does while it is imported is not the student's, unless the module is.
        """
        namespace = self._namespace()
        while frame is not None:
            if self._is_students(frame, namespace):
                return True
            name = str(frame.f_globals.get("__name__", ""))
            if name.lstrip("_").startswith((IMPORTS, f"frozen_{IMPORTS}")):
                return False
            frame = frame.f_back
        return False

    def list_for_student(self, frame: types.FrameType | None) -> bool:
        """Return whether the student's code itself lists a folder."""
        namespace = self._namespace()
        while frame is not None and not self._is_students(frame, namespace):
            name = str(frame.f_globals.get("__name__", ""))
            top = name.partition(".")[0]
            is_datasets = name.startswith("torchvision.datasets")
            if top not in LISTING and not is_datasets:
                return False
            frame = frame.f_back
        return frame is not None

    def _is_students(self, frame: types.FrameType, namespace: dict[str, Any]) -> bool:
        if frame.f_globals is namespace:
            return True
        return frame.f_code.co_filename.startswith(self._folder)
