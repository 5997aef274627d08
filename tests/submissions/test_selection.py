"""Which of a student's files counts, and what is said of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.assignment import Exercise
from grader.notebook.cells import NotebookCell
from grader.report import Message, Who
from grader.submissions.discovery import FoundFile
from grader.submissions.handed_in import HandedInFile, Selection
from grader.submissions.lms_downloads import Ownership
from grader.submissions.selection import choose, choose_single
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


# Which of several notebooks counts


EXERCISES = tuple(
    NotebookCell(kind=kind, source=source)
    for number in range(1, 6)
    for kind, source in (
        ("markdown", f"## Exercise {number}: the step with that number"),
        ("code", "# your code here"),
    )
)
LAST = NotebookCell(kind="markdown", source="## Questions\n\n**1. What do the curves tell you?**")
DATA = NotebookCell(kind="code", source="data = [2.0, 4.5, 7.25, 1.0]\nprint(sorted(data))")
QUESTION = Exercise(id="q", title="Q", points=1, check="text", question="What do the curves tell")
SHEET = assignment("sheet").model_copy(
    update={"handout": (DATA, *EXERCISES, LAST), "exercises": (QUESTION,)}
)


def work(*done: int, prose: bool = True, answer: str = "", step: str = "+ 1") -> bytes:
    """A notebook with code for some of the exercises."""
    cells = [DATA]
    for number in range(1, 6):
        if prose:
            cells.append(EXERCISES[2 * number - 2])
        if number in done:
            source = f"value_{number} = data[0] {step} + {number}\nvalue_{number}"
            cells.append(NotebookCell(kind="code", source=source))
    if prose or answer:
        cells.append(NotebookCell(kind="markdown", source=f"{LAST.source}\n\n{answer}"))
    data = [{"cell_type": cell.kind, "source": cell.source, "outputs": []} for cell in cells]
    return json.dumps({"nbformat": 4, "cells": data}).encode()


def of_sheet(folder: Path, files: Mapping[str, bytes]) -> Selection:
    return choose([handed(folder, name, content) for name, content in files.items()], [SHEET])


def rival(selection: Selection) -> str:
    """The file that a person should look at."""
    (submission,) = selection.submissions
    return submission.rival


def test_work_decides_and_not_the_prose_of_the_handout(tmp_path):
    files = {"sheet.ipynb": work(1, 2, 3, 4, 5, prose=False), "sheet-Copy1.ipynb": work(1)}
    selection = of_sheet(tmp_path, files)
    assert ("sheet.ipynb", "") == (counted(selection), rival(selection))


@pytest.mark.parametrize(
    "spare",
    [
        "old-attempt.ipynb",
        "z-draft.ipynb",
        "sheet-Copy1.ipynb",
        "Copy of sheet.ipynb",
        "Cópia de sheet.ipynb",
        "sheet_backup.ipynb",
        "sheet - rascunho.ipynb",
        "sheet - borrador.ipynb",
        "Untitled2.ipynb",
        "old/sheet.ipynb",
        "backups/2024/sheet.ipynb",
        "sub/sheet.ipynb",
    ],
)
def test_a_draft_loses_against_a_plain_name_at_the_top(tmp_path, spare):
    files = {spare: work(1, 2, 3, step="- 7"), "sheet.ipynb": work(1, 2, 3)}
    selection = of_sheet(tmp_path, files)
    assert ("sheet.ipynb", "") == (counted(selection), rival(selection))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("sheet.ipynb", "sheet_v2.ipynb"),
        ("sheet v2.ipynb", "sheet v10.ipynb"),
        ("z.ipynb", "a-final.ipynb"),
        ("sheet_final.ipynb", "sheet_final2.ipynb"),
        ("sheet_final_v1.ipynb", "sheet_final_v2.ipynb"),
        ("z 2024-05-01.ipynb", "a 2024-05-09.ipynb"),
        ("z 31.05.2024.ipynb", "a 01.06.2024.ipynb"),
        ("sheet.ipynb", "sheet (1).ipynb"),
        ("sheet.ipynb", "sheet-2.ipynb"),
        ("versao 1.ipynb", "versao 2.ipynb"),
    ],
)
def test_of_the_same_work_the_name_says_which_is_the_later(tmp_path, earlier, later):
    files = {earlier: work(1, 2, step="- 7"), later: work(1, 2)}
    selection = of_sheet(tmp_path, files)
    assert (later, "") == (counted(selection), rival(selection))


def test_a_draft_with_clearly_more_work_counts_and_the_other_is_named(tmp_path):
    files = {"sheet.ipynb": work(1, step="- 7"), "sheet-Copy1.ipynb": work(1, 2, 3)}
    selection = of_sheet(tmp_path, files)
    assert ("sheet-Copy1.ipynb", "sheet.ipynb") == (counted(selection), rival(selection))


def test_a_draft_with_a_little_more_work_is_named(tmp_path):
    files = {"sheet.ipynb": work(1, 2, step="- 7"), "draft.ipynb": work(1, 2, 3)}
    selection = of_sheet(tmp_path, files)
    assert ("sheet.ipynb", "draft.ipynb") == (counted(selection), rival(selection))


def test_where_nothing_tells_two_apart_a_person_is_asked(tmp_path):
    files = {"solution.ipynb": work(1, 2, 3), "homework.ipynb": work(1, 2, 3, step="- 7")}
    selection = of_sheet(tmp_path, files)
    assert {"solution.ipynb", "homework.ipynb"} == {counted(selection), rival(selection)}


def test_a_copy_with_nothing_of_its_own_is_not_asked_about(tmp_path):
    files = {"solution.ipynb": work(1, 2, 3), "homework.ipynb": work(1, 2)}
    selection = of_sheet(tmp_path, files)
    assert ("solution.ipynb", "") == (counted(selection), rival(selection))


def test_an_earlier_attempt_with_more_work_counts_and_the_last_is_named(tmp_path):
    early = handed(tmp_path, "a.ipynb", work(1, 2, 3), order=("2024-03-01", 0))
    late = handed(tmp_path, "b.ipynb", work(1, step="- 7"), order=("2024-03-02", 0))
    selection = choose([early, late], [SHEET])
    assert ("a.ipynb", "b.ipynb") == (counted(selection), rival(selection))


# An assignment in several files


def test_halves_make_one_submission(tmp_path):
    files = {"part2.ipynb": work(4, 5, answer="It falls."), "part1.ipynb": work(1, 2, 3)}
    selection = of_sheet(tmp_path, files)
    (submission,) = selection.submissions
    sources = "\n".join(cell.source for cell in submission.cells)
    assert ("part1.ipynb", ("part1.ipynb", "part2.ipynb")) == (submission.file, submission.joined)
    assert sources.index("value_3") < sources.index("value_4")
    assert len(submission.cells) == len(submission.saved_outputs)
    assert {"part2.ipynb": "joined arrived.joined"} == left_out(selection)


def test_a_file_for_each_exercise_makes_one_submission(tmp_path):
    files = {f"ex{number}.ipynb": work(number) for number in (3, 1, 5, 2, 4)}
    (submission,) = of_sheet(tmp_path, files).submissions
    assert tuple(f"ex{number}.ipynb" for number in range(1, 6)) == submission.joined


def test_answers_to_questions_in_a_file_of_their_own_count(tmp_path):
    files = {"answers.ipynb": work(answer="It falls."), "code.ipynb": work(1, 2, 3, 4, 5)}
    (submission,) = of_sheet(tmp_path, files).submissions
    assert ("code.ipynb", "answers.ipynb") == submission.joined


def test_what_the_second_half_repeats_of_the_first_is_no_second_try(tmp_path):
    repeated = json.loads(work(4, 5))
    own = {"cell_type": "code", "source": "value_1 = data[0] + 1 + 1\nvalue_2 = 3\nvalue_3 = 4"}
    repeated["cells"] = [repeated["cells"][0], own, *repeated["cells"][4:]]
    files = {"part1.ipynb": work(1, 2, 3), "part2.ipynb": json.dumps(repeated).encode()}
    (submission,) = of_sheet(tmp_path, files).submissions
    assert ("part1.ipynb", "part2.ipynb") == submission.joined


def test_where_an_exercise_stands_in_both_files_the_other_is_named(tmp_path):
    files = {"part1.ipynb": work(1, 2, 3), "part2.ipynb": work(3, 4, step="- 7")}
    selection = of_sheet(tmp_path, files)
    assert ("part1.ipynb", "part2.ipynb") == (counted(selection), rival(selection))


def test_a_draft_is_not_joined_to_the_file_it_may_be_a_draft_of(tmp_path):
    files = {"sheet.ipynb": work(1, 2), "draft.ipynb": work(4)}
    selection = of_sheet(tmp_path, files)
    assert ("sheet.ipynb", "draft.ipynb") == (counted(selection), rival(selection))


def test_a_cumulative_second_part_counts_alone(tmp_path):
    files = {"part1.ipynb": work(1, 2, 3), "part2.ipynb": work(1, 2, 3, 4, 5)}
    selection = of_sheet(tmp_path, files)
    assert ("part2.ipynb", "") == (counted(selection), rival(selection))
