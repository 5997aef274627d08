"""Propose a score for a model that an exercise trains. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.bounds import Bound, choose_bound
from grader.authoring.drafting.proposals.measures import Measure, measures_of
from grader.authoring.drafting.proposals.notebook_code import (
    PlacedStatement,
    TaskCode,
    calls_in,
)
from grader.authoring.drafting.proposals.trials import scored, unlearned
from grader.authoring.drafting.syntax import called_name, root_name
from grader.grading.agreement import as_number
from grader.trace import Array, Module, Value

MAX_MEASURES = 6


@dataclass(frozen=True)
class MeasuredModel:
    """A model that is trained, and a measure of it."""

    model: str
    measure: Measure

    def trial(self) -> str:
        """Write the measurement as a trial."""
        return scored(self.model, self.measure.expression, self.measure.probes)

    def trial_before(self) -> str:
        """Write the measurement of models that have learned nothing as a trial."""
        return unlearned(self.model, self.measure.expression, self.measure.probes)


def models_of(task: TaskCode) -> list[str]:
    """List the names that may hold the model which an exercise trains, the most likely one first.

    They are what optimizers step, what training functions are called with, and what is called.
    """
    names: dict[str, None] = {}
    everything = task.code.statements
    own = [placed.node for placed in task.statements]
    nodes: Sequence[ast.AST] = [*own, *(placed.node for placed in everything)]
    for node in nodes:
        for call in calls_in(node):
            match call.func:
                case ast.Attribute(value=value, attr="parameters") if root_name(value):
                    names[root_name(value)] = None
    for node in own:
        for call in calls_in(node):
            if called_name(call) in task.code.definitions:
                names.update(_plain_names(call.args))
            if isinstance(call.func, ast.Name):
                names[call.func.id] = None
    bound = _bound_at_top_level(everything)
    return [name for name in names if name in bound]


def _plain_names(nodes: Sequence[ast.expr]) -> dict[str, None]:
    return {node.id: None for node in nodes if isinstance(node, ast.Name)}


def _bound_at_top_level(statements: Sequence[PlacedStatement]) -> set[str]:
    bound: set[str] = set()
    for placed in statements:
        match placed.node:
            case ast.Assign(targets=targets):
                for target in targets:
                    names = (node for node in ast.walk(target) if isinstance(node, ast.Name))
                    bound.update(name.id for name in names)
    return bound


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask for the score of each model by each measure, before and after its training."""
    if not task.trains:
        return
    for model in models_of(task):
        yield model_request(task, model)
        for measure in measures_of(task, model)[:MAX_MEASURES]:
            yield from score_requests(task, MeasuredModel(model, measure))


def score_requests(
    task: TaskCode,
    measured: MeasuredModel,
) -> tuple[AnswerCandidate, AnswerCandidate]:
    """Ask for scores of models before the training, and for the score at the notebook's end."""
    first = training_statement(task)
    line_above = first.node.lineno - 1
    last_cell = task.code.last_cell
    last_line = task.code.cells[last_cell].source.count("\n") + 1
    before = AnswerCandidate(first.cell, line_above, measured.trial_before())
    after = AnswerCandidate(last_cell, last_line, measured.trial())
    return before, after


def model_request(
    task: TaskCode,
    model: str,
) -> AnswerCandidate:
    """Ask what a name holds once a model is trained."""
    last = task.statements[-1]
    return AnswerCandidate(
        last.cell,
        last.last_line,
        model,
    )


def training_statement(task: TaskCode) -> PlacedStatement:
    """Find the statement that trains; where a function does, the one that calls it."""
    for placed in task.others:
        if task.code.trains(placed.node):
            return placed
    names = {
        getattr(
            placed.node,
            "name",
            "",
        )
        for placed in task.functions
    }
    for placed in task.code.statements:
        called = {called_name(call) for call in calls_in(placed.node)}
        if placed.cell >= task.statements[0].cell and not names.isdisjoint(called):
            return placed
    return task.statements[0]


def has_network(task: TaskCode) -> bool:
    """Tell whether an exercise trains what has a method `parameters`, as a network has."""
    for placed in task.code.statements:
        for call in calls_in(placed.node):
            if called_name(call) == "parameters" and isinstance(call.func, ast.Attribute):
                return True
    return False


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the scores that training changes under every seed, those of its words first."""
    if not task.trains:
        return
    found: list[tuple[int, Proposal]] = []
    for model in models_of(task):
        network = observed.value(model_request(task, model))
        if not isinstance(network, Module) or not network.parameters:
            continue
        for measure in measures_of(task, model)[:MAX_MEASURES]:
            bound = _bound_of(task, observed, MeasuredModel(model, measure))
            if bound is not None:
                proposal = _score(model, measure, bound)
                found.append((_order_of(task, measure, bound), proposal))
    for _, proposal in sorted(found, key=_order):
        yield proposal


def _bound_of(
    task: TaskCode,
    observed: Observed,
    measured: MeasuredModel,
) -> Bound | None:
    """Choose the bound of a score; None if training makes no difference that it shows."""
    before, after = score_requests(task, measured)
    trained = []
    for value in observed.all_values(after):
        trained.append(as_number(value))
    scores = []
    for score in trained:
        if score is not None:
            scores.append(score)
    if not scores or len(scores) < len(trained):
        return None
    untrained = _numbers(observed.samples.get(before, ()))
    return choose_bound(
        task.text,
        measured.measure,
        scores,
        untrained,
    )


def _order_of(task: TaskCode, measure: Measure, bound: Bound) -> int:
    """Sort scores: those that words give a bound for, then shares of right ones, then losses."""
    if bound.is_asked and measure.is_named_in(task.text):
        return 0
    if measure.is_better_higher:
        return 1
    return 2 if measure.is_named_in(task.text) else 3


def _order(found: tuple[int, Proposal]) -> int:
    return found[0]


def _numbers(values: Sequence[Value]) -> Sequence[float]:
    """List the numbers of the first of some values: that of each model."""
    for value in values:
        if isinstance(value, Array):
            return value.elements
    return ()


def _score(
    model: str,
    measure: Measure,
    bound: Bound,
) -> Proposal:
    side = "at_least" if bound.is_lowest else "at_most"
    fields: Mapping[str, str | float] = {
        "of": model,
        "with": measure.expression,
        side: bound.number,
    }
    return Proposal(
        "score",
        fields,
        probes=measure.probes,
    )
