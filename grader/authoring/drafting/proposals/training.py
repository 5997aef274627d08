"""Propose a score for a model that an exercise trains. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Field, Observed, Proposal
from grader.authoring.drafting.proposals.bounds import Bound, choose_bound
from grader.authoring.drafting.proposals.measures import Measure, measures_of
from grader.authoring.drafting.proposals.notebook_code import (
    PlacedStatement,
    TaskCode,
    called_names,
    calls_in,
)
from grader.authoring.drafting.proposals.trials import scored, unlearned
from grader.authoring.drafting.syntax import called_name, names_bound, names_read, root_name
from grader.grading.agreement import as_number
from grader.trace import Array, Module, Value

MAX_MEASURES = 6
TEST_WORDS = (
    r" (tests?|testing|validation|valid|val|held|unseen|teste|validacao|prueba|validacion|essai"
    r"|testdaten|validierung\w*|testmenge) "
)
"""Words for data that a model is not trained on, folded."""
TEST_NAME = re.compile(r"test|val|held|unseen|prueba|essai|dev", re.IGNORECASE)
"""Names of such data."""


@dataclass(frozen=True)
class MeasuredModel:
    """A trained model, and a measure of it."""

    model: str
    measure: Measure

    def trial(self) -> str:
        """Write the measurement as a trial."""
        return scored(self.model, self.measure.expression, self.measure.probes)

    def trial_before(self) -> str:
        """Write the measurement of untrained models as a trial."""
        return unlearned(self.model, self.measure.expression, self.measure.probes)


def models_of(task: TaskCode) -> list[str]:
    """List the names that may refer to the model that an exercise trains, the most likely first.

    They are the models that optimizers step, the arguments of training functions, and called
    objects.
    """
    names: dict[str, None] = {}
    own = [placed.node for placed in task.statements]
    everything = [placed.node for placed in task.code.statements]
    for node in (*own, *everything):
        for call in calls_in(node):
            match call.func:
                case ast.Attribute(value=value, attr="parameters"):
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


def _bound_at_top_level(statements: Sequence[ast.stmt]) -> set[str]:
    bound: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.Assign):
            bound.update(names_bound(statement))
    return bound


def has_network(task: TaskCode) -> bool:
    """Return whether an exercise trains an object with a method `parameters`."""
    for placed in task.code.statements:
        for call in calls_in(placed.node):
            match call.func:
                case ast.Attribute(attr="parameters"):
                    return True
    return False


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the score of each model by each measure, before and after its training."""
    if not task.trains:
        return
    for model in models_of(task):
        yield model_request(task, model)
        for measured in _measured(task, model):
            yield from score_requests(task, measured)


def model_request(task: TaskCode, model: str) -> AnswerCandidate:
    """Request the value of a name after the training."""
    last = task.statements[-1]
    return AnswerCandidate(last.cell, last.last_line, model)


def score_requests(
    task: TaskCode, measured: MeasuredModel
) -> tuple[AnswerCandidate, AnswerCandidate]:
    """Request scores of untrained models, and that of the model at the notebook's end.

    The first are measured before the training, or also at the end if its data comes later.
    """
    first = training_statement(task)
    line_above = first.node.lineno - 1
    last_cell = task.code.last_cell
    source = task.code.cells[last_cell].source
    last_line = source.count("\n") + 1
    after = AnswerCandidate(last_cell, last_line, measured.trial())
    if _comes_later(task, measured, first):
        return replace(after, expression=measured.trial_before()), after
    return AnswerCandidate(first.cell, line_above, measured.trial_before()), after


def _comes_later(task: TaskCode, measured: MeasuredModel, first: PlacedStatement) -> bool:
    """Return whether a measure reads names that the notebook only binds after the training."""
    read = names_read(ast.parse(measured.measure.expression))
    begin = (first.cell, first.node.lineno)
    before: set[str] = set()
    later: set[str] = set()
    for placed in task.code.statements:
        is_before = (placed.cell, placed.node.lineno) < begin
        names = {placed.name, *names_bound(placed.node)}
        (before if is_before else later).update(names)
    return not read.isdisjoint(later - before)


