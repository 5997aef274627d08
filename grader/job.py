"""Define jobs: cells to run, and changes of variants. Plain data, without answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.settings import Limits
from grader.trace import Array, CodeCell, ModuleSource, Value


class _JobPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class VariedNumbers(_JobPart):
    """Data of the assignment, and the numbers that replace it."""

    kind: Literal["numbers"] = "numbers"
    name: str
    original: Array
    """The original data."""
    variants: tuple[Array, ...] = ()
    """Other numbers, as many as the data has."""
    expressions: tuple[str, ...] = ()
    """In place of `variants`: expressions for other numbers, for data of more elements than a trace
    stores, or that is varied by such data.
    """
    seeds: tuple[tuple[int, int], ...] = ()
    """Seeds of each expression that draws: its own, and that which all data of a variant shares."""

    @property
    def count(self) -> int:
        """Number of variants."""
        return len(self.expressions) or len(self.variants)

    def unchanged(self) -> dict[str, Any]:
        """Return the data in the kernel's format, replaced by its own numbers."""
        if self.expressions:
            own_name = (self.name,)
            itself = self.model_copy(update={"expressions": own_name})
            return itself.entry(0)
        own_numbers = (self.original,)
        itself = self.model_copy(update={"variants": own_numbers})
        return itself.entry(0)

    def entry(self, index: int) -> dict[str, Any]:
        """Return one variant in the kernel's format."""
        original = self.original
        data: dict[str, Any] = {"name": self.name, "original": list(original.elements)}
        if not self.expressions:
            variant = self.variants[index]
            data["other"] = list(variant.elements)
            return data
        data["expression"] = self.expressions[index]
        if self.seeds:
            data["seed"], data["shared_seed"] = self.seeds[index]
        data["size"] = original.size
        data["summary"] = list(original.summary)
        data["shape"] = list(original.shape)
        data["origin"] = original.origin
        data["dtype"] = original.dtype
        return data


class VariedFile(_JobPart):
    """A file of the assignment, and those that replace it."""

    kind: Literal["file"] = "file"
    name: str
    """Its name in the working directory."""
    sha256: str
    """Hash of the handed-out file."""
    variants: tuple[str, ...]
    """Contents of the other files, compressed by zlib and in base64."""

    @property
    def count(self) -> int:
        """Number of variants."""
        return len(self.variants)

    def unchanged(self) -> dict[str, Any]:
        """Return nothing that the kernel would do."""
        return {"name": self.name}

    def entry(self, index: int) -> dict[str, Any]:
        """Return one variant as the kernel takes it."""
        content = self.variants[index]
        return {"name": self.name, "sha256": self.sha256, "content": content}


class _VariedByNumber(_JobPart):
    """Something that a kernel varies by a number; 0 leaves it unchanged."""

    name: str
    variants: tuple[int, ...]
    """The number of each variant."""

    @property
    def count(self) -> int:
        """Number of variants."""
        return len(self.variants)

    def unchanged(self) -> dict[str, Any]:
        """Return what leaves it as it is."""
        return self._with(0)

    def entry(self, index: int) -> dict[str, Any]:
        """Return one variant as the kernel takes it."""
        return self._with(self.variants[index])

    def _with(self, number: int) -> dict[str, Any]:
        raise NotImplementedError


class VariedSubset(_VariedByNumber):
    """A data set, by the class of `torchvision.datasets` that opens it.

    The numbers say which of its items are there: see `kernel.portability.data_sets.chosen`.
    """

    kind: Literal["subset"] = "subset"

    def _with(self, number: int) -> dict[str, Any]:
        return {"name": self.name, "part": number}


class VariedSeeds(_VariedByNumber):
    """The seeds that code sets; a variant's number is added to each."""

    kind: Literal["seeds"] = "seeds"

    def _with(self, number: int) -> dict[str, Any]:
        return {"name": self.name, "offset": number}


VariedInput = Annotated[
    VariedNumbers | VariedFile | VariedSubset | VariedSeeds, Field(discriminator="kind")
]
"""Anything that a variant changes."""


class InputFile(_JobPart):
    """A file in the notebook's working directory."""

    name: str = Field(max_length=400)
    """Path in the working directory, with `/` between its parts."""
    path: Path = Field(exclude=True)
    """Path on this machine; left out of the job's key, since only the content decides a run."""
    sha256: str


class DataFolder(_JobPart):
    """A read-only folder of data for notebooks."""

    name: str = Field(max_length=100)
    """Its name in the working directory; for a data set, below the root of torchvision's."""
    path: Path = Field(exclude=True)
    """Path on this machine; left out of the job's key."""
    digest: str
    """Hash of its files; of a large folder, of their names, sizes and times."""
    dataset: str = ""
    """The class of `torchvision.datasets` that opens it; empty: it is the assignment's own."""


