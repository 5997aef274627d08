"""The report holds what a run found, and comes back whole from JSON."""

from __future__ import annotations

import json
import math

import pytest
from pydantic import ValidationError

from grader.grading.points import summarise
from grader.report import (
    AssignmentInfo,
    CheckResult,
    Evidence,
    Execution,
    ExerciseResult,
    Flag,
    GraderInfo,
    Message,
    Report,
    SubmissionResult,
    Summary,
    Where,
)

EVIDENCE = Evidence(
    where=Where(cell=3, line=2, source="w = 3.8", heading="Step"), name="w", value="3.8"
)


def exercise(status="passed", **fields) -> ExerciseResult:
    check = CheckResult(check="value", message=Message(id="value.passed"), found=EVIDENCE)
    defaults = {
        "id": "step",
        "title": "Step",
        "status": status,
        "points": 3.0,
        "max_points": 3.0,
        "automatic": True,
        "credit": 1.0,
        "checks": (check,),
    }
    return ExerciseResult(**{**defaults, **fields})


def submission(status="graded", points=3.0, seconds=1.0, **fields) -> SubmissionResult:
    defaults = {
        "id": "0a",
        "student": "ana",
        "file": "ana.ipynb",
        "sha256": "00",
        "status": status,
        "assignment": "autograd",
        "points": points,
        "max_points": 3.0,
        "exercises": (exercise(),),
        "execution": Execution(seconds=seconds, cells=4),
    }
    return SubmissionResult(**{**defaults, **fields})


def report(
    *submissions: SubmissionResult, created="now", seconds=1.0, python="3.12", **grader
) -> Report:
    defaults = {
        "version": "1",
        "python": python,
        "torch": "2.4",
        "sandbox": "none",
        "threads": 1,
    }
    info = AssignmentInfo(
        name="autograd", title="t", language="pt", version="1", reference="2", max_points=3.0
    )
    return Report(
        grader=GraderInfo(**{**defaults, **grader}),
        created=created,
        seconds=seconds,
        assignments=(info,),
        summary=summarise(submissions),
        submissions=submissions,
    )


# JSON


def test_a_report_comes_back_from_json():
    written = report(submission(), submission("unreadable", reason=Message(id="unreadable.json")))
    assert written == Report.model_validate_json(written.model_dump_json())


def test_the_schema_version_comes_first():
    assert "schema_version" == next(iter(json.loads(report().model_dump_json())))


@pytest.mark.parametrize("value", [1, 0.5, True, False, "text", 2**60])
def test_parameters_keep_their_kind(value):
    message = Message(id="a", params={"value": value})
    read_back = Message.model_validate_json(message.model_dump_json())
    assert value == read_back.params["value"]
    assert type(value) is type(read_back.params["value"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_has_not_make_no_invalid_json(value):
    message = Message(id="a", params={"value": value})
    text = report(submission(reason=message, points=value)).model_dump_json()

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(text, parse_constant=refuse)


def test_points_that_are_no_number_are_written_as_text_and_come_back():
    text = report(submission(points=math.nan)).model_dump_json()
    read_back = Report.model_validate_json(text)
    assert math.isnan(read_back.submissions[0].points)


def test_only_known_statuses_and_flags_are_taken():
    with pytest.raises(ValidationError):
        exercise("excellent")
    with pytest.raises(ValidationError):
        Flag(id="odd", message=Message(id="a"))


# The canonical report


def test_two_runs_that_differ_in_times_and_machine_are_equal_in_canonical_form():
    before = report(submission(seconds=1.0), created="then", seconds=1.0, python="3.11")
    after = report(submission(seconds=9.0), created="now", seconds=9.0, python="3.12")
    assert before.canonical() == after.canonical()


def test_how_long_an_endless_cell_ran_is_left_out_of_the_canonical_form():
    canonical = []
    for seconds in (8.1, 8.2):
        ended = Message(id="ended.timeout", params={"cell": 3, "seconds": seconds})
        endless = submission(execution=Execution(ended=ended))
        canonical.append(report(endless).canonical())
    assert canonical[0] == canonical[1]


@pytest.mark.parametrize(
    "other",
    [
        report(submission(points=2.0)),
        report(submission(execution=Execution(seconds=1.0, cells=5))),
        report(submission(flags=(Flag(id="unverified", message=Message(id="a")),))),
        report(submission(exercises=(exercise("failed"),))),
        report(submission(), torch="2.5"),
        report(submission(), threads=2),
        report(submission(), version="2"),
        report(submission(), submission()),
        report(),
    ],
)
def test_nothing_else_is_left_out_of_the_canonical_form(other):
    assert report(submission()).canonical() != other.canonical()


def test_the_canonical_form_changes_no_report():
    whole = report(submission())
    before = whole.model_dump_json()
    whole.canonical()
    assert before == whole.model_dump_json()


# The summary


def test_the_summary_counts_submissions_by_status():
    states = ("graded", "graded", "unchanged", "unreadable", "wrong_file", "ungradable")
    summary = summarise(tuple(submission(state) for state in states))
    expected = Summary(
        submissions=6,
        graded=2,
        unchanged=1,
        unreadable=1,
        wrong_file=1,
        ungradable=1,
        mean_points=summary.mean_points,
    )
    assert expected == summary


def test_the_mean_is_of_those_that_were_graded_or_unchanged():
    graded = submission(points=3.0)
    unchanged = submission("unchanged", 0.0)
    unreadable = submission("unreadable", 0.0)
    assert 1.5 == summarise((graded, unchanged, unreadable)).mean_points


def test_of_nobody_there_is_no_mean():
    assert Summary() == summarise(())


def test_pending_exercises_are_counted():
    waiting = submission(exercises=(exercise("pending"), exercise(), exercise("pending")))
    assert 2 == summarise((waiting, submission())).pending_exercises
