"""Judge right rewrites: each must keep its points, or wait for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.assignment import Assignment
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.rewrite_trials import Loss, RewriteTrial
from grader.authoring.validation.rewrites import RewriteKind
from grader.grading.checks.outcome import message
from grader.report import Message

LOSSES: Mapping[RewriteKind, str] = {
    "renamed": "validate.rewrite-renamed",
    "asked-name": "validate.rewrite-asked-name",
    "function": "validate.rewrite-function",
    "seed": "validate.rewrite-seed",
    "shuffled": "validate.rewrite-shuffled",
    "split": "validate.rewrite-split",
    "joined": "validate.rewrite-joined",
    "printed": "validate.rewrite-printed",
    "reordered": "validate.rewrite-reordered",
    "torch-function": "validate.rewrite-written",
    "matmul": "validate.rewrite-written",
    "item": "validate.rewrite-type",
    "numpy": "validate.rewrite-type",
    "accumulator": "validate.rewrite-written",
    "loop": "validate.rewrite-written",
}
"""Messages about an exercise that loses points, by the difference of the notebook."""


def rewrite_findings(
    trials: Sequence[RewriteTrial], assignment: Assignment
) -> Iterator[ValidationFinding]:
    """Judge the unchanged reference, and its rewrites.

    Args:
        trials: those that can be judged, the reference's first; empty: none could be.
        assignment: the assignment.
    """
    if not trials:
        return
    titles = {exercise.id: exercise.title for exercise in assignment.exercises}
    original, *rewrites = trials
    for loss in original.losses:
        why = _message("validate.reference-handed-in", loss, titles)
        yield ValidationFinding(False, why)
    for exercise in original.waits:
        why = message("validate.reference-waits", title=titles[exercise], exercise=exercise)
        yield ValidationFinding(True, why)

    losing = 0
    for trial in rewrites:
        losing += bool(trial.losses)
        for loss in trial.losses:
            assert trial.kind is not None
            why = _message(LOSSES[trial.kind], loss, titles)
            yield ValidationFinding(False, why)
    yield from _kept_finding(rewrites, losing, titles)


def _message(message_id: str, loss: Loss, titles: Mapping[str, str]) -> Message:
    return message(
        message_id,
        title=titles[loss.exercise],
        exercise=loss.exercise,
        credit=loss.credit,
        cell=loss.cell,
        before=loss.before,
        after=loss.after,
    )


def _kept_finding(
    rewrites: Sequence[RewriteTrial], losing: int, titles: Mapping[str, str]
) -> Iterator[ValidationFinding]:
    """Count the rewrites that keep their points, and list exercises that wait in them."""
    if not rewrites:
        return
    details: dict[str, int] = {}
    for trial in rewrites:
        for exercise in trial.waits:
            details[exercise] = details.get(exercise, 0) + 1
    waiting = [
        message("validate.rewrite-waits", title=titles[exercise], exercise=exercise, count=count)
        for exercise, count in details.items()
    ]
    kept = message("validate.rewrites", count=len(rewrites), kept=len(rewrites) - losing)
    yield ValidationFinding(True, kept, tuple(waiting))
