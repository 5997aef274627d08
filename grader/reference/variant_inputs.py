"""Run the expressions of `variants.toml`: the data, and the variants that take its place."""

from __future__ import annotations

from collections.abc import Mapping

from grader.errors import AssignmentError
from grader.reference.files import ReferenceFiles
from grader.reference.tables import InputTable
from grader.running.session import Session
from grader.trace import Array, Event, Run, VariedInput

INPUTS = "inputs"
"""Label of the run that makes the data, and beginning of those that make the variants."""

SETUP_CELL = -2
"""Index of the cell that makes the numbers."""

IMPORTS = ("import math", "import numpy as np", "import torch")
"""What expressions may use."""

MIN_NUMBERS = 3
"""Fewer numbers cannot be told from others."""

MAX_NUMBERS = 64
"""Of more numbers, a trace holds a summary only."""


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
        if not self._tables:
            return ()
        originals = await self._originals(handed_out)
        variants = await self._variants(originals)

        inputs: list[VariedInput] = []
        for name, arrays in variants.items():
            varied = VariedInput(
                name=name,
                original=originals[name],
                variants=tuple(arrays),
            )
            inputs.append(varied)
        return tuple(inputs)

    async def _originals(self, handed_out: Run) -> dict[str, Array]:
        """Return the data: of an expression of its own, or what a name of the reference holds."""
        expressions = {table.name: table.value for table in self._tables if table.value}
        setup = await self._evaluate(INPUTS, expressions)
        originals: dict[str, Array] = {}
        for table in self._tables:
            name = table.name
            if table.value:
                array = _first_array(setup, name)
            else:
                source = table.source or name
                array = _first_array(handed_out, source)
            originals[name] = self._checked(array, name, f"input {name}")
        return originals

    async def _variants(self, originals: Mapping[str, Array]) -> dict[str, list[Array]]:
        """Return the variants of each input."""
        variants: dict[str, list[Array]] = {table.name: [] for table in self._tables}
        counts = [len(self._expressions(table)) for table in self._tables]
        for index in range(min(counts)):
            run = await self._variant_run(index)
            for table in self._tables:
                name = table.name
                array = self._variant(run, name, index, originals[name])
                variants[name].append(array)
        return variants

    def _variant(self, run: Run | None, name: str, index: int, original: Array) -> Array:
        kind = "practice variant" if self._practice else "variant"
        subject = f"{kind} {index + 1} of input {name}"
        array = self._checked(_first_array(run, name), name, subject)
        if array.size != original.size:
            raise self._refusal(
                f"{subject} has {array.size} numbers, the data has {original.size}."
            )
        return array

    def _expressions(self, table: InputTable) -> tuple[str, ...]:
        return table.practice if self._practice else table.variants

    async def _variant_run(self, index: int) -> Run | None:
        expressions: dict[str, str] = {}
        for table in self._tables:
            of_input = self._expressions(table)
            expressions[table.name] = of_input[index]
        label = f"{INPUTS}-{index + 1}"
        return await self._evaluate(label, expressions)

    async def _evaluate(self, label: str, expressions: Mapping[str, str]) -> Run | None:
        """Run a cell that gives each name the value of its expression."""
        lines = list(IMPORTS)
        for name, expression in expressions.items():
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

    def _refusal(self, problem: str) -> AssignmentError:
        file = self._solution.folder / "variants.toml"
        return AssignmentError(problem, "Correct it.", where=file)


def _first_array(run: Run | None, name: str) -> Array | None:
    """Return the first value of a name at top level: later cells may use it for something else."""
    events = run.events if run else ()
    for event in events:
        value = event.values.get(name)
        if _is_at_top_level(event) and isinstance(value, Array):
            return value
    return None


def _is_at_top_level(event: Event) -> bool:
    return event.kind == "value" and not event.scope
