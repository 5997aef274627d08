"""Make exercises of the answers in a notebook: each belongs to the words above it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from grader.authoring.drafting.names import gives_points_to_each, split_points, strip_number
from grader.authoring.drafting.readers.answered_texts import MIN_ITEMS
from grader.authoring.drafting.readers.asking_words import is_several, opens_exercise
from grader.authoring.drafting.readers.headings import (
    HEADING_LINE,
    asking_items,
    clean,
    filled_lines,
    title_of,
)
from grader.authoring.drafting.readers.helper_functions import without_helpers
from grader.authoring.drafting.readers.marked_code import AnswerSpot
from grader.authoring.drafting.readers.sections import Section
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import DEFINITION, line_range, names_bound
from grader.notebook.code import parse_cell
from grader.notebook.headings import MAX_HEADING

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
    """Requests of the comments; empty: none."""
    spots: dict[int, list[AnswerSpot]] = field(default_factory=dict)
    """Its answers, by cell."""
    names: set[str] = field(default_factory=set)
    """Names that they assign or define."""
    definitions: set[str] = field(default_factory=set)
    """Functions and classes that they are in."""
    is_begun: bool = False
    """Whether the course's own handout begins a function or class of it."""
    is_item: bool = False
    """Whether its words are an item of a list, with others for other exercises."""

    @property
    def defined(self) -> str:
        """The only function or class that they are in; empty: none, or several."""
        if len(self.definitions) != 1:
            return ""
        return min(self.definitions)

    @property
    def is_whole(self) -> bool:
        """Whether its words say all that asks for it."""
        return self.is_item or _names_exercise(self.words)


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
    placed: list[_PlacedTask] = []
    stops = [section.first for section in sections[1:]]
    stops.append(len(cells))
    for section, stop in zip(sections, stops, strict=False):
        inside = range(section.first, stop)
        answers = {cell: spots[cell] for cell in inside if spots.get(cell)}
        texts = [answer for answer in worded if answer.cell in inside]
        in_section = _tasks_in(cells, section, answers, texts)
        placed += _with_shares(in_section, section)

    first = sections[0].first if sections else len(cells)
    for answer in worded:
        if answer.cell < first:
            task = Task(answer.question, question=answer.question)
            placed.append(_PlacedTask(answer.cell, task))
    placed.sort(key=attrgetter("cell"))
    tasks = [each.task for each in placed]
    return tuple(_with_names(tasks))


@dataclass(frozen=True)
class _PlacedTask:
    """An exercise, and the first cell of its answer."""

    cell: int
    task: Task


def _tasks_in(
    cells: Sequence[DraftCell],
    section: Section,
    answers: Mapping[int, Sequence[AnswerSpot]],
    texts: Sequence[WordedTask],
) -> list[_PlacedTask]:
    """Make the exercises of a section."""
    placed = []
    for answer in texts:
        task = _worded_task(answer, section, is_only=len(texts) == 1)
        placed.append(_PlacedTask(answer.cell, task))

    text_cells = [answer.cell for answer in texts]
    for task in _code_tasks(cells, section, answers, text_cells):
        first = task.cells[0]
        placed.append(_PlacedTask(first, task))
    return placed


def _code_tasks(
    cells: Sequence[DraftCell],
    section: Section,
    spots: Mapping[int, Sequence[AnswerSpot]],
    texts: Collection[int],
) -> Iterator[Task]:
    groups = _by_items(cells, section, spots, texts)
    if not groups:
        groups = list(_by_words(cells, spots))
    for group in groups:
        whole_title = _group_title(section, group, len(groups))
        title, _ = split_points(whole_title)
        _, own_points = split_points(group.words)
        words = group.words
        if not group.is_whole:
            words = _join_words(section, words)
        yield Task(
            title=_cut(title),
            cells=tuple(group.spots),
            points=own_points,
            words=words,
            lines=_shared_lines(group, groups),
        )


