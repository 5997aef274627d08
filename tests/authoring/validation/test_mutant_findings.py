"""What is said of mutants: the share that lose points, the survivors, the waivers."""

from __future__ import annotations

from grader.authoring.marked_runs import MarkValues
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.mutant_edits import MutantKind
from grader.authoring.validation.mutant_findings import mutant_findings, wrong_answers
from grader.authoring.validation.mutant_trials import MutantTrial
from grader.authoring.validation.mutants import Mutant
from grader.reference.tables import Waiver

NOTHING = MarkValues({}, completed=True)
WAIVER = Waiver(find="n = 2", becomes="n = 3", reason="Any n will do.")


def mutant(
    before: str = "m = a + b", after: str = "m = a - b", kind: MutantKind = "operator"
) -> Mutant:
    return Mutant(cell=4, line=2, kind=kind, number=1, before=before, after=after, code=after)


def killed(**fields: bool) -> MutantTrial:
    return MutantTrial(mutant(), NOTHING, changes=("mean",), **fields)


def survivor(before: str = "n = 2", after: str = "n = 3", taken_for: str = "") -> MutantTrial:
    return MutantTrial(
        mutant(before, after), NOTHING, changes=("mean", "spread"), keeps={"spread": taken_for}
    )


EQUIVALENT = MutantTrial(mutant(), NOTHING)


def ids(findings: list[ValidationFinding]) -> list[tuple[bool, str]]:
    return [(finding.ok, finding.message.id) for finding in findings]


def test_mutants_that_lose_points_are_counted() -> None:
    trials = [*[killed()] * 17, *[killed(broke_off=True)] * 2, survivor(), *[EQUIVALENT] * 5]
    (finding,) = mutant_findings(trials, ())
    expected = {
        "killed": 19,
        "count": 20,
        "share": 0.95,
        "least": 0.95,
        "broke_off": 2,
        "equivalent": 5,
    }
    assert (True, "validate.mutants", expected) == (
        finding.ok,
        finding.message.id,
        finding.message.params,
    )


def test_too_many_survivors_fail() -> None:
    assert [(False, "validate.mutants-survive")] == ids(
        mutant_findings([*[killed()] * 18, survivor()], ())
    )


def test_a_survivor_is_shown_with_its_line_and_what_it_keeps() -> None:
    (finding,) = mutant_findings([*[killed()] * 20, survivor(taken_for="backward-twice")], ())
    expected = {
        "cell": 4,
        "before": "n = 2",
        "after": "n = 3",
        "exercises": "spread (backward-twice)",
    }
    assert [("validate.survivor", expected)] == [
        (detail.id, detail.params) for detail in finding.details
    ]


def test_one_that_loses_a_part_of_what_it_changes_survives() -> None:
    trial = MutantTrial(mutant(), NOTHING, changes=("mean", "spread"), keeps={"spread": ""})
    assert (True, False) == (trial.survived, trial.killed)


def test_those_a_person_has_to_look_at_are_counted() -> None:
    (finding,) = mutant_findings([killed(pending=True), killed()], ())
    assert [{"count": 1}] == [
        detail.params for detail in finding.details if detail.id == "validate.mutants-pending"
    ]


def test_an_assignment_without_mutants_is_no_worse_for_it() -> None:
    assert [(True, "validate.no-mutants")] == ids(mutant_findings([EQUIVALENT], ()))


def test_a_waived_survivor_is_shown_with_its_reason() -> None:
    mutants, waived = mutant_findings([*[killed()] * 19, survivor()], [WAIVER])
    assert ["Any n will do."] == [detail.params["reason"] for detail in mutants.details]
    assert {"count": 1, "share": 0.05, "most": 0.1, "covered": 1.0} == waived.message.params


def test_waivers_do_not_raise_the_share() -> None:
    findings = mutant_findings([*[killed()] * 18, *[survivor()] * 2], [WAIVER])
    assert [(False, "validate.mutants-survive"), (True, "validate.waived")] == ids(findings)


def test_too_many_waivers_fail() -> None:
    findings = mutant_findings([*[killed()] * 8, survivor()], [WAIVER])
    assert (False, "validate.too-many-waived") == ids(findings)[1]


def test_a_waiver_of_no_survivor_fails() -> None:
    stale = Waiver(find="m = a + b", becomes="m = a - b", reason="It loses points by now.")
    (_, finding) = mutant_findings([killed()], [stale])
    expected = {"line": "m = a + b", "becomes": "m = a - b"}
    assert (False, "validate.waiver-stale", expected) == (
        finding.ok,
        finding.message.id,
        finding.message.params,
    )


def test_wrong_answers_are_those_that_are_not_waived() -> None:
    dropped = MutantTrial(mutant("m = a", "pass", kind="drop"), NOTHING, changes=("mean",))
    wrong = wrong_answers(
        [killed(), dropped, EQUIVALENT, survivor(), survivor("n = 2", "n = 1")], [WAIVER]
    )
    assert ["m = a - b", "m = a → pass", "n = 1"] == [answers.name for answers in wrong]
