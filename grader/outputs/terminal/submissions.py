"""Show the submitted files: each file's student and status, whom to mail, and who is absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.messages import Language, as_language, word
from grader.outputs.safe_text import WrappedText, plain, safe, wrapped_name
from grader.outputs.terminal.similarity import students_of
from grader.outputs.wording import in_few_words, message_text
from grader.report import LeftOut, Person, Report, Who

if TYPE_CHECKING:
    from grader.submissions.collect import MappedFiles, MappedSubmission

NamedSentences = Iterator[tuple[str, str]]
"""Pairs of a name and what is said about it."""

SHOWN_IN_CLASS = ("superseded", "joined", "unreadable")
"""Statuses of files that are listed below the class.

All files that are no submission are in the report, and are shown by `--dry-run`.
"""

REFUSED = ("unreadable", "wrong_file")
"""Statuses of submissions that are to be handed in again."""

FILE_COLUMNS = 44


# Below the class


def mails(report: Report) -> NamedSentences:
    """Yield whom to mail about a wrong or unreadable file, with a text in the course's language."""
    codes = {info.name: info.language for info in report.assignments}
    first_code = next(iter(codes.values()), "")

    for submission in report.submissions:
        if submission.status not in REFUSED:
            continue
        if submission.reason is None:
            continue

        code = codes.get(submission.assignment, first_code)
        language = as_language(code)
        name = submission.student or submission.file
        recipient = _with_addresses(name, submission.who)
        sentence = message_text(submission.reason, language, "student")
        yield recipient, sentence


def superseded(report: Report, language: Language) -> NamedSentences:
    """Yield which files of students do not count, and why."""
    students = students_of(report)
    for file in report.left_out:
        if file.status in SHOWN_IN_CLASS:
            name = students.get(file.submission, "–")
            reason = message_text(file.reason, language, "instructor")
            sentence = f"{file.file}: {reason}"
            yield name, sentence


def absent(people: Iterable[Person]) -> NamedSentences:
    """Yield who submitted nothing, with their number and email address."""
    for person in people:
        name = person.name or person.login or person.email or person.id
        details = filter(None, (person.id, person.email))
        joined = " · ".join(details)
        yield name, joined


def _with_addresses(name: str, who: Who) -> str:
    people = (who, *who.members)
    addresses = [person.email for person in people if person.email]
    if not addresses:
        return name

    joined = ", ".join(addresses)
    return f"{name} <{joined}>"


# Before a run


def mapping_view(
    files: MappedFiles,
    language: Language,
    course: Language,
) -> RenderableType:
    """Show what becomes of each file, by student; then whom to mail, and who is absent.

    Args:
        files: what was handed in.
        language: language of the words.
        course: language of the mails to students.
    """
    counts = _counts(files, language)
    mail_title = word("mail", language)
    absent_title = word("absent", language)
    nothing_ran = word("map-nothing-ran", language)

    return Group(
        _files_table(files, language),
        Text(""),
        safe(counts, "bold"),
        *_titled_lines(mail_title, _mails(files, course)),
        *_titled_lines(absent_title, absent(files.absent)),
        Text(""),
        safe(nothing_ran),
    )


def _files_table(files: MappedFiles, language: Language) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="dim",
    )
    table.add_column(word("student", language), overflow="fold")
    table.add_column(
        word("file", language),
        overflow="fold",
        max_width=FILE_COLUMNS,
    )
    table.add_column(word("what", language), overflow="fold")

    for submission in files.submissions:
        name = wrapped_name(submission.student)
        file = plain(submission.file)
        description = _description(submission, language)
        table.add_row(name, WrappedText(file), description)
        for left_out in files.left_out:
            if left_out.submission == submission.id:
                _add_left_out(table, left_out, language)

    for left_out in files.left_out:
        if not left_out.submission:
            _add_left_out(table, left_out, language)
    return table


def _add_left_out(
    table: Table,
    left_out: LeftOut,
    language: Language,
) -> None:
    """Add the row of a file that does not count."""
    status = word(f"left-{left_out.status}", language)
    reason = message_text(left_out.reason, language, "instructor")
    style = "dim"
    if left_out.status == "superseded":
        style = "yellow"

    file = plain(left_out.file)
    explanation = f"{status}: {reason}"
    table.add_row(
        Text(""),
        WrappedText(file, "dim"),
        WrappedText(plain(explanation), style),
    )


def _description(submission: MappedSubmission, language: Language) -> Text:
    """Describe a submission that can be graded, or explain why it cannot."""
    facts = list(_facts(submission, language))
    if submission.reason and submission.status:
        status = word(submission.status, language)
        reason = in_few_words(submission.reason, language)
        refusal = f"{status}: {reason}"
        joined = " · ".join([refusal, *facts])
        return safe(joined, "red")

    joined = " · ".join(facts)
    description = Text("✓ ", "green")
    description.append(safe(joined))
    return description


def _facts(submission: MappedSubmission, language: Language) -> Iterator[str]:
    """Yield what is known of a submission: assignment, LMS, group, numbers, time, files."""
    who = submission.who
    if submission.assignment:
        yield submission.assignment
    if who.source:
        yield who.source
    if who.group:
        yield word("group", language, name=who.group)
    if who.lms_id:
        yield who.lms_id
    if who.id:
        yield who.id
    if who.late:
        yield word("late", language)
    if who.attempt:
        yield who.attempt
    if who.in_roster is False:
        yield word("not-in-roster", language)
    for name in submission.files:
        yield f"+ {name}"


def _mails(files: MappedFiles, course: Language) -> NamedSentences:
    for submission in files.submissions:
        if submission.reason:
            recipient = _with_addresses(submission.student, submission.who)
            sentence = message_text(submission.reason, course, "student")
            yield recipient, sentence


def _counts(files: MappedFiles, language: Language) -> str:
    refused = [submission for submission in files.submissions if submission.reason]
    accepted_count = len(files.submissions) - len(refused)
    statuses = [file.status for file in files.left_out]

    counts = {
        "map-refused": len(refused) + statuses.count("unreadable"),
        "map-joined": statuses.count("joined"),
        "map-superseded": statuses.count("superseded"),
        "map-ignored": statuses.count("ignored"),
        "map-absent": len(files.absent),
    }
    parts = [word("map-counts", language, count=accepted_count)]
    for key, count in counts.items():
        if count:
            part = word(key, language, count=count)
            parts.append(part)
    return " · ".join(parts)


def _titled_lines(title: str, rows: NamedSentences) -> list[RenderableType]:
    """List names and sentences below a title; nothing if there are none."""
    lines: list[RenderableType] = []
    for name, text in rows:
        line = name
        if text:
            line = f"{plain(name)}: {text}"
        lines.append(safe(line))

    if not lines:
        return []
    heading = safe(title, "bold")
    return [Text(""), heading, *lines]