def _with_shares(placed: Sequence[_PlacedTask], section: Section) -> Iterator[_PlacedTask]:
    """Give the points of a section to those of its exercises that say none of their own.

    They share them, unless each gets as many.
    """
    said = _points_in(section)
    if said is None:
        yield from placed
        return
    sharing = [each for each in placed if each.task.points is None]
    is_each = any(map(gives_points_to_each, section.words))
    for each in placed:
        if each.task.points is not None:
            yield each
            continue
        share = said
        if not is_each:
            share = said / len(sharing)
        task = replace(each.task, points=share)
        yield _PlacedTask(each.cell, task)


def _join_words(section: Section, words: str) -> str:
    """Join all that asks for an exercise."""
    texts = [section.title, *section.texts, words]
    said = []
    for text in texts:
        if text:
            said.append(text)
    return "\n\n".join(said)


def _group_title(section: Section, group: _Group, count: int) -> str:
    """Title an exercise: by its section, unless that has several or no text."""
    own = _title_of(group)
    if count > 1:
        own = own or group.defined
    says_more = section.is_title and bool(group.words)
    says_nothing = _says_nothing(section.title)
    if own and (count > 1 or says_more or says_nothing):
        return own
    if says_nothing:
        return _title_below(section) or section.title
    return section.title


def _title_below(section: Section) -> str:
    """Title an exercise by the first sentence below a heading such as "Practice"."""
    for text in section.texts:
        lines = []
        for line in filled_lines(text):
            if not HEADING_LINE.match(line):
                lines.append(line)
        if lines:
            return title_of("\n".join(lines))
    return ""


def _says_nothing(title: str) -> bool:
    """Return whether a title has neither words of its own nor a number: "Your turn"."""
    has_number = any(letter.isdigit() for letter in title)
    return not has_number and not strip_number(title)


def _title_of(group: _Group) -> str:
    """Title answers that share their heading: by their definitions, or by requests of comments."""
    is_only_defined = group.is_begun or group.names == group.definitions
    if group.defined and is_only_defined:
        return group.defined
    first, _, _ = group.words.partition("\n")
    return _MARK.sub("", title_of(first))


def _points_in(section: Section) -> float | None:
    """Find the points that the words of a section give.

    Those of several exercises that share their answer are added up.
    """
    _, of_title = split_points(section.title)
    if section.is_by_heading and of_title is not None:
        return of_title
    first: float | None = None
    of_exercises: list[float] = []
    for text in (section.title, *section.texts):
        for line in text.split("\n"):
            _, points = split_points(line)
            if points is None:
                continue
            if first is None:
                first = points
            if text != section.title and opens_exercise(clean(line)):
                of_exercises.append(points)
    if len(of_exercises) > 1:
        return sum(of_exercises)
    return first


def _by_items(
    cells: Sequence[DraftCell],
    section: Section,
    spots: Mapping[int, Sequence[AnswerSpot]],
    texts: Collection[int],
) -> list[_Group]:
    """Give each cell its item of the list above the cells, if there are as many of both."""
    items: list[str] = []
    for text in section.texts:
        items.extend(asking_items(text, with_bullets=is_several(section.title)))
    answered = sorted({*spots, *texts})
    if len(items) < MIN_ITEMS or len(items) != len(answered):
        return []
    if _are_steps(cells, items, spots):
        return []
    groups = []
    for item, cell in zip(items, answered, strict=True):
        if cell in spots:
            answers = list(spots[cell])
            groups.append(_Group(item, {cell: answers}, is_item=True))
    return groups


def _are_steps(
    cells: Sequence[DraftCell],
    items: Sequence[str],
    spots: Mapping[int, Sequence[AnswerSpot]],
) -> bool:
    """Return whether items are steps of an algorithm, and not what the cells below it ask for.

    Each answer is in a function or class of its own that the handout names, and no item does.
    """
    words = "\n".join(items)
    names = set()
    for cell, answers in spots.items():
        for spot in answers:
            name = _defined_by(cells[cell], spot)
            if not name or name in words or not spot.is_begun:
                return False
            names.add(name)
    return len(names) > 1


