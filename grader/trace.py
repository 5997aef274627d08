"""What is run and what comes back: Job, Trace, Event, Value. Plain data, and no answers in it.

A trace is a claim made inside the student's kernel: it is parsed strictly, and nothing in it is a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.settings import Limits

BASE = "base"
"""Label of the run on the handed-out data."""

MAX_ELEMENTS = 64
"""Up to this many elements a tensor, array or list is recorded by value."""


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
    """All elements in row-major order up to 64; of a larger one, those at 64 fixed places, or none."""
    summary: tuple[float, ...] = Field((), max_length=10)
    """Of a larger one: count of NaN, count of inf, sum, absolute sum, minimum, maximum, four projections."""
    requires_grad: bool = False
    grad_fn: str | None = Field(None, max_length=80)

    @property
    def size(self) -> int:
        """Number of elements."""
        count = 1
        for length in self.shape:
            count *= length
        return count


class Graph(_Data):
    """An autograd graph, as given to `make_dot`. Node 0 is the root; no nodes: nothing to differentiate."""

    kind: Literal["graph"] = "graph"
    labels: tuple[str, ...] = Field(max_length=20_000)
    """Per node the operation (`ConvolutionBackward0`), or `parameter(64, 3, 7, 7)`, or `leaf(4,)`."""
    edges: tuple[tuple[int, int], ...] = Field(max_length=60_000)
    """Pairs (operation, its input), in the order of the inputs."""


class Module(_Data):
    """A `torch.nn.Module`."""

    kind: Literal["module"] = "module"
    name: str = Field(max_length=200)
    parameters: int


class Other(_Data):
    """A value of any other type, by the name of its type."""

    kind: Literal["other"] = "other"
    type: str = Field(max_length=200)


Value = Annotated[
    Number | Bool | Text | Array | Graph | Module | Other, Field(discriminator="kind")
]

EventKind = Literal[
    "value",
    "shown",
    "printed",
    "grad",
    "step",
    "graph",
    "mark",
    "skipped",
    "note",
    "input",
    "ended",
    "call",
]


class Event(_Data):
    """What one statement did: the values its names hold after it."""

    run: str = Field(max_length=200)
    """Label of the run: `base`, `variant-1`, …; of a call, that of the call: see `Question`."""
    kind: EventKind
    """`value`: names after a statement. `shown`: an expression statement's value. `printed`: text written to
    standard output. `grad`: gradients after a backward, or what `torch.autograd.grad` returned. `step`: an
    optimizer's parameters after a step. `graph`: what `make_dot` was given. `mark`: an answer of the reference.
    `skipped`: a command that was not run. `note`: something to know. `input`: which data a variant met. `ended`: how a
    cell of a replay ended (`text`: the error, empty if there was none). `call`: what a function of the notebook gave
    (`scope`: its name; `text`: the exception, if it raised one)."""
    cell: int
    """Index of the cell in the notebook, from 0."""
    line: int = 0
    """First line of the statement in its cell, from 1."""
    end_line: int = 0
    source: str = Field("", max_length=400)
    """The student's source line."""
    scope: str = Field("", max_length=200)
    """Name of the function; empty at top level."""
    assigned: tuple[str, ...] = Field((), max_length=64)
    """Names the statement assigns."""
    turn: Literal["1", "2", "last"] = "1"
    """Which pass of the statement within its cell: the first, the second, or what a loop left at its end."""
    reads: tuple[str, ...] = Field((), max_length=64)
    """Names of the student's own that the right-hand side reads, or the expression."""
    values: dict[str, Value] = Field(default_factory=dict, max_length=512)
    """What is where: `w`, `m.w`, `losses[0]`."""
    text: str = Field("", max_length=20_000)
    """Printed text, skipped command, or note."""
    alternative: int = 0
    """Of a mark: which of the exercise's alternatives."""
    credit: float = 1.0
    """Of a mark: the share of the points it earns."""


CellStatus = Literal["ok", "error", "timeout", "died", "flooded", "not_run"]

Limit = Literal["", "memory", "disk", "processes", "open-files"]
"""A limit that a cell met, beside those of time and output, which are statuses; empty: none."""


class CellRun(_Data):
    """How one cell ended."""

    cell: int
    status: CellStatus
    error: str = ""
    """Type of the exception, as `NameError`."""
    message: str = ""
    """Its message, cut after 300 characters."""
    limit: Limit = ""
    seconds: float = 0.0
    again: bool = False
    """It ran a second time at the end, since a name it needed came later."""


def is_literal(event: Event) -> bool:
    """Whether what a statement gives was typed in: its right-hand side reads no name of the student's own."""
    return not event.reads and event.kind in ("value", "shown", "printed") and event.turn != "last"


