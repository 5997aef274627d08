"""Give a notebook the folders and languages of other systems, and tell which variables it lacks.

Runs inside the student's kernel. A variable with a key or a setting of another machine ends the
cell that reads it, as it should; that it was read is noted, for it is no fault of the student's.
"""

from __future__ import annotations

import locale
import os
import sys
from pathlib import Path
from typing import Any

from grader.kernel.paths import Note

HOME_ELSEWHERE = ("USERPROFILE", "HOMEPATH", "OneDrive", "APPDATA", "LOCALAPPDATA")
"""Variables that name the user's folder on Windows, or one below it."""


def install(note: Note) -> None:
    """Set the folders, take any language, and watch which variables notebooks read."""
    home = str(Path.home())
    for name in HOME_ELSEWHERE:
        os.environ.setdefault(name, home)

    environment = type(os.environ)
    plain_getitem = environment.__getitem__

    def getitem(self: Any, key: Any) -> Any:
        try:
            return plain_getitem(self, key)
        except KeyError:
            # Libraries look for hundreds of variables, most of them in vain.
            caller = sys._getframe(1)
            if caller.f_globals.get("__name__") == "__main__":
                note("missing-variable", str(key))
            raise

    environment.__getitem__ = getitem  # type: ignore[method-assign]
    _take_any_language()


def _take_any_language() -> None:
    """Make a language that is not installed leave numbers and dates as they are."""
    plain_setlocale = locale.setlocale
    refused = locale.Error

    def setlocale(category: int, locale: Any = None) -> str:
        try:
            return plain_setlocale(category, locale)
        except refused:
            return plain_setlocale(category)

    locale.setlocale = setlocale
