"""Evaluate the expressions of `variants.toml`: the data, and the variants that replace it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from grader.errors import AssignmentError
from grader.job import VariedInput, VariedNumbers, VariedSeeds, VariedSubset
from grader.notebook.expressions import names_read
from grader.reference.draws import Draws
from grader.reference.file_variants import read_variants
from grader.reference.files import ReferenceFiles
from grader.reference.tables import InputTable
from grader.running.session import Session
from grader.trace import MAX_ELEMENTS, Array, Event, Run

INPUTS = "inputs"
"""Label of the run that makes the data, and beginning of those that make the variants."""

SETUP_CELL = -2
"""Index of the cell that makes the numbers."""

IMPORTS = ("import math", "import random", "import numpy as np", "import torch")
"""Imports for expressions."""

FIXED_SEED = 20_011
"""Seed of expressions that are not drawn anew for each class."""

MIN_NUMBERS = 3
"""Least numbers of an input: fewer cannot be recognised."""

MAX_NUMBERS = 1 << 24
"""A trace does not store the numbers of larger data."""

Arrays = dict[str, Array]
"""Data by the names of the inputs."""


class VariantInputs:
    """Computes the numbers of an assignment's inputs in the kernel of its reference."""

    def __init__(self, solution: ReferenceFiles, session: Session, draws: Draws) -> None:
        """Initialise with the reference, its session, and the source of random numbers."""
        self._solution = solution
        self._session = session
        self._draws = draws
        self._kind = draws.kind
        self._practice = draws.kind == "practice"
        self._tables = solution.variants.inputs
        tables = solution.variants.tables
        self.count = solution.variants.count(draws.kind)
        """Number of variants; none where nothing varies."""
        self.are_drawn = any(table.is_drawn_for(draws.kind) for table in tables)
        """Whether some of it is drawn."""
        self._drawing = draws.at([0] * self.count)
        self._known_originals: Arrays | None = None

    async def make(
        self, handed_out: Run, attempts: Sequence[int] | None = None
    ) -> tuple[VariedInput, ...]:
        """Compute the data and its variants.

        Args:
            handed_out: the run of the reference on the original data.
            attempts: per variant, how often it was drawn before; None: not at all.

        Raises:
            AssignmentError: an input has no numbers, too few, too many, or not as many as the data.
        """
        if attempts is not None:
            self._drawing = self._draws.at(attempts)
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
        return read_variants(tables, files, solution.folder, self._drawing)

    def _subsets(self) -> Iterator[VariedSubset]:
        limits = self._solution.assignment.limits
        for table in self._solution.variants.datasets:
            is_named = table.name in limits.datasets
            if not is_named or limits.subset is None:
                raise self._refusal(
                    f"datasets: {table.name} can vary only where [run] in assignment.toml names it "
                    "in 'datasets', and says 'subset'."
                )
            parts = table.variants
            if self._practice:
                parts = table.practice
            if table.is_drawn_for(self._kind):
                parts = self._drawing.parts(table.name)
            yield VariedSubset(name=table.name, variants=parts)

    def _seeds(self) -> Iterator[VariedSeeds]:
        for table in self._solution.variants.seeds:
            offsets = table.variants
            if self._practice:
                offsets = table.practice
            if table.is_drawn_for(self._kind):
                offsets = self._drawing.offsets(table.name)
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
                varied = self._varied_where_met(table, original)
            else:
                numbers = tuple(variants[name])
                varied = VariedNumbers(name=name, original=original, variants=numbers)
            inputs.append(varied)
        return inputs

    def _varied_where_met(self, table: InputTable, original: Array) -> VariedNumbers:
        """Describe variants of data that is too large to be sent to kernels."""
        seeds = []
        if table.is_drawn_for(self._kind):
            for index in range(self.count):
                seeds.append(self._seeds_of(table, index))
        return VariedNumbers(
            name=table.name,
            original=original,
            expressions=self._expressions(table),
            seeds=tuple(seeds),
        )

    def _seeds_of(self, table: InputTable, index: int) -> tuple[int, int]:
        """Return the seed of an expression, and that of the generator `g`."""
        if not table.is_drawn_for(self._kind):
            return FIXED_SEED, FIXED_SEED
        own_seed = self._drawing.number(index, table.name)
        shared_seed = self._drawing.number(index)
        return own_seed, shared_seed

    async def _originals(self, handed_out: Run) -> Arrays:
        """Return the data: of its own expression, or the value of a name of the reference."""
        if self._known_originals is None:
            self._known_originals = await self._find_originals(handed_out)
        return self._known_originals

    async def _find_originals(self, handed_out: Run) -> Arrays:
        lines = [_generator_line(FIXED_SEED)]
        for table in self._tables:
            if table.value:
                lines.append(f"{table.name} = {table.value}")
        setup = await self._evaluate(INPUTS, lines)
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
        """List the inputs that have to be varied inside the kernel.

        They have more elements than a trace stores, or are made from such data.
        """
        names: set[str] = set()
        for name, array in originals.items():
            if array.size > MAX_ELEMENTS:
                names.add(name)
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
            return set(names_read(expressions))
        except (SyntaxError, ValueError):
            return set()  # it is refused when it is evaluated

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
        attempts = map(str, self._drawing.attempts)
        tried = "-".join(attempts)
        for index in range(self.count):
            lines = list(first_lines)
            for table in tables:
                lines += self._lines_of(table, index)
            number = index + 1
            label = f"{INPUTS}-{self._kind}-{number}/{tried}"
            run = await self._evaluate(label, lines)
            for table in tables:
                name = table.name
                array = self._variant(run, name, index, originals[name])
                variants[name].append(array)
        return variants

    def _lines_of(self, table: InputTable, index: int) -> list[str]:
        """Write the statements that compute one variant of an input.

        `g` is in the same state for all data of a variant; drawing without it is seeded per input.
        """
        own_seed, shared_seed = self._seeds_of(table, index)
        expression = self._expressions(table)[index]
        return [
            _generator_line(shared_seed),
            f"torch.manual_seed({own_seed})",
            f"np.random.seed({own_seed})",
            f"random.seed({own_seed})",
            f"{table.name} = {expression}",
        ]

    def _use_data(self, tables: Sequence[InputTable]) -> bool:
        """Return whether some expression uses the data that it replaces."""
        return any(table.name in self._names_read(table) for table in tables)

    def _variant(self, run: Run, name: str, index: int, original: Array) -> Array:
        kind = "practice variant" if self._practice else "variant"
        number = index + 1
        subject = f"{kind} {number} of input {name}"
        last = None
        if run.ended_well(SETUP_CELL):
            last = _last_array(run, name)
        array = self._checked(last, name, subject)
        if array.size != original.size:
            raise self._refusal(
                f"{subject} has {array.size} numbers, the data has {original.size}."
            )
        return array

    def _expressions(self, table: InputTable) -> tuple[str, ...]:
        return table.expressions(self._kind, self.count)

    async def _evaluate(self, label: str, lines: Sequence[str]) -> Run:
        """Run a cell of some statements."""
        source = "\n".join([*IMPORTS, *lines])
        cells = [(SETUP_CELL, source)]
        await self._session.replay(label, cells)
        return self._session.run_of(label)

    def _checked(self, array: Array | None, name: str, subject: str) -> Array:
        """Return the numbers of an input, if their number is within limits."""
        if array is None:
            raise self._refusal(f"{subject} has no value: no statement gives {name} numbers.")
        if not MIN_NUMBERS <= array.size <= MAX_NUMBERS:
            raise self._refusal(
                f"{subject} has {array.size} numbers; "
                f"{MIN_NUMBERS} to {MAX_NUMBERS} can be told apart from others."
            )
        return array

    def check_made(self, runs: Iterable[Run]) -> None:
        """Raise if expressions gave no other numbers for data in the reference's run.

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


def _generator_line(seed: int) -> str:
    return f"g = torch.Generator().manual_seed({seed})"


def _data_lines(tables: Iterable[InputTable], originals: Arrays) -> list[str]:
    """Write statements that bind the data to names, for the expressions of variants."""
    lines = []
    for table in tables:
        literal = _literal(originals[table.name])
        lines.append(f"{table.name} = {literal}")
    return lines


def _literal(array: Array) -> str:
    """Write an expression for data of up to 64 elements."""
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


def _first_array(run: Run, name: str) -> Array | None:
    """Return the first value of a name at top level: later cells may rebind it."""
    arrays = _arrays(run, name)
    return next(arrays, None)


def _last_array(run: Run, name: str) -> Array | None:
    """Return the last value of a name at top level."""
    last = None
    for array in _arrays(run, name):
        last = array
    return last


def _arrays(run: Run, name: str) -> Iterator[Array]:
    for event in run.events:
        if not _is_at_top_level(event):
            continue
        value = event.values.get(name)
        if isinstance(value, Array):
            yield value


def _is_at_top_level(event: Event) -> bool:
    return event.kind == "value" and not event.scope
