"""A report as JUnit XML that CI systems take; what is pending never fails a job."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from grader.outputs.formats.junit import junit_xml
from tests.support.reports import (
    endless,
    exercise,
    not_graded,
    question,
    report,
    submission,
    zeroed,
)
from tests.support.schemas import junit_problems


def cases(*submissions):
    """Per exercise what stands in its case."""
    root = ET.fromstring(junit_xml(report(*submissions), "pt"))
    return {
        case.get("name"): next((child.tag for child in case), "passed")
        for case in root.iter("testcase")
    }


def test_a_class_is_valid():
    assert [] == junit_problems(junit_xml(report(), "pt"))


@pytest.mark.parametrize(
    "student", ["a\x00\x1b[31m\x0b", "\ufffe\uffff\ud800", "]]> & <x a='\"'>", "", " ", "É\u202e😀"]
)
def test_whatever_a_student_is_called_it_is_valid(student):
    hostile = submission("Ana", exercise("w-grad", "failed", 0.0)).model_copy(
        update={"student": student, "file": "f\x01"}
    )
    assert [] == junit_problems(junit_xml(report(hostile), "pt"))


def test_the_schema_finds_what_is_wrong():
    wrong = (
        junit_xml(report(), "pt")
        .replace(b"<system-err />", b"", 1)
        .replace(b'failures="0"', b'failures="9"', 1)
    )
    assert ["failures is 9", "testsuite holds"] == sorted(
        p.partition(" prop")[0] for p in junit_problems(wrong)
    )


@pytest.mark.parametrize(
    ("status", "tag"),
    [
        ("passed", "passed"),
        ("partial", "failure"),
        ("failed", "failure"),
        ("missing", "failure"),
        ("not_run", "failure"),
        ("pending", "skipped"),
        ("ungradable", "error"),
    ],
)
def test_the_status_of_an_exercise_decides_what_its_case_holds(status, tag):
    assert (
        tag
        == cases(submission("Ana", exercise("w-grad", status, 0.0)))[
            "Gradiente de J em relação a w"
        ]
    )


@pytest.mark.parametrize("status", ["pending", "missing"])
def test_a_question_that_a_person_reads_never_fails(status):
    assert "skipped" == cases(submission("Ana", question(1, status)))["Questão 1"]


def test_an_exercise_that_was_not_asked_for_is_no_case():
    assert "Gradiente de J em relação a w" not in cases(
        submission("Ana", exercise("w-grad", "not_asked", 0.0))
    )


@pytest.mark.parametrize(
    ("status", "tag"),
    [("unreadable", "failure"), ("wrong_file", "failure"), ("ungradable", "error")],
)
def test_what_could_not_be_graded_is_one_case(status, tag):
    assert {"olívia.ipynb": tag} == cases(not_graded("Olívia", status, "unreadable.empty"))


def test_a_failure_says_what_the_student_is_told_and_no_value():
    text = junit_xml(report(zeroed()), "pt").decode()
    assert (True, False) == (
        "O gradiente foi zerado antes de ser usado." in text,
        "1.0000042" in text,
    )


def test_what_ended_the_run_stands_in_the_output_of_the_suite():
    root = ET.fromstring(junit_xml(report(endless()), "pt"))
    assert "A célula 14 foi encerrada" in (root.findtext("testsuite/system-out") or "")
