"""Read the headings, titles and questions in the text cells of a notebook. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.authoring.drafting.solved import SolvedCell
from grader.notebook.headings import FENCE

MAX_TITLE = 80
"""Most characters of a sentence that becomes a title."""
BOLD_LEVEL = 7
"""Level of a line in bold, which is below that of any heading."""

_EXERCISE = re.compile(
    r"\b(exerc[ií]cios?|exercises?|atividades?|activit(y|ies)|tarefas?|tasks?"
    r"|quest(ão|ões|ions?)|problem(a|as|s)?|desafios?|challenges?|todo|sua vez|your turn"
    r"|fa[çc]a voc[êe]|pr[áa]tica)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"^\W*(exerc[ií]cios|exercises|atividades|activities|tarefas|tasks|quest(ões|ions)"
    r"|problem(as|s)|desafios|challenges)\W*$",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"^\W*(solu(ção|cao|ções|tions?)|resolução|resolucao|respostas?|answers?|gabarito)"
    r"(\s+\S+)?\W*$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s*(\S.*)$")
_BOLD = re.compile(r"^\s*(\*\*|__)(?P<text>[^*_].*?)\1[\s:.]*$")
_ITEM = re.compile(r"^\s*(?:[*_]{0,2})(\d{1,2}|[a-h])[*_]{0,2}\s*[.)](?=\s)")
_VERB = re.compile(
    r"^\W*(calcule|compute|calculate|implemente?|find|encontre|determine|mostre|show|obtenha"
    r"|execute|treine|train|estime|estimate|crie|create|complete|escreva|write|ajuste|fit|avalie"
    r"|evaluate|faça|derive|repita|repeat|use|monte|build)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.?!:])\s")
_ANSWER = re.compile(r"^\W*(resposta|answer|solução|solution|r)\W*[:.](?=\W|\s|$)", re.IGNORECASE)
_EMPHASIS = re.compile(r"[*_`$]")


@dataclass(frozen=True)
class Heading:
    """A heading of a text cell."""

    level: int
    text: str

    @property
    def is_exercise(self) -> bool:
        """Whether it speaks of an exercise."""
        return is_exercise(self.text)

    @property
    def is_solution(self) -> bool:
        """Whether it is "Solution" or the like."""
        return bool(_SOLUTION.match(self.text))


def headings_in(cell: SolvedCell) -> list[Heading]:
    """Find the headings of a text cell.

    A line in bold that speaks of an exercise is one, too.
    """
    if cell.kind != "markdown":
        return []
    is_fenced = False
    headings = []
    for line in cell.text_lines:
        if FENCE.match(line):
            is_fenced = not is_fenced
        heading = None if is_fenced else _read_heading(line)
        if heading is not None and heading.text:
            headings.append(heading)
    return headings


def _read_heading(line: str) -> Heading | None:
    match = _HEADING.match(line)
    if match:
        return Heading(len(match[1]), clean(match[2]))
    match = _BOLD.match(line)
    if match and is_exercise(match["text"]):
        return Heading(BOLD_LEVEL, clean(match["text"]))
    return None


def heading_of(cell: SolvedCell) -> Heading | None:
    """Find the last heading of a text cell, but for "Solution" and the like."""
    for heading in reversed(headings_in(cell)):
        if not heading.is_solution:
            return heading
    return None


def is_solution(cell: SolvedCell) -> bool:
    """Tell whether a text cell has only headings of solutions: "Solution", "Resposta"."""
    headings = headings_in(cell)
    return bool(headings) and all(heading.is_solution for heading in headings)


def filled_lines(source: str) -> list[str]:
    """List the lines of a text that are not blank."""
    return [line for line in source.split("\n") if line.strip()]


def clean(text: str) -> str:
    """Strip the marks of markdown from a line."""
    words = _EMPHASIS.sub("", text).strip(" #").split()
    return " ".join(words)


def is_exercise(text: str) -> bool:
    """Tell whether a heading, or a comment, speaks of an exercise."""
    return bool(_EXERCISE.search(text))


def is_several(title: str) -> bool:
    """Tell whether a title is that of several exercises: "Exercises", "Questões"."""
    return bool(_SEVERAL.match(title))


def heading_above(cells: Sequence[SolvedCell], index: int) -> str:
    """Find the nearest heading at or above a cell; empty if there is none."""
    for cell in reversed(cells[: index + 1]):
        heading = heading_of(cell)
        if heading is not None:
            return heading.text
    return ""


def asks(cell: SolvedCell) -> bool:
    """Tell whether a text asks for something: in a numbered item, or with a verb first."""
    if is_solution(cell):
        return False
    lines = filled_lines(cell.source)
    content = [line for line in lines if not _HEADING.match(line)]
    return any(map(_line_asks, content[:2]))


def _line_asks(line: str) -> bool:
    if _ITEM.match(line) or _VERB.match(line):
        return True
    return is_exercise(line)


def title_of(source: str) -> str:
    """Take the first sentence of a text without a heading, cut to the length of a title."""
    lines = filled_lines(source)
    if not lines:
        return ""
    unnumbered = _ITEM.sub("", lines[0]).strip()
    sentences = _SENTENCE_END.split(unnumbered, maxsplit=1)
    title = clean(sentences[0]).rstrip(".:")
    if len(title) <= MAX_TITLE:
        return title
    cut_at_word = title[: MAX_TITLE - 1].rsplit(" ", 1)
    return f"{cut_at_word[0]}…"


def question_in(source: str) -> str:
    """Find the first sentence of a text that asks something; empty if none does."""
    for line in source.split("\n"):
        for sentence in _SENTENCE_END.split(line):
            question = sentence.strip()
            if question.rstrip("*_ ").endswith("?"):
                return clean(_ITEM.sub("", question.lstrip("#> ")))
    return ""


def answer_line(source: str) -> int | None:
    """Find the line (from 0) at which an answer begins below its question in the same cell."""
    for number, line in enumerate(source.split("\n")):
        if number > 0 and _ANSWER.match(line):
            return number
    return None
