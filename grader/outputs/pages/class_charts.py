"""Compute the charts of a class: the distribution of points, and the outcomes of each exercise."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from grader.messages import Language, number, word
from grader.outputs import wording
from grader.outputs.safe_text import plain
from grader.report import AssignmentInfo, SubmissionResult

BINS = 10
"""Number of bars of the distribution: each is a tenth of the points."""
MAX_MISTAKES = 8
COUNTED = ("graded", "unchanged")
"""Statuses of submissions that have points."""

ORDER = ("passed", "partial", "failed", "not_run", "missing", "pending", "ungradable")
"""Statuses from the left of a bar to its right."""
LEGEND = ("passed", "partial", "failed", "missing", "pending")


@dataclass(frozen=True)
class BarSegment:
    """A part of a bar, in percent of its width."""

    status: str
    start: float
    width: float


@dataclass(frozen=True)
class ExerciseBar:
    """The outcomes of a class in an exercise."""

    title: str
    segments: tuple[BarSegment, ...]
    description: str
    """The same in words."""


@dataclass(frozen=True)
class HistogramBin:
    """A bar of the distribution: its left edge and height in percent."""

    left: float
    height: float
    count: int
    description: str


def histogram(graded: Sequence[SubmissionResult], language: Language) -> Iterator[HistogramBin]:
    """Count submissions by their share of possible points; empty if nobody has any."""
    counts = Counter[int]()
    for submission in graded:
        index = bin_of(submission)
        if index is not None:
            counts[index] += 1

    if not counts:
        return
    highest = max(counts.values())
    for index in range(BINS):
        yield HistogramBin(
            left=100 * index / BINS,
            height=100 * counts[index] / highest,
            count=counts[index],
            description=_bin_description(index, counts[index], language),
        )


def bin_of(submission: SubmissionResult) -> int | None:
    """Return the bin that counts a submission, from 0; None if there is none."""
    if submission.status != "graded" or not submission.max_points:
        return None
    share = submission.points / submission.max_points
    # Full points are in the last bin; a share like 0.7 may be too small by a rounding error.
    index = int(share * BINS + 1e-9)
    return min(index, BINS - 1)


def middle_line(submissions: Sequence[SubmissionResult], language: Language) -> str:
    """Format the mean and the median of the points; empty if there are none.

    As in the summary, who handed in the unchanged handout counts with 0.
    """
    counted = [submission for submission in submissions if submission.status in COUNTED]
    points = [submission.points for submission in counted]
    if not points:
        return ""
    return word(
        "mean-median",
        language,
        mean=wording.points(statistics.fmean(points), language),
        median=wording.points(statistics.median(points), language),
    )


def _bin_description(
    index: int,
    count: int,
    language: Language,
) -> str:
    first = number(100 * index / BINS, language)
    last = number(100 * (index + 1) / BINS, language)
    return word("page-bin", language, first=first, last=last, count=count)


def histogram_axis(language: Language) -> tuple[str, ...]:
    """Label the axis: none, half and all of the decided points."""
    labels = []
    for share in (0, 0.5, 1):
        labels.append(f"{number(100 * share, language)}%")
    return tuple(labels)


def exercise_bars(
    info: AssignmentInfo,
    graded: Sequence[SubmissionResult],
    language: Language,
) -> Iterator[ExerciseBar]:
    """Compute a bar per exercise, and one for all questions that a person reads."""
    question_ids = set()
    for exercise in info.exercises:
        if exercise.automatic:
            yield from _bar(plain(exercise.title), {exercise.id}, graded, language)
        else:
            question_ids.add(exercise.id)
    yield from _bar(word("questions", language), question_ids, graded, language)


def _bar(
    title: str,
    exercise_ids: set[str],
    graded: Sequence[SubmissionResult],
    language: Language,
) -> Iterator[ExerciseBar]:
    """Compute the bar of some exercises; None if nobody was asked."""
    counts = _count_statuses(exercise_ids, graded)
    if not counts:
        return

    start = 0.0
    segments = []
    texts = []
    for status in ORDER:
        count = counts[status]
        if count:
            width = 100 * count / counts.total()
            segments.append(BarSegment(status, round(start, 3), round(width, 3)))
            texts.append(f"{word(status, language)}: {count}")
            start += width
    yield ExerciseBar(title, tuple(segments), ", ".join(texts))


def _count_statuses(
    exercise_ids: set[str],
    graded: Iterable[SubmissionResult],
) -> Counter[str]:
    counts = Counter[str]()
    for submission in graded:
        for exercise in submission.exercises:
            if exercise.id in exercise_ids and exercise.status != "not_asked":
                counts[exercise.status] += 1
    return counts


def common_mistakes(
    graded: Iterable[SubmissionResult],
    language: Language,
) -> list[tuple[str, int]]:
    """List the most frequent known mistakes, with how many students made each."""
    counts = Counter[str]()
    for submission in graded:
        counts.update(_mistake_names(submission, language))

    by_name = sorted(counts.items())
    ordered = sorted(by_name, key=itemgetter(1), reverse=True)
    return ordered[:MAX_MISTAKES]


def _mistake_names(submission: SubmissionResult, language: Language) -> set[str]:
    names = set()
    for exercise in submission.exercises:
        for mistake in exercise.mistakes:
            names.add(plain(wording.mistake_name(mistake, language)))
    return names
