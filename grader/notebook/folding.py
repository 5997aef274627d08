"""Fold text for comparing: white space, case, accents and punctuation."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def fold(source: str) -> str:
    """Remove the white space that does not matter from a cell's source.

    Two cells count as the same if their folded sources are equal. Indentation and spaces inside a
    line are folded as well: a cell that differs from the handout only in them computes the same.
    """
    lines = [" ".join(line.split()) for line in source.split("\n")]
    return "\n".join(line for line in lines if line)


def without_accents(text: str) -> str:
    """Remove case and accents from a text."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def split_words(text: str) -> list[str]:
    """Split a text into its words, without case, accents and punctuation."""
    return _WORD.findall(without_accents(text))


def fold_words(text: str) -> str:
    """Join the folded words of a text, with a blank before and after each.

    A phrase is in a text if its folded words are in those of the text: the blanks keep it from
    matching a part of a word.
    """
    return f" {' '.join(split_words(text))} "
