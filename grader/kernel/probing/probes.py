"""Evaluate an author's expressions in a notebook's namespace, once its cells have run.

Runs in the student's kernel, and for the reference in a trusted one. Knows no answers: it reports
the value of each expression. An expression sees only the names that it reads, so that a notebook
cannot change it by giving a builtin's name to something else.
"""

from __future__ import annotations

import base64
import os
import pathlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.kernel.probing.assertions import AssertionResult, AssertionRun
from grader.kernel.probing.author_errors import RAISED_IN, place_of
from grader.kernel.probing.call_results import CallResults
from grader.kernel.probing.calls import MIN_SECONDS, Caller, Outcome, QuestionData
from grader.kernel.probing.held_out import HeldOutFolder, HeldOutGuard
from grader.kernel.probing.measured import measured, measuring
from grader.kernel.probing.models import find_models
from grader.kernel.probing.module_probes import NETWORK_SEED, ModuleProbe, is_subject
from grader.kernel.probing.originals import Originals
from grader.kernel.probing.overrides import StudentOverride, runs_students_code, without_overrides
from grader.kernel.probing.plain_results import plain
from grader.kernel.probing.probe_names import stand_ins
from grader.kernel.recording.aliases import (
    ALL_STEPS,
    DATA,
    PROBED,
    STEPS,
    TRAINED,
    modules_named_in,
)
from grader.kernel.recording.namespaces import Namespace
from grader.kernel.recording.pipe import EventData
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.training import Training
from grader.kernel.recording.values import Described, Values, describe
from grader.kernel.variants.start_modes import as_at_the_start

NOWHERE = -1
"""Cell of values that no cell computed."""

RESULT = "result"
"""Path of the value of an expression."""

NO_PATHS: Mapping[str, Sequence[str]] = {}
"""Names of other answers before the host has sent any."""

CONTAINERS = (list, tuple, dict, set)
EMPTY = "empty"
"""Containers that a notebook may still have to fill, and the type that an empty one is given."""

LINE = "line"
MESSAGE = "message"
"""Paths of the failed assertion's line, and of the author's message."""


@dataclass(frozen=True)
class Subject:
    """The objects that the names of a question refer to in a notebook."""

    objects: Namespace
    """Objects by their names in the question; names without an object are missing."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The notebook's own name, by the name that it stands in for."""
    evidence: Values = field(default_factory=dict)
    """Evidence that a model was trained; empty for other objects."""

    @property
    def label(self) -> str:
        """The notebook's names that stand in for others, as `net for model`."""
        pairs = [f"{own} for {asked}" for asked, own in self.names.items()]
        return ", ".join(pairs)


