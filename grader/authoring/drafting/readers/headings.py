"""Finds the exercises of a notebook that nobody marked: by its headings and by what asks for something. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.solved import SolvedCell

MAX_TITLE = 80
"""Characters of a sentence that becomes a title."""

_EXERCISE = re.compile(
    r"\b(exerc[ií]cios?|exercises?|atividades?|activit(y|ies)|tarefas?|tasks?|quest(ão|ões|ions?)|problem(a|as|s)?"
    r"|desafios?|challenges?|todo|sua vez|your turn|fa[çc]a voc[êe]|pr[áa]tica)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"^\W*(exerc[ií]cios|exercises|atividades|activities|tarefas|tasks|quest(ões|ions)|problem(as|s)|desafios"
    r"|challenges)\W*$",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"^\W*(solu(ção|cao|ções|tions?)|resolução|resolucao|respostas?|answers?|gabarito)(\s+\S+)?\W*$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s*(\S.*)$")
_BOLD = re.compile(r"^\s*(\*\*|__)(?P<text>[^*_].*?)\1[\s:.]*$")
_ITEM = re.compile(r"^\s*(?:[*_]{0,2})(\d{1,2}|[a-h])[*_]{0,2}\s*[.)](?=\s)")
_VERB = re.compile(
    r"^\W*(calcule|compute|calculate|implemente?|find|encontre|determine|mostre|show|obtenha|execute|treine|train|estime"
    r"|estimate|crie|create|complete|escreva|write|ajuste|fit|avalie|evaluate|faça|derive|repita|repeat|use|monte|build)\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\s*(```|~~~)")
_SENTENCE = re.compile(r"(?<=[.?!:])\s")
_ANSWER = re.compile(r"^\W*(resposta|answer|solução|solution|r)\W*[:.](?=\W|\s|$)", re.IGNORECASE)
_PLAIN = re.compile(r"[*_`$]")


@dataclass
class Group:
    """What asks for something, and the cells that answer it."""

    title: str
    exercise: bool
    """Whether a heading calls it an exercise."""
    asks: bool
    cells: list[int] = field(default_factory=list)
    """The code cells below it."""


def headings_in(cell: SolvedCell) -> list[tuple[int, str]]:
    """Level and text of a text cell's headings. A line in bold that speaks of an exercise is one of level 7."""
    fenced = False
    found = []
    for line in cell.source.split("\n") if cell.kind == "markdown" else ():
        fenced ^= bool(_FENCE.match(line))
        if fenced:
            continue
        if heading := _HEADING.match(line):
            found.append((len(heading[1]), clean(heading[2])))
        elif (bold := _BOLD.match(line)) and _EXERCISE.search(bold["text"]):
            found.append((7, clean(bold["text"])))
    return [heading for heading in found if heading[1]]


def heading_of(cell: SolvedCell) -> tuple[int, str] | None:
    """Level and text of a text cell's last heading, but for "Solution" and the like; None: there is none."""
    return next(
        (heading for heading in reversed(headings_in(cell)) if not _SOLUTION.match(heading[1])),
        None,
    )


def is_solution(cell: SolvedCell) -> bool:
    """Whether a text cell begins with the heading of a solution: "Solution", "Resposta"."""
    return (
        bool(found := headings_in(cell))
        and heading_of(cell) is None
        and bool(_SOLUTION.match(found[0][1]))
    )


def clean(text: str) -> str:
    """A line of markdown without its marks."""
    return " ".join(_PLAIN.sub("", text).strip(" #").split())


def is_exercise(text: str) -> bool:
    """Whether a heading, or a comment, speaks of an exercise."""
    return bool(_EXERCISE.search(text))


def heading_above(cells: Sequence[SolvedCell], place: int) -> str:
    """The nearest heading at or above a cell; empty if there is none."""
    found = (heading_of(cell) for cell in reversed(cells[: place + 1]))
    return next((heading[1] for heading in found if heading), "")


