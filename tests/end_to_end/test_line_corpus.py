"""Functions and loss curves in many styles, for a fitted line: each earns what it must."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.corpus import Case, curves, functions
from tests.support.corpus_assertions import assert_earns, leaks
from tests.support.corpus_grader import CorpusGrader, GradedNotebook
from tests.support.line_course import DATA
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

ALL_RIGHT = (*functions.RIGHT, *curves.RIGHT)
ALL_WRONG = (*functions.WRONG, *curves.WRONG)

# A run of the tests tries a third of each; all of them with GRADER_TEST_ALL=1.
RIGHT = sample(ALL_RIGHT, len(ALL_RIGHT) // 3, "right lines")
WRONG = sample(ALL_WRONG, len(ALL_WRONG) // 3, "wrong lines")

NOTEBOOKS = {case.name: (DATA.strip(), *case.cells) for case in (*RIGHT, *WRONG)}
"""Every case below the handout's cell that makes the data."""


@pytest.fixture(scope="module")
def graded(line_grader: CorpusGrader) -> Mapping[str, GradedNotebook]:
    return line_grader.grade(NOTEBOOKS)


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_right_work_earns_its_marks(case: Case, graded: Mapping[str, GradedNotebook]) -> None:
    assert_earns(case, graded[case.name])


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_what_was_not_computed_earns_no_marks(
    case: Case, graded: Mapping[str, GradedNotebook]
) -> None:
    assert_earns(case, graded[case.name])


def test_no_student_is_shown_an_expected_value(
    line_grader: CorpusGrader, graded: Mapping[str, GradedNotebook]
) -> None:
    assert {} == leaks(graded, NOTEBOOKS, line_grader.secrets())
