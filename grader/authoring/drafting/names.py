"""Names exercises in kebab case, after what the notebook calls them. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

from grader.notebook.cells import words

MAX_WORDS = 5
"""Words of a heading that a name takes."""
MAX_LENGTH = 50

_NUMBERED = re.compile(
    r"^\W*(exerc[ií]cio|exercise|atividade|activity|tarefa|task|quest[aã]o|question|problema|problem|desafio|challenge"
    r"|parte|part|passo|step|sua vez|your turn|todo|q)?\s*(n[ºo.]\s*)?\d*[a-z]?\s*([.):–—-]+\s*|$)",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\s*[(\[]\s*(?P<points>\d+([.,]\d+)?)\s*(points?|pts?|pontos?|marks?)\.?\s*[)\]]",
    re.IGNORECASE,
)
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ARTICLES = "a o e de do da dos das em no na um uma para com the of and to in an for with"
_SMALL = frozenset(_ARTICLES.split())


def is_kebab(name: str) -> bool:
    """Whether a name is in kebab case: small letters, digits, and single dashes between them."""
    return bool(_KEBAB.fullmatch(name)) and len(name) <= MAX_LENGTH


def kebab(text: str) -> str:
    """A text in kebab case, without accents; empty if it has no letters and digits."""
    return "-".join(words(text.replace("_", " ")).split())[:MAX_LENGTH].strip("-")


def without_number(heading: str) -> str:
    """A heading without `Exercise 2:` before it; empty if nothing else is there."""
    return _NUMBERED.sub("", heading, count=1).strip(" *_#:–—-") if heading else ""


def significant(text: str) -> frozenset[str]:
    """The words that say what a heading, or a name in code, speaks of."""
    return frozenset(words(without_number(text).replace("_", " ")).split()) - _SMALL


def points_in(heading: str) -> tuple[str, float | None]:
    """A heading without the points that it says, and these; None: it says none."""
    found = _POINTS.search(heading)
    if found is None:
        return heading, None
    return _POINTS.sub("", heading, count=1).strip(), float(found["points"].replace(",", "."))


def name_of(said: str, heading: str, variable: str, taken: Collection[str]) -> str:
    """A name for an exercise that no other has.

    Args:
        said: what the notebook calls it; empty: nothing.
        heading: the heading above it.
        variable: the name that holds its answer; empty: none.
        taken: the names of others.
    """
    told = [word for word in words(without_number(heading)).split() if word not in _SMALL][
        :MAX_WORDS
    ]
    choices = [kebab(said), "-".join(told)[:MAX_LENGTH].strip("-"), kebab(heading), kebab(variable)]
    own = [choice for choice in choices if choice] or ["exercise"]
    numbered = (f"{own[0]}-{number}" for number in itertools.count(2))
    return next(choice for choice in itertools.chain(own, numbered) if choice not in taken)
