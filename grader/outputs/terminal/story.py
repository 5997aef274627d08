"""Shows the story of a submission: the student's lines, and beside each what it left behind. For the instructor.

Lays out what `grader.outputs.story.story` tells, and decides nothing. What a student wrote passes through `plain` or `safe`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import plain, safe
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import Left, Line
from grader.outputs.story.story import CellStory, Decision, Folded, Story, StoryLine
from grader.outputs.terminal.student import head
from grader.outputs.terminal.tables import unsealed
from grader.outputs.wording import mark
from grader.report import ExerciseResult, SubmissionResult

WIDEST = 160
"""Columns that are used at most."""
CODE_SHARE = 0.52
"""Share of the width that the student's lines have at most."""
COMFORTABLE = 72
"""From this width on, titles of exercises are not wrapped above the cells."""
LEAST_CODE = 16
MAX_ROWS = 3
"""Rows of a printed line, or of the title of an exercise, beside the student's line."""
MAX_INDENT = 40
TAB_COLUMNS = 4

COMMENT = "#"


def story_view(
    story: Story, result: SubmissionResult, language: Language, *, title: str = ""
) -> RenderableType:
    """The story of a submission, for the instructor: it shows values.

    Args:
        story: its cells.
        result: how it was graded.
        language: language of the words.
        title: title of the assignment.

    Returns:
        What rich can print; it fits itself to the width it is printed at. A line and a value that are too long are
        cut.
    """
    return _View(story, result, language, title)


@dataclass(frozen=True)
class _View:
    story: Story
    result: SubmissionResult
    language: Language
    title: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        layout = _Layout(console, min(options.max_width, WIDEST), self.story, self.language)
        yield from unsealed(self.result.execution.sandbox, self.language)
        yield head(self.result, self.language, self.title)
        if self.result.reason:
            yield safe(wording.said(self.result.reason, self.language, "instructor"))
        if self.result.exercises:
            yield Text("")
            yield layout.index(exercise for exercise in self.result.exercises if exercise.automatic)
        heading = ""
        for part in self.story.parts:
            yield Text("")
            if isinstance(part, Folded):
                yield layout.folded(part)
            else:
                yield from layout.cell(part, part.heading if part.heading != heading else "")
                heading = part.heading
        yield from layout.end(self.result)


