"""Which of a student's files counts, and what is said of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.report import Message, Who
from grader.submissions.discovery import FoundFile
from grader.submissions.lms_downloads import Ownership
from grader.submissions.selection import HandedInFile, Selection, choose, choose_single
from tests.support.zips import BLANK, GIVEN, WORK, assignment, notebook

MORE = notebook("media = 1", "amplitude = 2", "desvio = 3")
SCRATCH = notebook("x = 1", given=[GIVEN])
FOREIGN = json.dumps(
    {"nbformat": 4, "cells": [{"cell_type": "code", "source": "print('oi')"}]}
).encode()
LINK = b"https://colab.research.google.com/drive/1"
REFUSED = Message(id="unreadable.zip-large")


def handed(folder: Path, name: str, content: bytes, **ownership: object) -> HandedInFile:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    parts = tuple(name.split("/"))
    return HandedInFile(
        FoundFile(parts, len(parts), path),
        name,
        Ownership(**{"owner": "ana", "file": name, **ownership}),
    )


def chosen(folder: Path, files: Mapping[str, bytes]) -> Selection:
    return choose(
        [handed(folder, name, content) for name, content in files.items()], [assignment()]
    )


def counted(selection: Selection) -> str:
    """The file that counts."""
    (submission,) = selection.submissions
    return submission.file


def left_out(selection: Selection) -> dict[str, str]:
    """What is said of the other files."""
    return {item.file.name: f"{item.status} {item.reason.id}" for item in selection.left_out}


def test_a_single_notebook_counts_whatever_is_in_it(tmp_path):
    assert "a.ipynb" == counted(chosen(tmp_path, {"a.ipynb": FOREIGN}))


def test_one_with_work_goes_before_the_handout_as_it_was(tmp_path):
    selection = chosen(tmp_path, {"a.ipynb": WORK, "a-1.ipynb": BLANK})
    assert ("a.ipynb", {"a-1.ipynb": "superseded arrived.unchanged"}) == (
        counted(selection),
        left_out(selection),
    )


def test_the_last_attempt_counts(tmp_path):
    files = [
        handed(tmp_path, "early.ipynb", MORE, order=("2024-03-01", 0)),
        handed(tmp_path, "late.ipynb", WORK, order=("2024-03-02", 0)),
    ]
    selection = choose(files, [assignment()])
    assert ("late.ipynb", {"early.ipynb": "superseded arrived.earlier"}) == (
        counted(selection),
        left_out(selection),
    )


def test_a_number_behind_the_name_says_which_is_the_last(tmp_path):
    assert "a (2).ipynb" == counted(
        chosen(tmp_path, {"a.ipynb": MORE, "a (2).ipynb": WORK, "a (1).ipynb": MORE})
    )


def test_of_two_of_one_attempt_the_one_with_more_of_the_students_own_counts(tmp_path):
    selection = chosen(tmp_path, {"a.ipynb": MORE, "b.ipynb": WORK})
    assert ("a.ipynb", {"b.ipynb": "superseded arrived.less"}) == (
        counted(selection),
        left_out(selection),
    )


def test_a_copy_to_the_last_byte_is_said_to_be_one(tmp_path):
    assert {"a.ipynb": "superseded arrived.same"} == left_out(
        chosen(tmp_path, {"a.ipynb": WORK, "a-1.ipynb": WORK})
    )


def test_a_notebook_that_cannot_be_read_does_not_stand_for_one_that_can(tmp_path):
    selection = chosen(tmp_path, {"a.ipynb": WORK, "a-1.ipynb": b"{"})
    assert ("a.ipynb", {"a-1.ipynb": "unreadable unreadable.not-json"}) == (
        counted(selection),
        left_out(selection),
    )


def test_where_none_can_be_read_the_last_is_the_submission(tmp_path):
    files = [
        handed(tmp_path, "a.ipynb", b"{", order=("2024-03-02", 0)),
        handed(tmp_path, "b.ipynb", b"", order=("2024-03-01", 0)),
    ]
    selection = choose(files, [assignment()])
    assert ("a.ipynb", "unreadable") == (
        counted(selection),
        selection.submissions[0].problem_status,
    )


def test_of_notebooks_of_no_assignment_one_counts(tmp_path):
    selection = chosen(tmp_path, {"a.ipynb": FOREIGN, "b.ipynb": FOREIGN + b" "})
    assert ("b.ipynb", ["superseded"]) == (
        counted(selection),
        [submission.status for submission in selection.left_out],
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.pdf": b"%PDF", "a.txt": LINK}, "a.txt wrong-file.link"),
        ({"a.csv": b"1", "a.pdf": b"%PDF"}, "a.pdf wrong-file.pdf"),
        ({"a.py": b"1", "b.csv": b"1"}, "a.py wrong-file.script"),
        ({"onlinetext.html": b"Oi"}, "onlinetext.html wrong-file.no-notebook"),
        ({"a.png": b"1"}, "a.png wrong-file.no-notebook"),
    ],
)
def test_without_a_notebook_the_file_that_says_most_is_the_submission(tmp_path, files, expected):
    (submission,) = chosen(tmp_path, files).submissions
    assert (expected, "wrong_file") == (
        f"{submission.file} {submission.problem.id}",
        submission.problem_status,
    )


def test_what_no_notebook_needs_is_listed(tmp_path):
    selection = chosen(tmp_path, {"a.ipynb": WORK, "photo.png": b"1", "receipt.txt": b"1"})
    assert {
        "photo.png": "ignored arrived.not-used",
        "receipt.txt": "ignored arrived.receipt",
    } == left_out(selection)


def test_a_file_that_was_refused_is_listed_with_why(tmp_path):
    refused = HandedInFile(
        FoundFile(("d.csv",), 1, refused=REFUSED), "d.csv", Ownership("ana", "d.csv")
    )
    selection = choose([handed(tmp_path, "a.ipynb", WORK), refused], [assignment()])
    assert {"d.csv": "unreadable unreadable.zip-large"} == left_out(selection)


def test_a_notebook_that_was_refused_is_the_submission_if_there_is_no_other():
    refused = HandedInFile(
        FoundFile(("a.ipynb",), 1, refused=REFUSED), "a.ipynb", Ownership("ana", "a.ipynb")
    )
    (submission,) = choose([refused], [assignment()]).submissions
    assert (REFUSED, "unreadable") == (submission.problem, submission.problem_status)


def test_who_it_is_is_what_the_last_attempt_says(tmp_path):
    files = [
        handed(tmp_path, "a.ipynb", WORK, order=("2024-03-01", 0), who=Who(login="ana")),
        handed(tmp_path, "b.ipynb", WORK, order=("2024-03-02", 0), who=Who(login="ana", late=True)),
    ]
    (submission,) = choose(files, [assignment()]).submissions
    assert ("ana", True) == (submission.student, submission.who.late)


@pytest.mark.parametrize(
    ("who", "student"),
    [
        (Who(name="Ana Exemplo", login="ana"), "Ana Exemplo"),
        (Who(login="ana", email="ana@example.org"), "ana"),
        (Who(email="ana@example.org", lms_id="7"), "ana@example.org"),
        (Who(lms_id="7"), "7"),
        (Who(), "a"),
    ],
)
def test_a_student_is_called_by_what_is_known(tmp_path, who, student):
    (submission,) = choose([handed(tmp_path, "a.ipynb", WORK, who=who)], [assignment()]).submissions
    assert student == submission.student


def test_a_scratch_that_came_later_does_not_count(tmp_path):
    parts = [f"def f{n}(values):\n    return sum(values) * {n} + len(values)" for n in range(9)]
    whole = assignment("media", *parts, GIVEN)
    files = [
        handed(
            tmp_path,
            "work.ipynb",
            notebook("m = 1", given=[*parts, GIVEN]),
            order=("2024-03-01", 0),
        ),
        handed(tmp_path, "scratch.ipynb", SCRATCH, order=("2024-03-02", 0)),
    ]
    selection = choose(files, [whole])
    assert ("work.ipynb", {"scratch.ipynb": "superseded arrived.less"}) == (
        counted(selection),
        left_out(selection),
    )


# Files of which nothing says whose they are


def test_a_loose_file_that_is_no_notebook_is_nobodys(tmp_path):
    selection = choose_single(handed(tmp_path, "a.csv", b"1", is_single=True), None)
    assert ([], {"a.csv": "ignored arrived.nobodys"}) == (
        selection.submissions,
        left_out(selection),
    )


def test_a_loose_link_is_somebodys(tmp_path):
    (submission,) = choose_single(
        handed(tmp_path, "ana.txt", LINK, is_single=True), None
    ).submissions
    assert ("ana", "wrong-file.link") == (submission.student, submission.problem.id)


def test_a_file_that_was_named_is_opened_whatever_it_is_called(tmp_path):
    path = tmp_path / "ana.json"
    path.write_bytes(WORK)
    submission = HandedInFile(
        FoundFile(("ana.json",), 1, path, given=True),
        "ana.json",
        Ownership("ana.json", "ana.json", is_single=True),
    )
    assert [None] == [
        submission.problem for submission in choose_single(submission, None).submissions
    ]


def test_a_loose_file_that_was_refused_is_listed():
    submission = HandedInFile(
        FoundFile(("d.csv",), 1, refused=REFUSED),
        "d.csv",
        Ownership("d.csv", "d.csv", is_single=True),
    )
    assert {"d.csv": "unreadable unreadable.zip-large"} == left_out(choose_single(submission, None))
