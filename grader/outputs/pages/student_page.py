"""The page of one student: what each exercise earned and why, and the notebook as it ran.

The instructor's has the values that were found, flags and what ended the run. The student's own copy shows their lines
and what these computed, and nothing that was expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.messages import Language, Reader, number, word
from grader.outputs import wording
from grader.outputs.pages.document import document, in_lines, plain_line, with_code
from grader.outputs.pages.graph_drawing import Drawings, counted
from grader.outputs.pages.notebook import Notebook, as_shown
from grader.outputs.safe_text import plain
from grader.outputs.story import wording as story_wording
from grader.outputs.story.story import Story
from grader.outputs.terminal import similarity
from grader.report import (
    AssignmentInfo,
    CheckResult,
    Evidence,
    ExerciseInfo,
    ExerciseResult,
    Report,
    Shared,
    SubmissionResult,
)
from grader.trace import Graph, Trace


@dataclass(frozen=True)
class Ran:
    """A submission's run, as far as a page shows it."""

    trace: Trace
    story: Story

    def pictures(self) -> Mapping[int, Sequence[str]]:
        """Per cell, the pictures it displayed, as `data:` addresses."""
        found: dict[int, list[str]] = {}
        for one in self.trace.pictures:
            found.setdefault(one.cell, []).append(f"data:{one.type};base64,{one.data}")
        return found


@dataclass(frozen=True)
class Neighbours:
    """The pages before and after this one, and that of the class: addresses and names; None where there is none."""

    index: str
    before: tuple[str, str] | None = None
    after: tuple[str, str] | None = None


@dataclass(frozen=True)
class Line:
    """A line that two submissions share: cell, from 1, and source in each, and how many others have it."""

    mine: tuple[int, str]
    other: tuple[int, str]
    others: int


@dataclass(frozen=True)
class Twin:
    """A submission that this one is similar to."""

    name: str
    told: str
    """How alike they are."""
    lines: tuple[Line, ...]
    more: int
    address: str
    """Of its page."""


@dataclass(frozen=True)
class Place:
    """A line of the student's, and where it stands."""

    source: str
    words: str
    anchor: str
    value: str = ""


@dataclass(frozen=True)
class Drawing:
    """An autograd graph."""

    nodes: str
    operations: str
    address: str = ""
    """As a `data:` address; empty if it could not be drawn."""


@dataclass(frozen=True)
class Item:
    """An exercise."""

    status: str
    mark: str
    title: str
    points: str
    sentences: tuple[Markup, ...]
    hints: tuple[Markup, ...]
    places: tuple[Place, ...]
    flags: tuple[str, ...] = ()
    note: str = ""
    answer: str = ""
    drawing: Drawing | None = None


def student_page(
    result: SubmissionResult,
    info: AssignmentInfo | None,
    ran: Ran | None,
    *,
    language: Language,
    reader: Reader,
    drawings: Drawings,
    neighbours: Neighbours | None = None,
    twins: Sequence[Twin] = (),
    key: str = "",
) -> str:
    """The page of one submission.

    Args:
        result: how it was graded.
        info: its assignment.
        ran: how it ran; None if it did not, or that is not known any more.
        language: language of the page.
        reader: for whom.
        drawings: draws graphs.
        neighbours: links; None: the page stands alone.
        twins: what it is similar to, for the instructor.
        key: what the page is made of, for whoever writes it again; not said if empty.
    """
    notebook = as_shown(ran.story, language, reader, ran.pictures()) if ran else Notebook()
    items = _Items(result, ran, notebook, language=language, reader=reader, drawings=drawings)
    return document(
        "student.html",
        language,
        title=plain(f"{result.student or result.file} · {info.title}" if info else result.student),
        name=plain(result.student or result.file),
        assignment=plain(info.title) if info else "",
        chips=_chips(result, language) if reader == "instructor" else (),
        earned=_earned(result, language),
        facts=_facts(result, language),
        reason=with_code(wording.said(result.reason, language, reader)) if result.reason else "",
        items=items.all(info),
        notebook=notebook,
        notes=_notes(result, ran, language, reader),
        problems=[
            plain(wording.problem(one, language)) for one in result.execution.problems if one.error
        ],
        footer=_footer(result, language, reader),
        unsealed=reader == "instructor" and result.execution.sandbox == "none",
        neighbours=neighbours,
        twins=twins,
        key=key,
        marks=wording.MARKS,
    )


def twins_of(report: Report, result: SubmissionResult, language: Language) -> Iterator[Twin]:
    """What a submission of a report is similar to, those with most evidence first."""
    pairs = [pair for pair in report.similar if result.id in pair.submissions]
    students = similarity.students_of(report) if pairs else {}
    for pair in pairs:
        first = pair.submissions[0] == result.id
        other = pair.submissions[1 if first else 0]
        yield Twin(
            name=plain(students[other]),
            told=plain(similarity.alike(pair, language)),
            lines=tuple(_line(shared, first=first) for shared in pair.shared),
            more=pair.more,
            address=f"{other}.html",
        )


def _line(shared: Shared, *, first: bool) -> Line:
    left, right = (
        (where.cell + 1, plain_line(where.source)) for where in (shared.left, shared.right)
    )
    return Line(left, right, shared.others) if first else Line(right, left, shared.others)


