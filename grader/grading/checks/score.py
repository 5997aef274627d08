"""The check `score`: measure a trained model with the author's expression. Pure.

Numbers that the notebook prints or types in do not count: the model itself is measured. A model
that was trained on the test data also scores well; other checks have to detect that.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.assignment import SCORE_RTOL, Exercise
from grader.grading.agreement import as_number, dtype_rtol
from grader.grading.causes import Cause
from grader.grading.checks.base import Context
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.checks.probed import NO_END, Probed, ProbedCheck, Subject, question_of
from grader.grading.expectation import Expectation
from grader.grading.machine_faults import waiting_outcome
from grader.grading.search import Candidate, Values
from grader.notebook.cell_names import root_name
from grader.notebook.code import shared_tree
from grader.notebook.expressions import binding_line
from grader.notebook.folding import fold
from grader.notebook.typed_values import without_placeholders
from grader.report import Message
from grader.trace import Array, CodeCell, Text, Value

TRAINED = "(trained)"
STEPS = "(steps)"
ALL_STEPS = "(all steps)"
"""Paths in the listing of models, as in `kernel/recording/aliases.py`."""

NO_PLAIN_VALUE = "NoPlainValue"
"""Exception if a model returns an object with comparisons of its own."""

NO_SCORE = math.nan
"""Stands for the score of a model that gave none."""


@dataclass(frozen=True)
class Measured:
    """A model that was measured."""

    name: str
    """The notebook's own name for it."""
    stands_for: str
    """The name that was asked for; empty if it is its own."""
    trained: str
    """How it was trained, see `kernel.recording.training.Evidence`; empty: nothing shows it."""
    steps: int
    """Steps of its optimizer."""
    found: Candidate | None
    """The score, to be shown."""
    value: Value | None
    """Value of the expression."""
    error: str
    """Its exception; empty if there is none."""

    @property
    def score(self) -> float:
        """The score; NaN if there is none."""
        if self.value is None:
            return NO_SCORE
        number = as_number(self.value)
        if number is None:
            return NO_SCORE
        return number


