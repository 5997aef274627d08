"""List the submissions that are similar to one, with the shared lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.messages import Language
from grader.outputs.pages.document import plain_line
from grader.outputs.safe_text import plain
from grader.outputs.terminal import similarity
from grader.report import Report, Shared, SubmissionResult, Where


@dataclass(frozen=True)
class LinePlace:
    """A line in a notebook."""

    cell: int
    """From 1."""
    source: str


@dataclass(frozen=True)
class SharedLine:
    """A line that two submissions share."""

    mine: LinePlace
    other: LinePlace
    others: int
    """How many other submissions have it, too."""


@dataclass(frozen=True)
class SimilarSubmission:
    """A submission that another one is similar to."""

    name: str
    description: str
    """How similar they are."""
    lines: tuple[SharedLine, ...]
    more: int
    """Shared lines that are not listed."""
    address: str
    """Address of its page."""


def similar_submissions(
    report: Report,
    result: SubmissionResult,
    language: Language,
) -> Iterator[SimilarSubmission]:
    """List the submissions that are similar to one, the strongest evidence first."""
    pairs = [pair for pair in report.similar if result.id in pair.submissions]
    if not pairs:
        return

    students = similarity.students_of(report)
    for pair in pairs:
        is_left = pair.submissions[0] == result.id
        other_id = pair.submissions[1] if is_left else pair.submissions[0]
        lines = [_shared_line(shared, is_left=is_left) for shared in pair.shared]
        yield SimilarSubmission(
            name=plain(students[other_id]),
            description=plain(similarity.alike(pair, language)),
            lines=tuple(lines),
            more=pair.more,
            address=f"{other_id}.html",
        )


def _shared_line(shared: Shared, *, is_left: bool) -> SharedLine:
    left = _line_place(shared.left)
    right = _line_place(shared.right)
    if is_left:
        return SharedLine(left, right, shared.others)
    return SharedLine(right, left, shared.others)


def _line_place(where: Where) -> LinePlace:
    return LinePlace(where.cell + 1, plain_line(where.source))