def _by_words(
    cells: Sequence[DraftCell],
    spots: Mapping[int, Sequence[AnswerSpot]],
) -> Iterator[_Group]:
    """Group answers: those that comments name differently and that bind other things are apart."""
    group = _Group()
    for cell, answers in spots.items():
        for spot in without_helpers(cells[cell].source, answers):
            names = _names_of(cells[cell], spot)
            defined = _defined_by(cells[cell], spot)
            is_apart = spot.is_begun and bool(defined) and _is_apart(group, names)
            is_next = cell not in group.spots and _asks_for_other(group, spot)
            if is_apart or is_next or _is_another(group, spot, names, defined):
                yield group
                group = _Group()
            group.words = _join(group.words, spot.words)
            group.spots.setdefault(cell, []).append(spot)
            group.names |= names
            group.is_begun = group.is_begun or spot.is_begun
            if defined:
                group.definitions.add(defined)
    if group.spots:
        yield group


def _defined_by(cell: DraftCell, spot: AnswerSpot) -> str:
    """Name the function or class that an answer is in; empty if it is in none, or in several.

    The answer may go on with lines that use it.
    """
    names = []
    for statement in parse_cell(cell.source).body:
        if isinstance(statement, DEFINITION) and not spot.lines.isdisjoint(line_range(statement)):
            names.append(statement.name)
    if len(names) != 1:
        return ""
    return names[0]


def _is_another(
    group: _Group,
    spot: AnswerSpot,
    names: Collection[str],
    defined: str,
) -> bool:
    """Return whether an answer is another exercise's than those before it.

    Each function and class is one: a check asks for one of them.
    """
    if group.spots and _names_exercise(spot.words):
        return spot.words not in group.words
    if defined and group.definitions and defined not in group.names:
        return True
    if not group.names or not names or not group.names.isdisjoint(names):
        return False
    return _asks_for_other(group, spot)


def _asks_for_other(group: _Group, spot: AnswerSpot) -> bool:
    """Return whether the comments of an answer ask for something else than those before it."""
    is_named = bool(group.words) and bool(spot.words)
    return is_named and spot.words not in group.words


def _is_apart(group: _Group, names: Collection[str]) -> bool:
    """Return whether answers bind names, none of which a definition of the handout has."""
    return bool(group.names) and group.names.isdisjoint(names)


def _names_exercise(words: str) -> bool:
    """Return whether words begin with "Exercise 2" or the like, and not with "TODO"."""
    return opens_exercise(words) and not _MARK.match(words)


def _join(words: str, more: str) -> str:
    if not more or more in words:
        return words
    return f"{words}\n{more}".strip()


def _names_of(cell: DraftCell, spot: AnswerSpot) -> set[str]:
    """Collect the names that an answer assigns at top level; inside a definition, its name."""
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
    """Return the lines that answer an exercise, in cells that also answer another."""
    lines = {}
    for cell, answers in group.spots.items():
        sharing = []
        for other in groups:
            if cell in other.spots:
                sharing.append(other)
        if len(sharing) > 1:
            own: set[int] = set()
            for spot in answers:
                own |= spot.lines
            lines[cell] = frozenset(own)
    return lines


def _worded_task(
    answer: WordedTask,
    section: Section,
    *,
    is_only: bool,
) -> Task:
    """Make an exercise of an answer in words.

    Args:
        answer: the answer.
        section: its section.
        is_only: whether it is the only one there.
    """
    is_before_code = not section.cells or answer.cell <= section.cells[0]
    is_alone = is_only and is_before_code
    title = answer.question
    if section.is_by_heading and is_alone:
        title = section.title
    title, _ = split_points(title)
    _, points = split_points(answer.question)
    return Task(
        title=_cut(title),
        points=points,
        question=answer.question,
        words=_join_words(section, ""),
    )


def _cut(title: str) -> str:
    """Cut a title between words to the length of a heading."""
    if len(title) <= MAX_HEADING:
        return title
    whole_words, _, _ = title[:MAX_HEADING].rpartition(" ")
    return f"{whole_words or title[: MAX_HEADING - 1]}…"


def _with_names(tasks: Sequence[Task]) -> Iterator[Task]:
    """Name the exercises that have no words after their place: `exercise-3`."""
    for number, task in enumerate(tasks, 1):
        if task.title or task.question:
            yield task
        else:
            yield replace(task, name=f"exercise-{number}")
