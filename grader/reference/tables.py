"""Define the tables of `variants.toml`, `mistakes.toml` and `guides.toml`."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    field_validator,
    model_validator,
)

from grader.grading.rubric import MAX_ITEMS, MAX_TEXT
from grader.messages import Language, own_first

PLACEHOLDERS = {"line", "name", "heading"}
"""Placeholders in a text about a value: the student's line, the name, the heading above."""


def _own_first(texts: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    """Sort texts in the order in which they replace a missing one.

    The validation context contains the language of the assignment.
    """
    if info.context is None:
        return texts
    return own_first(texts, info.context)


ByLanguage = Annotated[dict[str, str], AfterValidator(_own_first)]
"""A text in each language of the course."""

TextsByExercise = dict[str, ByLanguage]
Names = tuple[str, ...]

Share = Annotated[float, Field(ge=0, le=1)]
EarnedShare = Annotated[float, Field(gt=0, le=1)]
"""Shares of the points; the second one is not nothing."""

Part = Annotated[int, Field(ge=1)]
"""Number of a selection of items."""

SomeText = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


Count = Annotated[int | None, Field(ge=1, le=10)]
"""Number of variants to draw or make; None: as many as other data has, or two."""

DEFAULT_COUNT = 2


class _VariedTable(_Table):
    """Something that varies, with as many variants as every other such table."""

    name: str
    """Name of the varied data."""
    count: Count = None
    """How many variants are drawn or made, where none are written down."""

    @property
    def is_drawn(self) -> bool:
        """Whether its variants are drawn for each class."""
        return not self.number_of("variants")

    def is_drawn_for(self, kind: str) -> bool:
        """Return whether its `variants` or `practice` variants are drawn."""
        return self.is_drawn and not self.number_of(kind)

    def number_of(self, kind: str) -> int:
        """Return how many `variants` or `practice` variants are written out."""
        variants = getattr(self, kind)
        return len(variants)

    def number_to_draw(self) -> int | None:
        """Return how many are drawn; None: as many as other data has."""
        return self.count

    @model_validator(mode="after")
    def _counts_what_is_written(self) -> Self:
        written = self.number_of("variants")
        if written and self.count and self.count != written:
            raise ValueError(
                f"{self.name} has {written} in 'variants' and {self.count} as count, "
                "which is for those that are drawn or made: leave it out"
            )
        return self


class InputTable(_VariedTable):
    """Data of the assignment that variants replace: a table of `[[inputs]]`.

    Further expressions may use its name.
    """

    source: str | None = Field(None, alias="from")
    """Name in the reference that holds the data; the input's own name if not given."""
    value: str | None = None
    """An expression for the data, if no name of the reference refers to it."""
    variants: tuple[str, ...] = ()
    """Expressions for other data of the same size; the n-th of all inputs belong together."""
    draw: Names = ()
    """Expressions that draw such data, other numbers for each class: one for each variant, or one
    for all."""
    practice: Names = ()
    """Further expressions, with which students check their notebooks themselves."""

    @field_validator("draw", mode="before")
    @classmethod
    def _is_listed(cls, draw: object) -> object:
        if not isinstance(draw, str):
            return draw
        return [draw]

    @model_validator(mode="after")
    def _says_how(self) -> InputTable:
        is_written = bool(self.variants)
        is_drawn = bool(self.draw)
        if is_written == is_drawn:
            raise ValueError(f"input {self.name} needs either 'draw' or 'variants'")
        several = self.number_to_draw()
        if self.count and self.count != several:
            raise ValueError(f"input {self.name} has {several} in 'draw' and {self.count} as count")
        return self

    def number_to_draw(self) -> int | None:
        """Return how many are drawn; None: as many as other data has."""
        several = len(self.draw)
        if several > 1:
            return several
        return self.count

    def expressions(self, kind: str, count: int) -> tuple[str, ...]:
        """Return the expression of each of the `variants` or `practice` variants."""
        written: tuple[str, ...] = getattr(self, kind)
        if written:
            return written
        if len(self.draw) == 1:
            return self.draw * count
        return self.draw


Make = Literal["resample", "shuffle", "jitter"]
"""How other rows of a file are made: see `file_variants.made`."""


class FileTable(_VariedTable):
    """A file of the assignment that variants replace: a table of `[[files]]`.

    Its name is that in `files` of `assignment.toml`.
    """

    variants: Names = ()
    """Files beside `variants.toml` that replace it."""
    practice: Names = ()
    """Further ones, with which students check their notebooks themselves."""
    make: Make | None = None
    """How to make the files for each class, if there are none."""

    @model_validator(mode="after")
    def _says_how(self) -> FileTable:
        has_files = bool(self.variants)
        is_made = self.make is not None
        if has_files == is_made:
            raise ValueError(f"file {self.name} needs either 'variants' or 'make'")
        return self


class SeedTable(_VariedTable):
    """Seeds that variants change: a table of `[[seeds]]`."""

    name: str = "seeds"
    """Distinguishes several tables."""
    variants: tuple[int, ...] = ()
    """Numbers that are added to each seed that code sets; none: they are drawn for each class."""
    practice: tuple[int, ...] = ()
    """Further ones, with which students check their notebooks themselves."""

    @field_validator("variants", "practice")
    @classmethod
    def _are_no_zeros(cls, offsets: tuple[int, ...]) -> tuple[int, ...]:
        if not all(offsets):
            raise ValueError("0 added to a seed leaves it as it is")
        return offsets


class DatasetTable(_VariedTable):
    """A torchvision data set from which variants take other items: a table of `[[datasets]]`.

    Its name is that of its class, as in `datasets` of `assignment.toml`.
    """

    variants: tuple[Part, ...] = ()
    """Which items: each number chooses others; none: they are drawn for each class."""
    practice: tuple[Part, ...] = ()
    """Further ones, with which students check their notebooks themselves."""


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
        """All tables of things that vary."""
        return (*self.inputs, *self.files, *self.datasets, *self.seeds)

    @property
    def are_drawn(self) -> bool:
        """Whether some variants are drawn for each class."""
        return any(table.is_drawn for table in self.tables)

    def has_all(self, kind: str) -> bool:
        """Return whether all data has `variants` or `practice` variants, drawn or written out."""
        return all(table.is_drawn or table.number_of(kind) for table in self.tables)

    def count(self, kind: str) -> int:
        """Return how many `variants` or `practice` variants all data has."""
        if not self.tables:
            return 0
        counts = self._counts(kind)
        return max(counts.values(), default=DEFAULT_COUNT)

    def _counts(self, kind: str) -> dict[str, int]:
        """Return the number of variants, by name, of all data that has one."""
        counts: dict[str, int] = {}
        for table in self.tables:
            number = table.number_of(kind)
            if table.is_drawn_for(kind):
                number = table.number_to_draw() or 0
                if not number:
                    continue
            counts[table.name] = number
        return counts

    @property
    def _has_practice(self) -> bool:
        """Return whether the author wrote any practice variant; otherwise they are drawn."""
        written = [table for table in self.tables if not table.is_drawn]
        if not written:
            return True
        return any(table.number_of("practice") for table in self.tables)

    @model_validator(mode="after")
    def _has_names_once(self) -> VariantsFile:
        names = [table.name for table in self.tables]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} stands there twice")
        return self

    @model_validator(mode="after")
    def _as_many_of_each(self) -> VariantsFile:
        kinds = ("variants", "practice") if self._has_practice else ("variants",)
        for kind in kinds:
            counts = self._counts(kind)
            different_counts = set(counts.values())
            if len(different_counts) > 1:
                each = [f"{name} has {count}" for name, count in counts.items()]
                listed = ", ".join(each)
                raise ValueError(
                    f"the n-th {kind} belong together, so each input needs as many: {listed}"
                )
        return self


