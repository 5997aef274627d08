"""Report variants that decide nothing, and exercises that no variant decides. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.assignment import Assignment, Exercise
from grader.authoring.validation.findings import ValidationFinding
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import check_of
from grader.grading.knowledge import Knowledge
from grader.job import variant_count
from grader.reference.dependencies import moves
from grader.reference.records import RunAnswers, StoredReference
from grader.trace import BASE


def variant_findings(
    assignment: Assignment, reference: StoredReference, knowledge: Knowledge
) -> Iterator[ValidationFinding]:
    """Yield findings about the variants of a reference, one line for each thing to change.

    Args:
        assignment: the assignment.
        reference: the reference's results.
        knowledge: its expected answers.
    """
    following = []
    for each in assignment.exercises:
        if _follows_data(each):
            following.append(each)
    if not following:
        return
    if reference.left_out:
        seconds = assignment.limits.variants_s
        left_out = message("validate.variants-left-out", count=reference.left_out, seconds=seconds)
        yield ValidationFinding(True, left_out)

    idle_variants = list(_idle_variants(following, reference))
    if idle_variants:
        idle = message("validate.variants-idle", variants=_joined(idle_variants))
        yield ValidationFinding(True, idle)

    idle_inputs = list(_idle_inputs(reference))
    if idle_inputs:
        idle = message("validate.inputs-idle", inputs=_joined(idle_inputs))
        yield ValidationFinding(True, idle)

    undecided = []
    for each in following:
        if not knowledge.is_varied(each.id):
            undecided.append(each.title)
    if undecided:
        by_none = message("validate.no-variant-decides", titles=_joined(undecided))
        yield ValidationFinding(True, by_none)
    yield from _unstable(following, reference)


def _follows_data(exercise: Exercise) -> bool:
    if not exercise.automatic:
        return False
    check = check_of(exercise)
    return check.follows_data


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names)


def _idle_variants(following: Sequence[Exercise], reference: StoredReference) -> Iterator[str]:
    """Yield the numbers of variants with the answers of the original data."""
    count = variant_count(reference.inputs)
    for index in range(count):
        number = index + 1
        label = f"variant-{number}"
        is_idle = True
        for exercise in following:
            by_run = reference.answers.get(exercise.id, {})
            if _is_moved(by_run, label):
                is_idle = False
        if is_idle:
            yield str(number)


def _is_moved(by_run: RunAnswers, label: str) -> bool:
    original = by_run.get(BASE, ())
    return moves(original, by_run, [label])


def _idle_inputs(reference: StoredReference) -> Iterator[str]:
    """Yield the names of data on which no answer of the reference depends."""
    needed: set[str] = set()
    for names in reference.depends.values():
        needed.update(names)
    for varied in reference.inputs:
        if varied.name not in needed:
            yield varied.name


def _unstable(
    following: Sequence[Exercise], reference: StoredReference
) -> Iterator[ValidationFinding]:
    """List the exercises with answers that rounding alone may move too far."""
    unstable: set[str] = set()
    for variant in reference.drawn:
        unstable.update(variant.faults.unstable)
    titles = []
    for each in following:
        if each.id in unstable:
            titles.append(each.title)
    if titles:
        why = message("validate.draw-unstable", titles=_joined(titles))
        yield ValidationFinding(True, why)