class Question(_JobPart):
    """A question to a notebook after its cells have run: calls of a function, or expressions.

    Each call or expression is a run of its own in the trace.
    """

    exercise: str
    """Id of the exercise that asks."""
    function: str = ""
    """The name that the function should have; empty: expressions are evaluated.

    Where the notebook has none of that name, others with as many parameters are called.
    """
    calls: tuple[str, ...]
    """Arguments of each call, as expressions between commas; or the expressions.

    `kernel.recording.aliases.MODULES` are there.
    """
    names: tuple[str, ...] = ()
    """Names of the notebook that the expressions read.

    Another object of the same kind stands in for one that is not there.
    """
    code: str = ""
    """Statements that run before each expression, in a namespace of their own."""
    model: str = ""
    """The one of the names that refers to a trained model; empty: none does.

    It is measured in eval mode, without gradients, and evidence of its training is recorded.
    """
    module: str = ""
    """The one of the names that refers to a network, or to its class or factory; empty: none does.

    Expressions measure it under the name `kernel.recording.aliases.PROBED`.
    """
    make: str = ""
    """For a network: the arguments that make it, as expressions between commas."""
    changes: bool = False
    """For a function: whether its arguments after the call are compared, not its result."""
    keeps: bool = False
    """For a function: whether a call says that it changed its arguments."""
    facts: tuple[str, ...] = ()
    """Expressions that explain a failure, and decide nothing."""
    asserts: str = ""
    """A test cell that runs in place of expressions; empty: there is none."""
    shares: bool = False
    """Whether each assertion of the test cell earns a share, and is reported."""
    given: dict[str, tuple[str, ...]] = {}
    """Per name that is read as `given.NAME`, the statements of given cells that mention it."""
    own: tuple[str, ...] = ()
    """The exercises with answers that are read as `own.ID`."""
    own_paths: dict[str, tuple[str, ...]] = {}
    """Per such exercise, the names under which the reference answers it."""

    @property
    def found(self) -> str:
        """Label of the run that lists the functions, or describes the objects of names."""
        return f"{self.exercise}(0)"

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the calls or expressions, in their order."""
        count = len(self.calls)
        numbers = range(1, count + 1)
        return tuple(f"{self.exercise}({number})" for number in numbers)

    @property
    def fact_labels(self) -> tuple[str, ...]:
        """Labels of the facts, in their order."""
        count = len(self.facts)
        numbers = range(1, count + 1)
        return tuple(f"{self.found}[{number}]" for number in numbers)

    @property
    def all_labels(self) -> tuple[str, ...]:
        """Labels of everything that is recorded for it."""
        labels = self.labels + self.fact_labels
        return (self.found, *labels)

    def kind_label(self, name: str) -> str:
        """Return the label under which the reference describes the object of a name."""
        return f"{self.found}.{name}"


class OwnAnswer(_JobPart):
    """A notebook's own answer to an exercise, for questions that refer to it.

    SECURITY: it is the student's own, and never the reference's.
    """

    value: Value | None = None
    """A value of the trace; None: there is none, or it is an object at a path."""
    path: str = ""
    """The notebook's name of the object; empty: it is a value."""
    tried: bool = False
    """Whether the notebook tries to answer at all."""


OwnAnswers = Mapping[str, OwnAnswer]
"""By exercise."""


class Job(_JobPart):
    """Cells, files and questions of a run. It is sent to the kernel, so it has no answers."""

    cells: tuple[CodeCell, ...]
    files: tuple[InputFile, ...] = ()
    """Files in the working directory; of two with one name, the later one counts."""
    modules: tuple[ModuleSource, ...] = Field(default=(), exclude=True)
    """The modules among them that were handed in; left out of the job's key."""
    inputs: tuple[VariedInput, ...] = ()
    """The data, and the numbers that variants put in its place."""
    data: tuple[DataFolder, ...] = ()
    """Folders of data that the notebook reads."""
    limits: Limits = Limits()
    questions: tuple[Question, ...] = ()
    """Questions to ask at the end."""
    held_out: tuple[InputFile, ...] = ()
    """Files that are laid in once the cells have run, for the questions."""
    figures: bool = False
    """Whether the contents of figures are recorded."""
    trusted: bool = False
    """It is the reference: its marks are recorded."""


def variant_count(inputs: Sequence[VariedInput]) -> int:
    """Return how many variants all inputs have."""
    counts = [varied.count for varied in inputs]
    return min(counts, default=0)


def fewer_variants(inputs: Sequence[VariedInput], count: int) -> tuple[VariedInput, ...]:
    """Return inputs with only their first variants; without any for none."""
    if not count:
        return ()
    fewer: list[VariedInput] = []
    for varied in inputs:
        update: dict[str, Any] = {"variants": varied.variants[:count]}
        if isinstance(varied, VariedNumbers):
            update["expressions"] = varied.expressions[:count]
            update["seeds"] = varied.seeds[:count]
        narrowed = varied.model_copy(update=update)
        fewer.append(narrowed)
    return tuple(fewer)


def variant_numbers(inputs: Sequence[VariedInput], index: int) -> list[dict[str, Any]]:
    """Return the numbers of one variant, in the kernel's format."""
    numbers: list[dict[str, Any]] = []
    for varied in inputs:
        entry = varied.entry(index)
        numbers.append(entry)
    return numbers
