"""Show the story of a submission, for the instructor: the student's lines and their effects.

Does the layout of `grader.outputs.story.story`. Text of students goes through `plain` or `safe`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import plain, safe
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import CodeLine
from grader.outputs.story.story import CellStory, Folded, Story, StoryLine
from grader.outputs.terminal.story_effects import EffectTexts
from grader.outputs.terminal.student import submission_heading
from grader.outputs.terminal.tables import unsealed_warning
from grader.report import ExerciseResult, SubmissionResult, Where

WIDEST = 160
"""Columns that are used at most."""
CODE_SHARE = 0.52
"""Share of the width that the student's lines have at most."""
COMFORTABLE = 72
"""From this width on, titles of exercises are not wrapped above the cells."""
LEAST_CODE = 16
"""Columns that the student's lines have at least, and so do their effects."""
SIGNS = 6
"""Columns of the mark, the number and the bar, without digits: each is followed by a space."""
MAX_ROWS = 3
"""Rows of a printed line, or of the title of an exercise, beside the student's line."""
MAX_INDENT = 40
TAB_COLUMNS = 4

COMMENT = "#"


def story_view(
    story: Story,
    result: SubmissionResult,
    language: Language,
    *,
    title: str = "",
) -> RenderableType:
    """Show the story of a submission, for the instructor: it shows values.

    Args:
        story: its cells.
        result: how it was graded.
        language: language of the words.
        title: title of the assignment.

    Returns:
        A renderable of rich, which adapts to the width it is printed at. A line and a value that
        are too long are cut.
    """
    return _StoryView(story, result, language, title)


@dataclass(frozen=True)
class _StoryView:
    story: Story
    result: SubmissionResult
    language: Language
    title: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        cells = _CellLayout(console, width, self.story, self.language)

        yield from unsealed_warning(self.result.execution.sandbox, self.language)
        yield submission_heading(self.result, self.language, self.title)
        yield from self._reason()
        yield from self._exercises(width)
        yield from self._parts(cells)
        yield from self._notes()

    def _reason(self) -> Iterator[Text]:
        """Explain why there is no story, if there is none."""
        reason = self.result.reason
        if reason:
            sentence = wording.message_text(reason, self.language, "instructor")
            yield safe(sentence)

    def _exercises(self, width: int) -> Iterator[RenderableType]:
        exercises = self.result.exercises
        if exercises:
            automatic = [exercise for exercise in exercises if exercise.automatic]
            yield Text("")
            yield _exercise_table(automatic, width, self.language)

    def _parts(self, cells: _CellLayout) -> Iterator[RenderableType]:
        """Show the cells; a heading is shown only above its first cell."""
        heading = ""
        for part in self.story.parts:
            yield Text("")
            if isinstance(part, Folded):
                sentence = story_wording.folded(part, self.language)
                yield Text(sentence, "dim")
                continue

            new_heading = ""
            if part.heading != heading:
                new_heading = part.heading
            yield from cells.cell(part, new_heading)
            heading = part.heading

    def _notes(self) -> Iterator[Text]:
        """Show notes on the story as a whole."""
        sentences = list(story_wording.story_notes(self.story, self.result, self.language))
        if sentences:
            yield Text("")
        for sentence in sentences:
            yield safe(f"⚑ {sentence}", "magenta")


# Above the cells