class Run(_Data):
    """One pass over the cells: on the handed-out data, or on a variant."""

    label: str
    cells: tuple[CellRun, ...] = ()
    events: tuple[Event, ...] = ()
    carried: dict[str, bool] = {}
    """Of a variant: the inputs that were seen, and whether the other numbers could take their place."""

    def ended_well(self, cell: int) -> bool:
        """Whether the last run of a cell ended without an error."""
        states = [run.status for run in self.cells if run.cell == cell]
        return bool(states) and states[-1] == "ok"


class CodeCell(_Data):
    """A code cell of a notebook."""

    cell: int
    """Index among all cells of the notebook, from 0."""
    source: str
    handout: bool = False
    """Its source is the handout's own but for white space: it holds no answer."""


class VariedInput(_Data):
    """Data of the assignment and the numbers that take its place."""

    name: str
    original: Array
    variants: tuple[Array, ...]


class InputFile(_Data):
    """A file that lies in the notebook's working directory."""

    name: str = Field(max_length=400)
    """Path in the working directory, with `/` between its parts."""
    path: Path = Field(exclude=True)
    """Where it lies on this machine: a run depends on what is in it only."""
    sha256: str


class Question(_Data):
    """A function to call at the end, once the cells have run: each call is a run of its own in the trace."""

    exercise: str
    function: str
    """The name it should have. Where the notebook has none of that name, others with as many parameters are called."""
    calls: tuple[str, ...]
    """What each call is given: expressions between commas; `torch`, `np` and `math` are there."""

    @property
    def found(self) -> str:
        """Label of the run that lists the functions which are called."""
        return f"{self.exercise}(0)"

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the calls, in their order."""
        return tuple(f"{self.exercise}({number})" for number in range(1, len(self.calls) + 1))


class Job(_Data):
    """What to run. Enters the student's kernel, so it holds no answers."""

    cells: tuple[CodeCell, ...]
    files: tuple[InputFile, ...] = ()
    """Files in the working directory; of two of one name, the later one."""
    inputs: tuple[VariedInput, ...] = ()
    limits: Limits = Limits()
    questions: tuple[Question, ...] = ()
    """Functions to call at the end."""
    trusted: bool = False
    """The reference: its marks are recorded."""


PictureType = Literal["image/png", "image/jpeg"]

MAX_PICTURE_CHARACTERS = 400_000
"""Most characters of a picture in base64: about 300 kB."""


class Picture(_Data):
    """A picture that a cell displayed in the run on the handed-out data."""

    cell: int
    type: PictureType
    data: str = Field(max_length=MAX_PICTURE_CHARACTERS, pattern=r"^[A-Za-z0-9+/]*={0,2}$")
    """In base64, without line breaks."""


class Trace(_Data):
    """What a job brought back."""

    cells: tuple[CodeCell, ...]
    runs: tuple[Run, ...]
    asked: tuple[int, ...] = ()
    """Cells that were to run with other numbers, whether or not they could."""
    forged: int = 0
    """Messages of the recorder that could not be parsed: something wrote on its pipe."""
    truncated: bool = False
    """The recorder reached its limit; later events are missing."""
    seconds: float = 0.0
    peak_mib: int | None = None
    sandbox: str = ""
    """How its kernels were sealed off; empty if none ran."""
    files: tuple[str, ...] = ()
    """Names of the files that lay in the working directory."""
    ended: tuple[str, ...] = ()
    """Labels of the runs in which the kernel ended, though nothing of the grader's had ended it."""
    pictures: tuple[Picture, ...] = ()
    """What cells displayed, for people to look at."""

    def run(self, label: str) -> Run | None:
        """The run of a label; None if it did not take place."""
        return next((run for run in self.runs if run.label == label), None)

    @property
    def base(self) -> Run:
        """The run on the handed-out data."""
        return self.run(BASE) or Run(label=BASE)

    def handout_cells(self) -> frozenset[int]:
        """Indices of the cells that are the handout's own."""
        return frozenset(cell.cell for cell in self.cells if cell.handout)

    def own_events(self, label: str = BASE) -> Iterator[Event]:
        """The events of the student's own cells in one run."""
        handout = self.handout_cells()
        run = self.run(label)
        yield from (event for event in (run.events if run else ()) if event.cell not in handout)


def variant_count(inputs: Sequence[VariedInput]) -> int:
    """How many variants the inputs have."""
    return min((len(item.variants) for item in inputs), default=0)


def variant_numbers(inputs: Sequence[VariedInput], index: int) -> list[dict[str, Any]]:
    """The numbers of one variant, as the kernel takes them."""
    return [
        {
            "name": item.name,
            "original": list(item.original.elements),
            "other": list(item.variants[index].elements),
        }
        for item in inputs
    ]
