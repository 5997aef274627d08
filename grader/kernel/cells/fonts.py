"""Draw with other fonts in place of those of another machine. Runs inside the student's kernel.

Notebooks whose labels are Korean, Chinese or Japanese load a font by its path, after `!apt-get
install fonts-nanum`. Without it the labels look otherwise, and nothing else changes.
"""

from __future__ import annotations

import functools
import os
import types
from typing import Any

from grader.kernel.portability.paths import is_there
from grader.kernel.recording.hooks import when_imported


def install() -> None:
    """Ignore fonts that are not here once matplotlib's fonts are imported."""
    when_imported("matplotlib.font_manager", _ignore_missing)


def _ignore_missing(font_manager: types.ModuleType) -> None:
    manager = font_manager.FontManager
    plain_add = manager.addfont

    @functools.wraps(plain_add)
    def addfont(fonts: Any, path: Any) -> None:
        if is_there(os.fsdecode(path)):
            plain_add(fonts, path)

    properties = font_manager.FontProperties
    plain_set = properties.set_file

    @functools.wraps(plain_set)
    def set_file(font: Any, file: Any) -> None:
        is_missing = file is not None and not is_there(os.fsdecode(file))
        plain_set(font, None if is_missing else file)

    manager.addfont = addfont
    properties.set_file = set_file
    if not hasattr(font_manager, "_rebuild"):  # read the fonts again, up to matplotlib 3.3
        setattr(font_manager, "_rebuild", _rebuild)  # noqa: B010 - mypy knows no such attribute


def _rebuild(*_: Any, **__: Any) -> None:
    """Do nothing: fonts are found without it."""