class EditTable(_Table):
    """A text of the reference, and its replacement."""

    find: SomeText
    """Text that occurs exactly once in the reference."""
    replace: str
    """Text in its place."""


class MistakeTable(_Table):
    """A known mistake: a table of `[mistakes]`."""

    name: ByLanguage
    """Name of the mistake, per language."""
    hint: ByLanguage
    """Advice for the student; it gives no number away."""
    credit: dict[str, Share] = {}
    """Remaining share of the points, per exercise; 0 for missing exercises."""
    leaves_out: Names = ()
    """Exercises that students with this mistake do not attempt."""
    happened: TextsByExercise = {}
    """Per exercise, a text about the value that the mistake gave."""
    shown: TextsByExercise = {}
    """Per exercise, a text about a value that earned a part of the points."""
    edits: tuple[EditTable, ...] = ()
    """Changes of the reference that make the mistake, in addition to `# wrong(id):` lines."""

    @field_validator("happened", "shown")
    @classmethod
    def _has_known_placeholders(cls, texts: TextsByExercise) -> TextsByExercise:
        for by_language in texts.values():
            for text in by_language.values():
                _check_placeholders(text)
        return texts


def _check_placeholders(text: str) -> None:
    for name in _placeholders(text):
        if name not in PLACEHOLDERS:
            raise ValueError(f"{{{name}}} is not known: write {{line}}, {{name}} or {{heading}}")