def groups(cells: Sequence[SolvedCell]) -> list[Group]:
    """The parts of a notebook: each begins with a heading, or with what asks for something below an exercise's."""
    found: list[Group] = []
    level = 0  # of the heading that makes what stands below it exercises; 0: none does
    for place, cell in enumerate(cells):
        if cell.kind == "markdown" and not is_solution(cell):
            heading = heading_of(cell)
            if heading is not None and (
                not level or heading[0] <= level or is_exercise(heading[1])
            ):
                level = heading[0] if is_exercise(heading[1]) else 0
            asking = asks(cell)
            if heading is None and asking and found and found[-1].exercise and not found[-1].cells:
                _asked_below(found[-1], cell)
            elif heading is not None or (level and asking):
                found.append(
                    Group(heading[1] if heading else title_of(cell.source), level > 0, asking)
                )
        elif cell.kind == "code":
            comment = _opening_comment(cell)
            if is_exercise(comment) and not (found and found[-1].exercise and not found[-1].cells):
                found.append(Group(comment, True, True))
            if not found:
                found.append(Group("", False, False))
            found[-1].cells.append(place)
    return found


def _asked_below(group: Group, cell: SolvedCell) -> None:
    """Take a text as what a heading above it asks for; below a heading of several exercises it has a title itself."""
    group.asks = True
    if _SEVERAL.match(group.title):
        group.title = title_of(cell.source)


def asks(cell: SolvedCell) -> bool:
    """Whether a text asks for something: in a numbered item, or with a verb that begins it."""
    if is_solution(cell):
        return False
    lines = [line for line in cell.source.split("\n") if line.strip() and not _HEADING.match(line)]
    return any(_ITEM.match(line) or _VERB.match(line) or is_exercise(line) for line in lines[:2])


def _opening_comment(cell: SolvedCell) -> str:
    first = cell.source.lstrip().split("\n", 1)[0]
    return clean(first) if first.startswith("#") else ""


def title_of(source: str) -> str:
    """The first sentence of a text that has no heading, cut to a title's length."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    sentence = clean(_SENTENCE.split(_ITEM.sub("", first).strip(), maxsplit=1)[0]).rstrip(".:")
    return (
        sentence
        if len(sentence) <= MAX_TITLE
        else sentence[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"
    )


def question_in(source: str) -> str:
    """The first sentence of a text that asks something; empty if none does."""
    sentences = [s.strip() for line in source.split("\n") for s in _SENTENCE.split(line)]
    asked = [sentence for sentence in sentences if sentence.rstrip("*_ ").endswith("?")]
    return clean(_ITEM.sub("", asked[0].lstrip("#> "))) if asked else ""


def answer_line(source: str) -> int | None:
    """The line, from 0, at which an answer begins below its question in the same cell; None if none does."""
    lines = source.split("\n")
    return next(
        (number for number, line in enumerate(lines) if number and _ANSWER.match(line)), None
    )


@dataclass(frozen=True)
class Answered:
    """A question, and the text that answers it, or may."""

    asked: int
    """The cell that asks."""
    answer: int
    """The cell that answers: the next one, or the same."""
    question: str
    surely: bool
    """Whether it stands below the heading of an exercise, or says that it is an answer."""


def answered_questions(cells: Sequence[SolvedCell]) -> Iterator[Answered]:
    """The questions with a text below them that is no heading."""
    inside = 0
    for place, cell in enumerate(cells):
        heading = heading_of(cell)
        if heading is not None and (not inside or heading[0] <= inside or is_exercise(heading[1])):
            inside = heading[0] if is_exercise(heading[1]) else 0
        if (
            cell.kind != "markdown"
            or is_solution(cell)
            or not (question := question_in(cell.source))
        ):
            continue
        below = cells[place + 1] if place + 1 < len(cells) else None
        if answer_line(cell.source) is not None:
            yield Answered(place, place, question, True)
        elif below and below.kind == "markdown" and heading_of(below) is None and not asks(below):
            yield Answered(place, place + 1, question, inside > 0 or is_solution(below))


def texts_after(cells: Sequence[SolvedCell], answers: Collection[int]) -> Iterator[int]:
    """The texts that follow answers in code, up to the next heading and the next text that asks for something."""
    follows = False
    for place, cell in enumerate(cells):
        if cell.kind != "markdown":
            follows |= place in answers
        elif heading_of(cell) is not None or asks(cell):
            follows = False
        elif follows:
            yield place
