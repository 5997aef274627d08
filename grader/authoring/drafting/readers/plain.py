"""Read a solved notebook that no grader's tool has marked: by the marks of courses, or by words.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.authoring.drafting.code import computes, draws, only_imports, take_out
from grader.authoring.drafting.readers.answered_texts import (
    answered_items,
    answered_questions,
    asked_in_words,
    explained_results,
    texts_after,
)
from grader.authoring.drafting.readers.asking_words import asks_to_make, is_setup
from grader.authoring.drafting.readers.comments import tries_answer
from grader.authoring.drafting.readers.headings import (
    heading_of,
    is_directive,
    is_solution,
    question_in,
)
from grader.authoring.drafting.readers.marked_code import AnswerSpot, read_marked
from grader.authoring.drafting.readers.regions import has_regions, read_regions
from grader.authoring.drafting.readers.sections import Section, find_sections
from grader.authoring.drafting.readers.solution_cells import (
    exercise_cell_of,
    is_solution_cell,
    join_exercise,
)
from grader.authoring.drafting.readers.tasks import WordedTask, make_tasks
from grader.authoring.drafting.readers.trial_cells import only_asserts, without_trials
from grader.authoring.drafting.readers.worded import (
    WordedAnswer,
    answer_comments,
    without_lines,
    worded_answers,
)
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    MarkStyle,
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
    draft_cell,
    keep_whole,
)
from grader.authoring.drafting.syntax import imported_names


def read_plain(
    cells: Sequence[SolvedCell],
    placeholders: Placeholders,
    modules: Collection[str],
    own_tasks: Sequence[Task] = (),
) -> SolvedNotebook:
    """Read the cells and exercises of a notebook.

    Args:
        cells: the notebook's.
        placeholders: texts in an answer's place.
        modules: names that it imports.
        own_tasks: exercises that this grader's own marks name.
    """
    reader = PlainReader(cells, placeholders, modules)
    reader.read_words()
    reader.read_marks()
    if own_tasks:
        return reader.with_own_tasks(own_tasks)
    return reader.with_found_tasks()


@dataclass
class PlainReader:
    """Drafts the cells in several passes, each of which finds another kind of answers."""

    cells: Sequence[SolvedCell]
    placeholders: Placeholders
    modules: Collection[str]
    drafted: dict[int, DraftCell] = field(default_factory=dict)
    """Cells with answers, by their index."""
    spots: dict[int, tuple[AnswerSpot, ...]] = field(default_factory=dict)
    """Answers in code, by cell."""
    worded: list[WordedTask] = field(default_factory=list)
    doubtful: set[int] = field(default_factory=set)
    _items: dict[int, str] = field(default_factory=dict)
    """Items of lists, by the cell that answers them."""

    def read_words(self) -> None:
        """Find the answers in words."""
        asked = ""
        title = ""
        for index, cell in enumerate(self.cells):
            if cell.kind == "code":
                self._read_comments(index, asked)
                title = ""
                continue
            if not is_solution(cell):
                self._read_text(index, asked, title)
            asked = ""
            title = ""
            if cell.kind == "markdown":
                asked = asked_in_words(cell.source)
                title = _exercise_title(cell)

        self._items = dict(answered_items(self.cells))
        for index, item in self._items.items():
            is_code = self.cells[index].kind == "code"
            if not is_code and index not in self.drafted:
                self._take_whole(index, item)
        questions = list(answered_questions(self.cells))
        questions += explained_results(self.cells)
        for question in questions:
            if question.answer in self.drafted:
                continue
            if question.is_sure:
                self._take_whole(question.answer, question.question)
            else:
                self.doubtful.add(question.answer)

    def _read_text(self, index: int, asked: str, title: str) -> None:
        """Find the lines of a text that answer it, or a question above."""
        answers = worded_answers(self.cells[index].source, asked, title)
        if answers:
            self._take_lines(index, answers)

    def _read_comments(self, index: int, asked: str) -> None:
        """Find comments that answer a question above, or in a comment of the cell itself."""
        cell = self.cells[index]
        lines = answer_comments(cell.source)
        question = asked or self._asked_above(index)
        if lines and question:
            self._take_lines(index, [WordedAnswer(question, lines)])

    def _asked_above(self, index: int) -> str:
        for cell in reversed(self.cells[:index]):
            if cell.kind == "markdown":
                return asked_in_words(cell.source)
        return ""

    def _take_lines(self, index: int, answers: Sequence[WordedAnswer]) -> None:
        """Remove the lines of answers in words from the students' version."""
        cell = self.cells[index]
        placeholder = self._placeholder_in(cell)
        remaining = without_lines(cell.text_lines, answers, placeholder)
        lines = [DraftLine(*line) for line in remaining]
        self.drafted[index] = draft_cell(cell, lines)
        for answer in answers:
            self._add_worded(index, answer.question)

    def _take_whole(self, index: int, question: str) -> None:
        """Remove a cell from the students' version; only the heading of a solution stays."""
        cell = self.cells[index]
        placeholder = self._placeholder_in(cell)
        self.drafted[index] = remove_text(cell, placeholder)
        self._add_worded(index, question)

    def _placeholder_in(self, cell: SolvedCell) -> str:
        """Return the placeholder of words: a comment, in a cell of code."""
        placeholder = self.placeholders.text
        if cell.kind != "code":
            return placeholder
        return f"# {placeholder.strip('*_')}"

    def _add_worded(self, index: int, question: str) -> None:
        known = [task.question for task in self.worded]
        if question not in known:
            task = WordedTask(index, question)
            self.worded.append(task)

    def read_marks(self) -> None:
        """Find the answers that marks name, and the cells that say that they are solutions."""
        for index, cell in enumerate(self.cells):
            if index in self.drafted:
                continue
            if is_solution_cell(cell):
                self._take_solution(index)
            elif cell.kind != "raw" and has_regions(cell):
                self._take_region(index, read_regions(cell, self.placeholders))
            elif cell.kind == "code":
                marked = read_marked(cell)
                if marked.spots:
                    self.drafted[index] = marked.cell
                    self.spots[index] = marked.spots
                if marked.is_doubtful:
                    self.doubtful.add(index)

    def _take_region(self, index: int, drafted: DraftCell) -> None:
        if drafted.kind == "code":
            self._take_code(index, drafted)
            return
        self.drafted[index] = drafted
        asked = question_in(drafted.handout or "")
        self._add_worded(index, asked or self._asked_above(index))

    def _take_code(self, index: int, drafted: DraftCell) -> None:
        """Take the code of a cell that students do not get as one answer."""
        self.drafted[index] = drafted
        spot = AnswerSpot(drafted.removed_lines)
        self.spots[index] = (spot,)

    def _take_solution(self, index: int) -> None:
        """Remove a cell that is marked as a solution.

        Students keep the exercise's own cell above it, which the solution replaces.
        """
        cell = self.cells[index]
        asked = self._asked_above(index)
        if cell.kind != "code" or not self._is_code(cell.source):
            if asked:
                self._take_whole(index, asked)
            else:
                self.drafted[index] = remove_text(cell, "")
            return
        above = exercise_cell_of(self.cells, index)
        if above is None:
            self._take_out(index, makes=True)
            return
        joined = join_exercise(self.cells[above], cell)
        self._take_code(above, joined)
        self.drafted[index] = draft_cell(cell, [])

    def _is_code(self, source: str) -> bool:
        return computes(source, ())

    def with_own_tasks(self, tasks: Sequence[Task]) -> SolvedNotebook:
        """Finish with exercises that this grader's marks name; their cells are theirs."""
        answers = {cell for task in tasks for cell in task.cells}
        for index in sorted(answers - set(self.drafted)):
            self._take_out(index, makes=False)
        sections = self._sections()
        worded = make_tasks(self._draft(), sections, {}, self.worded)
        named = [_with_words(task, sections) for task in tasks]
        return self._notebook("own", (*named, *worded), answers)

    def with_found_tasks(self) -> SolvedNotebook:
        """Finish with the exercises that are marked, and with those that only words name."""
        sections = self._sections()
        unmarked: set[int] = set()
        for section in self._unmarked(sections):
            for index in self._answer_cells(section):
                unmarked.add(index)
                self._take_out(index, makes=self._asks_to_make(section))
        tasks = make_tasks(self._draft(), sections, self.spots, self.worded)
        is_marked = bool(set(self.spots) - unmarked)
        style: MarkStyle = "marked" if is_marked else "plain"
        return self._notebook(style, tasks, unmarked)

    def _sections(self, *, by_headings: bool = False) -> list[Section]:
        """Divide the notebook by the students' version of its texts."""
        given = []
        for index, cell in enumerate(self.cells):
            drafted = self.drafted.get(index)
            if cell.kind == "markdown" and drafted is not None:
                given.append(replace(cell, source=drafted.given_text))
            else:
                given.append(cell)
        return find_sections(given, by_headings=by_headings)

    def _unmarked(self, sections: Sequence[Section]) -> list[Section]:
        """List the exercises in code that only texts name.

        If there are none, and nothing is marked, they are the code below any heading.
        """
        named = []
        for section in sections:
            if section.is_exercise and section.cells:
                named.append(section)
        if named or self.spots:
            return [section for section in named if not self._is_answered(section)]
        kept = []
        for section in self._below_headings(sections):
            if section.title and not self._only_prepares(section):
                kept.append(section)
        return kept

    def _below_headings(self, sections: Sequence[Section]) -> Iterator[Section]:
        """Yield the code that texts below each heading ask for; below others, all code."""
        titled = self._sections(by_headings=True)
        stops = [section.first for section in titled[1:]]
        stops.append(len(self.cells))
        for section, stop in zip(titled, stops, strict=False):
            has_asking = False
            for other in sections:
                is_inside = section.first <= other.first < stop
                if is_inside and other.asks and other.cells:
                    has_asking = True
                    yield other
            if not has_asking:
                yield section

    def _only_prepares(self, section: Section) -> bool:
        """Return whether code is the set-up of the notebook, by its title or because it imports."""
        if is_setup(section.title) or not section.cells:
            return True
        if not section.is_title or len(section.cells) > 1:
            return False
        index = section.cells[0]
        source = self.cells[index].source
        return bool(imported_names([source]))

    def _is_answered(self, section: Section) -> bool:
        if any(cell in self.spots for cell in section.cells):
            return True
        if any(cell in self._items for cell in section.cells):
            return False
        last = max([section.first, *section.cells])
        inside = range(section.first, last + 1)
        return any(task.cell in inside for task in self.worded)

    def _answer_cells(self, section: Section) -> list[int]:
        """Find the cells of a section that compute; else its last, if it asks for data."""
        free: list[int] = []
        for index in section.cells:
            source = self.cells[index].source
            is_trial = free and (tries_answer(source) or only_asserts(source))
            if index not in self.drafted and not is_trial:
                free.append(index)
        if free and all(index in self._items for index in free):
            return free
        if section.is_exercise or section.asks:
            words = section.texts or [section.title]
            free = without_trials(self.cells, free, words)

        computing = []
        drawing = []
        makes = self._asks_to_make(section)
        for index in free:
            source = self.cells[index].source
            is_made = makes and not only_imports(source)
            if is_made or computes(source, self.modules):
                computing.append(index)
            if draws(source):
                drawing.append(index)
        if computing or not section.is_exercise:
            return computing
        if drawing:
            return drawing
        return self._last_binding(section, free)

    def _last_binding(self, section: Section, free: Sequence[int]) -> list[int]:
        """Find the last of some cells, if their section asks for data and the cell binds some."""
        if not free or not section.asks:
            return []
        if section.title.endswith("?"):
            return []
        last = free[-1]
        if "=" not in self.cells[last].source:
            return []
        return [last]

    def _asks_to_make(self, section: Section) -> bool:
        """Return whether a section asks for data or objects: then they are the answer."""
        words = "\n".join(section.words)
        return section.is_exercise and asks_to_make(words)

    def _take_out(self, index: int, *, makes: bool) -> None:
        cell = self.cells[index]
        if cell.kind != "code":
            return
        keep_given = computes(cell.source, self.modules) and not makes
        drafted = take_out(cell, self.placeholders, self.modules, keep_given=keep_given)
        self._take_code(index, drafted)

    def _draft(self) -> list[DraftCell]:
        cells = []
        for index, cell in enumerate(self.cells):
            drafted = self.drafted.get(index)
            if drafted is not None:
                cells.append(drafted)
            elif is_solution(cell):
                cells.append(remove_text(cell, ""))
            else:
                cells.append(keep_whole(cell))
        return cells

    def _notebook(
        self, style: MarkStyle, tasks: Iterable[Task], answers: Collection[int]
    ) -> SolvedNotebook:
        drafted = self._draft()
        doubtful = set(self.doubtful)
        for index in texts_after(self.cells, answers):
            if not drafted[index].removed_lines:
                doubtful.add(index)
        in_order = tuple(sorted(doubtful))
        return SolvedNotebook(style, tuple(drafted), tuple(tasks), doubtful=in_order)


