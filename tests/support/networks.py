"""Measure networks in this process, and decide an exercise by what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent
from typing import Any

import torch

from grader.assignment import Exercise
from grader.grading.agreement import Tolerance
from grader.grading.checks.outcome import Outcome
from grader.grading.expectation import Answer, Expectation
from grader.job import Question
from grader.kernel.probing.calls import Caller
from grader.kernel.probing.probes import Prober
from grader.trace import CodeCell, Event, Run, Trace
from tests.support import traces
from tests.support.recording import Recording

IMPORTS = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F"

CNN = """
class Net(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(64, hidden)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.norm(self.conv(x))))
        x = x.flatten(1)
        x = self.drop(F.relu(self.fc1(x)))
        return self.fc2(x)
"""
"""A network for images of 8×8 pixels, as a reference may have it."""


def network(**fields: Any) -> Exercise:
    """Make an exercise that asks for `CNN`, unless fields say otherwise."""
    defaults = {
        "module": "Net",
        "make": "hidden=12",
        "inputs": ("torch.randn(4, 1, 8, 8)",),
        "compare": ("output", "shape", "parameters", "layers"),
    }
    return traces.exercise("net", "module", **(defaults | fields))


def asked(exercise: Exercise, *cells: str) -> list[Event]:
    """Run cells, and list what is recorded when the exercise's question is asked at their end."""
    recording = Recording()
    recording.run(IMPORTS)
    dtype = torch.get_default_dtype()
    try:
        for cell in cells:
            recording.run(cell)
        before = len(recording.sent)
        prober = Prober(recording.recorder, Caller(recording.recorder, seed=5))
        question = _question(exercise).model_dump()
        prober.ask(question, recording.names, "", seconds=20.0)
    finally:
        torch.set_default_dtype(dtype)  # a cell may set another one
    return recording.events(before)


def expected(exercise: Exercise, *cells: str) -> Expectation:
    """Return what a reference with these cells gives."""
    answers: dict[str, list[Answer]] = {}
    for event in asked(exercise, *cells):
        result = event.values.get("result")
        if result is not None:
            assert not event.text, f"{event.run} of the reference raises {event.text}"
            answers[event.run] = [Answer(value=result)]
    return Expectation(answers, Tolerance())


def decided(exercise: Exercise, expectation: Expectation, *cells: str) -> Outcome:
    """Decide the exercise for a student with these cells."""
    events = asked(exercise, *cells)
    sources = [dedent(cell).strip("\n") for cell in (IMPORTS, *cells)]
    trace = Trace(
        cells=tuple(CodeCell(cell=index, source=source) for index, source in enumerate(sources)),
        runs=tuple(_runs(events)),
    )
    return traces.decide(exercise, trace, expectation)


def _question(exercise: Exercise) -> Question:
    question = exercise.asked
    assert question is not None
    return question


def _runs(events: Iterable[Event]) -> list[Run]:
    by_label: dict[str, list[Event]] = {}
    for event in events:
        by_label.setdefault(event.run, []).append(event)
    return [Run(label=label, events=tuple(of_run)) for label, of_run in by_label.items()]
