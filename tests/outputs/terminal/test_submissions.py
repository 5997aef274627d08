"""The files that were handed in: whose each is, which counts, mails, who is absent."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.outputs.terminal.submissions import absent, mails, mapping_view, superseded
from grader.outputs.terminal.tables import class_table
from grader.report import LeftOut, Message, Person, SubmissionResult, Who
from grader.submissions.collect import MappedFiles, MappedSubmission
from tests.support.reports import not_graded, report, submission

LONG = "Alice Example_1234567_assignsubmission_file_/linear-regression-of-petals_final.ipynb"
PEOPLE = (
    Person(name="Zoe Exemplo", id="9", email="zoe@example.org"),
    Person(login="yuri", email="yuri@example.org"),
    Person(email="x@example.org"),
    Person(id="7"),
)


def mapped(student: str = "Ana", **more: object) -> MappedSubmission:
    defaults = {
        "id": student,
        "student": student,
        "file": f"{student}.ipynb",
        "status": None,
        "reason": None,
        "assignment": "autograd",
        "files": (),
        "who": Who(),
    }
    return MappedSubmission.model_validate(defaults | more)


def left(
    file: str, status: str = "superseded", reason: str = "arrived.earlier", submission: str = ""
) -> LeftOut:
    message = Message(id=reason, params={"file": "other.ipynb"})
    return LeftOut.model_validate(
        {"file": file, "status": status, "reason": message, "submission": submission}
    )


def files(
    *submissions: MappedSubmission,
    left_out: tuple[LeftOut, ...] = (),
    absent: tuple[Person, ...] = (),
):
    return MappedFiles(submissions=submissions, left_out=left_out, absent=absent)


def shown(mapping: MappedFiles, language="en", course="en", width=100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, markup=False, highlight=False).print(
        mapping_view(mapping, language, course)
    )
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def test_a_file_that_counts_stands_with_its_student_and_what_it_is_of():
    assert "Ana      Ana.ipynb  ✓ autograd" == shown(files(mapped())).split("\n")[2]


def test_what_is_known_of_a_student_stands_there():
    who = Who(
        source="moodle",
        group="G1",
        lms_id="11",
        id="7",
        late=True,
        attempt="2024-03-01",
        in_roster=False,
    )
    text = " ".join(shown(files(mapped(who=who, files=("data.csv",)))).split())
    facts = (
        "✓ autograd · moodle · group G1 · 11 · 7 · late · 2024-03-01 · not in the roster · "
        "+ data.csv"
    )
    assert facts in text


def test_files_that_do_not_count_stand_below_the_one_that_does():
    other = left("old.ipynb", submission="Ana")
    lines = shown(
        files(
            mapped(),
            mapped("Bruno"),
            left_out=(left("note.txt", "ignored", "arrived.nobodys"), other),
        )
    )
    starts = [line.split()[0] for line in lines.split("\n")[2:6]]
    assert ["Ana", "old.ipynb", "Bruno", "note.txt"] == starts


def test_a_file_that_cannot_be_graded_says_why_and_what_to_write():
    ana = mapped(
        status="wrong_file", reason=Message(id="wrong-file.pdf"), who=Who(email="ana@example.org")
    )
    text = shown(files(ana), language="en", course="pt")
    assert ("wrong file: " in text, "\nAna <ana@example.org>: " in text) == (True, True)


def test_what_is_written_to_a_student_is_in_the_language_of_the_course():
    ana = mapped(status="wrong_file", reason=Message(id="wrong-file.pdf"))
    assert "PDF" in (letter := shown(files(ana), language="en", course="pt").partition("Ana: ")[2])
    assert letter != shown(files(ana), language="en", course="en").partition("Ana: ")[2]


def test_the_files_are_counted_and_nothing_ran():
    refused = mapped("Bruno", status="unreadable", reason=Message(id="unreadable.empty"))
    out = (
        left("a", submission="Ana"),
        left("b", "ignored", "arrived.nobodys"),
        left("c", "unreadable"),
    )
    text = " ".join(shown(files(mapped(), refused, left_out=out, absent=PEOPLE[:1])).split())
    counts = (
        "1 submission to grade · 2 wrong or unreadable files · 1 superseded · 1 ignored · "
        "1 student without"
    )
    assert (True, True) == (counts in text, "Nothing was run." in text)


def test_who_handed_in_nothing_is_called_by_what_is_known():
    names = [("Zoe Exemplo", "9 · zoe@example.org"), ("yuri", "yuri@example.org")]
    assert [*names, ("x@example.org", "x@example.org"), ("7", "7")] == list(absent(PEOPLE))


def test_a_long_path_is_broken_behind_its_signs():
    rows = shown(files(mapped("Alice", file=LONG))).split("\n")[2:5]
    pieces = [
        "Alice Example_1234567_assignsubmission_file_",
        "/linear-regression-of-petals_final.ipynb",
    ]
    assert pieces == [row[9:].partition("  ")[0] for row in rows if row.strip()]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width):
    mapping = files(mapped("Alice", file=LONG), left_out=(left(LONG, submission="Alice"),))
    assert [] == [line for line in shown(mapping, width=width).split("\n") if len(line) > width]


def test_the_name_of_a_file_steers_no_terminal():
    hostile = "\x1b[2Ja\u202e[bold].ipynb"
    text = shown(files(mapped(file=hostile), left_out=(left(hostile, submission="Ana"),)))
    assert (False, False, 2) == ("\x1b" in text, "\u202e" in text, text.count("a[bold].ipynb"))


# Below the class


def _wrong(student: str, who: Who) -> SubmissionResult:
    return not_graded(student, "wrong_file", "wrong-file.pdf").model_copy(update={"who": who})


def test_mails_are_of_those_whose_file_cannot_be_graded():
    class_report = report(submission("Ana"), _wrong("Bruno", Who(email="b@x.org")))
    assert ["Bruno <b@x.org>"] == [name for name, _ in mails(class_report)]


def test_all_members_of_a_group_are_written_to():
    group = Who(members=(Person(email="a@x.org"), Person(email="b@x.org")))
    class_report = report(_wrong("Grupo 1", group))
    assert ["Grupo 1 <a@x.org, b@x.org>"] == [name for name, _ in mails(class_report)]


def test_what_does_not_count_is_told_with_its_student_and_what_is_merely_ignored_is_not():
    ana = submission("Ana")
    out = (
        left("old.ipynb", submission=ana.id),
        left("n.txt", "ignored", "arrived.nobodys"),
        left("z.zip", "unreadable"),
    )
    class_report = report(ana).model_copy(update={"left_out": out})
    assert [("Ana", "old.ipynb"), ("–", "z.zip")] == [
        (name, text.partition(":")[0]) for name, text in superseded(class_report, "en")
    ]


def test_a_class_says_who_is_absent():
    out = io.StringIO()
    class_report = report(submission("Ana")).model_copy(update={"absent": PEOPLE[:1]})
    Console(file=out, width=100, markup=False, highlight=False).print(
        class_table(class_report, "en")
    )
    assert "Handed in nothing\nZoe Exemplo  9 · zoe@example.org" in "\n".join(
        line.rstrip() for line in out.getvalue().split("\n")
    )
