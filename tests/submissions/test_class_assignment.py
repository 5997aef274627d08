"""Which assignment a file belongs to that says nothing of it itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.notebook.cells import NotebookCell
from grader.report import Message
from grader.submissions.class_assignment import assignments_of_class, language_of_class
from grader.submissions.submission import Submission
from tests.support.zips import assignment

FIRST = assignment("autograd", "a cell of the first handout, long enough")
SECOND = assignment("lines", "a cell of the second handout, long enough").model_copy(
    update={"language": "en"}
)
BOTH = (FIRST, SECOND)


def of(name: str, *assignments_of: object) -> Submission:
    cells = tuple(
        NotebookCell(kind="code", source=each.handout[0].source) for each in assignments_of
    )
    return Submission(name, name, f"{name}.ipynb", Path(name), cells=cells)


def broken(name: str) -> Submission:
    problem = Message(id="unreadable.empty")
    return Submission(name, name, f"{name}.ipynb", Path(name), problem=problem)


def assigned(*submissions: Submission) -> list[str]:
    return list(assignments_of_class(submissions, BOTH).values())


def test_each_has_the_assignment_of_its_content():
    assert ["lines", "autograd"] == assigned(of("a", SECOND), of("b", FIRST))


@pytest.mark.parametrize("odd", [broken("zoe"), of("zoe")])
def test_a_file_that_says_nothing_has_the_assignment_of_most_others(odd):
    submissions = (odd, of("a", SECOND), of("b", SECOND), of("c", FIRST))
    assert ["lines", "lines", "lines", "autograd"] == assigned(*submissions)


def test_where_as_many_have_each_its_name_decides():
    submissions = (broken("zoe-lines"), of("a", SECOND), of("b", FIRST))
    assert "lines" == assigned(*submissions)[0]


def test_alone_it_has_the_assignment_that_it_is_named_after():
    assert ["lines", "autograd"] == assigned(broken("lines"), broken("zoe"))


def test_a_class_of_one_assignment_has_its_language_whatever_else_is_in_it():
    assert "en" == language_of_class([broken("zoe"), of("a", SECOND)], BOTH)


@pytest.mark.parametrize(
    ("name", "value", "language"),
    [("LC_ALL", "pt_BR.UTF-8", "pt"), ("LANG", "de_DE.UTF-8", "en"), ("LANG", "PT", "pt")],
)
def test_a_class_of_several_languages_is_shown_in_that_of_the_user(
    monkeypatch, name, value, language
):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(name, value)
    assert language == language_of_class([of("a", SECOND), of("b", FIRST)], BOTH)