class Prober:
    """Evaluates the expressions of questions, and sends the results."""

    def __init__(
        self,
        recorder: Recorder,
        caller: Caller,
        training: Training | None = None,
        originals: Originals | None = None,
        questions: Sequence[QuestionData] = (),
    ) -> None:
        """Initialise with the objects that questions need.

        Args:
            recorder: sends events.
            caller: guards an evaluation.
            training: remembers trained models; None: there are none.
            originals: remembers functions as they were imported; None: the present ones.
            questions: the questions that code may be added for.
        """
        self._questions = questions
        self._recorder = recorder
        self._caller = caller
        self._training = training or Training()
        self._originals = originals or Originals()
        self._held_out: HeldOutFolder | None = None
        self.guard = HeldOutGuard()

    def lay_code(
        self,
        number: int,
        code: str,
        asserts: str = "",
        own_paths: Mapping[str, Sequence[str]] = NO_PATHS,
    ) -> None:
        """Store the author's code for a question; the host sends it once the cells have run.

        Args:
            number: index of the question among the job's.
            code: statements that run before each of its lines.
            asserts: its test cell.
            own_paths: per exercise that it refers to, names of the answer.
        """
        self._questions[number].update(code=code, asserts=asserts, own_paths=own_paths)

    def lay_in(self, name: str, content: str) -> None:
        """Write a held-out file; the host sends it once the cells have run.

        Args:
            name: its path below the folder that expressions know as `DATA`.
            content: in base64.
        """
        if self._held_out is None:
            self._held_out = HeldOutFolder()
            self.guard.begin(self._held_out.outer)
        path = os.path.join(self._held_out.name, name)  # noqa: PTH118 - as everywhere in the kernel
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(base64.b64decode(content))

    def take_out(self) -> None:
        """Remove code and held-out files: the notebook's cells may run again."""
        for question in self._questions:
            question.update(code="", asserts="", own_paths=NO_PATHS)
        if self._held_out is not None:
            self.guard.end()
            self._held_out.remove()
            self._held_out = None

    def ask(
        self, question: QuestionData, namespace: Namespace, prefix: str, seconds: float
    ) -> None:
        """Evaluate a question's expressions, for each object that its names may refer to.

        Args:
            question: the question.
            namespace: the notebook's.
            prefix: begins the labels.
            seconds: longest time for all of it.
        """
        label = f"{prefix}{question['exercise']}"
        self.guard.ask(namespace)
        deadline = time.monotonic() + seconds
        for subject in self._subjects(question, namespace):
            missing = [name for name in question["names"] if name not in subject.objects]
            values = described(subject.objects) | subject.evidence
            self._send(f"{label}(0)", subject, values, ", ".join(missing))
            if missing:
                continue
            if question.get("asserts"):
                self._assert(question, subject, label, namespace, seconds)
                continue
            objects = self._with_expression_names(question, subject.objects, namespace)
            for suffix, expression in expressions_of(question).items():
                remaining = max(MIN_SECONDS, deadline - time.monotonic())
                result, error = self._answer(question, expression, objects, namespace, remaining)
                text = "" if error is None else type(error).__name__
                values = {RESULT: result} | raised_in(place_of(error))
                self._send(label + suffix, subject, values, text)
                if isinstance(error, KeyboardInterrupt):  # the host's time is over
                    return

    def _answer(
        self,
        question: QuestionData,
        expression: str,
        objects: Namespace,
        namespace: Namespace,
        seconds: float,
    ) -> Outcome:
        """Evaluate an expression with and without the notebook's own ways, and compare."""
        results = self._call_results(objects)
        outcome = self.outcome(question, expression, objects, seconds, results)
        result, error = outcome
        if error is not None or not _may_count(result):
            return outcome

        at_work = runs_students_code(namespace)
        if question.get("model") or question.get("module"):
            is_disturbed = at_work or self._originals.was_disturbed
            return (result, StudentOverride()) if is_disturbed else outcome

        held = without_overrides(objects)
        is_own = held is not None or results.has_overrides or results.saw_replaced
        if not is_own and not at_work and not self._originals.are_replaced():
            return outcome
        with self._originals.restored():
            plainly = self._call_results(objects, makes_plain=True)
            without, _ = self.outcome(question, expression, held or objects, seconds, plainly)
        is_disturbed = at_work or plainly.saw_replaced or self._originals.was_disturbed
        if without == result and not is_disturbed:
            return outcome
        return (without, StudentOverride())

    def _call_results(self, objects: Namespace, *, makes_plain: bool = False) -> CallResults:
        are_replaced = self._originals.are_common_replaced
        return CallResults(objects, makes_plain=makes_plain, are_replaced=are_replaced)

    def _with_expression_names(
        self, question: QuestionData, objects: Namespace, namespace: Namespace
    ) -> Namespace:
        """Add the objects that the question calls `given` and `own`."""
        return objects | self._caller.expression_names.of(question, namespace)

    def _assert(
        self,
        question: QuestionData,
        subject: Subject,
        label: str,
        namespace: Namespace,
        seconds: float,
    ) -> None:
        """Run the question's test cell, and send the result of each assertion."""
        calls = self._call_results(subject.objects)
        results = self.assertion_results(question, subject.objects, namespace, seconds, calls)
        held = without_overrides(subject.objects)
        at_work = runs_students_code(namespace)
        is_own = held is not None or calls.has_overrides or calls.saw_replaced
        if is_own or at_work or self._originals.are_replaced():
            with self._originals.restored():
                objects = held or subject.objects
                plainly = self._call_results(objects, makes_plain=True)
                without = self.assertion_results(question, objects, namespace, seconds, plainly)
            results = list(map(_held_by_both, results, without))
            at_work = at_work or plainly.saw_replaced or self._originals.was_disturbed
        if at_work:
            results = [replace(result, error=StudentOverride.__name__) for result in results]
        for number, result in enumerate(results, start=1):
            values = {
                RESULT: describe(result.holds),
                LINE: describe(result.line),
                MESSAGE: describe(result.message),
            }
            values |= raised_in(result.raised_in)
            self._send(f"{label}({number})", subject, values, result.error)

    def assertion_results(
        self,
        question: QuestionData,
        objects: Namespace,
        namespace: Namespace,
        seconds: float | None = None,
        results: CallResults | None = None,
    ) -> Sequence[AssertionResult]:
        """Run the test cell of a question.

        Args:
            question: the question.
            objects: the objects of its names.
            namespace: the notebook's.
            seconds: its time limit; None: the caller has set one.
            results: watches the results of its calls.
        """
        code = question["code"]
        asserts = question["asserts"]
        objects = self._with_expression_names(question, objects, namespace)
        results = results or CallResults(objects)
        run = AssertionRun(asserts, shares=question["shares"])

        def tested() -> None:
            names = self._names(code + asserts, objects)
            results.run(code, names)
            run.run(names, results)

        _, error = self._caller.result_of(tested, seconds)
        return run.all_results(error)

    def _names(self, text: str, objects: Namespace) -> Namespace:
        """Return the names that an author's code may use."""
        names = modules_named_in(text) | objects
        if self._held_out is not None:
            names[DATA] = pathlib.Path(self._held_out.name)
            self.guard.trust(names)
        return names

    def _subjects(self, question: QuestionData, namespace: Namespace) -> Iterator[Subject]:
        if question.get("model"):
            return _models(question, namespace, self._training)
        return _subjects(question, namespace)

    def outcome(
        self,
        question: QuestionData,
        expression: str,
        objects: Namespace,
        seconds: float | None = None,
        results: CallResults | None = None,
    ) -> Outcome:
        """Evaluate one expression, and describe its value or exception.

        Args:
            question: the question.
            expression: one of its own.
            objects: the objects of its names.
            seconds: its time limit; None: the caller has set one.
            results: watches the results of its calls.
        """
        results = results or CallResults(objects)
        code = question["code"]
        module = question.get("module", "")
        make = question.get("make", "")
        model = question.get("model", "")

        def measured_model() -> Any:
            with measuring(objects[model]), self._originals.restored() as inside:
                names = self._names(code + expression, measured(objects, model, inside))
                exec(code, names)
                return plain(eval(expression, names))

        def evaluated() -> Any:
            names = self._names(code + expression, objects)
            results.run(code, names)
            value = results.give(expression, names)
            return plain(value)

        def measured_network() -> Any:
            with as_at_the_start(NETWORK_SEED), self._originals.restored() as inside:
                names = self._names(code + expression + make, objects)
                exec(code, names)
                names[PROBED] = ModuleProbe(objects[module], make, names, inside)
                return plain(eval(expression, names))

        action = evaluated
        if model:
            action = measured_model
        elif module:
            action = measured_network
        return self._caller.result_of(action, seconds)

    def _send(self, label: str, subject: Subject, values: Values, text: str = "") -> None:
        event: EventData = {
            "run": label,
            "kind": "call",
            "turn": "1",
            "values": values,
            "text": text[:200],
            "cell": NOWHERE,
            "scope": subject.label[:200],
        }
        self._recorder.send(event)


