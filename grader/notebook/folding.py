"""Normalise text for comparisons: white space, case, accents and punctuation."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def fold(source: str) -> str:
    """Remove insignificant white space from a cell's source.

    Two cells count as the same if their folded sources are equal. Indentation and spaces inside a
    line are folded as well: a cell that differs from the handout only in them computes the same.
    """
    lines: list[str] = []
    for line in source.split("\n"):
        words = line.split()
        if words:
            lines.append(" ".join(words))
    return "\n".join(lines)


def without_accents(text: str) -> str:
    """Remove case and accents from a text."""
    lower_case = text.casefold()
    decomposed = unicodedata.normalize("NFKD", lower_case)
    letters = [letter for letter in decomposed if not unicodedata.combining(letter)]
    return "".join(letters)


def split_words(text: str) -> list[str]:
    """Split a text into words, without case, accents and punctuation."""
    return _WORD.findall(without_accents(text))


def fold_words(text: str) -> str:
    """Join the normalised words of a text, with a space before and after each.

    A phrase is in a text if its folded words are in those of the text: the blanks keep it from
    matching a part of a word.
    """
    words = split_words(text)
    joined = " ".join(words)
    return f" {joined} "
