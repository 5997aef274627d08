"""Shows what submissions share: pairs, with the lines on both sides, and what much of a class has. Not for students."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import broken, plain, safe
from grader.report import Report, Sameness, Similar, SubmissionResult, Where

MAX_PAIRS = 10
"""Pairs below the class; the others are in the report."""
MAX_NAMES = 8
"""Names in a sentence."""
MAX_SOURCE = 70
"""Characters of a line below the class."""


def pairs(report: Report, language: Language) -> list[RenderableType]:
    """The pairs of a class that are alike, each with the line that fewest others have; empty without any."""
    if not report.similar:
        return []
    students = students_of(report)
    lines: list[RenderableType] = [Text(""), safe(word("similar", language), "bold")]
    for pair in report.similar[:MAX_PAIRS]:
        names = " · ".join(plain(students[one]) for one in pair.submissions)
        lines.append(safe(names).append(f"  {alike(pair, language)}", "dim"))
        if pair.shared:
            # Of those that fewest others have, a long one says most.
            rarest = min(pair.shared, key=lambda shared: (shared.others, -len(shared.left.source)))
            lines += [_line(rarest.left, language), _line(rarest.right, language)]
    if more := len(report.similar[MAX_PAIRS:]) + report.similar_left_out:
        lines.append(safe(word("similar-more", language, count=more), "dim"))
    return lines


def sameness(report: Report, language: Language) -> Iterator[tuple[str, str]]:
    """What much of a class shares: how many, and what."""
    students = students_of(report)
    for one in report.sameness:
        many = word("sameness-of", language, count=len(one.submissions), compared=one.compared)
        yield many, sentence(one, students, language)


def similar_view(report: Report, result: SubmissionResult, language: Language) -> RenderableType:
    """Whom one submission is similar to, with what both have side by side; nothing if there is nobody.

    Args:
        report: the report of the class.
        result: the submission.
        language: language of the words.
    """
    students = students_of(report)
    parts: list[RenderableType] = []
    for pair in report.similar:
        if result.id in pair.submissions:
            mine, other = (
                pair.submissions if pair.submissions[0] == result.id else reversed(pair.submissions)
            )
            told = safe(word("similar-to", language, student=plain(students[other])), "bold")
            parts += [Text(""), told, safe(alike(pair, language), "dim")]
            if pair.shared:
                parts.append(_side_by_side(pair, [students[mine], students[other]], mine, language))
    return Group(*parts)


def _side_by_side(
    pair: Similar, names: Sequence[str], mine: str, language: Language
) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(broken(name), overflow="fold", ratio=1)
    table.add_column(word("similar-others", language), justify="right", style="dim")
    for shared in pair.shared:
        sides = (
            (shared.left, shared.right)
            if pair.submissions[0] == mine
            else (shared.right, shared.left)
        )
        table.add_row(*(_placed(where) for where in sides), Text(str(shared.others)))
    if pair.more:
        table.add_row(safe(f"… {word('more', language, count=pair.more)}", "dim"))
    return Padding(table, (0, 0, 0, 2))


def _placed(where: Where) -> Text:
    return Text(f"[{where.cell + 1}] ", "dim").append(plain(where.source), "default")


def _line(where: Where, language: Language) -> RenderableType:
    counted = word("line" if where.line else "cell", language, cell=where.cell + 1, line=where.line)
    return Padding(
        Text(_cut(plain(where.source)), "cyan").append(f"  {counted}", "dim"), (0, 0, 0, 4)
    )


def alike(pair: Similar, language: Language) -> str:
    """How alike two are, on one line."""
    told = []
    if pair.share:
        told.append(word("similar-share", language, share=pair.share))
    if count := len(pair.shared) + pair.more:
        told.append(word("similar-lines", language, count=count))
    if pair.answers:
        told.append(word("similar-answers", language, exercises=", ".join(pair.answers)))
    return " · ".join(told)


def sentence(one: Sameness, students: Mapping[str, str], language: Language) -> str:
    """What much of a class shares, in one sentence."""
    names = wording.listed(
        [students[submission] for submission in one.submissions], language, most=MAX_NAMES
    )
    first, last = _cut(one.lines[0].source), _cut(one.lines[-1].source)
    if one.exercises:
        exercises = ", ".join(one.exercises)
        return word("sameness-answer", language, exercises=exercises, answer=first, students=names)
    return word(
        "sameness-lines", language, count=len(one.lines), first=first, last=last, students=names
    )


def _cut(source: str) -> str:
    return source if len(source) <= MAX_SOURCE else f"{source[: MAX_SOURCE - 1]}…"


def students_of(report: Report) -> dict[str, str]:
    """What to call who handed in, by the id of the submission."""
    return {one.id: one.student or one.file for one in report.submissions}
