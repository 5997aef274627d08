"""A notebook as it ran: its cells, their lines, and beside each what it left behind. What a template shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from grader.messages import Language, Reader, word
from grader.outputs import wording
from grader.outputs.pages.document import plain_line
from grader.outputs.safe_text import plain
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import Left
from grader.outputs.story.story import CellStory, Decision, Folded, Story, StoryLine
from grader.report import Evidence

BesideKind = Literal["value", "printed", "told", "exercise", "mistake", "flag"]
TAB_COLUMNS = 4


@dataclass(frozen=True)
class Beside:
    """Something that stands beside a line."""

    kind: BesideKind
    text: str
    label: str = ""
    """What comes before the text: the passes of a loop; the mark of an exercise."""
    status: str = ""
    """Of an exercise."""


@dataclass(frozen=True)
class Row:
    """A line of code."""

    number: int
    source: str
    inside: str = ""
    """Name of the function it belongs to, where that was defined in another cell."""
    status: str = ""
    """Of the exercise that it decided; empty if it decided none."""
    beside: tuple[Beside, ...] = ()
    anchor: str = ""

    @property
    def is_comment(self) -> bool:
        """Whether it does nothing."""
        return self.source.lstrip().startswith("#")


@dataclass(frozen=True)
class Cell:
    """A cell that ran."""

    number: int
    heading: str
    """The heading above it, where it is another than that of the cell before."""
    states: tuple[str, ...]
    rows: tuple[Row, ...]
    cut: int = 0
    """Lines that are not shown."""
    below: tuple[Beside, ...] = ()
    errors: tuple[str, ...] = ()
    saved: str = ""
    pictures: tuple[str, ...] = ()
    """As `data:` addresses."""
    anchor: str = ""


@dataclass(frozen=True)
class Fold:
    """Cells that are shown in one line."""

    text: str


@dataclass(frozen=True)
class Notebook:
    """A notebook as it ran."""

    parts: tuple[Cell | Fold, ...] = ()
    anchors: frozenset[str] = field(default_factory=frozenset)

    def link(self, evidence: Evidence) -> str:
        """The anchor of a place: that of its line, else of its cell; empty if neither is shown."""
        where = evidence.where
        places = (_anchor(where.cell, where.line), _anchor(where.cell))
        return next((place for place in places if place in self.anchors), "")


def as_shown(
    story: Story, language: Language, reader: Reader, pictures: Mapping[int, Sequence[str]]
) -> Notebook:
    """A story as a page shows it.

    Args:
        story: what the notebook's cells did.
        language: language of the words.
        reader: to a student, mistakes and flags are not named beside their lines.
        pictures: per cell, the pictures it displayed, as `data:` addresses.
    """
    shown = _Shown(language, reader)
    parts: list[Cell | Fold] = []
    heading = ""
    for part in story.parts:
        if isinstance(part, Folded):
            parts.append(Fold(story_wording.folded(part, language)))
            continue
        new = part.heading if part.heading != heading else ""
        parts.append(shown.cell(part, new, () if part.again_below else pictures.get(part.cell, ())))
        heading = part.heading
    return Notebook(tuple(parts), anchors=frozenset(shown.anchors))


class _Shown:
    """Makes cells, and keeps the anchors that were given: each once, also for a cell that ran twice."""

    def __init__(self, language: Language, reader: Reader) -> None:
        self._language = language
        self._reader = reader
        self.anchors: set[str] = set()

    def cell(self, part: CellStory, heading: str, pictures: Sequence[str]) -> Cell:
        """A cell."""
        return Cell(
            number=part.cell + 1,
            heading=plain(heading),
            states=tuple(story_wording.states(part, self._language)),
            rows=tuple(self._row(part, one) for one in part.lines),
            cut=part.cut,
            below=(
                *(one for left in part.rest for one in self._rest(left)),
                *(
                    one
                    for decision in part.decisions
                    for one in self._decision(decision, frozenset())
                ),
            ),
            errors=tuple(
                plain(line) for line in story_wording.ended(part.run, self._language, self._reader)
            ),
            saved=plain(story_wording.saved(part.saved, self._language)) if part.saved else "",
            pictures=tuple(pictures),
            anchor=self._named(_anchor(part.cell)),
        )

    def _named(self, anchor: str) -> str:
        if anchor in self.anchors:
            return ""
        self.anchors.add(anchor)
        return anchor

    def _row(self, part: CellStory, one: StoryLine) -> Row:
        line = one.line
        decided = next(
            (decision.exercise.status for decision in one.decisions if decision.decides), ""
        )
        told = story_wording.told_beside(one, self._language)
        decisions = (
            beside for decision in one.decisions for beside in self._decision(decision, told)
        )
        return Row(
            number=line.number,
            source=plain_line(line.source.expandtabs(TAB_COLUMNS)),
            inside=plain(line.inside),
            status=decided,
            beside=(*self._left(line.left), *self._more(line.more), *decisions),
            anchor=self._named(_anchor(part.cell, line.number)) if one.decisions else "",
        )

    def _left(self, lefts: Sequence[Left]) -> Iterator[Beside]:
        """What a line left behind; values of the same pass stand together."""
        for (turns, kind), group in groupby(lefts, key=lambda left: (left.turns, _how(left))):
            label, several = story_wording.passes(turns, self._language), list(group)
            if kind == "printed":
                yield from (
                    Beside("printed", text, label)
                    for left in several
                    for text in self._printed(left)
                )
            elif kind == "skipped":
                yield Beside("told", word("not_run", self._language))
            else:
                yield Beside(
                    "value",
                    " · ".join(text for left in several for text in self._values(left)),
                    label,
                )

    def _values(self, left: Left) -> Iterator[str]:
        for path, value in story_wording.values(left, self._language):
            yield f"{path} = {value}" if path else f"→ {value}"
        if left.more:
            yield word("more", self._language, count=left.more)

    def _printed(self, left: Left) -> Iterator[str]:
        yield "\n".join(plain_line(line) for line in left.text.split("\n"))
        if left.more:
            yield f"… {word('more', self._language, count=left.more)}"

    def _more(self, count: int) -> Iterator[Beside]:
        if count:
            yield Beside("told", f"… {word('more', self._language, count=count)}")

    def _decision(self, decision: Decision, told: frozenset[str]) -> Iterator[Beside]:
        """The exercise that was decided, and to the instructor its value, mistakes and flags."""
        instructor = self._reader == "instructor"
        exercise = decision.exercise
        if not instructor and not decision.decides:
            return
        title = plain(exercise.title)
        if instructor and story_wording.is_news(decision, told):
            title += f": {plain(wording.value_found(decision.evidence))}"
        sign = wording.MARKS[exercise.status][0] if decision.decides else "⚑"
        yield Beside("exercise", title, sign, exercise.status if decision.decides else "flagged")
        if not instructor:
            return
        if decision.decides:
            for one in exercise.mistakes:
                yield Beside(
                    "mistake",
                    plain(wording.mistake_name(one, self._language)),
                    status=exercise.status,
                )
        for flag in decision.flags:
            yield Beside("flag", plain(wording.in_few_words(flag.message, self._language)), "⚑")

    def _rest(self, left: Left) -> Iterator[Beside]:
        """What belongs to no line."""
        if left.kind == "note":
            yield Beside("told", plain(story_wording.note(left, self._language, self._reader)))
        elif left.kind == "skipped":
            yield Beside("told", f"{plain(left.text)}: {word('not_run', self._language)}")
        else:
            yield from (Beside("printed", text) for text in self._printed(left))


def _anchor(cell: int, line: int = 0) -> str:
    return f"c{cell + 1}-{line}" if line else f"c{cell + 1}"


def _how(left: Left) -> str:
    return left.kind if left.kind in ("printed", "skipped") else "values"
