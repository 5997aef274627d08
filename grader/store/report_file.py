"""Write the report of a class one submission at a time: its whole text takes much memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.report import SCHEMA_VERSION, Report
from grader.store.model_json import as_json

INDENT = 2
NO_SUBMISSIONS = b'\n  "submissions": []'
"""The list of a class, where it is empty; a text in it holds no line break."""

CHUNK_BYTES = 1 << 20

_BEGINNING = re.compile(rb'\{\s*"schema_version": "([^"]*)"')
_MOST_OF_BEGINNING = 100


def report_parts(report: Report) -> Iterator[bytes]:
    """Write a report as `as_json` does with two spaces of indent, in parts."""
    around = report.model_copy(update={"submissions": ()})
    before, listed, after = as_json(around, INDENT).partition(NO_SUBMISSIONS)
    yield before
    if not report.submissions:
        yield listed
        yield after
        return

    separator = b'\n  "submissions": [\n    '
    for submission in report.submissions:
        yield separator
        text = as_json(submission, INDENT)
        yield text.replace(b"\n", b"\n    ")
        separator = b",\n    "
    yield b"\n  ]"
    yield after


def is_report(path: Path) -> bool:
    """Return whether a file begins as a report of this version does; nothing else of it is read."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_MOST_OF_BEGINNING)
    except OSError:
        return False
    match = _BEGINNING.match(beginning)
    version = SCHEMA_VERSION.encode()
    return match is not None and match[1] == version


def chunks(path: Path) -> Iterator[bytes]:
    """Read a file in parts."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
