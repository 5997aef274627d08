"""Collect a class's items for a person: submissions to look at, similar pairs, changed points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.messages import Language, word
from grader.outputs import attention, wording
from grader.outputs.pages.links import PageLink, link_to
from grader.outputs.safe_text import plain
from grader.outputs.terminal import similarity
from grader.report import ExerciseResult, Report, SubmissionResult

MAX_NAMES = 6
"""Most names below one reason; the others are counted."""
MAX_SIMILAR_PAIRS = 8


@dataclass(frozen=True)
class AttentionEntry:
    """A reason to look at submissions, and the submissions."""

    reason: str
    count: int
    links: tuple[PageLink, ...] = ()
    more: int = 0
    """How many have no link here."""
    command: str = ""
    """The command to type."""


@dataclass(frozen=True)
class SimilarPair:
    """Two submissions that are similar."""

    links: tuple[PageLink, PageLink]
    description: str
    """How similar they are."""


@dataclass(frozen=True)
class PointsChange:
    """Points, or a status, that changed since the previous run."""

    link: PageLink
    exercise: str
    """Its title; empty where the submission as a whole changed."""
    before: str
    after: str


# Submissions to look at


def attention_entries(
    report: Report,
    language: Language,
    addresses: Mapping[str, str],
) -> list[AttentionEntry]:
    """List the reasons to look at submissions, the most frequent first.

    Answers that a person has to read come last, all of them together.
    """
    links_by_reason: dict[str, dict[str, PageLink]] = {}
    for submission in report.submissions:
        link = link_to(submission, addresses)
        for reason in _reasons(submission, language):
            links = links_by_reason.setdefault(reason, {})
            links[submission.id] = link

    entries = []
    for reason, links in links_by_reason.items():
        entries.append(_entry(reason, tuple(links.values())))
    entries.sort(key=lambda entry: -entry.count)

    unread = _count_unread(report)
    if unread:
        reason = word("page-to-read", language)
        entries.append(AttentionEntry(reason, unread, command="grade review"))
    return entries


def _entry(reason: str, links: tuple[PageLink, ...]) -> AttentionEntry:
    count = len(links)
    return AttentionEntry(
        reason=plain(reason),
        count=count,
        links=links[:MAX_NAMES],
        more=max(count - MAX_NAMES, 0),
    )


def _reasons(submission: SubmissionResult, language: Language) -> Iterator[str]:
    has_points = submission.status in wording.SCORED
    if not has_points and not wording.is_reviewed(submission.review):
        yield word(submission.status, language)

    for _, flag in attention.flags(submission):
        yield attention.flag_in_few_words(flag, language)

    if any(_is_pending_without_flag(exercise) for exercise in submission.exercises):
        yield word("pending", language)
    if any(_has_outdated_review(exercise) for exercise in submission.exercises):
        yield word("review-overtaken", language)


def _is_pending_without_flag(exercise: ExerciseResult) -> bool:
    return exercise.automatic and exercise.status == "pending" and not exercise.flags


def _has_outdated_review(exercise: ExerciseResult) -> bool:
    if exercise.review is None:
        return False
    return exercise.review.changed


def _count_unread(report: Report) -> int:
    count = 0
    for submission in report.submissions:
        for exercise in submission.exercises:
            if not exercise.automatic and exercise.status == "pending":
                count += 1
    return count


# Similar work


def similar_pairs(
    report: Report,
    language: Language,
    addresses: Mapping[str, str],
) -> list[SimilarPair]:
    """List the pairs of similar submissions, those with most evidence first."""
    submissions = {submission.id: submission for submission in report.submissions}
    pairs = []
    for pair in report.similar[:MAX_SIMILAR_PAIRS]:
        first_id, second_id = pair.submissions
        first = link_to(submissions[first_id], addresses)
        second = link_to(submissions[second_id], addresses)
        pairs.append(SimilarPair((first, second), similarity.alike(pair, language)))
    return pairs


# Changes since the run before


def points_changes(
    report: Report,
    previous: Report,
    language: Language,
    addresses: Mapping[str, str],
) -> Iterator[PointsChange]:
    """List the changes since the previous run, including new submissions."""
    earlier_by_id = {submission.id: submission for submission in previous.submissions}
    for submission in report.submissions:
        link = link_to(submission, addresses)
        earlier = earlier_by_id.get(submission.id)
        if earlier is None:
            before = word("page-new", language)
            yield PointsChange(link, "", before, wording.earned(submission, language))
        else:
            yield from _submission_changes(submission, earlier, link, language)


def _submission_changes(
    submission: SubmissionResult,
    earlier: SubmissionResult,
    link: PageLink,
    language: Language,
) -> Iterator[PointsChange]:
    if submission.status != earlier.status:
        before = word(earlier.status, language)
        yield PointsChange(link, "", before, word(submission.status, language))

    earlier_by_id = {result.id: result for result in earlier.exercises}
    for result in submission.exercises:
        earlier_result = earlier_by_id.get(result.id)
        if earlier_result and _differ(earlier_result, result):
            before = _exercise_outcome(earlier_result, language)
            after = _exercise_outcome(result, language)
            yield PointsChange(link, plain(result.title), before, after)


def _differ(earlier: ExerciseResult, result: ExerciseResult) -> bool:
    if earlier.status != result.status:
        return True
    return abs(earlier.points - result.points) > 1e-9


def _exercise_outcome(result: ExerciseResult, language: Language) -> str:
    if wording.is_decided(result):
        return wording.points(result.points, language)
    return word(result.status, language)
