"""Judge a known mistake: it earns its declared credit, and is recognised as itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.findings import ValidationFinding
from grader.grading.checks.outcome import message
from grader.grading.knowledge import Knowledge
from grader.grading.mistakes import KnownMistake
from grader.reference.files import ReferenceFiles
from grader.report import ExerciseResult

CREDIT_ERROR = 1e-9
"""Largest difference of credits that counts as none."""


async def mistake_findings(
    grader: TrustedGrader,
    solution: ReferenceFiles,
    knowledge: Knowledge,
    name: str,
) -> list[ValidationFinding]:
    """Judge a known mistake.

    Args:
        grader: grades notebooks.
        solution: the reference.
        knowledge: the answers and mistakes of the reference.
        name: the mistake's.
    """
    cells = [(cell.cell, cell.code) for cell in solution.mistaken(name)]
    handout = solution.assignment.handout_sources()
    evaluation = await grader.grade(f"with-{name}", cells, handout)
    mistake = next(known for known in knowledge.mistakes if known.id == name)

    shared = []
    for exercise in solution.assignment.exercises:
        if exercise.every:
            shared.append(exercise.id)
    findings = list(credit_findings(evaluation.results, mistake, shared))
    findings.extend(_recognition_findings(evaluation.results, name))
    if findings:
        return findings
    points = sum(result.points for result in evaluation.results)
    return [ValidationFinding(True, message("validate.mistake-ok", mistake=name, credit=points))]


def credit_findings(
    results: Sequence[ExerciseResult], mistake: KnownMistake, shared: Collection[str]
) -> Iterator[ValidationFinding]:
    """Report the exercises in which a mistake does not earn its declared credit.

    Args:
        results: results of the reference with the mistake.
        mistake: the mistake.
        shared: ids of exercises that ask for several values. Where a mistake says nothing of one,
            it may leave some of them right: which, hangs on the numbers that are drawn.
    """
    for result in results:
        declared = 1.0
        if result.id in mistake.expectations:
            declared = mistake.credit.get(result.id, 0.0)
        earned = _earned(result)
        keeps_share = result.status == "partial" and result.id in shared
        if keeps_share and result.id not in mistake.credit:
            continue
        if abs(earned - declared) > CREDIT_ERROR:
            differs = message(
                "validate.mistake-earns",
                mistake=mistake.id,
                exercise=result.id,
                earned=earned,
                declared=declared,
            )
            yield ValidationFinding(False, differs)


def _earned(result: ExerciseResult) -> float:
    """Return the credit that a result earns by its value alone.

    To declare all credit for a mistake is to call it harmless: only a right value earns all.
    """
    is_harmless = bool(result.mistakes) and result.credit >= 1
    if is_harmless:
        return 0.0
    return result.credit


def _recognition_findings(
    results: Sequence[ExerciseResult], name: str
) -> Iterator[ValidationFinding]:
    """Report a mistake that is not recognised, with those that are."""
    recognised: set[str] = set()
    for result in results:
        for mistake in result.mistakes:
            recognised.update((mistake.id, *mistake.also))
    if name not in recognised:
        others = ", ".join(sorted(recognised)) or "–"
        missed = message("validate.mistake-not-recognised", mistake=name, found=others)
        yield ValidationFinding(False, missed)
