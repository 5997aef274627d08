"""Summarise a class in a few lines, for the terminal, the pages and CI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.grading.points import total_of_assignment
from grader.machine import install_name
from grader.messages import Language, say, word
from grader.outputs.wording import points
from grader.report import AssignmentInfo, Report

COUNTED_STATUSES = ("unreadable", "wrong_file", "unchanged", "ungradable")
"""Statuses of submissions that the summary counts, in its order."""


def summary_line(report: Report, language: Language) -> str:
    """Summarise the class in numbers, on one line."""
    summary = report.summary
    parts = [word("submissions", language, count=summary.submissions)]

    if summary.mean_points is not None:
        parts.append(_mean(summary.mean_points, report.assignments, language))
    for status in COUNTED_STATUSES:
        count = getattr(summary, status)
        if count:
            parts.append(word(f"count-{status}", language, count=count))
    if summary.pending_exercises:
        parts.append(word("count-pending", language, count=summary.pending_exercises))

    parts.append(_duration(report.seconds))
    return " · ".join(part for part in parts if part)


def waiting_lines(report: Report, language: Language) -> Iterator[str]:
    """Yield a sentence per missing resource: what is missing, how many wait for it, what to do."""
    for group in report.summary.waiting:
        kind = group.reason.id.partition(".")[2]
        package = str(group.reason.params.get("what", ""))
        params = {**group.reason.params, "pip": install_name(package), "count": group.submissions}
        yield say(f"machine-class.{kind}", params, language=language, reader="instructor")


def _mean(
    mean_points: float,
    assignments: Sequence[AssignmentInfo],
    language: Language,
) -> str:
    """Format the mean of the class; with the maximum, if there is one assignment."""
    mean = points(mean_points, language)
    if len(assignments) != 1:
        return word("mean", language, mean=mean)

    possible = points(total_of_assignment(assignments[0]), language)
    return word(
        "mean-of",
        language,
        mean=mean,
        points=possible,
    )


def _duration(seconds: float) -> str:
    minutes, remaining_s = divmod(round(seconds), 60)
    if not minutes:
        return f"{remaining_s} s"
    return f"{minutes} min {remaining_s} s"
