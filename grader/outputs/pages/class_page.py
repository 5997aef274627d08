"""Render the page of a class.

It shows the submissions to look at, the distribution of points, the most frequent mistakes, and a
table that can be sorted and filtered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.grading.points import summarise, total_of_assignment
from grader.messages import Language, word
from grader.outputs import attention, wording
from grader.outputs.class_summary import summary_line, waiting_lines
from grader.outputs.pages.class_attention import (
    MAX_SIMILAR_PAIRS,
    PointsChange,
    attention_entries,
    similar_pairs,
)
from grader.outputs.pages.class_charts import (
    LEGEND,
    ExerciseBar,
    HistogramBin,
    common_mistakes,
    exercise_bars,
    histogram,
    histogram_axis,
    middle_line,
)
from grader.outputs.pages.class_table import (
    ColumnHeading,
    StudentRow,
    column_headings,
    student_rows,
)
from grader.outputs.pages.document import document_parts
from grader.outputs.safe_text import plain
from grader.outputs.terminal import similarity
from grader.outputs.terminal import submissions as handed_in
from grader.report import AssignmentInfo, Report, SubmissionResult

MAX_CHANGES = 12
PAGE_ROWS = 500
"""Rows of a table that are shown at first; `class.js` shows as many more at a time."""


@dataclass(frozen=True)
class AssignmentSection:
    """An assignment with its charts and its table."""

    title: str
    count: int
    """Number of its submissions."""
    students: Iterator[StudentRow]
    """Its rows, which are made as the page is written."""
    facts: str = ""
    bins: tuple[HistogramBin, ...] = ()
    axis: tuple[str, ...] = ()
    middle: str = ""
    """Mean and median."""
    bars: tuple[ExerciseBar, ...] = ()
    mistakes: tuple[tuple[str, int], ...] = ()
    """Names, and how many students made each."""
    headings: tuple[ColumnHeading, ...] = ()


def class_page(
    report: Report,
    changes: Sequence[PointsChange],
    language: Language,
    addresses: Mapping[str, str],
) -> Iterator[str]:
    """Render the page of a class, in parts: the whole of a large class takes much memory.

    Args:
        report: the report of a run.
        changes: changes since the run before.
        language: language of the page.
        addresses: address of each submission's page, by the id of the submission.
    """
    return document_parts(
        "class.html",
        language,
        title=_title(report, language),
        scripts=["class.js"],
        facts=summary_line(report, language),
        waiting=[plain(line) for line in waiting_lines(report, language)],
        unsealed=report.grader.sandbox == "none",
        attention=attention_entries(report, language, addresses),
        changes=changes[:MAX_CHANGES],
        more_changes=max(len(changes) - MAX_CHANGES, 0),
        similar_pairs=similar_pairs(report, language, addresses),
        more_similar=_count_more_similar(report),
        shared_by_many=_plain_rows(similarity.sameness(report, language)),
        sections=_sections(report, language, addresses),
        page_rows=PAGE_ROWS,
        mails=_plain_rows(handed_in.mails(report)),
        superseded=_plain_rows(handed_in.superseded(report, language)),
        absent=_plain_rows(handed_in.absent(report.absent)),
        notes=_plain_rows(attention.exercise_notes(report.assignments, language)),
        legend=[(status, word(status, language)) for status in LEGEND],
        created=report.created,
        grader=report.grader,
    )


def _title(report: Report, language: Language) -> str:
    if len(report.assignments) == 1:
        return plain(report.assignments[0].title)
    return word("page-class", language)


def _count_more_similar(report: Report) -> int:
    not_shown = max(len(report.similar) - MAX_SIMILAR_PAIRS, 0)
    return not_shown + report.similar_left_out


def _plain_rows(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(plain(name), plain(text)) for name, text in rows]


def _sections(
    report: Report,
    language: Language,
    addresses: Mapping[str, str],
) -> list[AssignmentSection]:
    """Build a section per assignment, and one for submissions without any.

    With a single assignment, its section holds the submissions without any, too.
    """
    infos = report.assignments
    if len(infos) == 1:
        sections = [_section(infos[0], report.submissions, language, addresses)]
        return _without_empty(sections)

    sections = []
    for info in infos:
        theirs = [result for result in report.submissions if result.assignment == info.name]
        sections.append(_section(info, theirs, language, addresses))

    names = {info.name for info in infos}
    others = [result for result in report.submissions if result.assignment not in names]
    sections.append(_section_without_assignment(others, language, addresses))
    return _without_empty(sections)


def _without_empty(sections: Iterable[AssignmentSection]) -> list[AssignmentSection]:
    return [section for section in sections if section.count]


def _section(
    info: AssignmentInfo,
    submissions: Sequence[SubmissionResult],
    language: Language,
    addresses: Mapping[str, str],
) -> AssignmentSection:
    graded = [submission for submission in submissions if submission.status == "graded"]
    return AssignmentSection(
        title=plain(info.title),
        count=len(submissions),
        students=student_rows(info.exercises, submissions, language, addresses),
        facts=_facts(info, submissions, language),
        bins=tuple(histogram(graded, language)),
        axis=histogram_axis(language),
        middle=middle_line(submissions, language),
        bars=tuple(exercise_bars(info, graded, language)),
        mistakes=tuple(common_mistakes(graded, language)),
        headings=column_headings(info.exercises, language),
    )


def _section_without_assignment(
    submissions: Sequence[SubmissionResult],
    language: Language,
    addresses: Mapping[str, str],
) -> AssignmentSection:
    return AssignmentSection(
        title=word("no-assignment", language),
        count=len(submissions),
        students=student_rows((), submissions, language, addresses),
        headings=column_headings((), language),
    )


def _facts(
    info: AssignmentInfo,
    submissions: Sequence[SubmissionResult],
    language: Language,
) -> str:
    """Format the number of submissions of an assignment, and their mean."""
    summary = summarise(tuple(submissions))
    texts = [word("submissions", language, count=summary.submissions)]
    if summary.mean_points is not None:
        mean = wording.points(summary.mean_points, language)
        possible = wording.points(total_of_assignment(info), language)
        texts.append(word("mean-of", language, mean=mean, points=possible))
    return " · ".join(texts)
