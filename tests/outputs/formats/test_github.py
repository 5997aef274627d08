"""Annotations and a summary for GitHub Actions: no text of a student is a command or markup."""

from __future__ import annotations

import pytest

from grader.outputs.formats import github
from grader.outputs.formats.github import commands, summary
from tests.support.reports import endless, exercise, info, not_graded, report, submission, zeroed


def lines(*submissions, language="en", locate=lambda result, where: (result.file, 0)):
    return commands(report(*submissions), language, locate)


def test_an_exercise_that_did_not_pass_is_annotated_at_the_students_line():
    def locate(result, where):
        return f"submissions/{result.file}", where.line if where else 0

    annotations = lines(zeroed(), locate=locate)
    place = "file=submissions/gabriela-exemplo.ipynb,line=18"
    title = "title=Gabriela Exemplo%3A Um passo do gradiente descendente"
    assert f"::warning {place},{title}::The gradient was zeroed" in annotations[0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("failed", "error"),
        ("missing", "error"),
        ("not_run", "error"),
        ("partial", "warning"),
        ("pending", "notice"),
    ],
)
def test_the_status_decides_the_kind(status, kind):
    annotations = [
        line
        for line in lines(submission("Ana", exercise("w-grad", status, 0.0)))
        if "Gradiente de J" in line
    ]
    assert [kind] == [line[2:].split(" ")[0] for line in annotations]


def test_what_passed_is_not_annotated():
    assert [] == [line for line in lines(submission("Ana")) if "Questão" not in line]


def test_what_could_not_be_graded_is_an_error():
    (line,) = lines(not_graded("Olívia", "unreadable", "unreadable.git-conflict", line=3))
    assert line.startswith("::error file=olívia.ipynb,title=Olívia%3A unreadable::")


def test_there_are_at_most_ten_of_a_kind():
    late = [endless().model_copy(update={"student": f"Ana {n}"}) for n in range(30)]
    kinds = [line[2:].split(" ")[0] for line in lines(*late)]
    assert {"error": 10, "notice": 10} == {kind: kinds.count(kind) for kind in kinds}


HOSTILE = "x\n::add-mask::y\r::error::%0A,line=1:\u2028::z"


def test_no_line_that_a_student_wrote_begins_a_command():
    hostile = submission("Ana", exercise("w-grad", "failed", 0.0)).model_copy(
        update={"student": HOSTILE, "file": HOSTILE}
    )
    annotations = lines(hostile)
    assert [] == [
        line
        for line in annotations
        if line.splitlines() != [line] or not line.startswith(("::error", "::notice"))
    ]


def test_no_property_that_a_student_wrote_is_added():
    hostile = submission("Ana", exercise("w-grad", "failed", 0.0)).model_copy(
        update={"student": HOSTILE, "file": HOSTILE}
    )
    properties = lines(hostile)[0].removeprefix("::error ").partition("::")[0]
    assert ["file", "title"] == [part.partition("=")[0] for part in properties.split(",")]


def test_the_summary_is_a_table_of_the_class():
    table = summary(report(zeroed()), "pt").split("\n")
    assert "## PyTorch&#58; Variable, gradientes e grafo computacional" == table[0]
    assert "| Gabriela Exemplo | 7 \\(\\+1\\)/12 | ✓ 2 | ◐ 1,5 | ◐ 0,5 | ✓ 3 | 1 |" == table[4]


@pytest.mark.parametrize(
    "name", ["a|b", "<img src=x>", "**b**", "[x](http://e.org)", "@all", "`a`", "# a", "a\n| b |"]
)
def test_nothing_that_a_student_wrote_is_markup(name):
    row = summary(report(submission("Ana").model_copy(update={"student": name})), "en").split("\n")[
        4
    ]
    cell = row.split(" | ")[0].removeprefix("| ")
    unescaped = cell.replace("\\\\", "")
    assert [] == [
        sign
        for at, sign in enumerate(unescaped)
        if sign in "|<>*[]()@`#" and unescaped[at - 1] not in "\\&"
    ]


def test_a_summary_is_no_larger_than_github_takes(monkeypatch):
    monkeypatch.setattr(github, "MAX_SUMMARY_BYTES", 500)
    assert len(summary(report(), "en").encode()) < 600


def test_of_several_assignments_each_has_a_table():
    both = report(zeroed()).model_copy(
        update={"assignments": (info(), info().model_copy(update={"name": "b"}))}
    )
    assert 2 == summary(both, "en").count("## ")
