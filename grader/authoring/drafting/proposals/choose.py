"""List the ways to decide an exercise, the best first. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals import (
    asserts,
    closures,
    drawn,
    free_choice,
    functions,
    marked_values,
    methods,
    networks,
    objects,
    people,
    plots,
    relations,
    training,
    values,
)
from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.syntax import called_name

Propose = Callable[[TaskCode, Observed], Iterator[Proposal]]
"""Proposes ways to decide an exercise by its answer in code."""

MAX_REQUESTS = 80
"""Most values of one exercise that a run is asked for."""
MAX_TRIALS = 60
"""Most expressions of one exercise that are tried."""


def requests_for(task: TaskCode) -> list[AnswerCandidate]:
    """List the values that a run of the notebook has to record for an exercise."""
    if task.task.question or not task.statements:
        return []
    requests: list[AnswerCandidate] = []
    for kind in (values, functions, closures, methods, networks, objects, plots, training):
        requests += kind.requests(task)
    return list(dict.fromkeys(requests))[:MAX_REQUESTS]


def trials_for(task: TaskCode, observed: Observed) -> list[str]:
    """List the expressions to try once the cells have run."""
    trials: list[str] = []
    for kind in (asserts, functions, closures, networks, objects, methods, relations):
        trials += kind.trials(task, observed)
    return list(dict.fromkeys(trials))[:MAX_TRIALS]


def proposals_for(task: TaskCode, observed: Observed) -> list[Proposal]:
    """List the ways to decide an exercise, the best first; the last one is a person."""
    if task.task.question:
        return [Proposal("text", {"question": task.task.question})]
    if task.task.marked:
        marked_ones = list(marked_values.propose(task, observed))
        if marked_ones:
            return marked_ones
    why = people.why_not_decided(task, observed)
    automatic: list[Proposal] = []
    if why not in ("failed", "asked"):
        automatic = _automatic(task, observed)
    asks_for_both = plots.is_asked_for(task) and plots.asks_for_words(task)
    if asks_for_both and not task.task.is_explained_apart:
        automatic = [each for each in automatic if each.check != "figure"]
    return [*automatic, *people.propose(task, why)]


def _automatic(task: TaskCode, observed: Observed) -> list[Proposal]:
    """List the ways to decide an exercise without a person, each once."""
    proposals: list[Proposal] = []
    for propose in _kinds(task):
        for proposal in propose(task, observed):
            if proposal not in proposals:
                proposals.append(proposal)
    return proposals


def _kinds(task: TaskCode) -> Iterator[Propose]:
    """List the kinds of answers, by the code of an exercise."""
    is_one = len(functions.asked_functions(task)) == 1
    if is_one and not task.classes and not task.trains_at_top_level:
        yield functions.propose_one
    if task.task.tests and not task.functions and not task.classes:
        yield values.propose_fixed  # it has to follow the data, which tests need not
    if task.task.tests or free_choice.is_free_choice(task):
        yield asserts.propose
    if task.trains_at_top_level or (task.trains and not task.classes):
        yield drawn.propose_series
        if not training.has_network(task):
            yield values.propose_fixed
        yield training.propose
    if task.draws and plots.is_asked_for(task):
        yield plots.propose
    if task.classes:
        yield networks.propose
        yield objects.propose
        yield methods.propose
    if functions.asked_functions(task) and not task.classes:
        yield functions.propose
        yield closures.propose
    if task.trains:
        yield training.propose
    if _names_result(task):
        yield values.propose
    yield networks.propose
    yield values.propose
    yield objects.propose
    yield relations.propose
    if not task.functions and not task.classes:
        yield drawn.propose_properties
    yield plots.propose


def _names_result(task: TaskCode) -> bool:
    """Return whether the words name what an exercise computes, and no object that it makes."""
    has_result = False
    for node in task.bindings:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if task.names(name):
                if isinstance(value, ast.Call) and called_name(value)[:1].isupper():
                    return False
                has_result = True
    return has_result
