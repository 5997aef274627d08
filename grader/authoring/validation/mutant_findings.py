"""Judge the mutants: how many lose points, which do not, and which of these are waived. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from grader.authoring.marked_runs import WrongAnswers
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.mutant_trials import MutantTrial
from grader.authoring.validation.mutants import Mutant
from grader.grading.checks.outcome import message
from grader.reference.tables import Waiver
from grader.report import Message

MIN_SHARE = 0.95
"""Least share of the mutants that must lose points, without regard to waivers."""
MAX_WAIVED = 0.10
"""Largest share of the mutants that may be waived."""


def mutant_findings(
    trials: Sequence[MutantTrial], waivers: Sequence[Waiver], *, tried_all: bool = True
) -> list[ValidationFinding]:
    """Judge the mutants of an assignment; those that change no answer are only counted.

    Args:
        trials: their results; those that were cut off are ignored.
        waivers: mutants that may survive.
        tried_all: whether none was left out: only then can a waiver be too many.
    """
    completed = []
    for trial in trials:
        if not trial.cut:
            completed.append(trial)
    judged = []
    for trial in completed:
        if not trial.equivalent:
            judged.append(trial)
    equivalent = len(completed) - len(judged)
    waived = []
    for trial in judged:
        if _is_waived(trial, waivers):
            waived.append(trial)
    findings = [_share_finding(judged, equivalent, waivers)]
    if waived:
        findings.append(_waived_finding(waived, judged))
    if tried_all:
        findings.extend(_stale_waivers(waived, waivers))
    return findings


def but_for(trials: Iterable[MutantTrial], exercises: Collection[str]) -> list[MutantTrial]:
    """Exclude exercises with bounds from the changes of mutants.

    Args:
        trials: results of mutants.
        exercises: ids of exercises with answers in which right notebooks differ.
    """
    others: list[MutantTrial] = []
    for trial in trials:
        changes = tuple(each for each in trial.changes if each not in exercises)
        keeps = {each: trial.keeps[each] for each in trial.keeps if each not in exercises}
        others.append(replace(trial, changes=changes, keeps=keeps))
    return others


def wrong_answers(trials: Iterable[MutantTrial], waivers: Sequence[Waiver]) -> list[WrongAnswers]:
    """List the wrong answers of mutants, under their changed lines.

    Waived ones count as right, and are not among them.
    """
    wrong = []
    for trial in trials:
        if trial.changes and not _is_waived(trial, waivers):
            wrong.append(WrongAnswers(_name(trial.mutant), trial.values))
    return wrong


def _name(mutant: Mutant) -> str:
    if mutant.kind == "drop":
        return f"{mutant.before} → {mutant.after}"
    return mutant.after


def _is_waived(trial: MutantTrial, waivers: Iterable[Waiver]) -> bool:
    if not trial.survived:
        return False
    return _find_waiver(trial.mutant, waivers) is not None


def _find_waiver(mutant: Mutant, waivers: Iterable[Waiver]) -> Waiver | None:
    for waiver in waivers:
        lines = (waiver.find.strip(), waiver.becomes.strip())
        if lines == (mutant.before, mutant.after):
            return waiver
    return None


def _share_finding(
    judged: Sequence[MutantTrial],
    equivalent: int,
    waivers: Sequence[Waiver],
) -> ValidationFinding:
    """Judge the share of the mutants that lose points."""
    if not judged:
        return ValidationFinding(True, message("validate.no-mutants", equivalent=equivalent))
    killed = []
    for trial in judged:
        if trial.killed:
            killed.append(trial)
    share = len(killed) / len(judged)
    ok = share >= MIN_SHARE
    verdict = message(
        "validate.mutants" if ok else "validate.mutants-survive",
        killed=len(killed),
        count=len(judged),
        share=share,
        least=MIN_SHARE,
        broke_off=sum(trial.broke_off for trial in killed),
        equivalent=equivalent,
    )

    details = []
    pending = sum(trial.pending for trial in killed)
    if pending:
        details.append(message("validate.mutants-pending", count=pending))
    for trial in judged:
        if trial.survived:
            details.append(_survivor_message(trial, waivers))
    return ValidationFinding(ok, verdict, details=tuple(details))


def _survivor_message(trial: MutantTrial, waivers: Iterable[Waiver]) -> Message:
    mutant = trial.mutant
    waiver = _find_waiver(mutant, waivers)
    change: dict[str, str | int] = {
        "cell": mutant.cell,
        "before": mutant.before,
        "after": mutant.after,
    }
    if waiver is not None:
        return message("validate.survivor-waived", **change, reason=waiver.reason)
    exercises = ", ".join(_kept_exercises(trial))
    return message("validate.survivor", **change, exercises=exercises)


def _kept_exercises(trial: MutantTrial) -> Iterator[str]:
    """List the exercises that keep their points, with a recognised mistake, if any."""
    for exercise, mistakes in trial.keeps.items():
        yield f"{exercise} ({mistakes})" if mistakes else exercise


def _waived_finding(
    waived: Sequence[MutantTrial], judged: Sequence[MutantTrial]
) -> ValidationFinding:
    """Judge the share of the mutants that are waived."""
    share = len(waived) / len(judged)
    killed = sum(trial.killed for trial in judged)
    ok = share <= MAX_WAIVED
    verdict = message(
        "validate.waived" if ok else "validate.too-many-waived",
        count=len(waived),
        share=share,
        most=MAX_WAIVED,
        covered=share + killed / len(judged),
    )
    return ValidationFinding(ok, verdict)


def _stale_waivers(
    waived: Iterable[MutantTrial], waivers: Sequence[Waiver]
) -> Iterator[ValidationFinding]:
    """Report the waivers that no surviving mutant needs."""
    used = []
    for trial in waived:
        used.append(_find_waiver(trial.mutant, waivers))
    for waiver in waivers:
        if waiver not in used:
            stale = message(
                "validate.waiver-stale",
                line=waiver.find,
                becomes=waiver.becomes,
            )
            yield ValidationFinding(False, stale)
