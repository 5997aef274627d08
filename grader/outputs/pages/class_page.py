"""The page of a class: who needs a person, how the points lie, what went wrong most, and a table to sort and filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.grading.points import summarise
from grader.messages import Language, number, word
from grader.outputs import wording
from grader.outputs.pages.document import document
from grader.outputs.safe_text import plain
from grader.outputs.terminal import similarity
from grader.outputs.terminal import submissions as handed_in
from grader.report import AssignmentInfo, ExerciseInfo, ExerciseResult, Report, SubmissionResult

BINS = 10
"""Bars of the distribution: each a tenth of the points."""
MOST_NAMES = 6
"""Names below one thing to look at; the rest is counted."""
MOST_MISTAKES = 8
MOST_CHANGES = 12
MOST_ALIKE = 8

ORDER = ("passed", "partial", "failed", "not_run", "missing", "pending", "ungradable")
"""Statuses from the left of a bar to its right."""
LEGEND = ("passed", "partial", "failed", "missing", "pending")

Link = tuple[str, str]
"""An address and the name that leads there."""


@dataclass(frozen=True)
class Segment:
    """A part of a bar, in percent of it."""

    status: str
    start: float
    width: float


@dataclass(frozen=True)
class Bar:
    """How the class did in an exercise."""

    title: str
    segments: tuple[Segment, ...]
    told: str
    """The same in words."""


@dataclass(frozen=True)
class Bin:
    """A bar of the distribution: its place and height in percent."""

    left: float
    height: float
    count: int
    told: str


@dataclass(frozen=True)
class Look:
    """Something that a person should look at, and whose it is."""

    what: str
    count: int
    names: tuple[Link, ...]
    more: int = 0
    command: str = ""
    """What to type."""


@dataclass(frozen=True)
class Head:
    """The heading of a column."""

    text: str
    whole: str = ""
    """What it stands for."""
    numeric: bool = True


@dataclass(frozen=True)
class Box:
    """A cell of the table."""

    key: float
    """What it is sorted by."""
    text: str = ""
    mark: str = ""
    status: str = ""


@dataclass(frozen=True)
class Student:
    """A row of the table."""

    id: str
    link: Link
    chips: tuple[str, ...]
    points: Box
    exercises: tuple[Box, ...]
    asked: Box | None
    flagged: tuple[str, ...]
    what: str


@dataclass(frozen=True)
class Block:
    """An assignment."""

    title: str
    facts: str
    bins: tuple[Bin, ...]
    axis: tuple[str, ...]
    bars: tuple[Bar, ...]
    mistakes: tuple[tuple[str, int], ...]
    heads: tuple[Head, ...]
    students: tuple[Student, ...]


@dataclass(frozen=True)
class Alike:
    """Two submissions that are alike."""

    links: tuple[Link, Link]
    told: str
    """How alike."""


@dataclass(frozen=True)
class Change:
    """Points that are others than in the run before."""

    link: Link
    exercise: str
    before: str
    after: str


def class_page(
    report: Report, previous: Report | None, language: Language, addresses: Mapping[str, str]
) -> str:
    """The page of a class.

    Args:
        report: the report of a run.
        previous: that of the run before; None if there is none.
        language: language of the page.
        addresses: of each submission's page, by its id.
    """
    page = _ClassPage(report, language, addresses)
    changes = list(page.changes(previous)) if previous else []
    titles = [info.title for info in report.assignments]
    title = plain(titles[0]) if len(titles) == 1 else word("page-class", language)
    return document(
        "class.html",
        language,
        title=title,
        scripts=["class.js"],
        facts=wording.summary_line(report, language),
        unsealed=report.grader.sandbox == "none",
        looks=page.looks(),
        changes=changes[:MOST_CHANGES],
        more_changes=max(len(changes) - MOST_CHANGES, 0),
        alike=list(page.alike()),
        more_alike=max(len(report.similar) - MOST_ALIKE, 0) + report.similar_left_out,
        sameness=[(many, plain(told)) for many, told in similarity.sameness(report, language)],
        blocks=page.blocks(),
        mails=[(plain(name), plain(text)) for name, text in handed_in.mails(report)],
        superseded=[(plain(n), plain(text)) for n, text in handed_in.superseded(report, language)],
        absent=[(plain(name), plain(about)) for name, about in handed_in.absent(report.absent)],
        notes=[
            (name, plain(note))
            for name, note in wording.exercise_notes(report.assignments, language)
        ],
        legend=[(status, word(status, language)) for status in LEGEND],
        created=report.created,
        grader=report.grader,
    )


class _ClassPage:
    """Makes what is shown of a class."""

    def __init__(self, report: Report, language: Language, addresses: Mapping[str, str]) -> None:
        self._report, self._language, self._addresses = report, language, addresses

    def _link(self, one: SubmissionResult) -> Link:
        return self._addresses.get(one.id, ""), plain(one.student or one.file)

    # Who needs a person

    def looks(self) -> list[Look]:
        """What a person should look at, the weightiest first; each submission once below each."""
        found: dict[str, dict[str, Link]] = {}
        for one in self._report.submissions:
            for what in self._reasons(one):
                found.setdefault(what, {})[one.id] = self._link(one)
        looks = [self._look(what, list(links.values())) for what, links in found.items()]
        return [*sorted(looks, key=lambda look: -look.count), *self._to_read()]

    def _reasons(self, one: SubmissionResult) -> Iterator[str]:
        if one.status not in wording.SCORED and not wording.is_seen(one.review):
            yield word(one.status, self._language)
        for _, flag in wording.flags(one):
            yield wording.flag_in_few_words(flag, self._language)
        if any(e.automatic and e.status == "pending" and not e.flags for e in one.exercises):
            yield word("pending", self._language)
        if any(e.review and e.review.changed for e in one.exercises):
            yield word("review-overtaken", self._language)

    def _look(self, what: str, links: Sequence[Link]) -> Look:
        return Look(
            plain(what), len(links), tuple(links[:MOST_NAMES]), max(len(links) - MOST_NAMES, 0)
        )

    def _to_read(self) -> Iterator[Look]:
        """Answers that a person has to read: all of them together."""
        asked = (e for one in self._report.submissions for e in one.exercises if not e.automatic)
        if waiting := sum(exercise.status == "pending" for exercise in asked):
            yield Look(word("page-to-read", self._language), waiting, (), command="grade review")

    def alike(self) -> Iterator[Alike]:
        """The pairs that are alike, those with most evidence first."""
        submissions = {one.id: one for one in self._report.submissions}
        for pair in self._report.similar[:MOST_ALIKE]:
            left, right = (self._link(submissions[one]) for one in pair.submissions)
            yield Alike((left, right), similarity.alike(pair, self._language))

    # What changed

    def changes(self, previous: Report) -> Iterator[Change]:
        """Points that are others than before, and who is new."""
        before = {one.id: one for one in previous.submissions}
        for one in self._report.submissions:
            earlier = before.get(one.id)
            if earlier is None:
                yield Change(
                    self._link(one),
                    "",
                    word("page-new", self._language),
                    wording.earned(one, self._language),
                )
            else:
                yield from self._changed(one, earlier)

    def _changed(self, one: SubmissionResult, earlier: SubmissionResult) -> Iterator[Change]:
        if one.status != earlier.status:
            then, now = (word(state.status, self._language) for state in (earlier, one))
            yield Change(self._link(one), "", then, now)
        results = {exercise.id: exercise for exercise in earlier.exercises}
        for exercise in one.exercises:
            was = results.get(exercise.id)
            if was and (abs(was.points - exercise.points) > 1e-9 or was.status != exercise.status):
                then, now = (_outcome(result, self._language) for result in (was, exercise))
                yield Change(self._link(one), plain(exercise.title), then, now)

    # Assignments

    def blocks(self) -> list[Block]:
        """One per assignment; with a single one, also what is of no assignment stands in it."""
        infos, single = self._report.assignments, len(self._report.assignments) == 1
        names = {info.name for info in infos}
        blocks = [
            self._block(
                info, [s for s in self._report.submissions if single or s.assignment == info.name]
            )
            for info in infos
        ]
        rest = [] if single else [s for s in self._report.submissions if s.assignment not in names]
        return [
            block for block in (*blocks, *([self._rest(rest)] if rest else [])) if block.students
        ]

    def _rest(self, submissions: Sequence[SubmissionResult]) -> Block:
        title = word("no-assignment", self._language)
        return Block(
            title, "", (), (), (), (), self._heads(()), tuple(self._students((), submissions))
        )

    def _block(self, info: AssignmentInfo, submissions: Sequence[SubmissionResult]) -> Block:
        graded = [one for one in submissions if one.status == "graded"]
        return Block(
            title=plain(info.title),
            facts=self._facts(info, submissions),
            bins=tuple(self._bins(graded)),
            axis=tuple(
                number(round(info.max_points * share, 2), self._language) for share in (0, 0.5, 1)
            ),
            bars=tuple(self._bars(info, graded)),
            mistakes=tuple(self._mistakes(graded)),
            heads=self._heads(info.exercises),
            students=tuple(self._students(info.exercises, submissions)),
        )

    def _facts(self, info: AssignmentInfo, submissions: Sequence[SubmissionResult]) -> str:
        summary = summarise(tuple(submissions))
        told = [word("submissions", self._language, count=summary.submissions)]
        if summary.mean_points is not None:
            mean, most = (
                wording.points(value, self._language)
                for value in (summary.mean_points, info.max_points)
            )
            told.append(word("mean-of", self._language, mean=mean, points=most))
        return " · ".join(told)

    def _bins(self, graded: Sequence[SubmissionResult]) -> Iterator[Bin]:
        """How many have which share of the points that were to be had for them."""
        shares = [one.points / one.max_points for one in graded if one.max_points]
        counts = Counter(min(int(share * BINS + 1e-9), BINS - 1) for share in shares)
        most = max(counts.values(), default=0)
        for place in range(BINS if most else 0):
            first, last = (number(100 * (place + end) / BINS, self._language) for end in (0, 1))
            told = word("page-bin", self._language, first=first, last=last, count=counts[place])
            yield Bin(100 * place / BINS, 100 * counts[place] / most, counts[place], told)

    def _bars(self, info: AssignmentInfo, graded: Sequence[SubmissionResult]) -> Iterator[Bar]:
        """One per exercise, and one for all questions that a person reads."""
        automatic = [(plain(one.title), {one.id}) for one in info.exercises if one.automatic]
        asked = (
            word("questions", self._language),
            {one.id for one in info.exercises if not one.automatic},
        )
        for title, ids in (*automatic, asked):
            counts = Counter[str](e.status for one in graded for e in one.exercises if e.id in ids)
            del counts["not_asked"]
            if counts:
                yield self._bar(title, counts)

    def _bar(self, title: str, counts: Counter[str]) -> Bar:
        total, start, segments = counts.total(), 0.0, []
        for status in ORDER:
            if counts[status]:
                width = 100 * counts[status] / total
                segments.append(Segment(status, round(start, 3), round(width, 3)))
                start += width
        told = ", ".join(f"{word(s.status, self._language)}: {counts[s.status]}" for s in segments)
        return Bar(title, tuple(segments), told)

    def _mistakes(self, graded: Sequence[SubmissionResult]) -> list[tuple[str, int]]:
        """The commonest known mistakes: how many made each."""
        found = Counter(name for one in graded for name in self._named(one))
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_MISTAKES]

    def _named(self, one: SubmissionResult) -> set[str]:
        return {
            plain(wording.mistake_name(m, self._language))
            for e in one.exercises
            for m in e.mistakes
        }

    # The table

    def _heads(self, exercises: Sequence[ExerciseInfo]) -> tuple[Head, ...]:
        heads = [
            Head(word("student", self._language), numeric=False),
            Head(word("points", self._language)),
        ]
        heads += [Head(one.id, plain(one.title)) for one in exercises if one.automatic]
        if any(not one.automatic for one in exercises):
            heads.append(Head(word("questions", self._language)))
        return (*heads, Head(word("what", self._language), numeric=False))

    def _students(
        self, exercises: Sequence[ExerciseInfo], submissions: Iterable[SubmissionResult]
    ) -> Iterator[Student]:
        automatic = [exercise for exercise in exercises if exercise.automatic]
        has_questions = len(automatic) < len(exercises)
        for one in submissions:
            results = {result.id: result for result in one.exercises}
            share = (
                one.points / one.max_points if one.max_points and one.status == "graded" else -1.0
            )
            yield Student(
                id=one.id,
                link=self._link(one),
                chips=tuple(self._chips(one)),
                points=Box(share, wording.earned(one, self._language)),
                exercises=tuple(self._box(results.get(exercise.id)) for exercise in automatic),
                asked=self._asked(one) if has_questions else None,
                flagged=tuple(dict.fromkeys(self._flags(one))),
                what="; ".join(dict.fromkeys(self._what(one))),
            )

    def _chips(self, one: SubmissionResult) -> Iterator[str]:
        if one.who.group:
            yield plain(one.who.group)
        if one.who.late:
            yield word("late", self._language)
        if one.who.in_roster is False:
            yield word("not-in-roster", self._language)

    def _box(self, result: ExerciseResult | None) -> Box:
        if result is None:
            return Box(-3.0)
        sign = wording.MARKS[result.status][0]
        key = (
            result.credit
            if wording.is_decided(result)
            else {"pending": -1.0, "missing": -0.5}.get(result.status, -2.0)
        )
        text = wording.points(result.points, self._language) if wording.is_decided(result) else ""
        return Box(key, text, sign, result.status)

    def _asked(self, one: SubmissionResult) -> Box:
        results = [result for result in one.exercises if not result.automatic]
        waiting = sum(result.status == "pending" for result in results)
        return Box(
            waiting,
            wording.questions(results, self._language).plain,
            status="pending" if waiting else "",
        )

    def _flags(self, one: SubmissionResult) -> Iterator[str]:
        if one.status == "graded":
            yield from (
                wording.flag_in_few_words(flag, self._language) for _, flag in wording.flags(one)
            )

    def _what(self, one: SubmissionResult) -> Iterator[str]:
        flags = set(self._flags(one))
        limits = (wording.in_few_words(note, self._language) for note in one.execution.notes)
        told = (*limits, *wording.main_things(one, self._language))
        yield from (plain(text) for text in told if text and text not in flags)


def _outcome(result: ExerciseResult, language: Language) -> str:
    points = wording.points(result.points, language)
    return points if wording.is_decided(result) else word(result.status, language)
