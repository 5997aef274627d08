"""Reads who is behind the numbered folders of a Gradescope export, from the list beside them.

The list is YAML as Ruby writes it, and may hold what students' programs printed. So it is no YAML reader that reads it:
only the lines of the few fields that are wanted are looked at, and everything in them is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.notebook.format import safe_name
from grader.report import Person, Who

NAME = "submission_metadata.yml"
MAX_BYTES = 64 * 2**20
MAX_VALUE = 200
"""Characters kept of a value."""

_SUBMISSION = re.compile(r"""["']?submission_(\d+)["']?:\s*$""")
_FIELD = re.compile(r"(?P<indent> *)(?P<item>- )? *:(?P<key>[a-z_]+):(?: (?P<value>.*))?$")
_NOTHING = ("", "~", "null")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)?")
_PERSON = {"name": "name", "sid": "id", "email": "email"}
"""What a field of a submitter is called here."""


def read_people(file: Path) -> dict[str, Who]:
    """Who handed in each submission, by its number; of nothing that can be read there is nobody."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    return {number: _who(lines) for number, lines in _by_submission(text)}


def _by_submission(text: str) -> Iterator[tuple[str, list[str]]]:
    number, lines = "", list[str]()
    for line in text.splitlines():
        if line[:1] not in (" ", "", "-"):
            if number:
                yield number, lines
            found = _SUBMISSION.match(line)
            number, lines = (found[1] if found else ""), []
        elif number:
            lines.append(line)
    if number:
        yield number, lines


def _who(lines: list[str]) -> Who:
    people: list[dict[str, str]] = []
    attempt, inside = "", -1
    for line in lines:
        found = _FIELD.match(line)
        if not found:
            continue
        indent, key, value = len(found["indent"]), found["key"], _scalar(found["value"] or "")
        item = bool(found["item"])
        if inside >= 0 and (indent > inside or (indent == inside and item)):
            if item:
                people.append({})
            if key in _PERSON and people:
                people[-1][_PERSON[key]] = value
            continue
        inside = indent if key == "submitters" else -1
        # Fields of the submission itself stand least deep; those of its history have the same names.
        if key == "created_at" and not attempt and not item and indent == _least(lines):
            attempt = _time(value)
    return _together([Person(**person) for person in people if any(person.values())], attempt)


def _least(lines: list[str]) -> int:
    return min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)


def _together(people: list[Person], attempt: str) -> Who:
    if len(people) == 1:
        return Who(**people[0].model_dump(), attempt=attempt)
    names = ", ".join(person.name or person.email or person.id for person in people)
    return Who(name=names, members=tuple(people), attempt=attempt)


def _time(value: str) -> str:
    found = _TIME.match(value)
    return f"{found[1]}T{found[2]}{(found[3] or '').replace('Z', '+00:00')}" if found else ""


def _scalar(value: str) -> str:
    """The text of a plain or quoted value that ends on its line."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        value = value[1:-1].replace("''", "'")
    elif len(value) > 1 and value[0] == value[-1] == '"':
        value = _ESCAPE.sub(_unescaped, value[1:-1])
    elif value in _NOTHING:
        value = ""
    return safe_name(value)[:MAX_VALUE].strip()


def _unescaped(found: re.Match[str]) -> str:
    code = next((digits for digits in found.groups()[:3] if digits), None)
    if code is None:
        return str(found[4])
    return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else ""
