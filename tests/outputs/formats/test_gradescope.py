"""A result as Gradescope takes it, also where our own run failed."""

from __future__ import annotations

import json

import jsonschema
import pytest

from grader.outputs.formats.gradescope import failure_json, results_json
from tests.support.reports import endless, info, not_graded, report, submission, zeroed
from tests.support.schemas import GRADESCOPE


def results(graded, language="pt"):
    return json.loads(results_json(graded, info(), language))


@pytest.mark.parametrize("graded", report().submissions, ids=lambda graded: graded.student)
def test_every_result_is_valid(graded):
    jsonschema.validate(results(graded), GRADESCOPE)


def test_the_score_is_that_of_the_exercises_that_are_decided():
    result = results(zeroed())
    assert (7.0, 7.0) == (result["score"], sum(test.get("score", 0) for test in result["tests"]))


def test_an_exercise_is_a_test_with_its_points_and_what_the_student_is_told():
    step = results(zeroed())["tests"][1]
    output = step.pop("output")
    assert {
        "number": "2",
        "name": "Um passo do gradiente descendente",
        "score": 1.5,
        "max_score": 3.0,
        "status": "failed",
        "visibility": "visible",
        "output_format": "text",
    } == step
    assert output.startswith(
        "O gradiente foi zerado antes de ser usado.\n  w.data = w.data - lr * w.grad.data"
    )


def test_no_value_that_was_found_is_in_it():
    assert "1.0000042" not in json.dumps(results(zeroed()))


def test_what_waits_for_a_person_has_neither_score_nor_status():
    (waiting,) = [test for test in results(zeroed())["tests"] if test["name"] == "Questão 1"]
    assert (set(), True) == (
        {"score", "max_score", "status"} & set(waiting),
        waiting["output"].startswith("à espera de uma pessoa"),
    )


def test_how_much_waits_for_a_person_is_said_above():
    assert (
        "1 exercício espera por uma pessoa e ainda pode dar pontos." == results(zeroed())["output"]
    )


def test_what_ended_the_run_is_said_above():
    assert "A célula 14 foi encerrada" in results(endless())["output"]


def test_why_there_is_no_grade_is_said_above():
    result = results(not_graded("Olívia", "unreadable", "unreadable.git-conflict", line=3))
    assert (0.0, [], True) == (
        result["score"],
        result["tests"],
        "conflito do git" in result["output"],
    )


def test_what_the_grader_printed_is_for_the_instructor():
    assert "hidden" == results(submission("Ana"))["stdout_visibility"]


def test_a_run_that_failed_is_a_valid_result_too():
    result = json.loads(failure_json("No\x1b[31m luck."))
    jsonschema.validate(result, GRADESCOPE)
    assert (0.0, "No luck.", []) == (result["score"], result["output"], result["tests"])


def test_exercises_may_be_hidden_until_later_and_the_rest_is_visible():
    result = json.loads(results_json(zeroed(), info(), "pt", "after_published"))
    jsonschema.validate(result, GRADESCOPE)
    assert {"after_published"} == {test["visibility"] for test in result["tests"]}
    assert "visible" == result["visibility"]
