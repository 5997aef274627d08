"""Evaluate expressions in the notebook, for the checks `test`, `score` and `module`. Pure.

Each expression is a run of the trace: see `trace.Question`. If the notebook lacks a name, other
objects of its kind stand in for it; one that resembles the reference's is chosen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.assignment import Exercise
from grader.grading.agreement import is_true
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, RaisedFlag, message, never_defined, not_run
from grader.grading.expectation import Expectation
from grader.grading.search import ASKED, NOWHERE, Candidate, Place, Values
from grader.job import Question
from grader.notebook.expressions import binding_line
from grader.report import Message
from grader.trace import Event, Trace, Value

NO_END = ("TimeoutError", "KeyboardInterrupt")
"""Name of the exception of an expression that did not end."""


GIVEN_MISSING = "GivenMissing"
OWN_MISSING = "OwnMissing"
OWN_UNCLEAR = "OwnUnclear"
"""Exceptions for missing references in an expression, as in `kernel/given_values.py`."""

STUDENT_OVERRIDE = "StudentOverride"
"""Exception if an expression is true only because of a class or function of the notebook."""

ARGUMENTS_FAILED = "ArgumentsFailed"
"""Exception if the arguments of a call could not be made of the notebook's objects."""

UNDECIDABLE = {
    GIVEN_MISSING: "probe.given-missing",
    OWN_UNCLEAR: "probe.own-unclear",
    STUDENT_OVERRIDE: "probe.own-class",
    ARGUMENTS_FAILED: "function.arguments-failed",
}
"""Messages by exceptions that do not depend on the student's work, so a person looks."""


@dataclass(frozen=True)
class Probed:
    """The value of an expression in a notebook."""

    expression: str
    label: str
    """Label of its run."""
    found: Candidate | None
    """Its value, if there is one."""
    error: str = ""
    """Type of the exception that it raised; empty if none."""
    subject: Subject | None = None
    """The objects that its names refer to."""
    told: Mapping[str, Value] = field(default_factory=dict)
    """Further records of its run."""

    @property
    def value(self) -> Value | None:
        """Its value; None if there is none."""
        if self.found is None:
            return None
        return self.found.value

    @property
    def shown(self) -> Candidate | None:
        """Its value, shown at a line of the student's that assigned one of its names."""
        if self.found is None or self.found.place.cell == NOWHERE:
            return None
        return self.found

    @property
    def is_true(self) -> bool:
        """Whether it gave True."""
        return is_true(self.value)


@dataclass(frozen=True)
class Line:
    """A line of the notebook."""

    cell: int
    line: int


@dataclass(frozen=True)
class Subject:
    """The objects that the names in the expressions refer to in a notebook."""

    label: str
    """Names that stand in for others; empty if every name is the notebook's own."""
    objects: Mapping[str, Value]
    """Objects, by their names in the expressions."""
    missing: str = ""
    """Names without an object."""

    @property
    def own_root(self) -> str:
        """The notebook's name at the start of a stand-in's path; empty if there is none."""
        own, _, _ = self.label.partition(" for ")
        return root_of(own)

    @property
    def asked(self) -> str:
        """The name that a stand-in replaces; empty if there is none."""
        _, _, asked = self.label.rpartition(" for ")
        return asked


