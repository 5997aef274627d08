"""Show similar work: pairs, and lines or answers of much of a class.

For instructors only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import plain, safe, wrapped_name
from grader.report import Report, Sameness, Shared, Similar, SubmissionResult, Where

MAX_PAIRS = 10
"""Pairs below the class; the others are in the report."""
MAX_NAMES = 8
"""Names in a sentence."""
MAX_SOURCE = 70
"""Characters of a line below the class."""


def students_of(report: Report) -> dict[str, str]:
    """Return the shown name of each student, by the id of the submission."""
    names = {}
    for submission in report.submissions:
        names[submission.id] = submission.student or submission.file
    return names


def alike(pair: Similar, language: Language) -> str:
    """Describe on one line how similar two submissions are."""
    parts = []
    if pair.share:
        parts.append(word("similar-share", language, share=pair.share))

    shared_count = len(pair.shared) + pair.more
    if shared_count:
        parts.append(word("similar-lines", language, count=shared_count))

    if pair.answers:
        exercises = ", ".join(pair.answers)
        parts.append(word("similar-answers", language, exercises=exercises))
    return " · ".join(parts)


# Below the class


def similar_pairs(report: Report, language: Language) -> list[RenderableType]:
    """List the similar pairs of a class, each with its rarest line; empty if there are none."""
    if not report.similar:
        return []

    students = students_of(report)
    title = word("similar", language)
    lines: list[RenderableType] = [Text(""), safe(title, "bold")]
    for pair in report.similar[:MAX_PAIRS]:
        lines += _pair(pair, students, language)

    hidden = len(report.similar[MAX_PAIRS:]) + report.similar_left_out
    if hidden:
        more = word("similar-more", language, count=hidden)
        lines.append(safe(more, "dim"))
    return lines


def _pair(
    pair: Similar,
    students: Mapping[str, str],
    language: Language,
) -> Iterator[RenderableType]:
    names = [plain(students[submission_id]) for submission_id in pair.submissions]
    joined = " · ".join(names)
    likeness = alike(pair, language)
    title = safe(joined)
    title.append(f"  {likeness}", "dim")
    yield title

    if pair.shared:
        rarest = min(pair.shared, key=_rarity)
        yield _line(rarest.left, language)
        yield _line(rarest.right, language)


def _rarity(shared: Shared) -> tuple[int, int]:
    """Return a sort key: rare lines first, and of equally rare ones the longest."""
    return shared.others, -len(shared.left.source)


def _line(where: Where, language: Language) -> RenderableType:
    key = "line" if where.line else "cell"
    location = word(
        key,
        language,
        cell=where.cell + 1,
        line=where.line,
    )
    source = _cut(plain(where.source))
    line = Text(source, "cyan")
    line.append(f"  {location}", "dim")
    return Padding(line, (0, 0, 0, 4))


def sameness(report: Report, language: Language) -> Iterator[tuple[str, str]]:
    """Yield lines and answers that much of a class shares, with the number of students."""
    students = students_of(report)
    for common in report.sameness:
        count = len(common.submissions)
        title = word(
            "sameness-of",
            language,
            count=count,
            compared=common.compared,
        )
        yield title, _sameness_sentence(common, students, language)


def _sameness_sentence(
    common: Sameness,
    students: Mapping[str, str],
    language: Language,
) -> str:
    names = [students[submission_id] for submission_id in common.submissions]
    shown_names = wording.listed(names, language, most=MAX_NAMES)
    first = _cut(common.lines[0].source)
    last = _cut(common.lines[-1].source)

    if common.exercises:
        return word(
            "sameness-answer",
            language,
            exercises=", ".join(common.exercises),
            answer=first,
            students=shown_names,
        )
    return word(
        "sameness-lines",
        language,
        count=len(common.lines),
        first=first,
        last=last,
        students=shown_names,
    )


def _cut(source: str) -> str:
    if len(source) <= MAX_SOURCE:
        return source
    return f"{source[: MAX_SOURCE - 1]}…"


# Below one submission


def similar_view(
    report: Report,
    result: SubmissionResult,
    language: Language,
) -> RenderableType:
    """Show the submissions similar to one, with shared lines side by side.

    Args:
        report: the report of the class.
        result: the submission.
        language: language of the words.
    """
    students = students_of(report)
    parts: list[RenderableType] = []
    for pair in report.similar:
        if result.id not in pair.submissions:
            continue
        other_id = _other_id(pair, result.id)
        other = plain(students[other_id])
        title = word("similar-to", language, student=other)
        likeness = alike(pair, language)
        parts.append(Text(""))
        parts.append(safe(title, "bold"))
        parts.append(safe(likeness, "dim"))
        if pair.shared:
            table = _side_by_side(pair, result.id, students, language)
            parts.append(table)
    return Group(*parts)


def _other_id(pair: Similar, submission_id: str) -> str:
    first, second = pair.submissions
    if first == submission_id:
        return second
    return first


def _side_by_side(
    pair: Similar,
    submission_id: str,
    students: Mapping[str, str],
    language: Language,
) -> RenderableType:
    """Show the lines of one submission on the left, and those of the other on the right."""
    table = Table(
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
        header_style="dim",
    )
    for shown_id in (submission_id, _other_id(pair, submission_id)):
        table.add_column(
            wrapped_name(students[shown_id]),
            overflow="fold",
            ratio=1,
        )
    table.add_column(
        word("similar-others", language),
        justify="right",
        style="dim",
    )

    is_first = pair.submissions[0] == submission_id
    for shared in pair.shared:
        left = _numbered(shared.left)
        right = _numbered(shared.right)
        others = Text(str(shared.others))
        if is_first:
            table.add_row(left, right, others)
        else:
            table.add_row(right, left, others)

    if pair.more:
        more = word("more", language, count=pair.more)
        table.add_row(safe(f"… {more}", "dim"))
    return Padding(table, (0, 0, 0, 2))


def _numbered(where: Where) -> Text:
    """Format a line after the number of its cell."""
    number = where.cell + 1
    source = plain(where.source)
    line = Text(f"[{number}] ", "dim")
    line.append(source, "default")
    return line