class _Layout:
    """Lays the parts of a story out at one width."""

    def __init__(self, console: Console, width: int, story: Story, language: Language) -> None:
        lines = [
            one.line for part in story.parts if isinstance(part, CellStory) for one in part.lines
        ]
        self._console = console
        self._width = width
        self._language = language
        self._story = story
        self._digits = max((len(str(line.number)) for line in lines), default=1)
        room = width - self._digits - 6  # the mark, the number, the bar, and a space after each
        longest = max((cell_len(_code(line).plain) for line in lines), default=0)
        self._code_width = max(LEAST_CODE, min(longest, int(room * CODE_SHARE)))
        self._room = max(LEAST_CODE, room - self._code_width)

    def index(self, exercises: Iterable[ExerciseResult]) -> Table:
        """Per exercise its mark, its points, where it was decided and why."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        for place in range(4):
            grid.add_column(
                overflow="fold",
                no_wrap=place in (1, 2) or (place == 0 and self._width >= COMFORTABLE),
            )
        for exercise in exercises:
            scored = wording.score(exercise.points, exercise.max_points, self._language)
            titled = mark(exercise.status).append(f" {plain(exercise.title)}", "bold")
            grid.add_row(titled, Text(scored), self._places(exercise), self._reasons(exercise))
        return grid

    def _places(self, exercise: ExerciseResult) -> Text:
        found = [check.found.where for check in exercise.checks if check.found]
        places = [
            word("story-place", self._language, cell=one.cell + 1, line=one.line)
            if one.line
            else f"[{one.cell + 1}]"
            for one in found
        ]
        return Text(" ".join(places) or "–", "dim")

    def _reasons(self, exercise: ExerciseResult) -> Text:
        mistakes = [wording.mistake_name(one, self._language) for one in exercise.mistakes]
        told = mistakes or [
            wording.in_few_words(check.message, self._language) for check in exercise.checks
        ]
        flags = [wording.in_few_words(flag.message, self._language) for flag in exercise.flags]
        return safe("; ".join(dict.fromkeys(filter(None, [*told, *flags]))))

    # Cells

    def folded(self, part: Folded) -> Text:
        """Cells in one line."""
        return Text(story_wording.folded(part, self._language), "dim")

    def cell(self, part: CellStory, heading: str) -> Iterator[RenderableType]:
        """A cell: its number, its lines, how it ended, what the file holds otherwise."""
        told = Text(f"[{part.cell + 1}]", "bold cyan")
        if heading:
            told.append(f" {plain(heading)}", "bold")
        for state in story_wording.states(part, self._language):
            told.append(f" · {state}", "dim")
        yield told
        yield self._lines(part.lines)
        if part.cut:
            yield _indented(safe(f"… {word('more', self._language, count=part.cut)}", "dim"))
        yield from (_indented(text) for left in part.rest for text in self._rest(left))
        yield from (
            _indented(safe(line, "bold red"))
            for line in story_wording.ended(part.run, self._language, "instructor")
        )
        yield from (
            _indented(text) for decision in part.decisions for text in self._decision(decision, ())
        )
        if part.saved:
            yield _indented(
                safe(f"⚑ {story_wording.saved(part.saved, self._language)}", "bold magenta")
            )

    def _lines(self, lines: Sequence[StoryLine]) -> Table:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=1)
        grid.add_column(width=self._digits, justify="right", style="dim")
        grid.add_column(width=self._code_width, no_wrap=True, overflow="ellipsis")
        grid.add_column(width=1, style="dim")
        grid.add_column(width=self._room, overflow="fold")
        for one in lines:
            for row in self._rows(one):
                grid.add_row(*row)
        return grid

    def _rows(self, one: StoryLine) -> Iterator[Sequence[Text]]:
        """A line with what stands beside it: as many rows as that needs."""
        decided = next(
            (decision.exercise.status for decision in one.decisions if decision.decides), None
        )
        code = _code(one.line)
        code.stylize("bold" if one.decisions else "")
        number = Text("" if one.line.inside else str(one.line.number))
        before = (mark(decided) if decided else Text(""), number, code)
        beside = [
            row
            for text in (*self._left(one.line), *self._decisions(one))
            for row in self._wrapped(text)
        ]
        for place, text in enumerate(beside or [Text("")]):
            yield (*(before if place == 0 else [Text("")] * 3), Text("│"), text)

    def _wrapped(self, text: Text) -> Sequence[Text]:
        """A text on a few rows; one that may not be wrapped on one row."""
        if text.no_wrap:
            return [text]
        indent = len(text.plain) - len(text.plain.lstrip(" "))
        rows = list(text[indent:].wrap(self._console, self._room - indent))
        if len(rows) > MAX_ROWS:
            rows[MAX_ROWS - 1].truncate(self._room - indent - 1)
            rows[MAX_ROWS - 1].append("…")
        return [Text(" " * indent).append_text(row) for row in rows[:MAX_ROWS]]

    # Beside a line

    def _left(self, line: Line) -> Iterator[Text]:
        for (turns, kind), group in groupby(line.left, key=lambda left: (left.turns, _how(left))):
            passes = story_wording.passes(turns, self._language)
            label = f"{passes} " if passes else ""
            if kind == "values":
                yield from self._packed(
                    [value for left in group for value in self._values(left)], label
                )
            elif kind == "printed":
                yield from (
                    Text().append(label, "cyan").append_text(one)
                    for left in group
                    for one in self._printed(left)
                )
            else:
                yield Text(word("not_run", self._language), "dim")
        if line.more:
            yield Text(f"… {word('more', self._language, count=line.more)}", "dim")

    def _values(self, left: Left) -> Iterator[Text]:
        for path, value in story_wording.values(left, self._language):
            yield Text(f"{path} = {value}" if path else f"→ {value}")
        if left.more:
            yield Text(word("more", self._language, count=left.more), "dim")

    def _printed(self, left: Left) -> Iterator[Text]:
        lines = left.text.split("\n")
        for place, line in enumerate(lines, 1):
            shown = Text().append("» ", "dim").append(plain(line))
            if place == len(lines) and left.more:
                shown.append(f" … {word('more', self._language, count=left.more)}", "dim")
            yield shown

    def _packed(self, items: Sequence[Text], label: str) -> Iterator[Text]:
        """Values on as few rows as they need, each of them whole if it fits at all."""
        row = _row(label)
        for place, item in enumerate(items):
            if place and row.cell_len + 3 + item.cell_len > self._room:
                yield row
                row = _row(" " * cell_len(label))
            elif place:
                row.append(" · ", "dim")
            row.append_text(item)
        yield row

    def _decisions(self, one: StoryLine) -> Iterator[Text]:
        told = story_wording.told_beside(one, self._language)
        for decision in one.decisions:
            yield from self._decision(decision, told)

    def _decision(self, decision: Decision, told: Collection[str]) -> Iterator[Text]:
        """The exercise that was decided, its value if neither that nor its name is told already, mistakes and flags."""
        exercise, evidence = decision.exercise, decision.evidence
        _, colour = wording.MARKS[exercise.status]
        titled = mark(exercise.status) if decision.decides else Text("⚑", "magenta")
        titled.append(f" {plain(exercise.title)}", f"bold {colour}" if decision.decides else "bold")
        if story_wording.is_news(decision, told):
            titled.append(f": {plain(wording.value_found(evidence))}")
        yield titled
        if decision.decides:
            for one in exercise.mistakes:
                yield Text("  ").append_text(
                    safe(wording.mistake_name(one, self._language), colour)
                )
        for flag in decision.flags:
            yield Text("  ").append_text(
                safe(f"⚑ {wording.in_few_words(flag.message, self._language)}", "magenta")
            )

    # Below a cell

    def _rest(self, left: Left) -> Iterator[Text]:
        if left.kind == "note":
            yield safe(story_wording.note(left, self._language, "instructor"), "dim")
        elif left.kind == "skipped":
            yield safe(f"{left.text}: {word('not_run', self._language)}", "dim")
        else:
            yield from self._printed(left)

    def end(self, result: SubmissionResult) -> Iterator[RenderableType]:
        """What is to be known of the story as a whole."""
        sentences = list(story_wording.whole(self._story, result, self._language))
        if sentences:
            yield Text("")
            yield from (safe(f"⚑ {sentence}", "magenta") for sentence in sentences)


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2))


def _row(label: str) -> Text:
    return Text(no_wrap=True, overflow="ellipsis").append(label, "cyan")


def _how(left: Left) -> str:
    return left.kind if left.kind in ("printed", "skipped") else "values"


def _code(line: Line) -> Text:
    """A line of the student's with its indentation; that of a function of another cell is marked."""
    source = line.source.expandtabs(TAB_COLUMNS)
    if line.inside:
        return (
            Text("↳ ", "dim")
            .append(f"{plain(line.inside)}: ", "dim")
            .append(plain(source), "default")
        )
    indent = min(len(source) - len(source.lstrip(" ")), MAX_INDENT)
    code = plain(source)
    return Text(" " * indent).append(code, "dim" if code.startswith(COMMENT) else "")