def _may_count(result: Described) -> bool:
    """Return whether the result of an expression may earn points."""
    return result != describe(False)


def _held_by_both(result: AssertionResult, without: AssertionResult) -> AssertionResult:
    """Return the result of an assertion, which must also hold without the notebook's classes."""
    if result.holds and not without.holds:
        return replace(result, error=StudentOverride.__name__)
    return result


def expressions_of(question: QuestionData) -> dict[str, str]:
    """Return the expressions of a question, by the last parts of their labels."""
    expressions: dict[str, str] = {}
    for number, expression in enumerate(question["calls"], start=1):
        expressions[f"({number})"] = expression
    for number, expression in enumerate(question.get("facts", ()), start=1):
        expressions[f"(0)[{number}]"] = expression
    return expressions


def _subjects(question: QuestionData, namespace: Namespace) -> Iterator[Subject]:
    """Yield the choices of objects for a question's names: one, or several if a name is missing."""
    module = question.get("module", "")
    objects: Namespace = {}
    missing: list[str] = []
    for name in question["names"]:
        if name in namespace and (name != module or is_subject(namespace[name])):
            objects[name] = namespace[name]
        else:
            missing.append(name)

    if len(missing) != 1:  # which objects stand in for several names is ambiguous
        yield Subject(objects)
        return
    asked = missing[0]
    found = stand_ins(namespace, leave_out=objects.values(), networks=asked == module)
    for own, value in found:
        yield Subject({**objects, asked: value}, {asked: own})
    if not found:
        yield Subject(objects)


def _models(question: QuestionData, namespace: Namespace, training: Training) -> Iterator[Subject]:
    """Yield possible trained models for a question, with the evidence of their training."""
    asked = question["model"]
    others = {name: namespace[name] for name in question["names"] if name in namespace}
    others.pop(asked, None)
    all_steps = describe(training.steps)
    models = find_models(asked, namespace, training)
    for model in models:
        names = {asked: model.own_name} if model.own_name else {}
        evidence = {
            TRAINED: describe(model.evidence.how),
            STEPS: describe(model.evidence.steps),
            ALL_STEPS: all_steps,
        }
        yield Subject({**others, asked: model.value}, names, evidence)
    if not models:
        yield Subject(others, evidence={ALL_STEPS: all_steps})


def raised_in(place: str) -> Values:
    """Record where an exception was raised; nothing if that is a student's code."""
    if not place:
        return {}
    return {RAISED_IN: describe(place)}


def described(objects: Namespace) -> Values:
    """Describe the kind of the objects that names refer to, without their numbers."""
    values: Values = {}
    for name, value in objects.items():
        kind = describe(value)
        if type(value) in CONTAINERS and not value:
            kind = {"kind": "other", "type": EMPTY}
        elif kind["kind"] == "array":
            kind = {**kind, "elements": [], "summary": []}
        elif kind["kind"] != "module":
            kind = {"kind": "other", "type": kind.get("type", kind["kind"])}
        values[name] = kind
    return values
