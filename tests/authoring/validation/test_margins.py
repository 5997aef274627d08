"""How far right answers spread, and where wrong ones begin."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.authoring.marked_runs import MarkValues, WrongAnswers
from grader.authoring.validation.effort import Budget
from grader.authoring.validation.findings import Margin
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.margins import Robustness
from grader.authoring.validation.other_ways import OWN, OtherWays, Way, WayValues
from grader.job import VariedSeeds
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.running.session import Session
from grader.trace import BASE
from tests.support import forks
from tests.support.courses import Course
from tests.support.mean_course import write_mean_course
from tests.support.traces import value_of

NOTEBOOK = "solutions/media/media.ipynb"
ASSIGNMENT = "exercises/media/assignment.toml"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """With a tolerance of one in a hundred for `spread`."""
    course = write_mean_course(tmp_path)
    course.edit(ASSIGNMENT, "points = 3", "points = 3\nrtol = 0.01\natol = 0")
    return course


def solution(course: Course) -> ReferenceFiles:
    return ReferenceFiles(load_assignment(course.exercises / "media"), course.solutions / "media")


def gives(*values: float) -> MarkValues:
    """What one mark of `spread` gave on the data as it is, and on the variants."""
    labels = (BASE, "variant-1", "variant-2")
    return MarkValues(
        {
            "spread": [
                {label: value_of(value) for label, value in zip(labels, values, strict=False)}
            ]
        },
        True,
    )


RIGHT = gives(100.0, 200.0)


def margin(course: Course, others: list[MarkValues], wrong: dict[str, MarkValues]) -> Margin:
    """The margin of `spread`."""
    answers = [WrongAnswers(name, values) for name, values in wrong.items()]
    _, measured = Robustness(solution(course), ()).margins(RIGHT, others, answers)
    assert "spread" == measured.exercise
    return measured


def test_right_answers_spread_as_far_as_the_farthest(course: Course) -> None:
    measured = margin(course, [RIGHT, gives(100.5, 200.0), gives(100.0, 201.5)], {})
    assert (pytest.approx(0.75), True) == (measured.spread, measured.right_within)


def test_an_answer_that_is_not_there_is_infinitely_far(course: Course) -> None:
    measured = margin(course, [gives(100.0)], {})
    assert (math.inf, False) == (measured.spread, measured.right_within)


def test_a_wrong_answer_is_as_far_as_in_the_run_where_it_is_farthest(course: Course) -> None:
    measured = margin(course, [], {"near": gives(100.5, 208.0), "far": gives(110.0, 220.0)})
    assert ("near", pytest.approx(4.0), True) == (
        measured.nearest,
        measured.distance,
        measured.wrong_beyond,
    )


def test_a_wrong_answer_within_the_tolerance_is_told(course: Course) -> None:
    assert not margin(course, [], {"slightly": gives(100.5, 201.0)}).wrong_beyond


def test_an_answer_that_is_not_changed_is_not_wrong(course: Course) -> None:
    measured = margin(course, [], {"elsewhere": RIGHT})
    assert ("", math.inf) == (measured.nearest, measured.distance)


def test_an_exercise_that_nothing_wrong_touches_has_no_nearest_mistake(course: Course) -> None:
    assert "" == margin(course, [], {"other": MarkValues({}, True)}).nearest


def test_margins_fail_where_one_does(course: Course) -> None:
    robustness = Robustness(solution(course), ())
    good = robustness.margins(RIGHT, [RIGHT], [])
    bad = robustness.margins(RIGHT, [gives(103.0, 200.0)], [])
    findings = [*robustness.findings(good, 1), *robustness.findings(bad, 1)]
    assert [(True, "validate.margins"), (False, "validate.margins-overlap")] == [
        (finding.ok, finding.message.id) for finding in findings
    ]


def test_an_answer_that_hangs_on_seeds_is_named_with_what_was_measured(course: Course) -> None:
    robustness = Robustness(solution(course), ())
    [finding] = robustness.stability_findings(RIGHT, [gives(103.0, 200.0), gives(98.0, 200.0)])
    assert (False, "validate.answer-settled") == (finding.ok, finding.message.id)
    assert {
        "exercise": "spread",
        "title": "Do maior à média",
        "low": 98.0,
        "high": 103.0,
        "runs": 3,
    } == finding.message.params


def test_an_answer_that_stays_within_its_tolerance_is_not_named(course: Course) -> None:
    robustness = Robustness(solution(course), ())
    assert [] == robustness.stability_findings(RIGHT, [gives(100.5, 200.0)])


@pytest.mark.parametrize(("are_data", "expected"), [(False, [RIGHT, RIGHT]), (True, [RIGHT])])
def test_where_seeds_are_data_other_seeds_are_no_other_way(
    course: Course, are_data: bool, expected: list[MarkValues]
) -> None:
    of = solution(course)
    seeds = (VariedSeeds(name="seeds", variants=(1, 2)),) if are_data else ()
    ways = OtherWays(of, seeds, forks.shared().launch, KeptTrials(of, None))
    ran = [WayValues(Way("seed-1", 1), RIGHT), WayValues(Way(OWN, 2), RIGHT)]
    assert expected == ways.with_same_data(ran)


def test_an_answer_that_is_not_there_under_some_seed_is_free(course: Course) -> None:
    robustness = Robustness(solution(course), ())
    [finding] = robustness.stability_findings(RIGHT, [gives(100.0)])
    assert "validate.answer-varies" == finding.message.id


def test_an_assignment_without_values_has_no_margins(course: Course) -> None:
    assert [] == Robustness(solution(course), ()).findings((), 3)


def test_where_no_other_run_ended_in_time_nothing_is_measured(course: Course) -> None:
    robustness = Robustness(solution(course), ())
    [finding] = robustness.findings(robustness.margins(RIGHT, [], []), 0)
    assert (True, "validate.cut", ()) == (finding.ok, finding.message.id, finding.margins)


def test_an_answer_that_agrees_only_within_a_wide_tolerance_is_unsettled(course: Course) -> None:
    robustness = Robustness(solution(course), ())
    assert {"spread"} == robustness.unsettled(RIGHT, [gives(100.5, 200.0)])
    assert set() == robustness.unsettled(RIGHT, [RIGHT])


def in_other_ways(course: Course) -> dict[str, MarkValues]:
    """What the reference gives in each way."""

    async def run() -> dict[str, MarkValues]:
        of = solution(course)
        launch = forks.shared().launch
        ways = OtherWays(of, (), launch, KeptTrials(of, None))
        async with Session(trusted_job(of), launch) as session:
            budget = Budget(None, session.busy_time_s)
            results = await ways.run(session, budget, lambda _: None)
        return {each.way.name: each.values for each in results}

    return asyncio.run(run())


@pytest.mark.kernel
def test_other_seeds_and_another_draw_give_a_random_answer_another_value(course: Course) -> None:
    course.edit(NOTEBOOK, "max(dados) - media  #", "__import__('random').Random(3).random()  #")
    given = in_other_ways(course)
    assert (10, 5, 1) == (
        len(given),
        len({str(values.of_exercise("spread")) for values in given.values()}),
        len({str(values.of_exercise("mean")) for values in given.values()}),
    )


@pytest.mark.kernel
def test_the_reference_runs_on_one_and_on_two_threads(course: Course) -> None:
    course.edit(
        NOTEBOOK, "max(dados) - media  #", "int(__import__('os').environ['OMP_NUM_THREADS'])  #"
    )
    given = in_other_ways(course)
    threads = {
        name: values.of_exercise("spread")[0][BASE].value  # type: ignore[union-attr]
        for name, values in given.items()
    }
    assert {1.0, 2.0} == set(threads.values())
    assert all(name.endswith(f"-{count:g}") for name, count in threads.items())
