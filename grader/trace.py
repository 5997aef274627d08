"""Define traces, the records of a run. Plain data: Trace, Event, Value.

A trace is a claim made inside the student's kernel: it is parsed strictly, and nothing in it is a
verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

BASE = "base"
"""Label of the run on the original data."""

MAX_ELEMENTS = 64
"""Up to this many elements a tensor, array or list is recorded by value."""


ShortText = Annotated[str, Field(max_length=200)]
"""A name or a label."""

LongText = Annotated[str, Field(max_length=20_000)]

Names = Annotated[tuple[str, ...], Field(max_length=64)]
"""Names of the student's own that a statement assigns or reads."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Number(_Data):
    """A Python or numpy number."""

    kind: Literal["number"] = "number"
    value: float


class Bool(_Data):
    """True or False; never equal to a number."""

    kind: Literal["bool"] = "bool"
    value: bool


class Text(_Data):
    """A string, cut after 2,000 characters."""

    kind: Literal["text"] = "text"
    value: str = Field(max_length=2_000)


class Array(_Data):
    """A tensor, an array, or a list of numbers."""

    kind: Literal["array"] = "array"
    origin: Literal["tensor", "array", "list"]
    shape: tuple[int, ...] = Field(max_length=32)
    dtype: str = Field(max_length=40)
    elements: tuple[float, ...] = Field(max_length=MAX_ELEMENTS)
    """All elements in row-major order, up to 64; of a larger one, 64 at fixed places, or none."""
    summary: tuple[float, ...] = Field((), max_length=10)
    """For a larger one: count of NaN, count of inf, sum, absolute sum, minimum, maximum, and four
    projections."""
    requires_grad: bool = False
    grad_fn: str | None = Field(None, max_length=80)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


class Nothing(_Data):
    """None, computed by a statement."""

    kind: Literal["nothing"] = "nothing"


class Items(_Data):
    """A whole tuple, list or dict; lists of numbers are arrays instead."""

    kind: Literal["items"] = "items"
    form: Literal["tuple", "list", "dict"]
    keys: tuple[str, ...] = Field((), max_length=MAX_ELEMENTS)
    """For a dict, its keys as they are written in code."""
    entries: tuple[Value, ...] = Field(max_length=MAX_ELEMENTS)
    """Its entries, in their order."""


class Graph(_Data):
    """An autograd graph, as passed to `make_dot`.

    Node 0 is the root. A graph without nodes: nothing to differentiate.
    """

    kind: Literal["graph"] = "graph"
    labels: tuple[str, ...] = Field(max_length=20_000)
    """Per node the operation (`ConvolutionBackward0`), `parameter(64, 3, 7, 7)`, or `leaf(4,)`."""
    edges: tuple[tuple[int, int], ...] = Field(max_length=60_000)
    """Pairs (operation, its input), in the order of the inputs."""


class Module(_Data):
    """A `torch.nn.Module`."""

    kind: Literal["module"] = "module"
    name: ShortText
    parameters: int


class Other(_Data):
    """A value of any other type, described by its type."""

    kind: Literal["other"] = "other"
    type: ShortText


Value = Annotated[
    Number | Bool | Text | Array | Nothing | Items | Graph | Module | Other,
    Field(discriminator="kind"),
]
Items.model_rebuild()

EventKind = Literal[
    "value",
    "shown",
    "printed",
    "grad",
    "step",
    "graph",
    "figure",
    "mark",
    "skipped",
    "note",
    "input",
    "ended",
    "call",
    "seed",
]


DRAWN = "drawn"
"""Text of an event `seed` for a cell of a replay that drew random numbers."""


class Event(_Data):
    """The effect of one statement: the values of its names after it."""

    run: ShortText
    """Label of the run: `base`, `variant-1`, …; for a call, that of the call: see `Question`."""
    kind: EventKind
    """What happened.

    - `value`: names after a statement.
    - `shown`: an expression statement's value.
    - `printed`: text written to standard output.
    - `grad`: gradients after a backward, or what `torch.autograd.grad` returned.
    - `step`: an optimizer's parameters after a step.
    - `graph`: what `make_dot` was given.
    - `figure`: what a figure of matplotlib holds, once it is shown.
    - `mark`: an answer of the reference.
    - `skipped`: a command that was not run.
    - `note`: something to know.
    - `input`: which data a variant met.
    - `ended`: how a cell of a replay ended (`text`: the error, empty if there was none).
    - `call`: what a function of the notebook gave (`scope`: its name; `text`: the exception, if it
      raised one), or an expression (`scope`: the names that stand in for others).
    - `seed`: a seed that code set (`text`: its family and its number, as `torch 42`), or, in a
      replay, that a cell drew random numbers (`text`: `DRAWN`).
    """
    cell: int
    """Index of the cell in the notebook, from 0."""
    line: int = 0
    """First line of the statement in its cell, from 1."""
    end_line: int = 0
    """Last line of the statement."""
    source: str = Field("", max_length=400)
    """The student's source line."""
    scope: ShortText = ""
    """Name of the function; empty at top level."""
    assigned: Names = ()
    """Names the statement assigns."""
    turn: Literal["1", "2", "last"] = "1"
    """Pass of the statement: the first, the second, or the end of a loop."""
    reads: Names = ()
    """Names of the student's own that the right-hand side reads, or the expression."""
    values: dict[str, Value] = Field(default_factory=dict, max_length=512)
    """The values by their paths: `w`, `m.w`, `losses[0]`."""
    text: LongText = ""
    """Printed text, skipped command, or note."""
    alternative: int = 0
    """For a mark: which of the exercise's alternatives."""
    credit: float = 1.0
    """For a mark: the share of the points it earns."""


