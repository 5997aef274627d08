"""Find cells of the students' version that may still contain an answer in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.authoring.drafting.solved import DraftCell

_LABEL = re.compile(
    r"(?:your answer|my answer|answer|sua resposta|minha resposta|resposta|respuesta|réponse"
    r"|solution|solução|^\W*[ar])\s*\W*:\W*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
"""Label of an answer, and the text after it."""

_PLACEHOLDER = re.compile(
    r"your answer|answer here|sua resposta|resposta aqui|write|escreva|type|digite|\.\.\.|…|___",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]+")
"""A word; of scripts that put no spaces between words, a character."""

_QUESTION_MARK = re.compile("[?\uff1f\u061f\u037e]")
"""That of Latin script, and those of Chinese, Arabic and Greek."""

_MARKUP = re.compile(r"<[^>]*>|\$[^$]*\$|[\\*_`]")

_CONTENT = re.compile(r"[^\W_]")
_TAG = re.compile(r"<[^>]*>")

MIN_WORDS = 2
MIN_COMMENT_WORDS = 4


def may_hold_answers(cells: Sequence[DraftCell]) -> Iterator[int]:
    """Yield the indices of cells of the handout in which an answer may be left.

    They put a question and say something below it, or announce an answer and say something, or are
    a text or code that only comments, below a cell that ends with a question.
    """
    asked = False
    for index, cell in enumerate(cells):
        text = cell.handout or ""
        if cell.kind == "code":
            if asked and says_in_comments(text):
                yield index
            asked = asked and not text.strip()
            continue
        if not cell.removed_lines and _holds_answer(text, asked=asked):
            yield index
        asked = _QUESTION_MARK.search(text) is not None


def _holds_answer(text: str, *, asked: bool) -> bool:
    """Return whether a text may contain an answer; `asked`: the cell above has a question."""
    if _says_after_label(text) or _says_after_question(text):
        return True
    is_below = asked and not text.lstrip().startswith("#")
    if not is_below or _QUESTION_MARK.search(text):
        return False
    return says_something(text)


def says_in_comments(source: str) -> bool:
    """Return whether code only comments, at some length."""
    lines = []
    for line in source.split("\n"):
        if line.strip():
            lines.append(line.strip())
    if not lines or not all(line.startswith("#") for line in lines):
        return False
    if _PLACEHOLDER.search(source):
        return False
    return len(_WORD.findall(source)) >= MIN_COMMENT_WORDS


def _says_after_label(text: str) -> bool:
    plain = _MARKUP.sub(" ", text)
    match = _LABEL.search(plain)
    if match is None:
        return False
    return says_something(match["rest"])


def _says_after_question(text: str) -> bool:
    """Return whether lines below a question say something that is no further question."""
    plain = _MARKUP.sub(" ", text)
    _, *below = _QUESTION_MARK.split(plain)
    for part in below:
        _, _, lines_below = part.partition("\n")
        sentence = lines_below.strip().split("\n\n")[0]
        is_question = part is not below[-1] and "\n" not in sentence
        if not is_question and says_something(sentence):
            return True
    return False


def says_something(text: str) -> bool:
    """Return whether a text contains words, and is no placeholder."""
    if _PLACEHOLDER.search(text):
        return False
    plain = _MARKUP.sub(" ", text)
    return len(_WORD.findall(plain)) >= MIN_WORDS


def has_content(text: str) -> bool:
    """Return whether a text contains anything, even just a number, and is no placeholder."""
    if _PLACEHOLDER.search(text):
        return False
    return bool(_CONTENT.search(_TAG.sub(" ", text)))