def _placeholders(text: str) -> Iterator[str]:
    for _, name, _, _ in Formatter().parse(text):
        if name:
            yield name


class AcceptedTable(_Table):
    """Another way to solve an exercise: a table of `[[accepted]]`."""

    id: SomeText
    """Name of the way."""
    note: ByLanguage
    """Message to student and instructor, per language."""
    credit: dict[str, EarnedShare] = {}
    """Share of the points, per exercise; all points for missing exercises."""
    edits: tuple[EditTable, ...] = Field(min_length=1)
    """How the reference becomes this way."""


class Waiver(_Table):
    """A mutant that may keep its points: a table of `[[waived]]`."""

    model_config = ConfigDict(frozen=True)

    find: SomeText
    """The line that it changes."""
    becomes: SomeText
    """The line that it puts there."""
    reason: SomeText
    """Why that is no fault of the assignment's."""


class MistakesFile(_Table):
    """The file `mistakes.toml`."""

    mistakes: dict[str, MistakeTable] = {}
    """Known mistakes by their ids."""
    accepted: tuple[AcceptedTable, ...] = ()
    """Other ways that earn points."""
    waived: tuple[Waiver, ...] = ()
    """Mutants that `grade validate` does not hold against the assignment."""


Guide = Annotated[dict[Language, str], AfterValidator(_own_first)]
"""Grading guide of an answer that a person reads, per language."""


class RubricTable(_Table):
    """An item that `grade review` offers for the answers to a question."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    points: float = Field(ge=-1000, le=1000, allow_inf_nan=False)


class GuideTable(_Table):
    """Help for a reviewer of a question: the guide, and rubric items.

    In the file, the languages of the guide are keys beside `items`.
    """

    guide: Guide = {}
    items: tuple[RubricTable, ...] = Field((), max_length=MAX_ITEMS)

    @model_validator(mode="before")
    @classmethod
    def _gather_languages(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            raise ValueError("a guide is a table with a text per language")
        languages = {key: value for key, value in table.items() if key != "items"}
        return {"guide": languages, "items": table.get("items", ())}

    @model_validator(mode="after")
    def _require_other_ids(self) -> Self:
        ids = [item.id for item in self.items]
        for id_ in ids:
            if ids.count(id_) > 1:
                raise ValueError(f"two items have the id {id_}")
        return self


class GuidesFile(RootModel[dict[str, GuideTable]]):
    """The file `guides.toml`: a guide and rubric items per exercise."""

    root: dict[str, GuideTable] = {}
