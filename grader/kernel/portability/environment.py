"""Provide folders and locales of other systems, and note missing environment variables.

Runs inside the student's kernel. A variable with a key or setting of another machine ends the cell
that reads it, as it should; the read is noted, because it is not the student's fault.
"""

from __future__ import annotations

import locale
import os
import sys
from pathlib import Path
from typing import Any

from grader.kernel.portability.paths import Note

HOME_ELSEWHERE = ("USERPROFILE", "HOMEPATH", "OneDrive", "APPDATA", "LOCALAPPDATA")
"""Variables that name the user's folder on Windows, or one below it."""


def install(note: Note) -> None:
    """Create the folders, accept any locale, and watch which variables notebooks read."""
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
    _accept_any_locale()


def _accept_any_locale() -> None:
    """Ignore locales that are not installed."""
    plain_setlocale = locale.setlocale
    refused = locale.Error

    def setlocale(category: int, locale: Any = None) -> str:
        try:
            return plain_setlocale(category, locale)
        except refused:
            return plain_setlocale(category)

    locale.setlocale = setlocale
