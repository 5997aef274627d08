"""Describe a notebook as it ran: its cells, their lines, and the effects of each line.

The result is plain data for a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from grader.messages import Language, Reader, word
from grader.outputs import wording
from grader.outputs.pages.curves import curve_points
from grader.outputs.pages.document import plain_line
from grader.outputs.safe_text import plain
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import Effect
from grader.outputs.story.story import CellStory, Folded, Story, StoryDecision, StoryLine
from grader.report import Evidence
from grader.trace import Array

NoteKind = Literal["value", "printed", "told", "exercise", "mistake", "flag"]
TAB_COLUMNS = 4
MAX_TENSORS = 3
"""More tensors that a line changes together are counted, and shown on request."""


@dataclass(frozen=True)
class LineNote:
    """A note beside a line, or below a cell."""

    kind: NoteKind
    text: str
    label: str = ""
    """Label before the text: the passes of a loop; the mark of an exercise."""
    status: str = ""
    """The status of the exercise; empty for values and printed text."""
    folded: str = ""
    """The full form of the text; shown on request."""
    curve: str = ""
    """The points of a curve beside the text; empty: there is none."""


@dataclass(frozen=True)
class NotebookRow:
    """A line of code."""

    number: int
    source: str
    inside: str = ""
    """Name of the function it belongs to, where that was defined in another cell."""
    status: str = ""
    """The status of the exercise that it decided; empty if it decided none."""
    notes: tuple[LineNote, ...] = ()
    anchor: str = ""

    @property
    def is_comment(self) -> bool:
        """Whether it does nothing."""
        return self.source.lstrip().startswith("#")


@dataclass(frozen=True)
class ShownCell:
    """A cell that ran."""

    number: int
    heading: str
    """The heading above it, if it differs from that of the cell before."""
    states: tuple[str, ...]
    rows: tuple[NotebookRow, ...]
    cut: int = 0
    """Lines that are not shown."""
    notes: tuple[LineNote, ...] = ()
    """Notes below the cell."""
    errors: tuple[str, ...] = ()
    saved: str = ""
    """The contradiction with the saved outputs; empty if there is none."""
    pictures: tuple[str, ...] = ()
    """As `data:` addresses."""
    anchor: str = ""


@dataclass(frozen=True)
class FoldedCells:
    """Cells that are collapsed into one line."""

    text: str


@dataclass(frozen=True)
class ShownNotebook:
    """A notebook as it ran."""

    parts: tuple[ShownCell | FoldedCells, ...] = ()
    anchors: frozenset[str] = field(default_factory=frozenset)

    def anchor_for(self, evidence: Evidence) -> str:
        """Return the anchor of an evidence: its line, or else its cell; empty if not shown."""
        where = evidence.where
        line_anchor = _anchor(where.cell, where.line)
        if line_anchor in self.anchors:
            return line_anchor

        cell_anchor = _anchor(where.cell)
        if cell_anchor in self.anchors:
            return cell_anchor
        return ""


def show_notebook(
    story: Story,
    language: Language,
    reader: Reader,
    pictures: Mapping[int, Sequence[str]],
) -> ShownNotebook:
    """Convert a story to the data of a page.

    Args:
        story: the effects of the notebook's cells.
        language: language of the words.
        reader: for a student, mistakes and flags are not named beside their lines.
        pictures: the pictures that each cell displayed, as `data:` addresses.
    """
    renderer = _NotebookRenderer(language, reader)
    parts: list[ShownCell | FoldedCells] = []
    heading = ""

    for part in story.parts:
        if isinstance(part, Folded):
            text = story_wording.folded(part, language)
            parts.append(FoldedCells(text))
            continue

        new_heading = "" if part.heading == heading else part.heading
        # The pictures are those of the last run of a cell.
        its_pictures: Sequence[str] = ()
        if not part.again_below:
            its_pictures = pictures.get(part.cell, ())
        parts.append(renderer.cell(part, new_heading, its_pictures))
        heading = part.heading

    return ShownNotebook(tuple(parts), anchors=frozenset(renderer.anchors))


@dataclass
class _NotebookRenderer:
    language: Language
    reader: Reader
    anchors: set[str] = field(default_factory=set)
    """Anchors in use: each occurs once, even if a cell ran twice."""

    def cell(
        self,
        part: CellStory,
        heading: str,
        pictures: Sequence[str],
    ) -> ShownCell:
        """Show a cell."""
        rows = [self._row(part, line) for line in part.lines]
        errors = story_wording.cell_ending(part.run, self.language, self.reader)
        saved = ""
        if part.saved:
            saved = story_wording.saved(part.saved, self.language)
        return ShownCell(
            number=part.cell + 1,
            heading=plain(heading),
            states=tuple(story_wording.cell_states(part, self.language)),
            rows=tuple(rows),
            cut=part.cut,
            notes=tuple(self._notes_below(part)),
            errors=tuple(plain(error) for error in errors),
            saved=plain(saved),
            pictures=tuple(pictures),
            anchor=self._take_anchor(_anchor(part.cell)),
        )

    def _take_anchor(self, anchor: str) -> str:
        """Return an anchor if it is not in use yet; empty otherwise."""
        if not anchor or anchor in self.anchors:
            return ""
        self.anchors.add(anchor)
        return anchor

    def _notes_below(self, part: CellStory) -> Iterator[LineNote]:
        for effect in part.rest:
            yield from self._effect_without_line(effect)
        for decision in part.decisions:
            yield from self._decision_notes(decision, texts_beside=frozenset())

    def _row(self, part: CellStory, story_line: StoryLine) -> NotebookRow:
        line = story_line.line
        anchor = ""
        if story_line.decisions:
            anchor = _anchor(part.cell, line.number)
        return NotebookRow(
            number=line.number,
            source=plain_line(line.source.expandtabs(TAB_COLUMNS)),
            inside=plain(line.inside),
            status=_decided_status(story_line.decisions),
            notes=tuple(self._line_notes(story_line)),
            anchor=self._take_anchor(anchor),
        )

    def _line_notes(self, story_line: StoryLine) -> Iterator[LineNote]:
        line = story_line.line
        yield from self._effect_notes(line.effects)
        if line.more:
            more = self._more(line.more)
            yield LineNote("told", f"… {more}")

        texts_beside = story_wording.texts_beside(story_line, self.language)
        for decision in story_line.decisions:
            yield from self._decision_notes(decision, texts_beside)

    # Effects

    def _effect_notes(self, effects: Sequence[Effect]) -> Iterator[LineNote]:
        """Describe the effects of a line; values of the same passes are combined."""
        for (turns, group_kind), group in groupby(effects, key=_effect_group):
            passes = story_wording.passes(turns, self.language)
            if group_kind == "skipped":
                yield LineNote("told", word("not_run", self.language))
            elif group_kind == "printed":
                yield from self._printed_notes(group, passes)
            else:
                yield self._value_note(group, passes)

    def _printed_notes(self, effects: Iterable[Effect], passes: str) -> Iterator[LineNote]:
        for effect in effects:
            for text in self._printed_texts(effect):
                yield LineNote("printed", text, passes)

    def _value_note(self, effects: Iterable[Effect], passes: str) -> LineNote:
        texts: list[str] = []
        tensors = 0
        curves: list[str] = []
        for effect in effects:
            texts += self._value_texts(effect)
            tensors += _count_tensors(effect)
            curves += _curves(effect)

        text = " · ".join(texts)
        if tensors > MAX_TENSORS:
            count = word("page-tensors", self.language, count=tensors)
            return LineNote("value", count, passes, folded=text)
        curve = curves[0] if len(curves) == 1 else ""
        return LineNote("value", text, passes, curve=curve)

    def _value_texts(self, effect: Effect) -> Iterator[str]:
        for path, value in story_wording.values(effect, self.language):
            if path:
                yield f"{path} = {value}"
            else:
                yield f"→ {value}"
        if effect.more:
            yield self._more(effect.more)

    def _printed_texts(self, effect: Effect) -> Iterator[str]:
        lines = effect.text.split("\n")
        yield "\n".join(plain_line(line) for line in lines)
        if effect.more:
            yield f"… {self._more(effect.more)}"

    def _effect_without_line(self, effect: Effect) -> Iterator[LineNote]:
        if effect.kind == "note":
            text = story_wording.recorder_note(effect, self.language, self.reader)
            yield LineNote("told", plain(text))
        elif effect.kind == "skipped":
            command = plain(effect.text)
            not_run = word("not_run", self.language)
            yield LineNote("told", f"{command}: {not_run}")
        else:
            for text in self._printed_texts(effect):
                yield LineNote("printed", text)

    def _more(self, count: int) -> str:
        return word("more", self.language, count=count)

    # Decisions

    def _decision_notes(
        self,
        decision: StoryDecision,
        texts_beside: frozenset[str],
    ) -> Iterator[LineNote]:
        """Name the exercise that was decided; for the instructor, its mistakes and flags, too."""
        if self.reader == "instructor":
            yield self._exercise_note(decision, texts_beside)
            yield from self._instructor_notes(decision)
        elif decision.decides:
            yield self._exercise_note(decision, texts_beside)

    def _exercise_note(self, decision: StoryDecision, texts_beside: frozenset[str]) -> LineNote:
        exercise = decision.exercise
        title = plain(exercise.title)
        is_for_instructor = self.reader == "instructor"
        if is_for_instructor and story_wording.needs_value(decision, texts_beside):
            value = wording.value_found(decision.evidence)
            title = f"{title}: {plain(value)}"

        if not decision.decides:
            return LineNote("exercise", title, "⚑", "flagged")
        mark = wording.MARKS[exercise.status][0]
        return LineNote("exercise", title, mark, exercise.status)

    def _instructor_notes(self, decision: StoryDecision) -> Iterator[LineNote]:
        exercise = decision.exercise
        for mistake in exercise.mistakes if decision.decides else ():
            name = wording.mistake_name(mistake, self.language)
            yield LineNote("mistake", plain(name), status=exercise.status)
        for flag in decision.flags:
            text = wording.in_few_words(flag.message, self.language)
            yield LineNote("flag", plain(text), "⚑")


def _count_tensors(effect: Effect) -> int:
    """Count the tensors that an effect shows or leaves out."""
    arrays = [value for _, value in effect.values if isinstance(value, Array)]
    tensors = [array for array in arrays if array.origin == "tensor"]
    if not tensors:
        return 0
    return len(tensors) + effect.more


def _curves(effect: Effect) -> list[str]:
    curves = [curve_points(value) for _, value in effect.values]
    return [curve for curve in curves if curve]


def _decided_status(decisions: Iterable[StoryDecision]) -> str:
    for decision in decisions:
        if decision.decides:
            return decision.exercise.status
    return ""


def _effect_group(effect: Effect) -> tuple[tuple[str, ...], str]:
    """Return a key that effects shown together share: their kind, and passes of a loop."""
    kind = "value"
    if effect.kind in ("printed", "skipped"):
        kind = effect.kind
    return effect.turns, kind


def _anchor(cell: int, line: int = 0) -> str:
    if line:
        return f"c{cell + 1}-{line}"
    return f"c{cell + 1}"
