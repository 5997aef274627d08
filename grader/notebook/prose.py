"""Find prose in cells, and normalise its words for comparisons."""

from __future__ import annotations

import ast
import functools
import re
import warnings

from grader.kernel.portability.newer_python import as_older_python
from grader.notebook.folding import without_accents

QUOTED_WORDS = 4
"""Least number of words of a phrase of the handout that is removed from inside a block."""

_COMMAND = re.compile(r"[=\[\]{}]|^\s*(?:[!%?]|pip |conda |apt)", re.MULTILINE)

# Each alternative stops where the next one could begin, so that the search takes linear time.
_HTML = re.compile(r"<!--(?:(?!-->|<!--).)*-->|</?(?!img)[a-zA-Z][^<>]*>|&#?\w{1,10};", re.DOTALL)

_WORD = re.compile(r"[^\W_]+")


# Each question is looked for in all cells.
@functools.lru_cache(maxsize=256)
def prose_of(source: str) -> str:
    """Return the prose of a code cell that has only comments, a string or prose; else empty."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the terminal must not show a student's "\d"
            statements = ast.parse(as_older_python(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        if _reads_as_prose(source):
            return source
        return ""

    if not statements:
        return _comments_of(source)
    return _strings_of(statements)


def _comments_of(source: str) -> str:
    texts: list[str] = []
    for line in source.splitlines():
        comment = line.strip().lstrip("#")
        texts.append(comment.strip())
    return "\n".join(texts)


def _strings_of(statements: list[ast.stmt]) -> str:
    """Join statements that are strings; empty if there is any other statement."""
    texts: list[str] = []
    for statement in statements:
        text = _constant_text(statement)
        if text is None:
            return ""
        if text:
            texts.append(text)

    return "\n\n".join(texts)


def _reads_as_prose(source: str) -> bool:
    """Distinguish an answer typed into a code cell from code with a syntax error."""
    if len(word_spans(source)) < QUOTED_WORDS:
        return False
    return not _COMMAND.search(source)


def _constant_text(statement: ast.stmt) -> str | None:
    """Return the text of a statement that is a string, or prints one."""
    if not isinstance(statement, ast.Expr):
        return None

    value = statement.value
    if isinstance(value, ast.Call) and _is_print_of_one(value):
        value = value.args[0]

    text = value.value if isinstance(value, ast.Constant) else None
    if isinstance(text, str):
        return text
    return None


def _is_print_of_one(call: ast.Call) -> bool:
    """Return whether a call prints one value, without options."""
    function = call.func
    if not isinstance(function, ast.Name):
        return False
    if function.id != "print":
        return False
    return len(call.args) == 1 and not call.keywords


def word_spans(text: str) -> list[tuple[int, int]]:
    """List the start and end of each word in a text, without markup."""
    bare = _HTML.sub(_blanks, text)
    return [match.span() for match in _WORD.finditer(bare)]


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match[0])


@functools.lru_cache(maxsize=4096)  # a class shares most of its lines
def fold_prose(text: str) -> str:
    """Join the words of a text without case and accents, with a space before and after each.

    In contrast to `folding.fold_words`, the words of markup are left out.
    """
    words: list[str] = []
    for begin, end in word_spans(text):
        word = _fold_word(text[begin:end])
        words.append(word)

    joined = " ".join(words)
    return f" {joined} "


def _fold_word(word: str) -> str:
    folded = without_accents(word)
    letters = [letter for letter in folded if letter.isalnum()]
    return "".join(letters)
