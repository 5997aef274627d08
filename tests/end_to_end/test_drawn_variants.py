"""Variants are drawn for each class: last year's numbers are worth nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.job import VariedNumbers
from grader.reference.class_seed import SEED_FILE, VARIABLE
from grader.reference.records import StoredReference
from grader.store.store import read_private
from tests.support.courses import Course, graded, points_by_student, regraded, write_notebook
from tests.support.mean_course import MEAN_DATA, RIGHT_CELLS, write_mean_course

pytestmark = pytest.mark.kernel

WRITTEN = """variants = ["[1., 3., 2., 7.]", "[.37, 1.19, 2.53, 8.41]"]
practice = ["[2., 5., 1., 6.]", "[.53, 1.71, 2.29, 7.13]"]
"""
DRAWN = """draw = "[random.uniform(1, 9) for _ in range(4)]"
"""


@pytest.fixture
def drawing_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course `media`, its variants drawn from the seed that is kept."""
    monkeypatch.delenv(VARIABLE)
    course = write_mean_course(tmp_path / "course")
    course.edit("solutions/media/variants.toml", WRITTEN, DRAWN)
    return course


def table_of(out: Path) -> str:
    """A cell that looks the answers up that a class's own numbers have."""
    stored = read_private(out, "reference-media", StoredReference)
    assert stored is not None
    (varied,) = stored.inputs
    assert isinstance(varied, VariedNumbers)
    means = {}
    for array in (varied.original, *varied.variants):
        means[round(array.elements[0], 4)] = sum(array.elements) / array.size
    return f"tabela = {means}\nmedia = tabela.get(round(dados[0], 4), 0.0)"


def test_a_table_of_last_years_answers_has_nothing_this_year(
    drawing_course: Course, tmp_path: Path
) -> None:
    students = tmp_path / "in"
    write_notebook(students / "ana.ipynb", RIGHT_CELLS)
    last_year = drawing_course.settings(tmp_path / "last-year")
    graded(students, last_year)

    write_notebook(students / "bia.ipynb", (MEAN_DATA, table_of(last_year.out)))
    known = points_by_student(graded(students, last_year))
    assert {"ana": 5.0, "bia": 2.0} == known

    this_year = drawing_course.settings(tmp_path / "this-year")
    points = points_by_student(graded(students, this_year))
    assert {"ana": 5.0, "bia": 0.0} == points

    # The numbers stay for a class, and come anew where its seed is lost.
    assert () == regraded(this_year).rerun
    (this_year.out / SEED_FILE).unlink()
    again = regraded(this_year)
    assert {"ana", "bia"} == set(again.rerun)
    assert ("this-year/private/class-seed.json",) == again.why
    assert () == again.changes
