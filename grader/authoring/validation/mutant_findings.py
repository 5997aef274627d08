"""What there is to say of mutants: how many lose points, which do not, and which of these are waived. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from grader.authoring.marked_runs import Wrong
from grader.authoring.validation.findings import Finding
from grader.authoring.validation.mutant_trials import Trial
from grader.authoring.validation.mutants import Mutant
from grader.grading.checks.outcome import message
from grader.reference.files import Waiver
from grader.report import Message

MIN_SHARE = 0.95
"""Least share of the mutants that must lose points, without regard to waivers."""
MAX_WAIVED = 0.10
"""Largest share of the mutants that may be waived."""


def of_mutants(trials: Sequence[Trial], waivers: Sequence[Waiver]) -> list[Finding]:
    """The findings of an assignment's mutants. Those that change no answer are counted and not judged."""
    judged = [trial for trial in trials if not trial.equivalent]
    waived = [trial for trial in judged if trial.survived and _waiver(trial.mutant, waivers)]
    return [_share(judged, len(trials) - len(judged), waivers), *_waived(waived, judged, waivers)]


def wrong_answers(trials: Iterable[Trial], waivers: Collection[Waiver]) -> list[Wrong]:
    """What mutants answer that is wrong, with their changed line: not what is waived, which is as good as right."""
    return [
        (_name(trial.mutant), trial.marked)
        for trial in trials
        if not trial.equivalent and not (trial.survived and _waiver(trial.mutant, waivers))
    ]


def _name(mutant: Mutant) -> str:
    return f"{mutant.before} → {mutant.after}" if mutant.kind == "drop" else mutant.after


def _waiver(mutant: Mutant, waivers: Iterable[Waiver]) -> Waiver | None:
    return next(
        (
            w
            for w in waivers
            if (w.find.strip(), w.becomes.strip()) == (mutant.before, mutant.after)
        ),
        None,
    )


def _share(judged: Sequence[Trial], equivalent: int, waivers: Collection[Waiver]) -> Finding:
    killed = [trial for trial in judged if trial.killed]
    if not judged:
        return Finding(True, message("validate.no-mutants", equivalent=equivalent))
    share = len(killed) / len(judged)
    told = message(
        "validate.mutants" if share >= MIN_SHARE else "validate.mutants-survive",
        killed=len(killed),
        count=len(judged),
        share=share,
        least=MIN_SHARE,
        broke_off=sum(trial.broke_off for trial in killed),
        equivalent=equivalent,
    )
    pending = sum(trial.pending for trial in killed)
    left = [message("validate.mutants-pending", count=pending)] if pending else []
    survivors = [_survivor(trial, waivers) for trial in judged if trial.survived]
    return Finding(share >= MIN_SHARE, told, details=(*left, *survivors))


def _survivor(trial: Trial, waivers: Collection[Waiver]) -> Message:
    mutant, waiver = trial.mutant, _waiver(trial.mutant, waivers)
    place: dict[str, str | int] = {
        "cell": mutant.cell,
        "before": mutant.before,
        "after": mutant.after,
    }
    if waiver is not None:
        return message("validate.survivor-waived", **place, reason=waiver.reason)
    kept = (
        f"{exercise} ({taken})" if taken else exercise for exercise, taken in trial.keeps.items()
    )
    return message("validate.survivor", **place, exercises=", ".join(kept))


def _waived(
    waived: Sequence[Trial], judged: Sequence[Trial], waivers: Sequence[Waiver]
) -> list[Finding]:
    found = []
    if waived:
        share = len(waived) / len(judged)
        killed = sum(trial.killed for trial in judged)
        covered = share + killed / len(judged)
        told = "validate.waived" if share <= MAX_WAIVED else "validate.too-many-waived"
        params = {"count": len(waived), "share": share, "most": MAX_WAIVED, "covered": covered}
        found.append(Finding(share <= MAX_WAIVED, message(told, **params)))
    used = [_waiver(trial.mutant, waivers) for trial in waived]
    found += [
        Finding(False, message("validate.waiver-stale", line=waiver.find, becomes=waiver.becomes))
        for waiver in waivers
        if waiver not in used
    ]
    return found
