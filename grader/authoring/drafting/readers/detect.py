"""Reads a solved notebook, whoever's marks are in it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.code import computes, imported, take_out
from grader.authoring.drafting.readers import nbgrader, otter
from grader.authoring.drafting.readers.headings import (
    Group,
    answer_line,
    answered_questions,
    groups,
    heading_above,
    heading_of,
    is_solution,
    texts_after,
)
from grader.authoring.drafting.readers.regions import has_marks, read_regions, without_details
from grader.authoring.drafting.solved import (
    Line,
    Piece,
    Placeholders,
    Reading,
    SolvedCell,
    Style,
    Task,
    whole,
    without_marks,
)
from grader.reference.markers import MARKER


def read(cells: Sequence[SolvedCell], placeholders: Placeholders) -> Reading:
    """The pieces and the exercises of a solved notebook.

    Args:
        cells: those of the file.
        placeholders: what stands in an answer's place.
    """
    modules = imported(cell.source for cell in cells if cell.kind == "code")
    if any(_marks(cell) for cell in cells):
        reading = _by_hand("own", cells, _own(cells), placeholders, modules)
    elif otter.is_otter(cells):
        reading = otter.read(cells, placeholders, modules)
    elif nbgrader.is_nbgrader(cells):
        reading = nbgrader.read(cells, placeholders, modules)
    else:
        reading = _by_hand("plain", cells, list(_plain(cells, modules)), placeholders, modules)
    pieces = tuple(without_details(piece) for piece in without_marks(reading.pieces))
    return replace(reading, pieces=pieces)


def _marks(cell: SolvedCell) -> list[str]:
    """The exercises whose answers a cell marks, each once."""
    lines = cell.source.split("\n") if cell.kind == "code" else ()
    return list(
        dict.fromkeys(
            found["id"] for line in lines if (found := MARKER.match(line)) and found["grade"]
        )
    )


def _own(cells: Sequence[SolvedCell]) -> list[Task]:
    """The exercises that marks of ours name."""
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        for exercise in _marks(cell):
            places.setdefault(exercise, []).append(place)
    return [
        Task(heading_above(cells, own[0]), tuple(own), name=exercise, marked=True)
        for exercise, own in places.items()
    ]


def _plain(cells: Sequence[SolvedCell], modules: Collection[str]) -> Iterator[Task]:
    """The exercises of a notebook without marks: those that headings call so, else what stands below any heading."""
    found = groups(cells)
    called = [group for group in found if group.exercise and group.cells]
    for group in called or [group for group in found if group.title]:
        computing = [place for place in group.cells if computes(cells[place].source, modules)]
        answers = computing or (
            group.cells[-1:] if group.exercise and _is_asked(group, cells) else []
        )
        if answers:
            yield Task(group.title, tuple(answers))


def _is_asked(group: Group, cells: Sequence[SolvedCell]) -> bool:
    """Whether an exercise whose code only sets the scene asks for just that."""
    asks_for_words = group.title.endswith("?")
    return (
        group.asks
        and not asks_for_words
        and any("=" in cells[place].source for place in group.cells)
    )


def _by_hand(
    style: Style,
    cells: Sequence[SolvedCell],
    tasks: Sequence[Task],
    placeholders: Placeholders,
    modules: Collection[str],
) -> Reading:
    """A notebook in which no other grader's marks say what is to be taken out."""
    found = list(answered_questions(cells))
    asked = [one for one in found if one.surely]
    answering = {place for task in tasks for place in task.cells}
    pieces = []
    for place, cell in enumerate(cells):
        if has_marks(cell):
            pieces.append(read_regions(cell, placeholders))
        elif place in answering:
            pieces.append(
                take_out(cell, placeholders, modules, keep_given=computes(cell.source, modules))
            )
        elif any(one.answer == place for one in asked):
            pieces.append(_answer(cell, placeholders.text))
        elif is_solution(cell):
            pieces.append(_answer(cell, ""))
        else:
            pieces.append(whole(cell))
    questions = (
        Task(_title(cells, one.asked, one.question), question=one.question) for one in asked
    )
    following = (place for place in texts_after(cells, answering) if not pieces[place].taken)
    doubtful = tuple(sorted({*following, *(one.answer for one in found if not one.surely)}))
    return Reading(style, tuple(pieces), (*tasks, *questions), doubtful=doubtful)


def _title(cells: Sequence[SolvedCell], place: int, question: str) -> str:
    heading = heading_of(cells[place])
    return heading[1] if heading else question


def _answer(cell: SolvedCell, placeholder: str) -> Piece:
    """An answer in words: the whole cell, what stands below the question in it, or below the heading of a solution."""
    lines = cell.source.split("\n")
    begins = 1 if is_solution(cell) else answer_line(cell.source) or 0
    kept = [Line(text) for text in lines[:begins]]
    taken = [Line(text, handed=False) for text in lines[begins:]]
    instead = [Line("", solved=False), Line(placeholder, solved=False)] if placeholder else []
    return Piece(
        cell.kind,
        (*kept, *taken, *(instead if begins else instead[1:])),
        cell.attachments,
        cell.place,
    )