CellStatus = Literal["ok", "error", "timeout", "died", "flooded", "not_run"]

Limit = Literal["", "memory", "disk", "processes", "open-files"]
"""A limit that a cell met, beside those of time and output, which are statuses; empty: none."""


class CellRun(_Data):
    """How the run of a cell ended."""

    cell: int
    """Index of the cell in the notebook, from 0."""
    status: CellStatus
    error: str = ""
    """Type of the exception, as `NameError`."""
    message: str = ""
    """Its message, cut after 300 characters."""
    limit: Limit = ""
    """The limit that it met."""
    seconds: float = 0.0
    """Wall time, in seconds."""
    again: bool = False
    """It ran a second time at the end, since a name it needed came later."""


def is_literal(event: Event) -> bool:
    """Return whether a statement's value was typed in: it reads none of the student's names."""
    if event.reads or event.turn == "last":
        return False
    return event.kind in ("value", "shown", "printed")


class Run(_Data):
    """One pass over the cells: on the original data, or on a variant."""

    label: str
    """`base`, `variant-1`, …"""
    cells: tuple[CellRun, ...] = ()
    events: tuple[Event, ...] = ()
    carried: dict[str, bool] = {}
    """For a variant: the inputs that appeared, and whether other numbers could take their place."""
    problem: str = Field("", max_length=400)
    """For a variant: why other numbers could not be made."""

    def ended_well(self, cell: int) -> bool:
        """Return whether the last run of a cell ended without an error."""
        statuses = [run.status for run in self.cells if run.cell == cell]
        return bool(statuses) and statuses[-1] == "ok"


class CodeCell(_Data):
    """A code cell of a notebook."""

    cell: int
    """Index among all cells of the notebook, from 0."""
    source: str
    handout: bool = False
    """Its source is the handout's own but for white space: it holds no answer."""
    restored: tuple[str, ...] = ()
    """For a cell of the handout that was put back: the names that the student's code needs of it.

    It is not in the student's file: its index is above those of the cells there.
    """


class ModuleSource(_Data):
    """A Python module that was handed in with a notebook."""

    name: str
    """Its file, as a path in the working directory."""
    source: str

    @property
    def import_name(self) -> str:
        """The name by which it is imported, such as `package.module`."""
        path = self.name.removesuffix(".py").removesuffix("/__init__")
        return path.replace("/", ".")


PictureType = Literal["image/png", "image/jpeg"]

MAX_PICTURE_CHARACTERS = 400_000
"""Most characters of a picture in base64: about 300 kB."""


class Picture(_Data):
    """A picture that a cell displayed in the run on the original data."""

    cell: int
    """Index of the cell in the notebook, from 0."""
    type: PictureType
    data: str = Field(max_length=MAX_PICTURE_CHARACTERS, pattern=r"^[A-Za-z0-9+/]*={0,2}$")
    """In base64, without line breaks."""


class Trace(_Data):
    """The recorded runs of a job."""

    cells: tuple[CodeCell, ...]
    """The cells of the job."""
    runs: tuple[Run, ...]
    asked: tuple[int, ...] = ()
    """Cells that were to run with other numbers, whether or not they could."""
    forged: int = 0
    """Messages of the recorder that could not be parsed: something wrote on its pipe."""
    truncated: bool = False
    """The recorder reached its limit; later events are missing."""
    seconds: float = 0.0
    """Wall time of all runs together, in seconds."""
    peak_mib: int | None = None
    """Most memory used, in MiB; None where nothing counts it."""
    sandbox: str = ""
    """How its kernels were sandboxed; empty if none ran."""
    files: tuple[str, ...] = ()
    """Names of the files that lay in the working directory."""
    modules: tuple[ModuleSource, ...] = ()
    """The modules among them that were handed in."""
    ended: tuple[str, ...] = ()
    """Labels of the runs in which the kernel ended, though nothing of the grader's had ended it."""
    pictures: tuple[Picture, ...] = ()
    """Displayed pictures of cells, for people to look at."""

    def run(self, label: str) -> Run | None:
        """Return the run with a label; None if there is none."""
        for run in self.runs:
            if run.label == label:
                return run
        return None

    @property
    def base(self) -> Run:
        """The run on the original data."""
        run = self.run(BASE)
        return run or Run(label=BASE)

    def handout_cells(self) -> frozenset[int]:
        """Return the indices of the handout's cells."""
        indices = [cell.cell for cell in self.cells if cell.handout]
        return frozenset(indices)

    def own_events(self, label: str = BASE) -> Iterator[Event]:
        """Yield the events of the student's own cells in one run."""
        run = self.run(label)
        if run is None:
            return
        handout = self.handout_cells()
        for event in run.events:
            if event.cell not in handout:
                yield event