class _Items:
    """Makes what is shown of each exercise."""

    def __init__(
        self,
        result: SubmissionResult,
        ran: Ran | None,
        notebook: Notebook,
        *,
        language: Language,
        reader: Reader,
        drawings: Drawings,
    ) -> None:
        self._result, self._ran, self._notebook = result, ran, notebook
        self._language, self._reader, self._drawings = language, reader, drawings

    def all(self, info: AssignmentInfo | None) -> list[Item]:
        """The exercises that were asked for, each with the note on it."""
        notes = {one.id: self._note(one) for one in (info.exercises if info else ())}
        asked = (one for one in self._result.exercises if one.status != "not_asked")
        return [self._item(one, notes.get(one.id, "")) for one in asked]

    def _note(self, one: ExerciseInfo) -> str:
        texts = one.note if self._reader == "instructor" else one.student_note
        return plain(wording.own(texts, self._language))

    def _item(self, one: ExerciseResult, note: str) -> Item:
        mistakes = () if one.is_judged else one.mistakes
        hints = dict.fromkeys(
            filter(None, (wording.mistake_hint(m, self._language) for m in mistakes))
        )
        told = dict.fromkeys(filter(None, wording.sentences(one, self._language, self._reader)))
        answered = next((c.found.value for c in one.checks if c.check == "text" and c.found), "")
        return Item(
            status=one.status,
            mark=wording.MARKS[one.status][0],
            title=plain(one.title),
            points=self._points(one),
            sentences=tuple(with_code(text) for text in told if text not in hints),
            hints=tuple(map(with_code, hints)),
            places=tuple(self._places(one)),
            flags=tuple(self._flags(one)),
            note=note,
            answer=in_lines(answered),
            drawing=self._drawing(one),
        )

    def _points(self, one: ExerciseResult) -> str:
        earned = "–" if one.status == "pending" else wording.points(one.points, self._language)
        return (
            f"{earned} / {wording.points(one.max_points, self._language)}" if one.max_points else ""
        )

    def _places(self, one: ExerciseResult) -> list[Place]:
        found = [check.found for check in one.checks if check.found]
        shown = [self._place(evidence) for evidence in found]
        of_flags = [
            evidence for flag in one.flags for evidence in flag.evidence if evidence not in found
        ]
        return shown + [
            self._place(evidence) for evidence in of_flags if self._reader == "instructor"
        ]

    def _place(self, evidence: Evidence) -> Place:
        source = evidence.where.source
        value = (
            wording.value_found(evidence) if self._reader == "instructor" and source.strip() else ""
        )
        return Place(
            source=plain_line(source.strip()),
            words=wording.place(evidence.where, self._language),
            anchor=self._notebook.link(evidence),
            value=plain(value),
        )

    def _flags(self, one: ExerciseResult) -> list[str]:
        flags = () if self._reader == "student" and wording.is_seen(one.review) else one.flags
        told = (wording.said(flag.message, self._language, self._reader) for flag in flags)
        return [plain(text) for text in told if text]

    def _drawing(self, one: ExerciseResult) -> Drawing | None:
        graph = next(
            (g for check in one.checks if (g := self._graph(check)) is not None and g.labels), None
        )
        if graph is None:
            return None
        count = word("story-graph", self._language, count=len(graph.labels))
        return Drawing(count, counted(graph), self._drawings.of(graph))

    def _graph(self, check: CheckResult) -> Graph | None:
        """The graph that a check found."""
        if check.check != "graph" or check.found is None or self._ran is None:
            return None
        where, name = check.found.where, check.found.name
        events = (
            e for e in self._ran.trace.base.events if (e.cell, e.line) == (where.cell, where.line)
        )
        graphs = [
            (path, v)
            for event in events
            for path, v in event.values.items()
            if isinstance(v, Graph)
        ]
        named = (value for path, value in graphs if path == name)
        return next(named, graphs[-1][1] if graphs else None)


def _earned(result: SubmissionResult, language: Language) -> str:
    return wording.points(result.points, language) if result.status in wording.SCORED else "–"


def _facts(result: SubmissionResult, language: Language) -> str:
    """What stands beside the points: of how many, and how many are still to come."""
    if result.status not in wording.SCORED:
        return word(result.status, language)
    told = [word("page-of-points", language, points=result.max_points)]
    if result.pending_points:
        told.append(word("pending-points", language, points=result.pending_points))
    return " · ".join(told)


def _chips(result: SubmissionResult, language: Language) -> list[str]:
    who = result.who
    members = ", ".join(
        filter(None, (person.name or person.email or person.login for person in who.members))
    )
    told = [
        result.file,
        who.id,
        who.email,
        word("group", language, name=who.group) if who.group else "",
        members,
        word("late", language) if who.late else "",
        who.attempt,
        word("not-in-roster", language) if who.in_roster is False else "",
    ]
    return [plain(text) for text in told if text]


def _notes(
    result: SubmissionResult, ran: Ran | None, language: Language, reader: Reader
) -> list[str]:
    """What ended the run, flags of the notebook as a whole, what the run has to tell."""
    told = (
        [wording.said(result.execution.ended, language, reader)] if result.execution.ended else []
    )
    if reader == "instructor" and result.review:
        told += wording.reviewed(result.review, language)
    if reader == "instructor" or not wording.is_seen(result.review):
        told += [wording.said(flag.message, language, reader) for flag in result.flags]
    told += wording.ran(result, language, reader)
    if ran and reader == "instructor":
        told += story_wording.whole(ran.story, result, language)
    return [plain(text) for text in dict.fromkeys(told) if text]


def _footer(result: SubmissionResult, language: Language, reader: Reader) -> list[str]:
    run = result.execution
    seconds = number(round(run.seconds, 1), language)
    ran = word("page-ran-open" if run.sandbox == "none" else "page-ran", language, seconds=seconds)
    told = [ran] if run.cells else []
    if run.skipped:
        told.append(word("skipped", language, commands=wording.listed(run.skipped, language)))
    if run.peak_mib and reader == "instructor":
        told.append(word("page-memory", language, mib=run.peak_mib))
    told += [word("page-warnings", language)] if run.cells else []
    return [plain(text) for text in told if text]
