"""Test cells of the author's, and how each of their assertions came out."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.kernel.probing.assertions import AssertionResult, AssertionRun, assertions_in


def results(code: str, *, shares: bool = True, **names: Any) -> list[AssertionResult]:
    run = AssertionRun(code, shares=shares)
    run.run({"np": np, **names})
    return run.results


def held(code: str, *, shares: bool = True, **names: Any) -> list[bool]:
    return [result.holds for result in results(code, shares=shares, **names)]


def test_each_assertion_is_told_by_itself():
    assert [True, False, True] == held("assert x == 1\nassert x == 2\nassert x > 0", x=1)


def test_all_or_nothing_ends_with_the_first_that_fails():
    assert [False] == held("assert x == 2\nassert x == 1", shares=False, x=1)
    assert [True] == held("assert x == 1\nassert x > 0", shares=False, x=1)


def test_other_ways_to_assert_count():
    code = """
np.testing.assert_allclose(x, 1)
for n in range(2):
    assert n < x
if x > 5:
    raise AssertionError("too large")
def test_it():
    assert x == 2
test_it()
try:
    x.missing
except AttributeError:
    pass
else:
    raise AssertionError("nothing is raised")
"""
    assert [True, False, True, False, True] == held(code, x=1)


def test_what_only_prepares_is_no_assertion():
    assert 1 == len(assertions_in("import math\ny = 3\ndef f():\n    return y\nassert f() == 3"))


def test_an_assertion_tells_its_line_and_its_words():
    (result,) = results("y = x\nassert y == 2, f'{y} is not 2'", x=1)
    assert AssertionResult("AssertionError", 2, "1 is not 2") == result


def test_the_line_inside_a_loop_is_told():
    (result,) = results("for n in (1, 2):\n    assert n == 1, 'no'", x=1)
    assert 2 == result.line


def test_words_of_a_library_are_not_told():
    (result,) = results("np.testing.assert_allclose(x, 3.25)", x=1)
    assert ("AssertionError", "") == (result.error, result.message)


def test_words_of_the_students_are_not_told():
    def student() -> None:
        raise AssertionError("mine")

    (result,) = results("assert f() == 1", f=student)
    assert ("AssertionError", "") == (result.error, result.message)


def test_a_failed_preparation_is_the_cause_of_what_it_breaks():
    prepared = results("y = f()\nassert y == 1\nassert x == 1", x=1)
    assert ["NameError", ""] == [result.error for result in prepared]
    assert 1 == prepared[0].line


def test_what_did_not_run_is_told_by_what_ended_it():
    def late() -> None:
        raise TimeoutError

    run = AssertionRun("assert x == 1\nassert f()\nassert x == 2", shares=True)
    error = None
    try:
        run.run({"x": 1, "f": late})
    except TimeoutError as raised:
        error = raised
    told = [result.error for result in run.all_results(error)]
    assert ["", "TimeoutError", "TimeoutError"] == told
