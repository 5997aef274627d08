"""Read the students of the numbered folders in a Gradescope export, from the list beside them.

The list is YAML as Ruby writes it, and may contain output of students' programs. So it is not read
with a YAML parser: only the lines of a few fields are read, and all values are text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.notebook.format import safe_name
from grader.report import Person, Who

NAME = "submission_metadata.yml"
"""File name of the list."""

MAX_BYTES = 64 * 2**20
"""Bytes that are read of the list."""

MAX_VALUE = 200
"""Characters kept of a value."""

_SUBMISSION = re.compile(r"""["']?submission_(\d+)["']?:\s*$""")
_FIELD = re.compile(r"(?P<indent> *)(?P<item>- )? *:(?P<key>[a-z_]+):(?: (?P<value>.*))?$")
_NOTHING = ("", "~", "null")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d)(?:\.\d+)? ?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_PERSON = {"name": "name", "sid": "id", "email": "email"}
"""Fields of a submitter, and the names of those fields in `Person`."""


@dataclass(frozen=True)
class ListedField:
    """A line of the list that has a field."""

    indent: int
    """Blanks before it, and before the hyphen of an item."""
    is_item: bool
    """Whether it begins an item of a list."""
    key: str
    value: str
    """Text of the value, without quotes."""


def read_people(file: Path) -> dict[str, Who]:
    """Read the submitters of each submission, by number; none from an unreadable file."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}

    people: dict[str, Who] = {}
    for number, lines in _by_submission(text):
        people[number] = _submitters(lines)
    return people


def _by_submission(text: str) -> Iterator[tuple[str, list[str]]]:
    """Split the list into submissions: the number of each, and its lines."""
    number = ""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith((" ", "-")) or not line:
            if number:
                lines.append(line)
            continue

        if number:
            yield number, lines
        heading = _SUBMISSION.match(line)
        number = heading[1] if heading else ""
        lines = []

    if number:
        yield number, lines


def _submitters(lines: Sequence[str]) -> Who:
    """Read the submitters of one submission, and its time."""
    people: list[dict[str, str]] = []
    attempt = ""
    submitters_indent = -1  # of the field above the list of submitters; -1: not in it
    least_indent = _least_indent(lines)

    for field in _fields(lines):
        if _is_below(field, submitters_indent):
            if field.is_item:
                people.append({})
            name = _PERSON.get(field.key)
            if people and name:
                people[-1][name] = field.value
            continue

        submitters_indent = -1
        if field.key == "submitters":
            submitters_indent = field.indent

        # Fields of the submission are the least indented; those of its history have the same names.
        is_of_submission = field.indent == least_indent and not field.is_item
        if field.key == "created_at" and is_of_submission and not attempt:
            attempt = _iso_time(field.value)

    known: list[Person] = []
    for fields in people:
        if any(fields.values()):
            known.append(Person(**fields))
    return _group_of(known, attempt)


def _fields(lines: Sequence[str]) -> Iterator[ListedField]:
    for line in lines:
        match = _FIELD.match(line)
        if match:
            yield ListedField(
                indent=len(match["indent"]),
                is_item=bool(match["item"]),
                key=match["key"],
                value=_scalar(match["value"] or ""),
            )


def _is_below(field: ListedField, indent: int) -> bool:
    """Return whether a field is nested in one of some indent; -1 for the top level."""
    if indent < 0:
        return False
    if field.is_item:
        return field.indent >= indent
    return field.indent > indent


def _least_indent(lines: Sequence[str]) -> int:
    indents: list[int] = []
    for line in lines:
        text = line.lstrip()
        if text:
            indents.append(len(line) - len(text))
    return min(indents, default=0)


def _group_of(people: Sequence[Person], attempt: str) -> Who:
    """Combine the submitters; one student is not a group."""
    if len(people) == 1:
        (person,) = people
        return Who(**person.model_dump(), attempt=attempt)

    names: list[str] = []
    for person in people:
        name = person.name or person.email or person.id
        names.append(name)
    return Who(
        name=", ".join(names),
        members=tuple(people),
        attempt=attempt,
    )


def _iso_time(value: str) -> str:
    """Format a time as ISO 8601; empty for a text that is not a time."""
    match = _TIME.match(value)
    if not match:
        return ""

    zone = match["zone"] or ""
    zone = zone.replace("Z", "+00:00")
    day = match["day"]
    time = match["time"]
    return f"{day}T{time}{zone}"


def _scalar(value: str) -> str:
    """Return the text of a plain or quoted value that ends on its line."""
    value = value.strip()
    quote = value[:1]
    is_quoted = len(value) > 1 and quote == value[-1]

    inner = value[1:-1]
    if is_quoted and quote == "'":
        value = inner.replace("''", "'")
    elif is_quoted and quote == '"':
        value = _ESCAPE.sub(_unescaped, inner)
    elif value in _NOTHING:
        value = ""

    return safe_name(value)[:MAX_VALUE].strip()


def _unescaped(match: re.Match[str]) -> str:
    """Return the character of an escape in a quoted value; a callback for `re.sub`."""
    *codes, character = match.groups()
    for code in codes:
        if code:
            return _character(int(code, 16))
    return str(character)


def _character(number: int) -> str:
    if number > sys.maxunicode:
        return ""
    return chr(number)
