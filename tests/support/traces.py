"""Write traces and expectations in few words, so that the tests for grading read as sentences."""

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
from grader.job import VariedInput
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
)

VARIANTS = ("variant-1", "variant-2")

Plain = float | bool | str | Value


def value_of(plain: Plain) -> Value:
    """Make a value from the Python one that it stands for."""
    if isinstance(plain, bool):
        return Bool(value=plain)
    if isinstance(plain, str):
        return Text(value=plain)
    return Number(value=plain) if isinstance(plain, (int, float)) else plain


def tensor(
    *elements: float, shape: Sequence[int] | None = None, dtype: str = "float32", **fields: Any
) -> Array:
    """Make a tensor, with one axis unless a shape is given."""
    shape = (len(elements),) if shape is None else tuple(shape)
    origin = fields.pop("origin", "tensor")
    return Array(origin=origin, shape=shape, dtype=dtype, elements=elements, **fields)


def numbers(*elements: float) -> Array:
    """Make a list of numbers."""
    return tensor(*elements, origin="list", dtype="list")


def graph(*labels: str, edges: Iterable[tuple[int, int]] = ()) -> Graph:
    """Make a graph of operations."""
    return Graph(labels=labels, edges=tuple(edges))


# Events


def happens(kind: str, values: dict[str, Plain], reads: str = "", **fields: Any) -> Event:
    """Make an event of any kind."""
    described = {path: value_of(plain) for path, plain in values.items()}
    required = {"kind": kind, "values": described, "reads": tuple(reads.split())}
    defaults = {"run": BASE, "cell": 0, "line": 1}
    return Event.model_validate(required | defaults | fields)


def sets(name: str, value: Plain, reads: str = "x", **fields: Any) -> Event:
    """Assign a value to a name, in a statement that reads some names.

    With `reads` empty, it reads none of the student's own.
    """
    return happens("value", {name: value}, reads, assigned=(name,), **fields)


def shows(value: Plain, reads: str = "x", **fields: Any) -> Event:
    """Show the value of an expression that has no name."""
    return happens("shown", {"": value}, reads, **fields)


def prints(text: str, reads: str = "x", **fields: Any) -> Event:
    """Print a text."""
    return happens("printed", {}, reads, text=text, **fields)


def gradient(name: str, value: Plain, **fields: Any) -> Event:
    """Run a backward that reaches a name."""
    return happens("grad", {f"{name}.grad": value}, **fields)


def steps(name: str, value: Plain, **fields: Any) -> Event:
    """Take a step with an optimizer."""
    return happens("step", {name: value}, **fields)


def draws(graph: Graph, **fields: Any) -> Event:
    """Draw a graph with `make_dot`."""
    return happens("graph", {"make_dot": graph}, **fields)


# Runs and traces


def run(
    *events: Event, label: str = BASE, seen: bool | None = True, ended: Iterable[CellRun] = ()
) -> Run:
    """Make a run from events; their cells ended well unless `ended` says otherwise.

    Args:
        events: the events.
        label: the label of the run.
        seen: in a variant, whether its numbers replaced the data; None: it met no data.
        ended: how some cells ended.
    """
    known = tuple(ended)
    others = {event.cell for event in events} - {cell.cell for cell in known}
    well = tuple(CellRun(cell=cell, status="ok") for cell in others)
    return Run(
        label=label,
        cells=tuple(sorted((*well, *known), key=lambda cell: cell.cell)),
        events=tuple(event.model_copy(update={"run": label}) for event in events),
        carried={} if seen is None or label == BASE else {"x": seen},
    )


def trace(
    *runs: Run, sources: Sequence[str] = ("", "", ""), handout: Sequence[int] = (), **fields: Any
) -> Trace:
    """Make a trace from runs.

    Args:
        runs: the runs.
        sources: the source of each cell.
        handout: indices of the cells that are the handout's own.
        fields: other fields of the trace.
    """
    cells: list[CodeCell] = []
    for index, source in enumerate(sources):
        cells.append(CodeCell(cell=index, source=source, handout=index in handout))
    return Trace(cells=tuple(cells), runs=runs, **fields)


def computed(*values: Plain, again: bool = False, **fields: Any) -> Trace:
    """Make a trace in which one statement gives a value in the base run and in each variant.

    Args:
        values: the value per run.
        again: the variants ran once more, to confirm a denial.
        fields: fields of the events, and `sources` of the cells.
    """
    suffix = CONFIRMATION if again else ""
    labels = [BASE, *(label + suffix for label in VARIANTS)]
    sources = fields.pop("sources", ("", "", ""))
    runs = [
        run(sets("a", value, **fields), label=label)
        for value, label in zip(values, labels, strict=False)
    ]
    return trace(*runs, sources=sources)


# Expectations


def expects(*values: Plain, credit: float = 1.0, tolerance: Tolerance | None = None) -> Expectation:
    """Expect one answer: its value on the original data, and on each variant."""
    return alternatives((credit, values), tolerance=tolerance)


def alternatives(
    *answers: tuple[float, Sequence[Plain]], tolerance: Tolerance | None = None
) -> Expectation:
    """Expect one of several answers, each with the credit it earns and its value per run."""
    runs: dict[str, list[Answer]] = {}
    for credit, values in answers:
        for label, plain in zip((BASE, *VARIANTS), values, strict=False):
            answer = Answer(value=value_of(plain), credit=credit)
            runs.setdefault(label, []).append(answer)
    return Expectation(runs, tolerance or Tolerance())


NOTHING = Expectation({BASE: ()}, Tolerance())


def decide(
    exercise: Exercise, trace: Trace, expectation: Expectation, right: Expectation = NOTHING
) -> Outcome:
    """Decide one exercise by its check."""
    context = Context(Values(trace), expectation, right)
    return AUTOMATIC[exercise.check].decide(exercise, context)


# Assignments


def exercise(exercise_id: str = "step", check: str = "value", **fields: Any) -> Exercise:
    """Make an exercise of two points."""
    defaults = {
        "id": exercise_id,
        "title": exercise_id.capitalize(),
        "points": 2,
        "check": check,
    }
    return Exercise.model_validate(defaults | fields)


def mistake(
    mistake_id: str, credit: dict[str, float] | None = None, **expectations: Expectation
) -> KnownMistake:
    """Make a known mistake from what it computes in each exercise."""
    words = {"en": f"the {mistake_id}"}
    return KnownMistake(mistake_id, words, words, credit or {}, expectations)


def assignment(*exercises: Exercise, handout: Sequence[str] = ()) -> Assignment:
    """Make an assignment; the handout is given as the sources of its code cells."""
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
    """Make what is known: the reference's answers per exercise, the mistakes, and the data."""
    right_values = dict.fromkeys(answers, NOTHING) | (right or {})
    return Knowledge(answers, right_values, mistakes, inputs=tuple(inputs))
