"""Answers that a module of the course holds, which students get."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.authoring.drafting.given_answers import (
    GivenAnswer,
    answer_modules,
    answers_in_modules,
)
from grader.job import InputFile
from tests.authoring.drafting.proposals.notebooks import answer_cell, given_cell, task_of

ANSWER = '''
    def powers(x, degree):
        """Give the powers of x, up to a degree."""
        # YOUR CODE HERE
        columns = [x ** d for d in range(degree + 1)]
        return torch.stack(columns, dim=1)
'''
SAME = '''
def powers(x, degree):
    """The same, told otherwise."""
    rows = [x ** d for d in range(degree + 1)]
    return torch.stack(rows, dim=1)
'''


@pytest.mark.parametrize(
    ("file", "module", "told"),
    [
        ("basis.py", SAME, True),
        ("basis.py", "def powers(x, degree):\n    raise NotImplementedError", False),
        ("basis.py", "def powers(scene):\n    return [each.power for each in scene.lamps]", False),
        ("basis.py", SAME.replace("powers", "columns_of"), False),
        ("basis.txt", SAME, False),
        ("basis.py", "def powers(", False),
    ],
    ids=["answer", "gap", "another", "other-name", "no-module", "no-python"],
)
def test_an_answer_in_a_module_is_told(file: str, module: str, told: bool) -> None:
    answers = [GivenAnswer(file, "powers", "Exercise 1")] if told else []
    assert answers == list(answers_in_modules([task_of(ANSWER)], {file: module.encode()}))


def test_a_module_that_only_answers_import_is_told(tmp_path: Path) -> None:
    names = ("course.py", "inner.py", "solutions.py", "rows.csv")
    files = []
    for name in names:
        content = b"import inner" if name == "course.py" else b"1"
        (tmp_path / name).write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        files.append(InputFile(name=name, path=tmp_path / name, sha256=sha256))
    cells = [given_cell("from course import *"), answer_cell("import solutions\nopen('rows.csv')")]
    assert ["solutions.py"] == list(answer_modules(tmp_path / "lab.ipynb", cells, files))
