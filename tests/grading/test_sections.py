"""Which cells stand in the section of which exercise."""

from __future__ import annotations

from grader.grading.sections import Sections
from tests.support.traces import run, trace

HEADINGS = ("Exercise 1", "Exercise 2", "Exercise 2", "More")


def sections(of_exercise, headings=HEADINGS):
    sources = [f"x = {index}" for index in range(len(headings))]
    submitted = trace(run(), sources=sources)
    return Sections(submitted, {"slope": of_exercise}, lambda cell: headings[cell])


def test_other_sections_are_elsewhere_for_an_answer_in_its_own():
    assert {0, 3} == sections("Exercise 2").elsewhere("slope", 1)


def test_nothing_is_elsewhere_for_an_answer_in_another_section():
    assert set() == sections("Exercise 2").elsewhere("slope", 3)


def test_nothing_is_elsewhere_without_headings():
    assert set() == sections("", ("", "", "")).elsewhere("slope", 0)


def test_nothing_is_elsewhere_where_the_heading_is_gone():
    assert set() == sections("Exercise 5").elsewhere("slope", 1)