def training_statement(task: TaskCode) -> PlacedStatement:
    """Find the statement that trains; if a function does, its caller."""
    for placed in task.others:
        if task.code.trains(placed.node):
            return placed
    first = task.statements[0]
    functions = {placed.name for placed in task.functions}
    for placed in task.code.statements:
        if placed.cell < first.cell:
            continue
        if not functions.isdisjoint(called_names(placed.node)):
            return placed
    return first


def _measured(task: TaskCode, model: str) -> list[MeasuredModel]:
    """List the measures of a model, the most likely first."""
    measures = measures_of(task, model)[:MAX_MEASURES]
    return [MeasuredModel(model, measure) for measure in measures]


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the scores that training changes for every seed, those named in its words first."""
    if not task.trains:
        return
    ranked: list[tuple[Rank, Proposal]] = []
    for model in models_of(task):
        request = model_request(task, model)
        network = observed.value(request)
        if not isinstance(network, Module) or not network.parameters:
            continue
        for measured in _measured(task, model):
            bound = _bound_of(task, observed, measured)
            if bound is None:
                continue
            rank = _rank(task, measured, bound)
            ranked.append((rank, _score(measured, bound)))
    ranked.sort(key=itemgetter(0))
    for _, proposal in ranked:
        yield proposal


def _bound_of(task: TaskCode, observed: Observed, measured: MeasuredModel) -> Bound | None:
    """Choose the bound of a score; None if training does not change the score."""
    before, after = score_requests(task, measured)
    scores = []
    for value in observed.all_values(after):
        score = as_number(value)
        if score is None:
            return None
        scores.append(score)
    if not scores:
        return None
    samples = observed.samples.get(before, ())
    untrained = _first_numbers(samples)
    is_trained = (before.cell, before.line) == (after.cell, after.line)
    if is_trained:
        untrained = untrained[1:]
    return choose_bound(task.text, measured.measure, scores, untrained)


def _first_numbers(values: Sequence[Value]) -> Sequence[float]:
    """List the numbers of the first array among some values: one for each model."""
    for value in values:
        if isinstance(value, Array):
            return value.elements
    return ()


Rank = tuple[int, bool, bool]
"""Sorts scores: by the measure, and by whether it uses the student's own data, or training data."""


def _rank(task: TaskCode, measured: MeasuredModel, bound: Bound) -> Rank:
    """Return a sort key: scores with a bound in the words, then accuracies, then losses.

    Students could make data of an answer easy. If the text mentions other data than the training's,
    measures on such data come first.
    """
    measure = measured.measure
    names = names_read(ast.parse(measure.expression)) - {measured.model}
    is_own = not all(_is_given(task, measure, name) for name in names)
    speaks_of_tests = task.says(TEST_WORDS)
    is_on_training = speaks_of_tests and not TEST_NAME.search(measure.expression)
    return _rank_of_measure(task, measure, bound), is_own, is_on_training


def _is_given(task: TaskCode, measure: Measure, name: str) -> bool:
    """Return whether a name in a measure is the handout's, or a function that comes with it."""
    if task.code.is_known(name):
        return True
    return f"def {name}(" in measure.probes


def _rank_of_measure(task: TaskCode, measure: Measure, bound: Bound) -> int:
    is_named = measure.is_named_in(task.text)
    if bound.is_asked and is_named:
        return 0
    if measure.is_better_higher:
        return 1
    if is_named:
        return 2
    return 3


def _score(measured: MeasuredModel, bound: Bound) -> Proposal:
    measure = measured.measure
    side = "at_least" if bound.is_lowest else "at_most"
    fields: dict[str, Field] = {
        "of": measured.model,
        "with": measure.expression,
        side: bound.number,
    }
    return Proposal("score", fields, probes=measure.probes)
