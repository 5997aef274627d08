"""Find the sentences of a text and the comments of code. Pure.

All takes time that grows with the text only, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.notebook.folding import split_words

MAX_PROSE = 20_000
"""Characters in which sentences are looked for."""

LEAST_WORDS = 5
"""Words below which a sentence is anybody's."""

LEAST_PLAIN = 4
"""Plain words below which a text is no sentence: an address, a list of numbers and a line of code
that is commented out have fewer."""

MAX_WORDS = 60
"""Words by which a sentence is known."""

_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s|\n")
_PLAIN = re.compile(r"""["'“‘(*_]*[^\W\d_]{2,}[-,;:.!?…"'”’)*_]*""")
_COMMENT = re.compile(r"""^(?:[^"'#\n]*[ \t])?\#+([^\n]*)$""", re.MULTILINE)


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """List the sentences of a text that are long enough to compare.

    Returns:
        Each as it is written, and its words without case, accents and signs.
    """
    text = text[:MAX_PROSE]
    start = 0
    for end in _sentence_ends(text):
        sentence = text[start:end]
        start = end

        words = split_words(sentence)[:MAX_WORDS]
        if len(words) < LEAST_WORDS:
            continue
        if _count_plain_words(sentence) < LEAST_PLAIN:
            continue
        yield sentence.strip(), " ".join(words)


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text):
        yield match.end()
    yield len(text)


def _count_plain_words(text: str) -> int:
    count = 0
    for word in text.split():
        if _PLAIN.fullmatch(word):
            count += 1
    return count


def comments(source: str) -> Iterator[tuple[int, str]]:
    """List the comments of code, each with its line, from 1."""
    for match in _COMMENT.finditer(source[:MAX_PROSE]):
        line = source.count("\n", 0, match.start()) + 1
        yield line, match[1]