class ProbedCheck(AutomaticCheck):
    """A check that evaluates expressions in the notebook, once its cells have run."""

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in the values of the expressions."""
        return ASKED

    def look_for_right_values_in(self, exercise: Exercise) -> Sequence[str]:
        """Look nowhere: an expression's result is no value that a cell computed."""
        return ()

    def computed_values(self, exercise: Exercise, values: Values) -> list[Candidate]:
        """Return no values: one number in common does not show a common mistake."""
        return []

    def first_run(self, exercise: Exercise) -> str:
        """Return the label of the first expression."""
        return question_of(exercise).labels[0]

    def is_like(self, value: Value, expectation: Expectation, label: str) -> bool:
        """Return whether an object may stand in for the reference's."""
        return expectation.is_like(value, label)

    def may_answer(self, subject: Subject, values: Values) -> bool:
        """Return whether the student, not the handout, made the stand-in for a name."""
        if not subject.label:
            return True
        return not _is_given(subject.own_root, values)

    @abstractmethod
    def judge(self, exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Outcome:
        """Decide by the values of the expressions, in their order."""

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Find the objects of the names, then judge the values of the expressions."""
        values = context.values
        question = question_of(exercise)
        subjects = _subjects(values, question)
        own = [each for each in subjects if self.may_answer(each, values)]
        fitting = self.fitting(exercise, context, own)
        if not fitting:
            missing = self.missing(exercise, subjects)
            return not_run(values.trace) or _explain_missing(missing, subjects, values.trace)

        outcomes = []
        for subject in fitting:
            probed = probed_for(values, question, subject)
            outcome = without_references(probed)
            if outcome is None:
                outcome = self.judge(exercise, context, probed)
            outcomes.append(outcome)
        chosen = self.choose(exercise, fitting, outcomes)
        return doubt_results(chosen, values, question)

    def missing(self, exercise: Exercise, subjects: Sequence[Subject]) -> Outcome:
        """Return the outcome for a notebook that lacks a name of the expressions."""
        name = ""
        if subjects:
            first = subjects[0]
            name = first.missing or first.asked
        if not name:
            names = question_of(exercise).names
            name = names[0] if names else exercise.title
        return Outcome("missing", message_without(name))

    def choose(
        self, exercise: Exercise, subjects: Sequence[Subject], outcomes: Sequence[Outcome]
    ) -> Outcome:
        """Choose the outcome of one of several subjects.

        Args:
            exercise: the exercise.
            subjects: all fitting choices of objects for the names.
            outcomes: the outcome of each.
        """
        best = max(outcomes, key=_credit_of)
        if len(subjects) == 1 or best.credit == 0:
            return best
        names = ", ".join(each.label for each in subjects)
        why = message("probe.several", names=names)
        flag = RaisedFlag("unverified", best.found, why)
        return Outcome("pending", why, found=best.found, flags=(flag,))

    def fitting(
        self, exercise: Exercise, context: Context, subjects: Sequence[Subject]
    ) -> list[Subject]:
        """Choose the objects that the names may refer to."""
        question = question_of(exercise)
        expectation = context.expectation
        return [each for each in subjects if self._fits(each, question, expectation)]

    def _fits(self, subject: Subject, question: Question, expectation: Expectation) -> bool:
        """Return whether every name refers to something, and stand-ins are like the reference's."""
        if subject.missing:
            return False
        if not subject.label:
            return True
        stand_in = subject.objects.get(subject.asked)
        if stand_in is None:
            return False
        label = question.kind_label(subject.asked)
        return self.is_like(stand_in, expectation, label)


def message_without(missing: str) -> Message:
    """Report the names that a notebook lacks; several are separated by commas."""
    names = missing.split(", ")
    if len(names) == 1:
        return message("probe.missing", name=missing)
    quoted = "`, `".join(names)
    return message("probe.missing-several", names=f"`{quoted}`")


def _explain_missing(outcome: Outcome, subjects: Sequence[Subject], trace: Trace) -> Outcome:
    """Say which cell was to define a missing name, if it raised an exception."""
    if outcome.status != "missing":
        return outcome
    for subject in subjects[:1]:
        missing = subject.missing or subject.asked
        for name in filter(None, missing.split(", ")):
            why = never_defined(name, trace)
            if why is not None:
                return replace(outcome, message=why)
    return outcome


def without_references(probed: Sequence[Probed]) -> Outcome | None:
    """Return the outcome for a notebook that lacks a `given.NAME` or `own.ID`.

    Returns:
        None if it has all of it.
    """
    return outcome_without_references([each.error for each in probed])


def outcome_without_references(errors: Sequence[str]) -> Outcome | None:
    """Return the outcome for an error about a missing reference; None if there was none."""
    for error, message_id in UNDECIDABLE.items():
        if error in errors:
            why = message(message_id)
            flag = RaisedFlag("unverified", None, why)
            return Outcome("pending", why, flags=(flag,))
    if errors and all(error == OWN_MISSING for error in errors):
        return Outcome("missing", message("probe.own-missing"))
    return None


def doubt_results(outcome: Outcome, values: Values, question: Question) -> Outcome:
    """Leave an exercise pending that earns points by results beyond those asked for.

    SECURITY: a kernel sends each result once, and none after its end. Other results come from the
    notebook.
    """
    if not outcome.credit or not values.is_claim:
        return outcome
    results = set()
    answered = set()
    is_repeated = False
    for label in question.labels:
        for event in _results_of(values, label):
            result = (label, event.scope, event.cell, event.line)
            is_repeated = is_repeated or result in results
            results.add(result)
            answered.add(label)
    is_whole = answered == set(question.labels)
    is_after_end = is_whole and question.found in values.trace.ended
    if not is_repeated and not is_after_end:
        return outcome
    why = message("probe.said-twice")
    flag = RaisedFlag("unverified", outcome.found, why)
    return Outcome("pending", why, found=outcome.found, flags=(flag,))


def _credit_of(outcome: Outcome) -> float:
    return outcome.credit


def question_of(exercise: Exercise) -> Question:
    """Return what to ask of the kernel for an exercise, once the cells have run.

    Raises:
        ValueError: it asks nothing.
    """
    question = exercise.asked
    if question is None:
        raise ValueError(f"exercise {exercise.id} asks nothing of the notebook")
    return question


def _subjects(values: Values, question: Question) -> list[Subject]:
    subjects: dict[str, Subject] = {}
    for event in _results_of(values, question.found):
        label = event.scope
        subjects[label] = Subject(label, event.values, missing=event.text)
    return list(subjects.values())


def probed_for(values: Values, question: Question, subject: Subject) -> list[Probed]:
    """Read the value of each expression for one subject.

    Messages that explain a failure come last.
    """
    where = where_made(values, question, subject)
    probed = []
    expressions = (*question.calls, *question.facts)
    labels = (*question.labels, *question.fact_labels)
    for expression, label in zip(expressions, labels, strict=True):
        event = _event_of(values, label, subject)
        if event is None:
            each = Probed(expression, label, None, subject=subject)
        else:
            found = None
            error = event.text
            if not error:
                found = _candidate(event, expression, where)
            each = Probed(expression, label, found, error, subject, event.values)
        probed.append(each)
    return probed


def _event_of(values: Values, label: str, subject: Subject) -> Event | None:
    last = None
    for event in _results_of(values, label):
        if event.scope == subject.label:
            last = event
    return last


def _results_of(values: Values, label: str) -> list[Event]:
    run = values.trace.run(label)
    if run is None:
        return []
    return [event for event in run.events if event.kind == "call"]


def _is_given(name: str, values: Values) -> bool:
    """Return whether given cells of the handout bind a name, and no student's cell does."""
    is_given = False
    for cell in values.trace.cells:
        if binding_line(cell.source, {name}):
            if not cell.handout:
                return False
            is_given = True
    return is_given


def where_made(values: Values, question: Question, subject: Subject) -> Line:
    """Return the student's last statement that binds one of the names."""
    own_name = question.model or question.module
    if subject.label:
        own_name = subject.own_root
    names = {own_name} if own_name else set(question.names)
    where = Line(NOWHERE, 0)
    for cell in values.trace.cells:
        if cell.handout:
            continue
        line = binding_line(cell.source, names)
        if line:
            where = Line(cell.cell, line)
    return where


def root_of(path: str) -> str:
    """Return the name that a path begins with: `trainer` of `trainer.model`."""
    name, _, _ = path.replace("[", ".").partition(".")
    return name


def _candidate(event: Event, expression: str, where: Line) -> Candidate | None:
    value = event.values.get("result")
    if value is None:
        return None
    place = Place(
        cell=where.cell, line=where.line, scope="", kind="call", turn="1", path=expression
    )
    return Candidate(place, value, event)
