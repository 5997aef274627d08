"""The check `module`: a network of the notebook, by what it gives under filled weights. Pure.

The reference's weights enter no submission's kernel. Both networks are filled with the same
numbers, in the order in which they use their parameters: see `kernel.module_filling`.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.exercise import Exercise
from grader.grading.checks.base import Context
from grader.grading.checks.module_measures import Measured
from grader.grading.checks.module_reasons import Naming, explain
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.checks.probed import (
    Probed,
    ProbedCheck,
    Subject,
    probed_for,
    question_of,
    where_made,
)
from grader.grading.search import (
    ASKED,
    NOWHERE,
    Candidate,
    Place,
    Values,
    computed_candidates,
)
from grader.trace import Event, Module


class ModuleCheck(ProbedCheck):
    """Decide by what is compared of a network, each of which earns a share of the points."""

    name = "module"

    def fitting(
        self, exercise: Exercise, context: Context, subjects: Sequence[Subject]
    ) -> list[Subject]:
        """Choose the network of that name; else those with as many parameters as the reference's.

        Where none has, one alone is taken if its output has the right shape.
        """
        there = [subject for subject in subjects if not subject.missing]
        named = [subject for subject in there if not subject.label]
        if named:
            return named
        measured = [_measured(exercise, context, subject) for subject in there]
        pairs = list(zip(there, measured, strict=True))
        as_large = [subject for subject, each in pairs if each.has_as_many_parameters]
        if as_large:
            return as_large
        return [subject for subject, each in pairs if each.outputs and each.shape_right]

    def computed_values(self, exercise: Exercise, values: Values) -> list[Candidate]:
        """List what `forward` gave: all its numbers in common tell that a mistake is, too."""
        if "output" not in exercise.compare:
            return []
        return computed_candidates(values, self.first_run(exercise), ASKED)

    def choose(
        self, exercise: Exercise, subjects: Sequence[Subject], outcomes: Sequence[Outcome]
    ) -> Outcome:
        """Choose an outcome; a class and its instance that earn the same are one answer."""
        if len({(outcome.status, outcome.credit) for outcome in outcomes}) == 1:
            return outcomes[0]
        return super().choose(exercise, subjects, outcomes)

    def judge(self, exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Outcome:
        """Count what is right, and say what the first wrong thing comes from."""
        subject = probed[0].subject or Subject("", {})
        measured = _compared(exercise, context, probed)
        shown = _shown(exercise, context, subject, measured)
        shares = measured.shares
        right = sum(share.right for share in shares)
        if right == len(shares):
            return Outcome("passed", message("module.passed", count=right), 1.0, shown)

        why = explain(measured, _naming(exercise, subject))
        if why.id == "module.output" and measured.is_written_otherwise:
            undecided = message("module.undecided")
            flag = RaisedFlag("unverified", shown, undecided)
            return Outcome("pending", undecided, found=shown, flags=(flag,))
        if right == 0:
            return Outcome("failed", why, found=shown)
        return Outcome("partial", why, right / len(shares), shown)


def _measured(exercise: Exercise, context: Context, subject: Subject) -> Measured:
    return _compared(exercise, context, probed_for(context.values, question_of(exercise), subject))


def _compared(exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Measured:
    by_expression = {each.expression: each for each in probed}
    return Measured(exercise, context.expectation, by_expression)


def _naming(exercise: Exercise, subject: Subject) -> Naming:
    """Say what the network is called in the notebook."""
    own, separator, _ = subject.label.partition(" for ")
    name = own if separator else exercise.module
    is_network = isinstance(subject.objects.get(exercise.module), Module)
    return Naming(name, name if is_network else f"{name}({exercise.make})")


def _shown(
    exercise: Exercise, context: Context, subject: Subject, measured: Measured
) -> Candidate | None:
    """Show the network where a line of the student's makes it."""
    where = where_made(context.values, question_of(exercise), subject)
    if where.cell == NOWHERE:
        return None
    name = _naming(exercise, subject).name
    place = Place(where.cell, where.line, scope="", kind="call", turn="1", path=name)
    value = Module(name=name, parameters=measured.parameter_count or 0)
    event = Event(run=question_of(exercise).found, kind="call", cell=where.cell, line=where.line)
    return Candidate(place, value, event)
