"""Reads the sentences of a text, and the comments of code. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.assignment import words

MAX_PROSE = 20_000
"""Characters in which sentences are looked for."""
LEAST_WORDS = 5
"""A sentence of fewer words is anybody's."""
LEAST_PLAIN = 4
"""So many of them stand there as words: an address, a list of numbers and a line of code that is commented out have
fewer."""
MAX_WORDS = 60
"""Words by which a sentence is known."""

# All take time that grows with the text only, whatever is in it.
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s|\n")
_PLAIN = re.compile(r"""["'“‘(*_]*[^\W\d_]{2,}[-,;:.!?…"'”’)*_]*""")
_COMMENT = re.compile(r"""^(?:[^"'#\n]*[ \t])?\#+([^\n]*)$""", re.MULTILINE)


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a text that say something: each as written, and its words without case, accents and signs."""
    text = text[:MAX_PROSE]
    start = 0
    for end in (*(found.end() for found in _SENTENCE_END.finditer(text)), len(text)):
        said = words(text[start:end]).split()[:MAX_WORDS]
        if len(said) >= LEAST_WORDS and sum(map(_is_plain, text[start:end].split())) >= LEAST_PLAIN:
            yield text[start:end].strip(), " ".join(said)
        start = end


def comments(source: str) -> Iterator[tuple[int, str]]:
    """The comments of code, each with its line, from 1."""
    for found in _COMMENT.finditer(source[:MAX_PROSE]):
        yield source.count("\n", 0, found.start()) + 1, found[1]


def _is_plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None
