"""Make exercises of the answers in a notebook: each belongs to the words above it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.authoring.drafting.names import split_points, strip_number
from grader.authoring.drafting.readers.headings import MAX_TITLE, items_in, title_of
from grader.authoring.drafting.readers.marked_code import AnswerSpot
from grader.authoring.drafting.readers.sections import MIN_ITEMS, Section
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import DEFINITION, line_range, names_bound
from grader.notebook.code import parse_cell

_MARK = re.compile(r"^\W*(todo|to-?do|to do)\s*\d*\s*[:.)–-]*\s*", re.IGNORECASE)


@dataclass(frozen=True)
class WordedTask:
    """An exercise that is answered in words."""

    cell: int
    """Index of the cell with the answer."""
    question: str


@dataclass
class _Group:
    """Answers in code that are one exercise."""

    words: str = ""
    """What the comments ask for; empty: nothing."""
    spots: dict[int, list[AnswerSpot]] = field(default_factory=dict)
    """Its answers, by cell."""
    names: set[str] = field(default_factory=set)
    """What they bind or define."""
    defined: str = ""
    """The one function or class that they are in; empty: none."""


def make_tasks(
    cells: Sequence[DraftCell],
    sections: Sequence[Section],
    spots: Mapping[int, Sequence[AnswerSpot]],
    worded: Sequence[WordedTask],
) -> tuple[Task, ...]:
    """Make an exercise of each part of a notebook that has answers.

    Answers below one heading are one exercise, unless comments ask for different things.

    Args:
        cells: the notebook's.
        sections: its parts.
        spots: answers in code, by cell.
        worded: answers in words.
    """
    placed: list[tuple[int, Task]] = []
    for index, section in enumerate(sections):
        stop = sections[index + 1].first if index + 1 < len(sections) else len(cells)
        inside = {cell: spots[cell] for cell in range(section.first, stop) if spots.get(cell)}
        texts = [answer.cell for answer in worded if section.first <= answer.cell < stop]
        for task in _code_tasks(cells, section, inside, texts):
            placed.append((task.cells[0], task))
    by_section = Counter(section_number(sections, answer.cell) for answer in worded)
    for answer in worded:
        number = section_number(sections, answer.cell)
        around = sections[number] if number >= 0 else None
        task = _worded_task(
            answer,
            around,
            is_only=by_section[number] == 1,
        )
        placed.append((answer.cell, task))

    placed.sort(key=lambda pair: pair[0])
    return tuple(_with_names([task for _, task in placed]))


def section_number(sections: Sequence[Section], cell: int) -> int:
    """Count the sections that begin before that of a cell; -1: it stands before all."""
    return sum(section.first <= cell for section in sections) - 1


def _code_tasks(
    cells: Sequence[DraftCell],
    section: Section,
    spots: Mapping[int, Sequence[AnswerSpot]],
    texts: Collection[int],
) -> Iterator[Task]:
    groups = _by_items(section, spots, texts) or list(_by_words(cells, spots))
    said = _points_in(section)
    for group in groups:
        title = section.title
        if len(groups) > 1 or section.is_title or _says_nothing(title):
            title = _title_of(group) or title
        if section.is_title and not group.words:
            title = section.title
        title, points = split_points(title)
        _, own_points = split_points(group.words)
        if own_points is None and said is not None:
            own_points = said / len(groups)
        yield Task(
            title=title[:MAX_TITLE],
            cells=tuple(group.spots),
            points=own_points if own_points is not None else points,
            words="\n\n".join(filter(None, [section.title, *section.texts, group.words])),
            lines=_shared_lines(group, groups),
        )


def _says_nothing(title: str) -> bool:
    """Tell whether a title has neither words of its own nor a number: "Your turn"."""
    has_number = any(letter.isdigit() for letter in title)
    return not has_number and not strip_number(title)


def _title_of(group: _Group) -> str:
    """Title answers that share their heading: by what they define, or what comments ask for."""
    if group.defined:
        return group.defined
    first, _, _ = group.words.partition("\n")
    return _MARK.sub("", title_of(first))


def _points_in(section: Section) -> float | None:
    """Find the points that the words of a section give."""
    for text in (section.title, *section.texts):
        for line in text.split("\n"):
            _, points = split_points(line)
            if points is not None:
                return points
    return None


def _by_items(
    section: Section,
    spots: Mapping[int, Sequence[AnswerSpot]],
    texts: Collection[int],
) -> list[_Group]:
    """Give each cell its item of the list above the cells, if there are as many of both."""
    items: list[str] = []
    for text in section.texts:
        items.extend(items_in(text))
    cells = sorted({*spots, *texts})
    if len(items) < MIN_ITEMS or len(items) != len(cells):
        return []
    groups = []
    for item, cell in zip(items, cells, strict=True):
        if cell in spots:
            groups.append(
                _Group(
                    title_of(item),
                    {cell: list(spots[cell])},
                )
            )
    return groups


def _by_words(
    cells: Sequence[DraftCell],
    spots: Mapping[int, Sequence[AnswerSpot]],
) -> Iterator[_Group]:
    """Group answers: those that comments name differently and that bind other things are apart."""
    group = _Group()
    for cell, answers in spots.items():
        for spot in answers:
            names = _names_of(cells[cell], spot)
            if _is_another(group, spot, names):
                yield group
                group = _Group()
            group.words = _join(group.words, spot.words)
            group.spots.setdefault(cell, []).append(spot)
            group.names |= names
            group.defined = _defined_by(
                cells[cell],
                group,
                cell,
            )
    if group.spots:
        yield group


def _defined_by(cell: DraftCell, group: _Group, index: int) -> str:
    """Name the function or class that all answers of a group are in; empty if they are not."""
    lines = frozenset().union(*(spot.lines for spot in group.spots[index]))
    names = []
    for statement in parse_cell(cell.source).body:
        if not lines.isdisjoint(line_range(statement)):
            names.append(statement.name if isinstance(statement, DEFINITION) else "")
    return names[0] if len(names) == 1 and len(group.spots) == 1 else ""


def _is_another(group: _Group, spot: AnswerSpot, names: Collection[str]) -> bool:
    if not group.words or not spot.words or spot.words in group.words:
        return False
    return bool(group.names) and bool(names) and group.names.isdisjoint(names)


def _join(words: str, more: str) -> str:
    if not more or more in words:
        return words
    return f"{words}\n{more}".strip()


def _names_of(cell: DraftCell, spot: AnswerSpot) -> set[str]:
    """Collect what an answer binds at top level; inside a definition, the name of that."""
    names: set[str] = set()
    for statement in parse_cell(cell.source).body:
        if spot.lines.isdisjoint(line_range(statement)):
            continue
        if isinstance(statement, DEFINITION):
            names.add(statement.name)
        else:
            names.update(names_bound(statement))
    return names


def _shared_lines(group: _Group, groups: Sequence[_Group]) -> dict[int, frozenset[int]]:
    """Give the lines that answer an exercise, in cells that also answer another."""
    lines = {}
    for cell, answers in group.spots.items():
        sharing = [other for other in groups if cell in other.spots]
        if len(sharing) > 1:
            lines[cell] = frozenset().union(*(spot.lines for spot in answers))
    return lines


def _worded_task(answer: WordedTask, section: Section | None, *, is_only: bool) -> Task:
    title = answer.question
    words = [answer.question]
    is_alone = section is not None and is_only and _is_alone(section, answer)
    if section is not None and section.is_by_heading and is_alone:
        title = section.title
    title, points = split_points(title)
    if section is not None:
        words = [section.title, *section.texts]
        if points is None and is_alone:
            points = _points_in(section)
    return Task(
        title=title[:MAX_TITLE],
        points=points,
        question=answer.question,
        words="\n\n".join(filter(None, words)),
    )


def _is_alone(section: Section, answer: WordedTask) -> bool:
    """Tell whether a section is about a question alone, so that its points are the question's."""
    return not section.cells or answer.cell <= section.cells[0]


def _with_names(tasks: Sequence[Task]) -> Iterator[Task]:
    """Name the exercises that have no words after their place: `exercise-3`."""
    for number, task in enumerate(tasks, 1):
        if task.title or task.question:
            yield task
        else:
            yield replace(task, name=f"exercise-{number}")
