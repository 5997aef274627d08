"""Evaluate expressions in the notebook, for the checks `test`, `score` and `module`. Pure.

Each expression is a run of the trace: see `trace.Question`. If the notebook lacks a name, other
objects of the kind stand in for it, and one that is like the reference's is chosen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import Exercise
from grader.grading.agreement import is_true
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, RaisedFlag, message, not_run
from grader.grading.expectation import Expectation
from grader.grading.search import ASKED, NOWHERE, Candidate, Place, Values
from grader.job import Question
from grader.notebook.expressions import binding_line
from grader.trace import Event, Value

NO_END = ("TimeoutError", "KeyboardInterrupt")
"""What an expression raised that came to no end."""


GIVEN_MISSING = "GivenMissing"
OWN_MISSING = "OwnMissing"
OWN_UNCLEAR = "OwnUnclear"
"""What is raised where something is not there that an expression refers to: as in
`kernel/references.py`."""

OWN_WAYS = "OwnWays"
"""What is raised where only a class or function of the notebook's makes an expression hold."""

UNDECIDABLE = {
    GIVEN_MISSING: "probe.given-missing",
    OWN_UNCLEAR: "probe.own-unclear",
    OWN_WAYS: "probe.own-class",
}
"""Message per exception that says nothing about the student's work: a person looks."""


@dataclass(frozen=True)
class Probed:
    """What an expression gave in a notebook."""

    expression: str
    label: str
    """Label of its run."""
    found: Candidate | None
    """What it gave, where it gave something."""
    error: str = ""
    """Type of the exception that it raised; empty if none."""
    subject: Subject | None = None
    """What the names stand for."""
    told: Mapping[str, Value] = field(default_factory=dict)
    """What else was recorded of it."""

    @property
    def value(self) -> Value | None:
        """What it gave; None if nothing."""
        if self.found is None:
            return None
        return self.found.value

    @property
    def shown(self) -> Candidate | None:
        """What it gave, shown at a line of the student's that bound one of its names."""
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
    """What the names in the expressions refer to in a notebook."""

    label: str
    """Names that stand in for others; empty if every name is the notebook's own."""
    objects: Mapping[str, Value]
    """By the name that the expressions give it."""
    missing: str = ""
    """The names for which nothing stands."""

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
        """Look in what the expressions gave."""
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
        """Decide by what the expressions gave, in their order."""

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Find what the names refer to, then judge what the expressions gave."""
        values = context.values
        question = question_of(exercise)
        subjects = _subjects(values, question)
        own = [each for each in subjects if self.may_answer(each, values)]
        fitting = self.fitting(exercise, context, own)
        if not fitting:
            return not_run(values.trace) or self.missing(exercise, subjects)

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
        why = message("probe.missing", name=name)
        return Outcome("missing", why)

    def choose(
        self, exercise: Exercise, subjects: Sequence[Subject], outcomes: Sequence[Outcome]
    ) -> Outcome:
        """Choose the outcome of one of several subjects.

        Args:
            exercise: the exercise.
            subjects: what the names may stand for, all that fit.
            outcomes: the outcome of each.
        """
        best = max(outcomes, key=_credit_of)
        if len(subjects) == 1 or best.credit == 0:
            return best
        names = ", ".join(each.label for each in subjects)
        why = message("probe.several", names=names)
        flag = RaisedFlag("unverified", best.found)
        return Outcome("pending", why, found=best.found, flags=(flag,))

    def fitting(
        self, exercise: Exercise, context: Context, subjects: Sequence[Subject]
    ) -> list[Subject]:
        """Choose what the names may refer to."""
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

    SECURITY: a kernel gives each result once, and none after its end. What does otherwise is the
    notebook's doing.
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
    """Read what each expression gave for one subject.

    What explains a failure comes last.
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
