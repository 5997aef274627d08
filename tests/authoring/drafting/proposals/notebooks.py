"""Make the code of a solved notebook, and what runs of it told, without a kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.choose import requests_for, trials_for
from grader.authoring.drafting.proposals.notebook_code import NotebookCode, TaskCode
from grader.authoring.drafting.solved import DraftCell, DraftLine, Task
from grader.trace import Array, Module, Number, Run, Text, Value

GIVEN = "import torch\nfrom torch import nn"


def given_cell(source: str) -> DraftCell:
    """A cell that students get."""
    return DraftCell("code", tuple(map(DraftLine, dedent(source).strip("\n").split("\n"))))


def answer_cell(source: str) -> DraftCell:
    """A cell that students do not get."""
    lines = dedent(source).strip("\n").split("\n")
    return DraftCell("code", tuple(DraftLine(line, in_handout=False) for line in lines))


def text_cell(source: str) -> DraftCell:
    return DraftCell("markdown", tuple(map(DraftLine, source.split("\n"))))


def task_of(
    answer: str,
    *,
    words: str = "",
    given: str = "",
    after: str = "",
    tests: Sequence[str] = (),
) -> TaskCode:
    """An exercise that one cell answers, with a given cell above it and one below."""
    cells = (
        given_cell(f"{GIVEN}\n{dedent(given)}"),
        text_cell(words or "# Exercise"),
        answer_cell(answer),
        given_cell(after or "pass"),
    )
    task = Task("Exercise 1", (2,), words=words, tests=tuple(tests))
    return TaskCode(NotebookCode(cells), task)


def observed(
    task: TaskCode,
    values: Mapping[str, Value | Sequence[Value]],
    *,
    other_seed: Mapping[str, Value] | None = None,
    tried: Mapping[str, Sequence[Value]] | None = None,
) -> Observed:
    """What runs told: values by the end of the expression that was asked for.

    Args:
        task: the exercise.
        values: in the run as it is; several: pass by pass.
        other_seed: in a run with another seed, where they differ.
        tried: what trials gave, by a part of their text.
    """
    samples: dict[AnswerCandidate, Sequence[Value]] = {}
    way: dict[AnswerCandidate, Value] = {}
    for request in requests_for(task):
        for expression, value in values.items():
            if not _asks_for(request, expression):
                continue
            passes = list(value) if isinstance(value, Sequence) else [value]
            samples[request] = passes
            way[request] = (other_seed or {}).get(expression, passes[-1])
    seen = Observed(Run(label="solved"), samples, [way])
    at_end: dict[str, Sequence[Value]] = {}
    for trial in trials_for(task, seen):
        for part, given in (tried or {}).items():
            if part in trial:
                at_end[trial] = given
    return Observed(Run(label="solved"), samples, [way], at_end=at_end)


def _asks_for(request: AnswerCandidate, expression: str) -> bool:
    asked = request.expression
    return asked == expression or asked.endswith((f", {expression})", f"({expression!r}"))


def tensor(*numbers: float, shape: tuple[int, ...] = (), dtype: str = "float32") -> Array:
    return Array(
        origin="tensor", shape=shape or (len(numbers),), dtype=dtype, elements=tuple(numbers)
    )


def network(parameters: int = 10) -> Module:
    return Module(name="Net", parameters=parameters)


__all__ = ["Number", "Text", "network", "observed", "task_of", "tensor"]
