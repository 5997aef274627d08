"""Run the expressions of `variants.toml`: the data, and the variants that take its place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.errors import AssignmentError
from grader.job import VariedInput, VariedNumbers, VariedSeeds, VariedSubset
from grader.notebook.expressions import names_read
from grader.reference.file_variants import read_variants
from grader.reference.files import ReferenceFiles
from grader.reference.tables import InputTable
from grader.running.session import Session
from grader.trace import MAX_ELEMENTS, Array, Event, Run

INPUTS = "inputs"
"""Label of the run that makes the data, and beginning of those that make the variants."""

SETUP_CELL = -2
"""Index of the cell that makes the numbers."""

IMPORTS = ("import math", "import numpy as np", "import torch")
"""What expressions may use."""

GENERATOR = "g = torch.Generator().manual_seed(20_011)"
"""A generator that expressions may use, new for each: see `kernel.varied_data`."""

MIN_NUMBERS = 3
"""Fewer numbers cannot be told from others."""

MAX_NUMBERS = 1 << 24
"""Of more numbers, a trace holds nothing."""

Arrays = dict[str, Array]
"""Data by the names of the inputs."""


class VariantInputs:
    """Makes the numbers of an assignment's inputs in the kernel of its reference."""

    def __init__(self, solution: ReferenceFiles, session: Session, *, practice: bool) -> None:
        """Take the reference, its session, and whether to make the practice variants."""
        self._solution = solution
        self._session = session
        self._practice = practice
        self._tables = solution.variants.inputs

    async def make(self, handed_out: Run) -> tuple[VariedInput, ...]:
        """Make the data and its variants.

        Args:
            handed_out: the run of the reference on the data as it was handed out.

        Raises:
            AssignmentError: an input has no numbers, too few, too many, or not as many as the data.
        """
        inputs: list[VariedInput] = []
        if self._tables:
            inputs += await self._numbers(handed_out)
        inputs += self._files()
        inputs += self._subsets()
        inputs += self._seeds()
        return tuple(inputs)

    def _files(self) -> Iterable[VariedInput]:
        solution = self._solution
        tables = solution.variants.files
        files = solution.assignment.files
        return read_variants(tables, files, solution.folder, practice=self._practice)

    def _subsets(self) -> Iterator[VariedSubset]:
        limits = self._solution.assignment.limits
        for table in self._solution.variants.datasets:
            is_named = table.name in limits.datasets
            if not is_named or limits.subset is None:
                raise self._refusal(
                    f"datasets: {table.name} can vary only where [run] in assignment.toml names it "
                    "in 'datasets', and says 'subset'."
                )
            parts = table.practice if self._practice else table.variants
            yield VariedSubset(name=table.name, variants=parts)

    def _seeds(self) -> Iterator[VariedSeeds]:
        for table in self._solution.variants.seeds:
            offsets = table.practice if self._practice else table.variants
            yield VariedSeeds(name=table.name, variants=offsets)

    async def _numbers(self, handed_out: Run) -> list[VariedInput]:
        originals = await self._originals(handed_out)
        by_expression = self._varied_by_expression(originals)
        tables = [table for table in self._tables if table.name not in by_expression]
        variants = await self._variants(tables, originals)

        inputs: list[VariedInput] = []
        for table in self._tables:
            name = table.name
            original = originals[name]
            if name in by_expression:
                expressions = self._expressions(table)
                varied = VariedNumbers(name=name, original=original, expressions=expressions)
            else:
                numbers = tuple(variants[name])
                varied = VariedNumbers(name=name, original=original, variants=numbers)
            inputs.append(varied)
        return inputs

    async def _originals(self, handed_out: Run) -> Arrays:
        """Return the data: of an expression of its own, or what a name of the reference holds."""
        expressions = {table.name: table.value for table in self._tables if table.value}
        setup = await self._evaluate(INPUTS, expressions)
        originals: Arrays = {}
        for table in self._tables:
            name = table.name
            if table.value:
                array = _first_array(setup, name)
            else:
                source = table.source or name
                array = _first_array(handed_out, source)
            originals[name] = self._checked(array, name, f"input {name}")
        return originals

    def _varied_by_expression(self, originals: Arrays) -> set[str]:
        """Name the inputs that have to be varied where they are met.

        They have more elements than a trace holds, or are made from such data.
        """
        names = {name for name, array in originals.items() if array.size > MAX_ELEMENTS}
        before: set[str] = set()
        while before != names:
            before = set(names)
            for table in self._tables:
                read = self._names_read(table)
                if not names.isdisjoint(read):
                    names.add(table.name)
        return names

    def _names_read(self, table: InputTable) -> set[str]:
        expressions = self._expressions(table)
        try:
            names = names_read(expressions)
        except (SyntaxError, ValueError):
            return set()  # it is refused where it is to be evaluated
        return set(names)

    async def _variants(
        self, tables: Sequence[InputTable], originals: Arrays
    ) -> dict[str, list[Array]]:
        """Return the variants of some inputs."""
        variants: dict[str, list[Array]] = {table.name: [] for table in tables}
        if not tables:
            return variants
        first_lines = []
        if self._use_data(tables):
            first_lines = _data_lines(tables, originals)
        by_name = {table.name: self._expressions(table) for table in tables}
        count = min(map(len, by_name.values()))
        for index in range(count):
            expressions = {name: of_table[index] for name, of_table in by_name.items()}
            number = index + 1
            label = f"{INPUTS}-{number}"
            run = await self._evaluate(label, expressions, first_lines)
            for name in expressions:
                array = self._variant(run, name, index, originals[name])
                variants[name].append(array)
        return variants

    def _use_data(self, tables: Sequence[InputTable]) -> bool:
        """Tell whether some expression uses the data that it takes the place of."""
        return any(table.name in self._names_read(table) for table in tables)

    def _variant(self, run: Run | None, name: str, index: int, original: Array) -> Array:
        kind = "practice variant" if self._practice else "variant"
        number = index + 1
        subject = f"{kind} {number} of input {name}"
        last = None
        if run is not None and run.ended_well(SETUP_CELL):
            last = _last_array(run, name)
        array = self._checked(last, name, subject)
        if array.size != original.size:
            raise self._refusal(
                f"{subject} has {array.size} numbers, the data has {original.size}."
            )
        return array

    def _expressions(self, table: InputTable) -> tuple[str, ...]:
        return table.practice if self._practice else table.variants

    async def _evaluate(
        self, label: str, expressions: Mapping[str, str], first_lines: Sequence[str] = ()
    ) -> Run | None:
        """Run a cell that gives each name the value of its expression."""
        lines = [*IMPORTS, *first_lines]
        for name, expression in expressions.items():
            lines.append(GENERATOR)
            lines.append(f"{name} = {expression}")
        source = "\n".join(lines)
        cells = [(SETUP_CELL, source)]
        await self._session.replay(label, cells)
        trace = self._session.trace()
        return trace.run(label)

    def _checked(self, array: Array | None, name: str, subject: str) -> Array:
        """Return the numbers of an input, if there are enough of them and not too many."""
        if array is None:
            raise self._refusal(f"{subject} has no value: no statement gives {name} numbers.")
        if not MIN_NUMBERS <= array.size <= MAX_NUMBERS:
            raise self._refusal(
                f"{subject} has {array.size} numbers; "
                f"{MIN_NUMBERS} to {MAX_NUMBERS} can be told apart from others."
            )
        return array

    def check_made(self, runs: Iterable[Run]) -> None:
        """Refuse expressions that gave no other numbers where the reference met the data.

        Args:
            runs: those of the reference on the variants.

        Raises:
            AssignmentError: one gave none.
        """
        for run in runs:
            if run.problem:
                raise self._refusal(f"{run.label} cannot be made: {run.problem}.")

    def _refusal(self, problem: str) -> AssignmentError:
        file = self._solution.folder / "variants.toml"
        return AssignmentError(problem, "Correct it.", where=file)


