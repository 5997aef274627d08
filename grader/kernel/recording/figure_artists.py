"""Find the visible contents of a matplotlib figure.

Runs inside the student's kernel. SECURITY: matplotlib's own view of an artist counts, not that of a
class of the notebook.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

from grader.kernel.recording.inspection import class_attribute, is_students_class

DOTS = "dots"
"""The kind of a line that shows its points only, which may be meant as a cloud."""
NO_MARKER = ("None", "", " ", None)
NO_LINE = "None"

KINDS = {
    "Line2D": "line",
    "PathCollection": "cloud",
    "Rectangle": "bars",
    "AxesImage": "image",
    "QuadMesh": "image",
    "QuadContourSet": "contour",
    "TriContourSet": "contour",
    "Wedge": "pie",
    "FillBetweenPolyCollection": "area",
    "PolyCollection": "area",
}
"""Kinds of drawings, by their classes."""

ANIMATION = "matplotlib.animation"
"""Module that draws frames later, into lines and clouds that may be empty until then."""

MAX_LABEL = 200

SEEN_CATEGORIES = "LNPS"
"""First letters of the Unicode categories of visible characters."""

UNSEEN = frozenset("${}\\~\u115f\u1160\u2800\u3164\uffa0")
"""Characters in these categories that show nothing by themselves."""


def own_call(artist: Any, method: str, *args: Any, **named: Any) -> Any:
    """Call a method that matplotlib has for an artist, not one that the notebook defines."""
    for kind in class_attribute(type(artist), "__mro__"):
        if not is_students_class(kind):
            function = getattr(kind, method)
            return function(artist, *args, **named)
    raise AttributeError(method)


def artists_in(axes: Any) -> list[Any]:
    """List the artists of an axes that are visible and have something to draw."""
    frame = (axes.patch, axes.legend_)
    artists = []
    for artist in own_call(axes, "get_children"):
        if artist not in frame and _is_drawn(artist):
            artists.append(artist)
    return artists


def kind_of(artist: Any) -> str:
    """Return the kind of an artist; empty: it is of no kind that counts."""
    for kind in class_attribute(type(artist), "__mro__"):
        if is_students_class(kind):
            continue
        name = KINDS.get(kind.__name__, "")
        if name == "line" and _has_only_points(artist):
            return DOTS
        if name:
            return name
    return ""


def shown_text(text: Any) -> str:
    """Return the beginning of a text; nothing if it has no character that can be seen."""
    label = str(text)
    for character in label:
        category = unicodedata.category(character)
        is_seen = category[0] in SEEN_CATEGORIES
        if is_seen and character not in UNSEEN:
            return label[:MAX_LABEL]
    return ""


def _is_drawn(artist: Any) -> bool:
    kind = kind_of(artist)
    if not kind:
        return False
    if not own_call(artist, "get_visible"):
        return False
    alpha = own_call(artist, "get_alpha")
    if isinstance(alpha, int | float) and alpha == 0:
        return False

    if kind == "line" and own_call(artist, "get_linestyle") == NO_LINE:
        return False
    if ANIMATION in sys.modules:
        return True
    if kind == "cloud":
        points = own_call(artist, "get_offsets")
        return len(points) > 0
    if kind in ("line", DOTS):
        return _has_points(artist)
    return True


def _has_only_points(line: Any) -> bool:
    """Return whether a line shows its points only: `plot(x, y, "o")`."""
    if own_call(line, "get_linestyle") != NO_LINE:
        return False
    return own_call(line, "get_marker") not in NO_MARKER


def _has_points(line: Any) -> bool:
    """Return whether a line has a point with finite numbers."""
    numpy = sys.modules["numpy"]
    x, y = own_call(line, "get_data", orig=False)
    finite = numpy.isfinite(x) & numpy.isfinite(y)
    return bool(finite.any())