class ScoreCheck(ProbedCheck):
    """Decide by a number that measures a trained model, and bounds for it."""

    name = "score"

    def own_values(
        self, exercise: Exercise, values: Values, right: Expectation
    ) -> Iterator[Candidate]:
        """Yield no values: two models of the same accuracy need not share a mistake."""
        yield from ()

    def is_like(self, value: Value, expectation: Expectation, label: str) -> bool:
        """Accept any model: the kernel has already chosen those that may be the trained one."""
        return True

    def may_answer(self, subject: Subject, values: Values) -> bool:
        """Accept a given model, too, if the notebook trained it."""
        trained = subject.objects.get(TRAINED)
        if isinstance(trained, Text) and trained.value:
            return True
        return super().may_answer(subject, values)

    def judge(self, exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Outcome:
        """Compare the score with the bounds; check that the notebook trained the model."""
        measured = _read_measured(exercise, probed[0])
        outcome = _outcome(exercise, measured)
        changed = _changed_data(exercise, context, probed[0].subject)
        if changed and outcome.credit > 0:
            why = message("score.data-changed", model=measured.name, data=changed)
            return _waiting(why, measured)
        cause = _what_cut_it_off(context)
        if outcome.status == "partial" and cause is not None:
            return replace(waiting_outcome(cause), found=outcome.found)
        form = _other_form(context, probed[1:])
        if form and measured.trained and outcome.status == "failed":
            why = message("score.other-form", model=measured.name, form=form)
            return _waiting(why, measured)
        return outcome

    def missing(self, exercise: Exercise, subjects: Sequence[Subject]) -> Outcome:
        """Leave the exercise pending if an optimizer trained a model that cannot be measured.

        It no longer exists, or the data has another name.
        """
        steps = 0
        names: list[str] = []
        if subjects:
            subject = subjects[0]
            steps = _count_of(subject.objects.get(ALL_STEPS))
            missing = subject.missing or subject.asked
            names = list(filter(None, missing.split(", ")))
        if steps == 0 or not names:
            return super().missing(exercise, subjects)
        if exercise.of in names:
            why = message("score.gone", model=exercise.of, steps=steps)
        else:
            why = message("score.no-data", model=exercise.of, names=", ".join(names))
        flag = RaisedFlag("unverified", None, why)
        return Outcome("pending", why, flags=(flag,))

    def choose(
        self, exercise: Exercise, subjects: Sequence[Subject], outcomes: Sequence[Outcome]
    ) -> Outcome:
        """Choose any of several models with equal credit; else leave the choice to a person."""
        first = outcomes[0]
        if first.credit > 0 and not subjects[0].label:
            return first
        if not any(map(_may_earn, outcomes)):
            return first
        statuses = {(outcome.status, outcome.credit) for outcome in outcomes}
        if len(statuses) == 1:
            return first
        if subjects[0].label:
            return super().choose(exercise, subjects, outcomes)

        # The model with the name was not trained, and another one was.
        best = max(outcomes[1:], key=_credit_of)
        if not _may_earn(best):
            return first
        other = subjects[outcomes.index(best)]
        own_name, _, _ = other.label.partition(" for ")
        why = message("score.other", model=exercise.of, other=own_name)
        flag = RaisedFlag("unverified", best.found, why)
        return Outcome("pending", why, found=best.found, flags=(flag,))


def _may_earn(outcome: Outcome) -> bool:
    return outcome.credit > 0 or outcome.status == "pending"


def _credit_of(outcome: Outcome) -> float:
    return outcome.credit


def _read_measured(exercise: Exercise, probed: Probed) -> Measured:
    subject = probed.subject or Subject("", {})
    own_name, _, asked = subject.label.partition(" for ")
    trained = ""
    match subject.objects.get(TRAINED):
        case Text(value=text):
            trained = text
    return Measured(
        name=own_name or exercise.of,
        stands_for=asked,
        trained=trained,
        steps=_count_of(subject.objects.get(STEPS)),
        found=probed.shown,
        value=probed.value,
        error=probed.error,
    )


def _count_of(value: Value | None) -> int:
    """Return a count reported by the kernel; 0 for anything else."""
    if value is None:
        return 0
    number = as_number(value)
    if number is None or not math.isfinite(number):
        return 0
    return max(0, int(number))


def _outcome(exercise: Exercise, measured: Measured) -> Outcome:
    if measured.error == NO_PLAIN_VALUE:
        why = message("score.no-number", model=measured.name)
        return _waiting(why, measured)
    if measured.error or measured.value is None:
        return _without_score(exercise, measured)
    if as_number(measured.value) is None:
        why = message("score.no-number", model=measured.name)
        return _waiting(why, measured)
    if math.isnan(measured.score):
        why = message("score.nan", model=measured.name)
        return Outcome("failed", why, found=measured.found, notes=_notes(exercise, measured))

    credit = _credit(exercise, measured)
    if credit > 0 and exercise.stepped and not measured.trained:
        why = message("score.untrained", model=measured.name, score=measured.score)
        return _waiting(why, measured)
    why = _score_message(exercise, measured, credit)
    notes = _notes(exercise, measured)
    if credit >= 1:
        return Outcome("passed", why, 1.0, measured.found, notes)
    if credit > 0:
        return Outcome("partial", why, credit, measured.found, notes)
    return Outcome("failed", why, found=measured.found, notes=notes)


def _without_score(exercise: Exercise, measured: Measured) -> Outcome:
    """Judge a model that could not be measured.

    One that was trained runs: the expression may not be made for it, so a person looks.
    """
    error = measured.error
    came_to_no_end = error in NO_END or not error
    if measured.trained:
        message_id = "score.trained-no-end" if came_to_no_end else "score.trained-raises"
    else:
        message_id = "score.no-end" if came_to_no_end else "score.raises"
    why = message(message_id, model=measured.name, expression=exercise.measure, error=error)
    if measured.trained:
        return _waiting(why, measured)
    return Outcome("failed", why, found=measured.found)


def _waiting(why: Message, measured: Measured) -> Outcome:
    flag = RaisedFlag("unverified", measured.found, why)
    return Outcome("pending", why, found=measured.found, flags=(flag,))


def _credit(exercise: Exercise, measured: Measured) -> float:
    """Return the share of the points for a score: that of the best bound it reaches."""
    rtol = SCORE_RTOL
    if measured.value is not None:
        rtol = max(rtol, dtype_rtol(measured.value))
    best = 0.0
    for bound in exercise.bounds:
        if bound.is_kept(measured.score, rtol):
            best = max(best, bound.credit)
    return best


def _score_message(exercise: Exercise, measured: Measured, credit: float) -> Message:
    """Report the score and the bound, which is public."""
    is_part = 0 < credit < 1
    if exercise.at_least is None:
        message_id = "score.part-at-most" if is_part else "score.at-most"
    else:
        message_id = "score.part-at-least" if is_part else "score.at-least"
    return message(
        message_id,
        model=measured.name,
        score=measured.score,
        bound=exercise.bound.number,
        credit=credit,
    )


def _notes(exercise: Exercise, measured: Measured) -> tuple[Message, ...]:
    notes = []
    if measured.stands_for:
        notes.append(message("score.stand-in", model=measured.name, asked=measured.stands_for))
    if measured.steps:
        notes.append(message("score.steps", steps=measured.steps))
    elif exercise.stepped and not measured.trained:
        notes.append(message("score.never-trained", model=measured.name))
    return tuple(notes)


def _what_cut_it_off(context: Context) -> Cause | None:
    """Return the limit that interrupted the training; None if none did."""
    waiting = context.values.causes.waiting
    tried = context.tries or ()
    for cell in sorted(tried):
        if cell in waiting:
            return waiting[cell]
    return None


def _other_form(context: Context, facts: Sequence[Probed]) -> str:
    """Describe the form of a model's output, if it differs from the reference's; else empty.

    One output in place of two is a right way to distinguish two classes, but the measure may not
    expect it.
    """
    for fact in facts:
        expected = context.expectation.values(fact.label)
        value = fact.value
        if not expected or not isinstance(value, Text):
            continue
        if not context.expectation.matches(value, fact.label):
            return value.value
    return ""


# Data that the notebook was given


def _changed_data(exercise: Exercise, context: Context, subject: Subject | None) -> str:
    """Name the data that the measure reads and the student's code changed.

    With labels that were recomputed from the model's outputs, all answers would be right.
    """
    if subject is None:
        return ""
    question = question_of(exercise)
    changed = []
    for name, value in subject.objects.items():
        if name == exercise.of or not isinstance(value, Array):
            continue
        label = question.kind_label(name)
        is_known = bool(context.expectation.values(label))
        if not is_known or context.expectation.matches(value, label):
            continue
        if _is_changed_by_student(name, context):
            changed.append(name)
    return ", ".join(changed)


def _is_changed_by_student(name: str, context: Context) -> bool:
    """Return whether the handout defines a name and a student's cell changes its value."""
    given = [cell for cell in context.handout if _gives(name, cell)]
    if not given:
        return False
    given_sources = {fold(cell.source) for cell in given}
    for cell in context.values.trace.cells:
        is_given = cell.handout or fold(cell.source) in given_sources
        if not is_given and _puts_into(name, cell.source):
            return True
    return False


def _gives(name: str, cell: CodeCell) -> bool:
    """Return whether a cell of the handout assigns a name; `x = ...` does not count."""
    return _puts_into(name, without_placeholders(cell.source))


def _puts_into(name: str, source: str) -> bool:
    """Return whether a cell assigns a name or changes its value."""
    if binding_line(source, {name}):
        return True
    for node in ast.walk(shared_tree(source)):
        match node:
            case ast.Subscript(ctx=ast.Store()):
                if root_name(node) == name:
                    return True
    return False
