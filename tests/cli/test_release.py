"""`grade release`: where it writes. A fake stands in for what makes the zip."""

from __future__ import annotations

import types
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import grade
from tests.support.courses import ROOT


@dataclass
class Order:
    """What was asked of the fake."""

    name: str
    path: Path
    shows_points: bool


@pytest.fixture
def orders(monkeypatch):
    noted = []

    def make_release(name, to, settings, progress, *, shows_points):
        noted.append(Order(name, to, shows_points))
        release = types.SimpleNamespace(
            exercises=(), undecided=(), numbers=lambda: [], language="en"
        )
        return types.SimpleNamespace(path=to, files=("check.json",), release=release)

    monkeypatch.setattr("grader.cli.release.make_release", make_release)
    return noted


def test_a_release_is_called_as_the_assignment(orders):
    assert 0 == grade("release", "autograd").exit_code
    assert [Order("autograd", Path("autograd.zip"), False)] == orders


def test_a_release_is_written_where_it_is_asked_for(orders):
    assert 0 == grade("release", "autograd", "--to", "a.zip", "--show-points").exit_code
    assert [Order("autograd", Path("a.zip"), True)] == orders


def test_the_autograder_takes_the_place_of_the_students_zip(tmp_path, monkeypatch, orders):
    monkeypatch.chdir(ROOT)
    to = tmp_path / "a.zip"
    result = grade("release", "linear-regression", "--gradescope", str(to), "--language", "en")
    assert (0, []) == (result.exit_code, orders)
    assert "do not give it to students" in " ".join(result.stdout.split())
    assert to.is_file()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--hide-until", "after_due_date"), "need --gradescope"),
        (("--torch-index", "x"), "need --gradescope"),
        (("--gradescope", "a.zip", "--to", "b.zip"), "are for the students' zip"),
        (("--gradescope", "a.zip", "--show-points"), "are for the students' zip"),
    ],
)
def test_options_of_the_other_zip_are_refused(orders, arguments, problem):
    result = grade("release", "autograd", *arguments)
    assert (2, []) == (result.exit_code, orders)
    assert problem in result.stderr


@pytest.mark.parametrize("to", [(), ("--gradescope", "a.zip")])
def test_an_assignment_that_is_not_there_is_told_with_those_that_are(tmp_path, monkeypatch, to):
    folder = tmp_path / "exercises/week-1"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").touch()
    monkeypatch.chdir(tmp_path)
    result = grade("release", "week-2", *to)
    expected = "There is no assignment 'week-2' in exercises/. There is: week-1.\n"
    assert f"grade: {expected}" == result.stderr
