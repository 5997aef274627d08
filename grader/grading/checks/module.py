"""The check `module`: compare a network's outputs with filled-in weights. Pure.

The reference's weights never enter a submission's kernel. Both networks are filled with the same
numbers, in the order in which they use their parameters: see `kernel.probing.module_filling`.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Exercise
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
    """Decide by measurements of a network, each of which earns a share of the points."""

    name = "module"

    def fitting(
        self, exercise: Exercise, context: Context, subjects: Sequence[Subject]
    ) -> list[Subject]:
        """Choose the network of that name, or else those with as many parameters as the reference.

        Where none has, one alone is taken if its output has the right shape.
        """
        there = [subject for subject in subjects if not subject.missing]
        named = [subject for subject in there if not subject.label]
        if named:
            return named
        as_large: list[Subject] = []
        alike: list[Subject] = []
        for subject in there:
            measured = _read_measured(exercise, context, subject)
            if measured.has_as_many_parameters:
                as_large.append(subject)
            elif measured.outputs and measured.shape_right:
                alike.append(subject)
        return as_large or alike

    def computed_values(self, exercise: Exercise, values: Values) -> list[Candidate]:
        """List the outputs of `forward`: two students with a common mistake share all numbers."""
        if "output" not in exercise.compare:
            return []
        return computed_candidates(values, self.first_run(exercise), ASKED)

    def choose(
        self, exercise: Exercise, subjects: Sequence[Subject], outcomes: Sequence[Outcome]
    ) -> Outcome:
        """Choose an outcome; a class and its instance with equal credit are one answer."""
        first = outcomes[0]
        if all(_is_like(outcome, first) for outcome in outcomes):
            return first
        return super().choose(exercise, subjects, outcomes)

    def judge(self, exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Outcome:
        """Count the right measurements, and explain the first wrong one."""
        subject = probed[0].subject or Subject("", {})
        measured = _measured_from(exercise, context, probed)
        shown = _shown(exercise, context, subject, measured)
        shares = measured.shares
        right = sum(share.right for share in shares)
        if right == len(shares):
            why = message("module.passed", count=right)
            return Outcome("passed", why, 1.0, shown)

        why = explain(measured, _naming(exercise, subject))
        if why.id == "module.output" and measured.is_written_otherwise:
            undecided = message("module.undecided")
            flag = RaisedFlag("unverified", shown, undecided)
            return Outcome("pending", undecided, found=shown, flags=(flag,))
        if right == 0:
            return Outcome("failed", why, found=shown)
        credit = right / len(shares)
        return Outcome("partial", why, credit, shown)


def _read_measured(exercise: Exercise, context: Context, subject: Subject) -> Measured:
    question = question_of(exercise)
    probed = probed_for(context.values, question, subject)
    return _measured_from(exercise, context, probed)


def _is_like(outcome: Outcome, other: Outcome) -> bool:
    return outcome.status == other.status and outcome.credit == other.credit


def _measured_from(exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Measured:
    by_expression = {each.expression: each for each in probed}
    return Measured(exercise, context.expectation, by_expression)


def _naming(exercise: Exercise, subject: Subject) -> Naming:
    """Return the network's name in the notebook."""
    own, separator, _ = subject.label.partition(" for ")
    name = own if separator else exercise.module
    described = subject.objects.get(exercise.module)
    if isinstance(described, Module):
        return Naming(name, name)
    made = f"{name}({exercise.make})"
    return Naming(name, made)


def _shown(
    exercise: Exercise,
    context: Context,
    subject: Subject,
    measured: Measured,
) -> Candidate | None:
    """Show the network at a line of the student's that creates it."""
    question = question_of(exercise)
    where = where_made(context.values, question, subject)
    if where.cell == NOWHERE:
        return None
    naming = _naming(exercise, subject)
    place = Place(
        cell=where.cell,
        line=where.line,
        scope="",
        kind="call",
        turn="1",
        path=naming.name,
    )
    event = Event(
        run=question.found,
        kind="call",
        cell=where.cell,
        line=where.line,
    )
    count = measured.parameter_count or 0
    value = Module(name=naming.name, parameters=count)
    return Candidate(place, value, event)
