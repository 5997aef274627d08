"""Tests are chosen and ordered: none that is asked for is passed over, the longest come first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import order, turns
from tests.support.sampling import EVERYTHING, is_in_sample, sample
from tests.support.selection import KINDS, may_hold_tests

UNIT = "not kernel and not browser"
PAGES = "browser and not kernel"

NO_MARK = "def test_it(): ..."
SOME = "@pytest.mark.kernel\ndef test_it(): ..."
ALL = "pytestmark = [pytest.mark.kernel]\ndef test_it(): ..."
PAGE = "pytestmark = pytest.mark.browser\ndef test_it(): ..."


@pytest.mark.parametrize(
    ("source", "chosen"),
    [
        (NO_MARK, {UNIT, ""}),
        (SOME, {UNIT, "kernel", ""}),
        (ALL, {"kernel", ""}),
        (PAGE, {PAGES, ""}),
    ],
)
def test_a_file_is_read_where_one_of_its_tests_may_be_chosen(
    source: str, chosen: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(source, "utf-8")
    expressions = (UNIT, PAGES, "kernel", "")
    assert chosen == {asked for asked in expressions if may_hold_tests(path, asked)}


def test_an_expression_with_other_marks_passes_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(NO_MARK, "utf-8")
    assert may_hold_tests(path, "slow or kernel")


def test_marks_are_given_in_the_files_of_the_tests_themselves() -> None:
    helpers = [path for path in Path(__file__).parent.rglob("*.py") if not path.match("test_*.py")]
    naming = [
        path.name
        for path in helpers
        if path.name != "selection.py"
        and any(f"mark.{kind}" in path.read_text("utf-8") for kind in KINDS)
    ]
    assert [] == naming


def test_the_files_that_take_longest_are_there() -> None:
    assert [] == [name for name in order.LONGEST if not (order.TESTS / name).is_file()]


def test_the_files_that_take_turns_are_there() -> None:
    names = [name for _, siblings in turns.TURNS for name in siblings]
    assert [] == [name for name in names if not (order.TESTS / name).is_file()]
    assert len(names) == len({*names})


@pytest.mark.skipif(EVERYTHING, reason="Every case is tried.")
def test_a_file_whose_turn_it_is_not_runs_when_it_is_named() -> None:
    resting = min(turns.resting())
    assert resting not in turns.resting([f"{resting}::test_it"])
    assert resting in turns.resting([str(order.TESTS)])


def test_a_file_that_takes_long_comes_before_one_that_does_not() -> None:
    longest = order.TESTS / order.LONGEST[0]
    assert order.rank(longest) < order.rank(Path(__file__))


@pytest.mark.skipif(EVERYTHING, reason="Every case is tried.")
def test_a_sample_has_as_many_as_asked_for_and_is_the_same_each_time() -> None:
    cases = range(100)
    chosen = sample(cases, 7, "a")
    assert 7 == len(set(chosen))
    assert chosen == sample(cases, 7, "a")
    assert chosen != sample(cases, 7, "b")


@pytest.mark.skipif(EVERYTHING, reason="Every case is tried.")
def test_about_one_in_so_many_is_in_a_sample_that_nobody_lists() -> None:
    chosen = [number for number in range(1000) if is_in_sample(f"test {number}", 4)]
    assert 150 < len(chosen) < 350
