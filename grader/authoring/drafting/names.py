"""Name exercises in kebab case, after what the notebook calls them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from grader.notebook.folding import split_words

MAX_WORDS = 5
"""Most words of a heading that a name takes."""
MAX_LENGTH = 50
"""Most characters of a name."""

_NUMBERED = re.compile(
    r"^\W*(exerc[ií]cio|exercise|atividade|activity|tarefa|task|quest[aã]o|question"
    r"|problema|problem|desafio|challenge"
    r"|parte|part|passo|step|sua vez|your turn|todo|q)?"
    r"\s*(n[ºo.]\s*)?\d*[a-z]?\s*([.):–—-]+\s*|$)",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\s*[(\[]\s*(?P<points>\d+([.,]\d+)?)\s*(points?|pts?|pontos?|marks?)\.?\s*[)\]]",
    re.IGNORECASE,
)
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_LATIN = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ß": "ss",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
    }
)
"""Letters of the Latin alphabet that are no other one with an accent."""
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SMALL_WORDS = "a o e de do da dos das em no na um uma para com the of and to in an for with"
_SMALL = frozenset(_SMALL_WORDS.split())


def is_kebab(name: str) -> bool:
    """Tell whether a name is small letters and digits with single dashes between them."""
    if len(name) > MAX_LENGTH:
        return False
    return bool(_KEBAB.fullmatch(name))


def kebab(text: str) -> str:
    """Write a text in kebab case, without accents; empty if it has no letters and digits."""
    words = split_words(text.replace("_", " "))
    return _join_words(words)


def strip_number(heading: str) -> str:
    """Strip `Exercise 2:` from a heading; empty if nothing else is there."""
    if not heading:
        return ""
    return _NUMBERED.sub("", heading, count=1).strip(" *_#:–—-")


def significant_words(text: str) -> frozenset[str]:
    """Collect the words that say what a heading, or a name in code, speaks of."""
    unnumbered = strip_number(text).replace("_", " ")
    return frozenset(split_words(unnumbered)) - _SMALL


def split_points(heading: str) -> tuple[str, float | None]:
    """Split the points off a heading; None if it says none."""
    match = _POINTS.search(heading)
    if match is None:
        return heading, None
    title = _POINTS.sub("", heading, count=1).strip()
    points = match["points"].replace(",", ".")
    return title, float(points)


def choose_name(
    said: str,
    heading: str,
    variable: str,
    taken: Collection[str],
) -> str:
    """Choose a name for an exercise that no other has.

    Args:
        said: the name that the notebook gives it; empty: none.
        heading: the heading above it.
        variable: the name that holds its answer; empty: none.
        taken: the names of other exercises.
    """
    words = [word for word in split_words(strip_number(heading)) if word not in _SMALL]
    candidates = [
        kebab(said),
        _join_words(words[:MAX_WORDS]),
        kebab(heading),
        kebab(variable),
    ]
    names = [_with_letters(name) for name in candidates if name] or ["exercise"]
    for name in names:
        if name not in taken:
            return name

    number = 2
    while f"{names[0]}-{number}" in taken:
        number += 1
    return f"{names[0]}-{number}"


def _with_letters(name: str) -> str:
    """Say what a number counts, which is all that is left of a heading in another script."""
    return f"exercise-{name}" if name.replace("-", "").isdigit() else name


def _join_words(words: Collection[str]) -> str:
    """Join words by dashes, as far as they can be written in small letters from a to z."""
    plain_words = [_NOT_PLAIN.sub("", word.translate(_LATIN)) for word in words]
    joined = "-".join(filter(None, plain_words))
    return joined[:MAX_LENGTH].strip("-")
