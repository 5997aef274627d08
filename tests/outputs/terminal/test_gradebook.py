"""What filling in came to is shown with everyone who got no grade, by name."""

from __future__ import annotations

import io
from pathlib import Path

from grader.outputs.gradebooks.fill_in import FilledGradebook
from grader.outputs.gradebooks.matching import Matches
from grader.outputs.terminal.gradebook import feedback_zip_view, gradebook_view
from grader.outputs.terminal.tables import make_console


def shown(renderable):
    stream = io.StringIO()
    make_console(stream).print(renderable)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_everyone_is_named_below_what_there_is_to_know():
    filled = FilledGradebook(
        graded=["Ana", "Beto"],
        commented=["Ana"],
        changed=[("Beto", "3", "8,5")],
        pending=["Caio"],
        kept_grades=[("Duda", "EX")],
        matches=Matches((), ("Zoé",), ("Elis (e.ipynb)",), ("Fábio (f.ipynb)",)),
    )
    assert [
        "a.graded.csv: 2 grades, 1 comment",
        "Grades that changed:",
        "  Beto: 3 → 8,5",
        "Grades that are not numbers were kept:",
        "  Duda: EX",
        "No grade written, pending review (--provisional writes the points so far):",
        "  Caio",
        "Ambiguous: several rows match a submission, or several submissions match a row:",
        "  Fábio (f.ipynb)",
        "Submissions without a row in the file:",
        "  Elis (e.ipynb)",
        "Rows in the file without a submission:",
        "  Zoé",
    ] == shown(gradebook_view(Path("a.graded.csv"), filled, "en"))


def test_without_anything_to_know_there_is_one_line():
    assert ["a.csv: 1 nota, 0 comentários"] == shown(
        gradebook_view(Path("a.csv"), FilledGradebook(graded=["Ana"]), "pt")
    )


def test_a_name_cannot_steer_the_terminal():
    lines = shown(
        gradebook_view(Path("a.csv"), FilledGradebook(pending=["\x1b[2JAna\u202e"]), "en")
    )
    assert "  Ana" == lines[-1]


def test_whose_feedback_is_not_in_the_zip_is_listed():
    lines = shown(feedback_zip_view(Path("f.zip"), ["Ana (ana.ipynb)"], 3, "en"))
    assert ("f.zip: feedback on 3 submissions", "  Ana (ana.ipynb)") == (lines[0], lines[-1])
