"""How it is judged what the variants of other classes do."""

from __future__ import annotations

from grader.authoring.validation.class_trials import ClassTrial, class_findings
from grader.grading.checks.outcome import message

RIGHT = ClassTrial()


def judged(*trials: ClassTrial, wanted: int = 3) -> list[tuple[bool, str, dict[str, object]]]:
    findings = class_findings(trials, wanted)
    return [(each.ok, each.message.id, dict(each.message.params)) for each in findings]


def test_classes_in_which_all_is_right_are_counted_in_one_line() -> None:
    assert [(True, "validate.draws", {"count": 3})] == judged(RIGHT, RIGHT, RIGHT)


def test_classes_are_counted_that_there_was_no_time_for() -> None:
    *_, left_out = judged(RIGHT)
    assert (True, "validate.draws-left-out", {"count": 2}) == left_out


def test_a_class_in_which_the_reference_fails_is_red() -> None:
    problem = "variant 1: a cell of the reference raises, however it is drawn."
    ((ok, name, params),) = judged(RIGHT, ClassTrial(problem=problem), wanted=2)
    assert (False, "validate.draw-fails") == (ok, name)
    assert {"problem": problem, "count": 1} == params


def test_a_class_in_which_the_reference_loses_points_is_red() -> None:
    lost = ClassTrial(lost=("The slope",))
    assert [(False, "validate.draw-loses", {"titles": "The slope"})] == judged(lost, lost, wanted=2)


def test_mistakes_that_some_class_does_not_tell_apart_are_red() -> None:
    detail = message("validate.mistake-not-recognised", mistake="plus-sign", found="–")
    trials = ClassTrial(mistakes=("plus-sign",), details=(detail,))
    findings = class_findings([RIGHT, trials], 2)
    assert [False] == [finding.ok for finding in findings]
    assert (detail,) == findings[0].details
