"""Short ways to write down traces and expectations, so that the tests of the deciding read as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from grader.assignment import Assignment, Exercise
from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.outcome import Outcome
from grader.grading.checks.registry import AUTOMATIC
from grader.grading.expectation import Answer, Expectation
from grader.grading.follows_data import CONFIRMATION
from grader.grading.knowledge import Knowledge
from grader.grading.mistakes import KnownMistake
from grader.grading.search import Values
from grader.notebook.cells import NotebookCell
from grader.settings import Limits
from grader.trace import (
    BASE,
    Array,
    Bool,
    CellRun,
    CodeCell,
    Event,
    Graph,
    Number,
    Run,
    Text,
    Trace,
    Value,
    VariedInput,
)

VARIANTS = ("variant-1", "variant-2")

Plain = float | bool | str | Value


def value_of(plain: Plain) -> Value:
    """A value, from the Python one it stands for."""
    if isinstance(plain, bool):
        return Bool(value=plain)
    if isinstance(plain, str):
        return Text(value=plain)
    return Number(value=plain) if isinstance(plain, (int, float)) else plain


def tensor(
    *elements: float, shape: Sequence[int] | None = None, dtype: str = "float32", **fields: Any
) -> Array:
    """A tensor; a flat one if nothing is said of its shape."""
    shape = (len(elements),) if shape is None else tuple(shape)
    return Array(
        origin=fields.pop("origin", "tensor"), shape=shape, dtype=dtype, elements=elements, **fields
    )


def numbers(*elements: float) -> Array:
    """A list of numbers."""
    return tensor(*elements, origin="list", dtype="list")


# Events


def happens(kind: str, values: dict[str, Plain], reads: str = "", **fields: Any) -> Event:
    """Any event."""
    held = {path: value_of(plain) for path, plain in values.items()}
    fields = {"run": BASE, "cell": 0, "line": 1} | fields
    return Event.model_validate(
        {"kind": kind, "values": held, "reads": tuple(reads.split()), **fields}
    )


def sets(name: str, value: Plain, reads: str = "x", **fields: Any) -> Event:
    """`name = …`: an assignment that reads some names; none of the student's own if `reads` is empty."""
    return happens("value", {name: value}, reads, assigned=(name,), **fields)


def shows(value: Plain, reads: str = "x", **fields: Any) -> Event:
    """An expression whose value is shown and has no name."""
    return happens("shown", {"": value}, reads, **fields)


def prints(text: str, reads: str = "x", **fields: Any) -> Event:
    return happens("printed", {}, reads, text=text, **fields)


def gradient(name: str, value: Plain, **fields: Any) -> Event:
    """A backward that reached `name`."""
    return happens("grad", {f"{name}.grad": value}, **fields)


def steps(name: str, value: Plain, **fields: Any) -> Event:
    """An optimizer's step."""
    return happens("step", {name: value}, **fields)


def draws(graph: Graph, **fields: Any) -> Event:
    return happens("graph", {"make_dot": graph}, **fields)


# Runs and traces


def run(
    *events: Event, label: str = BASE, seen: bool | None = True, ended: Iterable[CellRun] = ()
) -> Run:
    """A run of the cells that the events stand in; each ended well unless `ended` says otherwise.

    `seen`: of a variant, whether its numbers took the data's place; None: it met no data.
    """
    ended = tuple(ended)
    cells = sorted({event.cell for event in events} - {cell.cell for cell in ended})
    well = tuple(CellRun(cell=cell, status="ok") for cell in cells)
    return Run(
        label=label,
        cells=tuple(sorted((*well, *ended), key=lambda cell: cell.cell)),
        events=tuple(event.model_copy(update={"run": label}) for event in events),
        carried={} if seen is None or label == BASE else {"x": seen},
    )


def trace(
    *runs: Run, sources: Sequence[str] = ("", "", ""), handout: Sequence[int] = (), **fields: Any
) -> Trace:
    cells = tuple(
        CodeCell(cell=i, source=source, handout=i in handout) for i, source in enumerate(sources)
    )
    return Trace(cells=cells, runs=runs, **fields)


def computed(*values: Plain, again: bool = False, **fields: Any) -> Trace:
    """A trace in which one statement gives a value in the base run and one in each variant."""
    labels = [BASE, *(label + (CONFIRMATION if again else "") for label in VARIANTS)]
    sources = fields.pop("sources", ("", "", ""))
    runs = [
        run(sets("a", v, **fields), label=label) for v, label in zip(values, labels, strict=False)
    ]
    return trace(*runs, sources=sources)


# Expectations


def expects(*values: Plain, credit: float = 1.0, tolerance: Tolerance | None = None) -> Expectation:
    """One answer: its value on the handed-out data, and on each variant."""
    return alternatives((credit, values), tolerance=tolerance)


def alternatives(
    *answers: tuple[float, Sequence[Plain]], tolerance: Tolerance | None = None
) -> Expectation:
    """Several answers, each with the share it earns and its value per run."""
    runs: dict[str, list[Answer]] = {}
    for credit, values in answers:
        for label, plain in zip((BASE, *VARIANTS), values, strict=False):
            runs.setdefault(label, []).append(Answer(value=value_of(plain), credit=credit))
    return Expectation(runs, tolerance or Tolerance())


NOTHING = Expectation({BASE: ()}, Tolerance())


def decide(
    exercise: Exercise, trace: Trace, expectation: Expectation, right: Expectation = NOTHING
) -> Outcome:
    """Decide one exercise by its check."""
    return AUTOMATIC[exercise.check].decide(exercise, Context(Values(trace), expectation, right))


def exercise(exercise_id: str = "step", check: str = "value", **fields: Any) -> Exercise:
    fields = {
        "id": exercise_id,
        "title": exercise_id.capitalize(),
        "points": 2,
        "check": check,
    } | fields
    return Exercise.model_validate(fields)


def mistake(
    mistake_id: str, credit: dict[str, float] | None = None, **expectations: Expectation
) -> KnownMistake:
    """A known mistake: what it computes, per exercise."""
    words = {"en": f"the {mistake_id}"}
    return KnownMistake(mistake_id, words, words, credit or {}, expectations)


def assignment(*exercises: Exercise, handout: Sequence[str] = ()) -> Assignment:
    return Assignment(
        name="course",
        folder=Path(),
        title="Course",
        language="en",
        limits=Limits(),
        exercises=exercises,
        handout=tuple(NotebookCell(kind="code", source=source) for source in handout),
        version="1",
    )


def knowledge(
    *mistakes: KnownMistake,
    right: dict[str, Expectation] | None = None,
    inputs: Sequence[VariedInput] = (),
    **answers: Expectation,
) -> Knowledge:
    """What the reference gives per exercise, the mistakes, and the data."""
    return Knowledge(
        answers, dict.fromkeys(answers, NOTHING) | (right or {}), mistakes, inputs=tuple(inputs)
    )


def graph(*labels: str, edges: Iterable[tuple[int, int]] = ()) -> Graph:
    return Graph(labels=labels, edges=tuple(edges))
