"""Read a solved notebook, whichever tool marked its answers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.authoring.drafting.code import computes, take_out
from grader.authoring.drafting.readers import nbgrader, otter
from grader.authoring.drafting.readers.headings import (
    answer_line,
    heading_above,
    heading_of,
    is_solution,
)
from grader.authoring.drafting.readers.leftovers import may_hold_answers
from grader.authoring.drafting.readers.regions import has_marks, read_regions, strip_details
from grader.authoring.drafting.readers.sections import (
    AnsweredQuestion,
    Section,
    answered_questions,
    find_sections,
    texts_after,
)
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
    draft_cell,
    keep_whole,
    strip_marks,
)
from grader.authoring.drafting.source import CourseHandout
from grader.authoring.drafting.syntax import imported_names
from grader.reference.markers import MARKER


def read_solved(
    cells: Sequence[SolvedCell],
    placeholders: Placeholders,
    handout: CourseHandout | None = None,
) -> SolvedNotebook:
    """Read the cells and the exercises of a solved notebook.

    Args:
        cells: those of the file.
        placeholders: what stands in an answer's place.
        handout: the course's own, which students get as it is; None: it is made of the cells.
    """
    code = [cell.source for cell in cells if cell.kind == "code"]
    modules = imported_names(code)
    if any(_marked_exercises(cell) for cell in cells):
        unmarked = _UnmarkedReader(cells, placeholders, modules)
        notebook = replace(unmarked.read(_marked_tasks(cells)), style="own")
    elif otter.is_otter(cells):
        notebook = otter.read(cells, placeholders, modules)
    elif nbgrader.is_nbgrader(cells):
        notebook = nbgrader.read(cells, placeholders, modules)
    else:
        unmarked = _UnmarkedReader(cells, placeholders, modules)
        notebook = unmarked.read(list(_unmarked_tasks(cells, modules)))

    drafted = [strip_details(cell) for cell in strip_marks(notebook.cells)]
    doubtful = {*notebook.doubtful, *may_hold_answers(drafted)}
    return replace(
        notebook,
        cells=tuple(drafted),
        doubtful=tuple(sorted(doubtful)),
        handout=handout.data if handout else None,
    )


def _marked_exercises(cell: SolvedCell) -> list[str]:
    """List the exercises with answers that our own marks in a cell name, each once."""
    if cell.kind != "code":
        return []
    exercises = []
    for line in cell.text_lines:
        match = MARKER.match(line)
        if match and match["grade"]:
            exercises.append(match["id"])
    return list(dict.fromkeys(exercises))


def _marked_tasks(cells: Sequence[SolvedCell]) -> list[Task]:
    """List the exercises that our own marks name."""
    indices: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        for exercise in _marked_exercises(cell):
            indices.setdefault(exercise, []).append(index)

    tasks = []
    for exercise, marked in indices.items():
        title = heading_above(cells, marked[0])
        tasks.append(Task(title, tuple(marked), name=exercise, marked=True))
    return tasks


def _unmarked_tasks(cells: Sequence[SolvedCell], modules: Collection[str]) -> Iterator[Task]:
    """List the exercises of a notebook without marks.

    They are the sections that headings call exercises; if there are none, those below any heading.
    """
    sections = find_sections(cells)
    exercises = [section for section in sections if section.is_exercise and section.cells]
    titled = [section for section in sections if section.title]
    for section in exercises or titled:
        answers = _answer_cells(section, cells, modules)
        if answers:
            yield Task(section.title, tuple(answers))


def _answer_cells(
    section: Section,
    cells: Sequence[SolvedCell],
    modules: Collection[str],
) -> list[int]:
    """Find the cells of a section that compute something; else its last, if it asks for data."""
    computing = [index for index in section.cells if computes(cells[index].source, modules)]
    if computing or not section.is_exercise:
        return computing
    if not _asks_for_data(section, cells):
        return []
    return section.cells[-1:]


def _asks_for_data(section: Section, cells: Sequence[SolvedCell]) -> bool:
    """Tell whether an exercise with code that only sets the scene asks for just that."""
    asks_for_words = section.title.endswith("?")
    if not section.asks or asks_for_words:
        return False
    return any("=" in cells[index].source for index in section.cells)


@dataclass
class _UnmarkedReader:
    """Reads a notebook in which no other grader's marks say what is to be taken out."""

    cells: Sequence[SolvedCell]
    placeholders: Placeholders
    modules: Collection[str]

    def read(self, tasks: Sequence[Task]) -> SolvedNotebook:
        """Read the whole notebook.

        Args:
            tasks: its exercises that are answered in code.
        """
        questions = list(answered_questions(self.cells))
        sure = [question for question in questions if question.is_sure]
        answered_in_text = {question.answer for question in sure}
        answered_in_code: set[int] = set()
        for task in tasks:
            answered_in_code.update(task.cells)

        drafted = []
        for index, cell in enumerate(self.cells):
            is_answer = index in answered_in_code
            if is_answer and not has_marks(cell):
                drafted.append(self._take_out(cell))
            else:
                drafted.append(self._read_other(cell, is_answer=index in answered_in_text))

        doubtful = {question.answer for question in questions if not question.is_sure}
        for index in texts_after(self.cells, answered_in_code):
            if not drafted[index].removed_lines:
                doubtful.add(index)
        return SolvedNotebook(
            style="plain",
            cells=tuple(drafted),
            tasks=(*tasks, *map(self._question_task, sure)),
            doubtful=tuple(sorted(doubtful)),
        )

    def _take_out(self, cell: SolvedCell) -> DraftCell:
        keep_given = computes(cell.source, self.modules)
        return take_out(cell, self.placeholders, self.modules, keep_given=keep_given)

    def _read_other(self, cell: SolvedCell, *, is_answer: bool) -> DraftCell:
        """Read a cell that is no answer in code of which nobody marked the lines."""
        if has_marks(cell):
            return read_regions(cell, self.placeholders)
        if is_answer:
            return _remove_answer(cell, self.placeholders.text)
        if is_solution(cell):
            return _remove_answer(cell, "")
        return keep_whole(cell)

    def _question_task(self, answered: AnsweredQuestion) -> Task:
        heading = heading_of(self.cells[answered.asked])
        title = heading.text if heading else answered.question
        return Task(title, question=answered.question)


def _remove_answer(cell: SolvedCell, placeholder: str) -> DraftCell:
    """Remove an answer in words from what students get.

    It is the whole cell, or what stands below the question in it, or below a solution's heading.
    """
    texts = cell.text_lines
    start = answer_line(cell.source) or 0
    if is_solution(cell):
        start = 1
    lines = [DraftLine(text) for text in texts[:start]]
    lines += [DraftLine(text, in_handout=False) for text in texts[start:]]
    if placeholder and start:
        lines.append(DraftLine("", in_reference=False))
    if placeholder:
        lines.append(DraftLine(placeholder, in_reference=False))
    return draft_cell(cell, lines)
