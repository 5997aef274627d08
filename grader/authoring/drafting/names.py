"""Name exercises in kebab case, after their names in the notebook. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from grader.notebook.folding import split_words

MAX_WORDS = 5
"""Most words of a heading that a name takes."""
MAX_LENGTH = 50
"""Most characters of a name."""

_NUMBERED = re.compile(
    r"^\W*(coding |graded |inline |programming )?"
    r"(exerc[ií]cio|exercise|exercice|ejercicio|esercizio|aufgabe|atividade|activity|actividad"
    r"|tarefa|tarea|task|quest[aã]o|question|pregunta|pergunta|frage|problema|problem|probl[eè]me"
    r"|desafio|challenge|parte|part|passo|step|sua vez|your turn|try it|practice|pr[áa]c?tica"
    r"|checkpoint|todo|ex|q"
    r"|упражнение|задание|задача|άσκηση|ασκηση)?"
    r"\s*(n[ºo.]\s*)?(\d+(\.\d+)+\s|(\d+(\.\d+)*)?\.?[a-z]?\s*([.):–—-]+\s*|$))",
    re.IGNORECASE,
)
_POINT_WORDS = (
    r"(?:points?|pts?|pontos?|puntos?|ptos?|punkte?n?|punti|punten|marks?|баллов|балла?|p"
    r"|分|点|點|점|درجات|درجة|نقاط|نقطة|puan|điểm|pkt|punkt[yó]w?|poäng|bod[yů]?|μονάδες|נקודות)"
)
_EXTRA = (
    r"(?:bonus|extra|optional|facultati[fv]e?|facoltativ[oi]|dodatkow\w*|zusätzliche?"
    r"|adicional\w*)"
)
"""Words for points beyond those of the others."""
_TOTAL = r"(?:(?:in|no|en|au|im)\s+)?(?:total|insgesamt|ao todo|gesamt)"
_EACH = r"each|apiece|per \w+|cada(?: uma?)?|je|jeweils|chac\w+|ciascun\w+"
"""Words for points of every part."""
_DUAL = r"درجتان|نقطتان"
"""Two points, in the Arabic dual."""
_POINTS = re.compile(
    rf"\s*[(\[（【]\s*(?:(?:worth|vale|valor|total|max|{_EXTRA})\b\.?[:,]?\s*)?"
    rf"(?:(?P<dual>{_DUAL})|(?:[^\W\d][\w ]{{2,20}}:\s*)?\+?(?P<points>\d+(?:[.,]\d+)?)"
    rf"\s*(?:{_EXTRA}\s*)?{_POINT_WORDS}\.?\s*(?:{_EXTRA}|{_TOTAL}|(?P<each>{_EACH}))?)"
    rf"(?:[,;][^()\[\]]{{0,40}})?\s*[)\]）】]",
    re.IGNORECASE,
)
"""Points in brackets: "(3 points)", "[Code: 2 pts]", "(+1 bonus point)", "(2 points in total)"."""
_LOOSE_POINTS = re.compile(
    r"\b(?:points|pontos|puntos|punti|punkte|marks)\W*[:=]\W*(?P<before>\d+(?:[.,]\d+)?)"
    r"|[-–—,:]\s*(?P<after>\d+(?:[.,]\d+)?)\s*(?:points|pts|pontos|puntos|punti|punkte|marks)\b"
    r"|[(\[]\s*[_.…]*\s*/\s*(?P<out_of>\d+)\s*(?:p(?:oin)?ts?)?\s*[)\]]"
    r"|[(\[]\s*out\s+of\s+(?P<of>\d+)\s*(?:points?|pts?|marks?)\s*[)\]]"
    r"|[(\[]\s*(?P<share>\d+(?:[.,]\d+)?)\s*%\s*(?:(?:of|da|de|der|du)\b[^()\[\]]{0,30})?[)\]]"
    r"|\brubric\s*[:=]\s*\{[^{}:]*:\s*(?P<rubric>\d+)",
    re.IGNORECASE,
)
"""Points that a title keeps: "Points: 3", "– 3 marks", "[/3]", "(30%)", "rubric={autograde:3}"."""
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
_CYRILLIC = (
    "а a б b в v г g д d е e ё e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х kh "
    "ц ts ч ch ш sh щ shch ъ - ы y ь - э e ю yu я ya і i ї i є ye ґ g"
)
_GREEK = (
    "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch "
    "ψ ps ω o"
)
_LETTERS = (_CYRILLIC + " " + _GREEK).split()
_LATIN |= str.maketrans(dict(zip(_LETTERS[::2], _LETTERS[1::2], strict=True)))
_LABEL = re.compile(r"[a-z-]+\d+")
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SMALL_WORDS = "a o e de do da dos das em no na um uma para com the of and to in an for with"
_SMALL = frozenset(_SMALL_WORDS.split())


def is_kebab(name: str) -> bool:
    """Return whether a name is small letters and digits with single dashes between them."""
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
    """Collect the significant words of a heading, or of a name in code."""
    unnumbered = strip_number(text).replace("_", " ")
    return frozenset(split_words(unnumbered)) - _SMALL


def says_points(heading: str) -> bool:
    """Return whether a heading contains points in brackets."""
    return _POINTS.search(heading) is not None


def gives_points_to_each(text: str) -> bool:
    """Return whether a text gives its points to each of several parts: "(2 points each)"."""
    matches = _POINTS.finditer(text)
    return any(match["each"] for match in matches)


def strip_points(heading: str, instead: str = "") -> str:
    """Strip a heading of the points in brackets, or put something in their place."""
    return _POINTS.sub(instead, heading, count=1).strip()


def split_points(heading: str) -> tuple[str, float | None]:
    """Split the points off a heading; None if it says none."""
    match = _POINTS.search(heading)
    if match is None:
        return heading, _loose_points(heading)
    title = strip_points(heading)
    if match["dual"]:
        return title, 2.0
    points = match["points"].replace(",", ".")
    return title, float(points)


def _loose_points(text: str) -> float | None:
    match = _LOOSE_POINTS.search(text)
    if match is None:
        return None
    said = []
    for points in match.groups():
        if points:
            said.append(points)
    return float(said[0].replace(",", "."))


def choose_name(
    said: str,
    heading: str,
    variable: str,
    taken: Collection[str],
) -> str:
    """Choose a name for an exercise that no other has.

    Args:
        said: its name in the notebook; empty: none.
        heading: the heading above it.
        variable: the name that holds its answer; empty: none.
        taken: the names of other exercises.
    """
    unnumbered = strip_number(heading)
    words = []
    for word in split_words(unnumbered):
        if word not in _SMALL:
            words.append(word)
    candidates = [kebab(said)]
    if len(words) > MAX_WORDS:
        if len(variable) > 1 and re.search(rf"\b{re.escape(variable)}\b", unnumbered):
            candidates.append(kebab(variable))
        candidates.append(_label(heading, unnumbered))
    candidates += [_join_words(words[:MAX_WORDS]), kebab(heading), kebab(variable)]
    names = [_with_letters(name) for name in candidates if name] or ["exercise"]
    for name in names:
        if name not in taken:
            return name

    number = 2
    while f"{names[0]}-{number}" in taken:
        number += 1
    return f"{names[0]}-{number}"


def _label(heading: str, unnumbered: str) -> str:
    """Return the word and number that a heading begins with, as `question-3`; empty if none."""
    label = kebab(heading.removesuffix(unnumbered))
    if not _LABEL.fullmatch(label):
        return ""
    return label


def _with_letters(name: str) -> str:
    """Add a word to a number that is all that is left of a heading in another script."""
    if not name.replace("-", "").isdigit():
        return name
    return f"exercise-{name}"


def _join_words(words: Collection[str]) -> str:
    """Join words by dashes, as far as they can be written in small letters from a to z."""
    plain_words = []
    for word in words:
        plain_words.append(_NOT_PLAIN.sub("", word.translate(_LATIN)))
    joined = "-".join(filter(None, plain_words))
    return joined[:MAX_LENGTH].strip("-")
