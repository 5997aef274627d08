"""Find prose in cells, and fold its words for comparing."""

from __future__ import annotations

import ast
import functools
import re
import unicodedata
import warnings


def prose_of(source: str) -> str:
    """The text of a code cell that holds only comments or a string, or that is prose; else empty."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no business of the terminal
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source if _reads_as_prose(source) else ""
    if not body:
        return "\n".join(line.strip().lstrip("#").strip() for line in source.splitlines())
    texts = [_constant_text(statement) for statement in body]
    return "" if None in texts else "\n\n".join(text for text in texts if text)


def _reads_as_prose(source: str) -> bool:
    """Whether what does not parse is an answer typed into a code cell, rather than broken code."""
    return len(word_spans(source)) >= QUOTED_WORDS and not _COMMAND.search(source)


def _constant_text(statement: ast.stmt) -> str | None:
    """The text of a statement that is a string, or prints one."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "print"
    ):
        value = value.args[0] if len(value.args) == 1 and not value.keywords else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end; markup has none."""
    bare = _HTML.sub(lambda match: " " * len(match[0]), text)
    return [match.span() for match in _WORD.finditer(bare)]


@functools.lru_cache(maxsize=4096)  # a class shares most of its lines
def folded_words(text: str) -> str:
    """The words of a text without case and accents, each between blanks."""
    return f" {' '.join(_fold_word(text[begin:end]) for begin, end in word_spans(text))} "


def _fold_word(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


QUOTED_WORDS = 4
"""From this many words on, what the handout says is taken out of a block it stands inside."""


_COMMAND = re.compile(r"[=\[\]{}]|^\s*(?:[!%?]|pip |conda |apt)", re.MULTILINE)


# Each alternative stops where the next one could begin, so that the search takes linear time on any text.
_HTML = re.compile(r"<!--(?:(?!-->|<!--).)*-->|</?(?!img)[a-zA-Z][^<>]*>|&#?\w{1,10};", re.DOTALL)


_WORD = re.compile(r"[^\W_]+")