def remove_text(cell: SolvedCell, placeholder: str) -> DraftCell:
    """Remove an answer from the students' version; the heading of a solution stays.

    Args:
        cell: the answer.
        placeholder: its replacement; empty: none.
    """
    texts = cell.text_lines
    has_heading = is_solution(cell) and not is_directive(cell.source)
    start = 1 if has_heading else 0
    lines = []
    for number, text in enumerate(texts):
        is_kept = number < start
        lines.append(DraftLine(text, in_handout=is_kept))
    if placeholder and start:
        lines.append(DraftLine("", in_reference=False))
    if placeholder:
        lines.append(DraftLine(placeholder, in_reference=False))
    return draft_cell(cell, lines)


def _exercise_title(cell: SolvedCell) -> str:
    """Return the heading of a text that calls itself an exercise; empty if it does not."""
    heading = heading_of(cell)
    if heading is None or not heading.is_exercise:
        return ""
    return heading.text


def _with_words(task: Task, sections: Sequence[Section]) -> Task:
    """Add the texts of its section to an exercise."""
    before = []
    first = task.cells[0]
    for section in sections:
        if section.first <= first:
            before.append(section)
    if not before:
        return task
    section = before[-1]
    words = "\n\n".join(filter(None, section.words))
    return replace(task, words=words)
