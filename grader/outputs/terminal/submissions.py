"""Shows what was handed in: which file is whose, which counts, what to write to whom, and who handed in nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.messages import Language, as_language, word
from grader.outputs.safe_text import Breaking, broken, plain, safe
from grader.outputs.wording import in_few_words, said
from grader.report import LeftOut, Message, Person, Report, Who

if TYPE_CHECKING:
    from grader.submissions.collect import MappedFiles, MappedSubmission

Rows = Iterator[tuple[str, str]]

SHOWN_IN_CLASS = ("superseded", "unreadable")
"""What the class table says of files that are no submission; the others are in the report and in `--dry-run`."""
FILE_COLUMNS = 44


def mails(report: Report) -> Rows:
    """To whom to write because of a wrong or unreadable file, and what, in the language of the assignment."""
    languages = {info.name: as_language(info.language) for info in report.assignments}
    first = next(iter(languages.values()), as_language(""))
    for one in report.submissions:
        if one.status in ("unreadable", "wrong_file") and one.reason:
            language = languages.get(one.assignment, first)
            yield (
                _addressed(one.student or one.file, one.who),
                said(one.reason, language, "student"),
            )


def superseded(report: Report, language: Language) -> Rows:
    """Files of students that do not count, and why."""
    students = {one.id: one.student or one.file for one in report.submissions}
    for left in report.left_out:
        if left.status in SHOWN_IN_CLASS:
            told = f"{left.file}: {said(left.reason, language, 'instructor')}"
            yield students.get(left.submission, "–"), told


def absent(people: Iterable[Person]) -> Rows:
    """Who handed in nothing."""
    for person in people:
        name = person.name or person.login or person.email or person.id
        yield name, " · ".join(filter(None, (person.id, person.email)))


def _addressed(name: str, who: Who) -> str:
    addresses = [one.email for one in (who, *who.members) if one.email]
    return f"{name} <{', '.join(addresses)}>" if addresses else name


def mapping_view(files: MappedFiles, language: Language, course: Language) -> RenderableType:
    """What becomes of each file, a student at a time; then what to write to whom, and who handed in nothing.

    Args:
        files: what was handed in.
        language: language of the words.
        course: language of what is written to students.
    """
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="dim",
    )
    table.add_column(word("student", language), overflow="fold")
    table.add_column(word("file", language), overflow="fold", max_width=FILE_COLUMNS)
    table.add_column(word("what", language), overflow="fold")
    for one in files.submissions:
        table.add_row(broken(one.student), Breaking(plain(one.file)), _what(one, language))
        _add_left(table, (left for left in files.left_out if left.submission == one.id), language)
    _add_left(table, (left for left in files.left_out if not left.submission), language)
    refused = [one for one in files.submissions if one.reason]
    letters = ((_addressed(one.student, one.who), _letter(one.reason, course)) for one in refused)
    parts: list[RenderableType] = [
        table,
        Text(""),
        safe(_counts(files, len(refused), language), "bold"),
    ]
    parts += _listed(word("mail", language), letters)
    parts += _listed(word("absent", language), absent(files.absent))
    return Group(*parts, Text(""), safe(word("map-nothing-ran", language)))


def _letter(reason: Message | None, language: Language) -> str:
    return said(reason, language, "student") if reason else ""


def _add_left(table: Table, left: Iterable[LeftOut], language: Language) -> None:
    for one in left:
        told = f"{word(f'left-{one.status}', language)}: {said(one.reason, language, 'instructor')}"
        style = "yellow" if one.status == "superseded" else "dim"
        table.add_row(Text(""), Breaking(plain(one.file), "dim"), Breaking(plain(told), style))


def _what(one: MappedSubmission, language: Language) -> Text:
    facts = list(_facts(one, language))
    if one.reason and one.status:
        reason = in_few_words(one.reason, language)
        return safe(" · ".join([f"{word(one.status, language)}: {reason}", *facts]), "red")
    return Text("✓ ", "green").append(safe(" · ".join(facts)))


def _facts(one: MappedSubmission, language: Language) -> Iterator[str]:
    who = one.who
    known = (
        one.assignment,
        who.source,
        who.group and word("group", language, name=who.group),
        who.lms_id,
        who.id,
    )
    yield from filter(None, known)
    if who.late:
        yield word("late", language)
    if who.attempt:
        yield who.attempt
    if who.in_roster is False:
        yield word("not-in-roster", language)
    yield from (f"+ {name}" for name in one.files)


def _counts(files: MappedFiles, refused: int, language: Language) -> str:
    statuses = [left.status for left in files.left_out]
    told = [word("map-counts", language, count=len(files.submissions) - refused)]
    if count := refused + statuses.count("unreadable"):
        told.append(word("map-refused", language, count=count))
    if count := statuses.count("superseded"):
        told.append(word("map-superseded", language, count=count))
    if count := statuses.count("ignored"):
        told.append(word("map-ignored", language, count=count))
    if files.absent:
        told.append(word("map-absent", language, count=len(files.absent)))
    return " · ".join(told)


def _listed(title: str, rows: Iterable[tuple[str, str]]) -> Sequence[RenderableType]:
    lines = [safe(f"{plain(name)}: {text}" if text else name) for name, text in rows]
    return [Text(""), safe(title, "bold"), *lines] if lines else []
