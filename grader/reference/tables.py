"""Tables of `variants.toml`, `mistakes.toml` and `guides.toml`, as an author writes them."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from grader.messages import Language

PLACEHOLDERS = {"line", "name", "heading"}
"""What a text about a value may mention: the student's line, the name, the heading above."""

ByLanguage = dict[str, str]
"""A text in each language of the course."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InputTable(_Table):
    """Data of the assignment that variants replace: a table of `[[inputs]]`."""

    name: str
    """Name of the input, which further expressions may use."""
    source: str | None = Field(None, alias="from")
    """Name in the reference that holds the data; the input's own name if not given."""
    value: str | None = None
    """An expression that gives the data, where no name of the reference holds it."""
    variants: tuple[str, ...] = Field(min_length=1)
    """Expressions that give other data of the same size; the n-th of all inputs belong together."""
    practice: tuple[str, ...] = ()
    """Further expressions, with which students check their notebooks themselves."""

    def number_of(self, kind: str) -> int:
        """Return how many `variants` or `practice` variants there are."""
        return len(getattr(self, kind))


Make = Literal["resample", "shuffle", "jitter"]
"""How other rows of a file are made: see `file_variants.made`."""


class FileTable(_Table):
    """A file of the assignment that variants replace: a table of `[[files]]`."""

    name: str
    """Its name, as `files` in `assignment.toml` has it."""
    variants: tuple[str, ...] = ()
    """Files beside `variants.toml` that lie there in its place."""
    practice: tuple[str, ...] = ()
    """Further ones, with which students check their notebooks themselves."""
    make: Make | None = None
    """How the files are made, where there are none."""
    count: int = Field(2, ge=1, le=10)
    """How many are made."""

    @model_validator(mode="after")
    def _says_how(self) -> FileTable:
        if bool(self.variants) == (self.make is not None):
            raise ValueError(f"file {self.name} needs either 'variants' or 'make'")
        return self

    def number_of(self, kind: str) -> int:
        """Return how many `variants` or `practice` variants there are."""
        return self.count if self.make else len(getattr(self, kind))


class SeedTable(_Table):
    """Seeds that variants move: a table of `[[seeds]]`."""

    name: str = "seeds"
    """What they are for."""
    variants: tuple[int, ...] = Field(min_length=1)
    """Numbers that are added to each seed that code sets."""
    practice: tuple[int, ...] = ()
    """Further ones, with which students check their notebooks themselves."""

    @field_validator("variants", "practice")
    @classmethod
    def _are_no_zeros(cls, offsets: tuple[int, ...]) -> tuple[int, ...]:
        if not all(offsets):
            raise ValueError("0 added to a seed leaves it as it is")
        return offsets

    def number_of(self, kind: str) -> int:
        """Return how many `variants` or `practice` variants there are."""
        return len(getattr(self, kind))


class DatasetTable(_Table):
    """A data set of torchvision that variants show other items of: a table of `[[datasets]]`."""

    name: str
    """Its class, as `datasets` in `assignment.toml` has it."""
    variants: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    """Which items: each number chooses others."""
    practice: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Further ones, with which students check their notebooks themselves."""

    def number_of(self, kind: str) -> int:
        """Return how many `variants` or `practice` variants there are."""
        return len(getattr(self, kind))


class VariantsFile(_Table):
    """The file `variants.toml`."""

    inputs: tuple[InputTable, ...] = ()
    """The data that variants replace."""
    files: tuple[FileTable, ...] = ()
    """The files that variants replace."""
    datasets: tuple[DatasetTable, ...] = ()
    """The data sets that variants show other items of."""
    seeds: tuple[SeedTable, ...] = ()
    """The seeds that variants move."""

    @property
    def tables(self) -> tuple[InputTable | FileTable | DatasetTable | SeedTable, ...]:
        """All that varies."""
        return (*self.inputs, *self.files, *self.datasets, *self.seeds)

    @model_validator(mode="after")
    def _has_names_once(self) -> VariantsFile:
        names = [table.name for table in self.tables]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} stands there twice")
        return self

    @model_validator(mode="after")
    def _as_many_of_each(self) -> VariantsFile:
        for kind in ("variants", "practice"):
            counts = {table.name: table.number_of(kind) for table in self.tables}
            if len(set(counts.values())) > 1:
                listed = ", ".join(f"{name} has {count}" for name, count in counts.items())
                raise ValueError(
                    f"the n-th {kind} belong together, so each input needs as many: {listed}"
                )
        return self


class EditTable(_Table):
    """A text of the reference, and what stands in its place."""

    find: str = Field(min_length=1)
    """Text that stands in the reference once."""
    replace: str
    """Text in its place."""


class MistakeTable(_Table):
    """A known mistake: a table of `[mistakes]`."""

    name: ByLanguage
    """What the mistake is called."""
    hint: ByLanguage
    """What a student is advised to look at; it gives no number away."""
    credit: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Share of the points left, per exercise; 0 where nothing is said."""
    leaves_out: tuple[str, ...] = ()
    """Exercises that are not tried at all where it is made."""
    happened: dict[str, ByLanguage] = {}
    """Per exercise, what is said of the value that the mistake gave."""
    shown: dict[str, ByLanguage] = {}
    """Per exercise, what is said of a value that earned a part."""
    edits: tuple[EditTable, ...] = ()
    """How the reference becomes wrong, where no `# wrong(id):` line says it."""

    @field_validator("happened", "shown")
    @classmethod
    def _has_known_placeholders(cls, texts: dict[str, ByLanguage]) -> dict[str, ByLanguage]:
        for by_language in texts.values():
            for text in by_language.values():
                unknown = sorted(set(_placeholders(text)) - PLACEHOLDERS)
                if unknown:
                    raise ValueError(
                        f"{{{unknown[0]}}} is not known: write {{line}}, {{name}} or {{heading}}"
                    )
        return texts


def _placeholders(text: str) -> Iterator[str]:
    for _, name, _, _ in Formatter().parse(text):
        if name:
            yield name


class AcceptedTable(_Table):
    """Another way to solve an exercise: a table of `[[accepted]]`."""

    id: str = Field(min_length=1)
    """Name of the way."""
    note: ByLanguage
    """What is said of it."""
    credit: dict[str, Annotated[float, Field(gt=0, le=1)]] = {}
    """Share of the points that it earns, per exercise; all of them where nothing is said."""
    edits: tuple[EditTable, ...] = Field(min_length=1)
    """How the reference becomes this way."""


class Waiver(_Table):
    """A mutant that may keep its points: a table of `[[waived]]`."""

    model_config = ConfigDict(frozen=True)

    find: str = Field(min_length=1)
    """The line that it changes."""
    becomes: str = Field(min_length=1)
    """The line that it puts there."""
    reason: str = Field(min_length=1)
    """Why that is no fault of the assignment's."""


class MistakesFile(_Table):
    """The file `mistakes.toml`."""

    mistakes: dict[str, MistakeTable] = {}
    """Known mistakes by their ids."""
    accepted: tuple[AcceptedTable, ...] = ()
    """Other ways that earn points."""
    waived: tuple[Waiver, ...] = ()
    """Mutants that `grade validate` does not hold against the assignment."""


class GuidesFile(RootModel[dict[str, dict[Language, str]]]):
    """The file `guides.toml`: per exercise that a person reads, what earns its points."""

    root: dict[str, dict[Language, str]] = {}