def _exercise_table(
    exercises: Sequence[ExerciseResult],
    width: int,
    language: Language,
) -> Table:
    """Show each exercise with its mark, its points, where it was decided and why."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", no_wrap=width >= COMFORTABLE)
    grid.add_column(overflow="fold", no_wrap=True)
    grid.add_column(overflow="fold", no_wrap=True)
    grid.add_column(overflow="fold", no_wrap=False)

    for exercise in exercises:
        title = plain(exercise.title)
        marked_title = wording.mark(exercise.status)
        marked_title.append(f" {title}", "bold")

        score = wording.score(exercise.points, exercise.max_points, language)
        locations = _locations(exercise, language)
        reasons = _reasons(exercise, language)
        grid.add_row(
            marked_title,
            Text(score),
            Text(locations, "dim"),
            safe(reasons),
        )
    return grid


def _locations(exercise: ExerciseResult, language: Language) -> str:
    """Format where an exercise was decided."""
    locations = []
    for check in exercise.checks:
        if check.found:
            location = _location(check.found.where, language)
            locations.append(location)
    return " ".join(locations) or "–"


def _location(where: Where, language: Language) -> str:
    cell = where.cell + 1
    if not where.line:
        return f"[{cell}]"
    return word(
        "story-place",
        language,
        cell=cell,
        line=where.line,
    )


def _reasons(exercise: ExerciseResult, language: Language) -> str:
    """Format the mistakes of an exercise, or else the messages of its checks; then the flags."""
    reasons = []
    for mistake in exercise.mistakes:
        name = wording.mistake_name(mistake, language)
        reasons.append(name)

    if not reasons:
        for check in exercise.checks:
            finding = wording.in_few_words(check.message, language)
            reasons.append(finding)

    for flag in exercise.flags:
        reason = wording.in_few_words(flag.message, language)
        reasons.append(reason)

    distinct = dict.fromkeys(filter(None, reasons))
    return "; ".join(distinct)


# Cells


class _CellLayout:
    """Lays out the cells of a story at one width."""

    def __init__(
        self,
        console: Console,
        width: int,
        story: Story,
        language: Language,
    ) -> None:
        lines = _story_lines(story)
        digits = [len(str(line.number)) for line in lines]
        self._digits = max(digits, default=1)
        room = width - self._digits - SIGNS

        code_widths = [_code(line).cell_len for line in lines]
        longest = max(code_widths, default=0)
        most_code = int(room * CODE_SHARE)
        self._code_columns = max(LEAST_CODE, min(longest, most_code))
        self._effect_columns = max(LEAST_CODE, room - self._code_columns)

        self._console = console
        self._language = language
        self._texts = EffectTexts(self._effect_columns, language)

    def cell(self, part: CellStory, heading: str) -> Iterator[RenderableType]:
        """Show a cell: its number, its lines, how it ended, and the saved output if it differs."""
        yield self._title(part, heading)
        yield self._lines(part.lines)
        for text in self._below_lines(part):
            yield Padding(text, (0, 0, 0, 2))

    def _title(self, part: CellStory, heading: str) -> Text:
        number = part.cell + 1
        title = Text(f"[{number}]", "bold cyan")
        if heading:
            title.append(f" {plain(heading)}", "bold")
        for state in story_wording.cell_states(part, self._language):
            title.append(f" · {state}", "dim")
        return title

    def _below_lines(self, part: CellStory) -> Iterator[Text]:
        if part.cut:
            more = word("more", self._language, count=part.cut)
            yield safe(f"… {more}", "dim")

        for effect in part.rest:
            yield from self._texts.below(effect)
        for line in story_wording.cell_ending(part.run, self._language, "instructor"):
            yield safe(line, "bold red")
        for decision in part.decisions:
            yield from self._texts.decision(decision, ())

        if part.saved:
            sentence = story_wording.saved(part.saved, self._language)
            yield safe(f"⚑ {sentence}", "bold magenta")

    def _lines(self, lines: Sequence[StoryLine]) -> Table:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=1)
        grid.add_column(
            width=self._digits,
            justify="right",
            style="dim",
        )
        grid.add_column(
            width=self._code_columns,
            no_wrap=True,
            overflow="ellipsis",
        )
        grid.add_column(width=1, style="dim")
        grid.add_column(width=self._effect_columns, overflow="fold")
        for line in lines:
            self._add_rows(grid, line)
        return grid

    def _add_rows(self, grid: Table, line: StoryLine) -> None:
        """Add a line with its notes: as many rows as they need."""
        texts: list[Text] = []
        for text in self._texts.notes_on(line):
            texts += self._wrapped(text)

        bar = Text("│")
        first, *others = texts or [Text("")]
        grid.add_row(*_line_cells(line), bar, first)
        for text in others:
            grid.add_row(
                Text(""),
                Text(""),
                Text(""),
                bar,
                text,
            )

    def _wrapped(self, text: Text) -> Sequence[Text]:
        """Wrap a text into a few rows; an unwrappable one stays on one row."""
        if text.no_wrap:
            return [text]

        indent = _indent(text.plain)
        columns = self._effect_columns - indent
        unindented = text[indent:]
        rows = list(unindented.wrap(self._console, columns))
        if len(rows) > MAX_ROWS:
            rows = rows[:MAX_ROWS]
            last = rows[-1]
            last.truncate(columns - 1)
            last.append("…")

        margin = " " * indent
        wrapped = []
        for row in rows:
            indented = Text(margin)
            indented.append_text(row)
            wrapped.append(indented)
        return wrapped


def _story_lines(story: Story) -> list[CodeLine]:
    lines = []
    for part in story.parts:
        if isinstance(part, CellStory):
            lines += [line.line for line in part.lines]
    return lines


def _line_cells(line: StoryLine) -> tuple[Text, Text, Text]:
    """Return the columns left of the bar: the mark, the number and the code."""
    mark = Text("")
    deciding = [decision for decision in line.decisions if decision.decides]
    if deciding:
        mark = wording.mark(deciding[0].exercise.status)

    number = ""
    if not line.line.inside:
        number = str(line.line.number)

    code = _code(line.line)
    if line.decisions:
        code.stylize("bold")
    return mark, Text(number), code


def _code(line: CodeLine) -> Text:
    """Format a line of code with indentation, and mark it if it is in another cell's function."""
    source = line.source.expandtabs(TAB_COLUMNS)
    code = plain(source)
    if line.inside:
        function = plain(line.inside)
        marked = Text("↳ ", "dim")
        marked.append(f"{function}: ", "dim")
        marked.append(code, "default")
        return marked

    indent = min(_indent(source), MAX_INDENT)
    style = ""
    if code.startswith(COMMENT):
        style = "dim"
    indented = Text(" " * indent)
    indented.append(code, style)
    return indented


def _indent(text: str) -> int:
    """Return how many spaces a text begins with."""
    unindented = text.lstrip(" ")
    return len(text) - len(unindented)
