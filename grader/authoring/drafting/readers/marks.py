"""Know the marks that courses put around answers in code: `# TODO`, `START CODE HERE`. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.authoring.drafting.readers.asking_words import opens_exercise
from grader.authoring.drafting.readers.comments import (
    CodeComment,
    comments_in,
    words_below,
)

MarkKind = Literal["begin", "end", "todo", "rest", "solution"]
"""`begin` and `end` go together. `todo` asks for something in words, `rest` for the rest of its
block, and `solution` marks the cell as the answer.
"""

_CODE = r"(code|solution|answer|implementation|work|c[óo]digo|solu[çc][ãa]o|soluci[óo]n|resposta)"
_BEGIN = re.compile(
    rf"^((start|begin|beginning|starts)\W+(of\s+)?(your\s+|the\s+)?{_CODE}\b(\s+here)?"
    rf"|(your\s+)?{_CODE}\s+(starts?|begins?)\b"
    r"|(in[íi]cio|inicio|come[çc]o|comece|comienza|empieza|d[ée]but)\b.*\bc(ódigo|odigo|ode)\b"
    r"|(请?在此)?开始\w*代码|代码开始)",
    re.IGNORECASE,
)
_END = re.compile(
    rf"^(end\W+(of\s+)?(your\s+|the\s+)?({_CODE}|todo)\b"
    rf"|(your\s+)?{_CODE}\s+ends?\b"
    r"|(fim|fin|final|termina|termine)\b.*\bc(ódigo|odigo|ode)\b|(end|fin|fim|ende|fine)$"
    r"|代码结束|结束\w*代码)",
    re.IGNORECASE,
)
_TODO = re.compile(
    r"^(@?TODO\b|To-?Do:|to do:|todo:|TO DO\b|[ÀA] FAIRE\b|[àa] faire\s*:|A FAZER\b|a fazer\s*:"
    r"|POR HACER\b|por hacer\s*:|FIXME\b)"
)
_TO_COMPLETE = re.compile(
    r"^([àa] compl[ée]ter|a completar|da completare|zu erg[äa]nzen|a preencher|to be completed"
    r"|to complete(?=\W*$|\s*:)|do uzupe[łl]nienia)\b",
    re.IGNORECASE,
)
"""How a mark asks to complete the code; details may follow it."""
_COMPLETE_HERE = re.compile(
    r"^(compl[ée]te[rz]|completar?|completare|preencha|preencher|erg[äa]nzen(\s+sie)?)"
    r"(\s+(ici|aqu[íi]|hier|qui|(le|el|o|il|den)\s+(code|c[óo]digo|codice)))?\W*$",
    re.IGNORECASE,
)
_REST = re.compile(
    r"^((put|write|add|insert|type|enter|place|complete|fill\s+in|implement)\s+(in\s+)?"
    r"(your|the|some|here\s+your)\s+(own\s+)?(missing\s+)?(code|solution|answer|implementation)\b"
    r"|your\s+(code|answer|solution|work|implementation)(\s+(goes\s+)?here|\s+below)?\b"
    r"|fill\s+(in\s+|this\s+in|me\s+in|here)|complete\s+(here|this|me)\b"
    r"|(seu|sua|tu|votre|ihr)\s+"
    r"(c[óo]digo|resposta|solu[çc][ãa]o|respuesta|soluci[óo]n|code)(\s+(aqui|aquí|ici|hier))?\b"
    r"|(escreva|coloque|insira|complete|digite|escribe|escriba|pon|completa|[ée]crivez|ins[ée]rez)"
    r"\s+(aqui\s+|aquí\s+|ici\s+)?(o\s+|a\s+|el\s+|la\s+)?(seu|sua|tu|su|votre)\s+\w+"
    r"|(请|請)?(你?在)?(此处|此處|这里|這裡|下面|以下)\w*(代码|代碼|程式碼)|(请|請)(补全|完成|補全)\w*(代码|代碼)"
    r"|你的(代码|答案)|ここにコード|コードを(書|記述|入力)|여기에 코드|코드를? (작성|입력)"
    r"|((put|write|add|insert|type|enter)\s+)?(student\s+)?code\s+(goes\s+)?here\b"
    r"|implement\s+(me|this)\W*$|replace\s+(this|none|pass)\b.{0,20}\b(with|by)\s+your\b"
    r"|(inserir[ei]|inserisci|inserite|scriv[ie]|scrivete|aggiungi|completa(te)?)\s+(qui\s+)?"
    r"(il\s+)?((tuo|vostro)\s+)?codice\b"
    r"|tw[óo]j\s+kod\b|(tu\s+)?(wpisz|napisz|uzupe[łl]nij)\s+((tw[óo]j|sw[óo]j)\s+)?kod\b"
    r"|(dein|euer)\s+code\b|(hier\s+)?((deinen|ihren|euren)\s+)?code\s+(hier\s+)?(einf[üu]gen"
    r"|schreiben|erg[äa]nzen)|(vul|schrijf)\s+hier\s+(je|jouw)\s+code"
    r"|(ajoutez|mettez|mettre|[ée]crire)\s+(ici\s+)?votre\s+code|code\s+[àa]\s+compl[ée]ter"
    r"|여기에\s*작성|您的(代码|答案)|代码写在|ここに(解答|回答)|(解答|回答)を(記入|書)"
    r"|اكتب الكود|ваш код|напишите код|напишите (свой|ваш) код|здесь ваш код|kodunuz"
    r"|il tuo codice|scrivi qui|jouw code)",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"^@?(title\s+)?(to_remove\s+)?(exercise\s+|exerc[íi]cio\s+)?"
    r"(solutions?|solu[çc][ãa]o|solu[çc][õo]es|soluci[óo]n|answer|resposta|respuesta|gabarito"
    r"|corrig[ée]|l[öo]sung|soluzione|r[ée]ponse|explanation)(\s+[\w.]{1,5})?\W*$",
    re.IGNORECASE,
)
_REMOVED = re.compile(r"^to_remove\s+(solution|explanation)", re.IGNORECASE)
FORM_TITLE = "@title"
"""Beginning of the title of a form of Colab."""
MIN_NAMED = 2
"""Fewest comments of a cell that name exercises and mark their answers."""
_WORDLESS = re.compile(r"^\W*(TODO|todo|To-?Do|FIXME)?\W*(\d+\W*)?$")


@dataclass(frozen=True)
class AnswerMark:
    """A comment that marks an answer."""

    kind: MarkKind
    comment: CodeComment
    words: str
    """Its request; empty: it only marks the place."""


def marks_in(source: str) -> list[AnswerMark]:
    """Find the marks of a code cell, in order; strings contain none."""
    marks = []
    for comment in comments_in(source):
        kind = _kind(comment.text)
        if kind is not None:
            marks.append(
                AnswerMark(
                    kind,
                    comment,
                    _words(kind, comment.text),
                )
            )
    marks += _form_fields(source)
    named = _named_exercises(source)
    in_order = sorted([*marks, *named], key=lambda mark: mark.comment.line)
    return _with_words_above(in_order, named)


def _with_words_above(marks: list[AnswerMark], named: list[AnswerMark]) -> list[AnswerMark]:
    """Give marks that only say where the words of the comment above that names an exercise."""
    words = ""
    with_words = []
    for mark in marks:
        if mark in named:
            words = mark.words
        with_words.append(replace(mark, words=mark.words or words))
    return with_words


def _form_fields(source: str) -> list[AnswerMark]:
    """Find the fields of a form of Colab that calls itself an exercise: each is an answer."""
    comments = comments_in(source)
    titles = []
    for comment in comments:
        if comment.text.startswith(FORM_TITLE):
            titles.append(comment.text)
    if not any(opens_exercise(title.removeprefix(FORM_TITLE)) for title in titles):
        return []
    fields = []
    for comment in comments:
        if comment.text.startswith("@param") and not comment.is_alone:
            fields.append(AnswerMark("rest", comment, ""))
    return fields


def _named_exercises(source: str) -> list[AnswerMark]:
    """Find the comments at the margin that each name an exercise, where a cell has several."""
    texts = source.split("\n")
    named = []
    for comment in comments_in(source):
        at_margin = comment.is_alone and not comment.indent
        if not at_margin or _kind(comment.text) or not opens_exercise(comment.text):
            continue
        below = itertools.takewhile(_asks_on, texts[comment.last :])
        words = words_below(comment.text, list(below))
        mark = AnswerMark("todo", comment, words)
        named.append(mark)
    if len(named) < MIN_NAMED:
        return []
    return named


def _asks_on(line: str) -> bool:
    """Return whether a line goes on with what a comment asks, and is no mark itself."""
    return not is_mark(line.strip("# "))


def is_mark(text: str) -> bool:
    """Return whether the text of a comment is a mark."""
    return _kind(text.strip()) is not None


def opens_solution(source: str) -> bool:
    """Return whether the first lines of a code cell mark it as the solution."""
    for comment in _opening(comments_in(source), source):
        if _SOLUTION.match(comment.text) or _REMOVED.match(comment.text):
            return True
    return False


def _opening(comments: Sequence[CodeComment], source: str) -> list[CodeComment]:
    """Return the comments above all code."""
    texts = source.split("\n")
    first = len(texts) + 1
    for number, text in enumerate(texts, 1):
        if text.strip() and not text.lstrip().startswith(("#", "%", "!")):
            first = number
            break
    return [comment for comment in comments if comment.line < first]


def _kind(text: str) -> MarkKind | None:
    if _END.match(text):
        return "end"
    if _BEGIN.match(text):
        return "begin"
    if _TODO.match(text):
        asked = _TODO.sub("", text, count=1).strip(" :.-\t0123456789")
        return "rest" if _REST.match(asked) else "todo"
    if _TO_COMPLETE.match(text):
        asked = _TO_COMPLETE.sub("", text).strip(" :.-\t0123456789")
        return "todo" if asked else "rest"
    if _REST.match(text) or _COMPLETE_HERE.match(text):
        return "rest"
    if _SOLUTION.match(text):
        return "solution"
    return None


def _words(kind: MarkKind, text: str) -> str:
    if kind != "todo" or _WORDLESS.match(text):
        return ""
    return " ".join(text.split())