def _data_lines(tables: Iterable[InputTable], originals: Arrays) -> list[str]:
    """Write statements that give names the data, as expressions of variants may use it."""
    lines = []
    for table in tables:
        literal = _literal(originals[table.name])
        lines.append(f"{table.name} = {literal}")
    return lines


def _literal(array: Array) -> str:
    """Write an expression that gives data of up to 64 elements."""
    literals = map(_number_literal, array.elements)
    numbers = ", ".join(literals)
    shape = array.shape
    dtype = array.dtype
    if array.origin == "array":
        return f"np.array([{numbers}]).astype({dtype!r}).reshape({shape})"
    if array.origin == "list":
        if len(shape) == 1:
            return f"[{numbers}]"
        dtype = "float32"
    return f"torch.tensor([{numbers}]).to(torch.{dtype}).reshape({shape})"


def _number_literal(number: float) -> str:
    if math.isfinite(number):
        return repr(number)
    return f"float('{number}')"


def _first_array(run: Run | None, name: str) -> Array | None:
    """Return the first value of a name at top level: later cells may use it for something else."""
    arrays = _arrays(run, name)
    return next(arrays, None)


def _last_array(run: Run | None, name: str) -> Array | None:
    """Return the last value of a name at top level."""
    last = None
    for array in _arrays(run, name):
        last = array
    return last


def _arrays(run: Run | None, name: str) -> Iterator[Array]:
    events = run.events if run else ()
    for event in events:
        if not _is_at_top_level(event):
            continue
        value = event.values.get(name)
        if isinstance(value, Array):
            yield value


def _is_at_top_level(event: Event) -> bool:
    return event.kind == "value" and not event.scope
