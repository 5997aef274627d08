"""A report is written one submission at a time, as it would be as a whole."""

from __future__ import annotations

import pytest

from grader.store.model_json import as_json
from grader.store.report_file import chunks, is_report, report_parts
from tests.support.reports import report, submission

ODD = 'a "submissions": [] \n line \ud800 and \x9b'


@pytest.mark.parametrize("students", [(), ("Ana",), ("Ana", "Bia"), ("Ana", ODD)])
def test_the_parts_are_those_of_the_whole(students):
    written = report(*map(submission, students))
    assert as_json(written, indent=2) == b"".join(report_parts(written))


def test_a_report_is_written_one_submission_at_a_time():
    few = report(*map(submission, ("Ana", "Bia")))
    many = report(*map(submission, ("Ana", "Bia", "Caio", "Davi")))
    largest = [max(map(len, report_parts(written))) for written in (few, many)]
    assert largest[0] == pytest.approx(largest[1], rel=0.01)


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ('{\n  "schema_version": "1.0",', True),
        ('{"schema_version": "0.9"', False),
        ("{", False),
        ("", False),
        ("\x00", False),
        ('{"schema_version": "\xff"', False),
    ],
)
def test_a_report_of_this_version_is_known_by_how_it_begins(tmp_path, beginning, expected):
    file = tmp_path / "report.json"
    file.write_text(beginning, "latin-1")
    assert expected == is_report(file)


def test_no_file_is_no_report(tmp_path):
    assert not is_report(tmp_path / "report.json")


def test_a_file_is_read_in_parts(tmp_path):
    file = tmp_path / "large"
    file.write_bytes(b"0123456789" * 300_000)
    parts = list(chunks(file))
    assert file.read_bytes() == b"".join(parts)
    assert len(parts) == 3
