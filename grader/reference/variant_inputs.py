"""Run the expressions of `variants.toml`: the data, and the numbers that variants put in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.errors import AssignmentError
from grader.reference.files import ReferenceFiles
from grader.reference.tables import InputTable
from grader.running.session import Session
from grader.trace import Array, Run, VariedInput

INPUTS = "inputs"
"""Label of the run that makes the data, and beginning of those that make the variants."""

SETUP_CELL = -2
"""Index of the cell that makes the numbers."""

MIN_NUMBERS, MAX_NUMBERS = 3, 64
"""Fewer numbers cannot be told from others; of more, a trace holds a summary only."""


class VariantInputs:
    """Makes the numbers of an assignment's inputs in the kernel of its reference."""

    def __init__(self, solution: ReferenceFiles, session: Session, *, practice: bool) -> None:
        """Take the reference, its session, and whether the practice variants are wanted."""
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
        variants: dict[str, list[Array]] = {table.name: [] for table in self._tables}
        count = min(len(self._expressions(table)) for table in self._tables)
        for index in range(count):
            run = await self._variant_run(index)
            for table in self._tables:
                size = originals[table.name].size
                array = self._checked(table.name, _array(run, table.name), index, size)
                variants[table.name].append(array)
        return tuple(
            VariedInput(name=name, original=originals[name], variants=tuple(arrays))
            for name, arrays in variants.items()
        )

    async def _originals(self, handed_out: Run) -> dict[str, Array]:
        """Return the data: of an expression of its own, or what a name of the reference holds."""
        expressions = {table.name: table.value for table in self._tables if table.value}
        setup = await self._replay(INPUTS, expressions)
        originals: dict[str, Array] = {}
        for table in self._tables:
            if table.value:
                array = _array(setup, table.name)
            else:
                array = _array(handed_out, table.source or table.name)
            originals[table.name] = self._checked(table.name, array)
        return originals

    def _expressions(self, table: InputTable) -> tuple[str, ...]:
        return table.practice if self._practice else table.variants

    async def _variant_run(self, index: int) -> Run | None:
        expressions = {table.name: self._expressions(table)[index] for table in self._tables}
        return await self._replay(f"{INPUTS}-{index + 1}", expressions)

    async def _replay(self, label: str, expressions: Mapping[str, Any]) -> Run | None:
        lines = ["import math", "import numpy as np", "import torch"]
        lines += [f"{name} = {expression}" for name, expression in expressions.items()]
        await self._session.replay(label, [(SETUP_CELL, "\n".join(lines))])
        return self._session.trace().run(label)

    def _checked(
        self, name: str, array: Array | None, variant: int | None = None, size: int | None = None
    ) -> Array:
        kind = "practice variant" if self._practice else "variant"
        subject = f"input {name}"
        if variant is not None:
            subject = f"{kind} {variant + 1} of {subject}"

        if array is None:
            problem = f"{subject} has no value: no statement gives {name} numbers."
        elif not MIN_NUMBERS <= array.size <= MAX_NUMBERS:
            problem = (
                f"{subject} has {array.size} numbers; "
                f"{MIN_NUMBERS} to {MAX_NUMBERS} can be told apart from others."
            )
        elif size is not None and array.size != size:
            problem = f"{subject} has {array.size} numbers, the data has {size}."
        else:
            return array
        raise AssignmentError(problem, "Correct it.", where=self._solution.folder / "variants.toml")


def _array(run: Run | None, name: str) -> Array | None:
    """Return the first value of a name at top level: later cells may use it for something else."""
    for event in run.events if run else ():
        value = event.values.get(name)
        if event.kind == "value" and not event.scope and isinstance(value, Array):
            return value
    return None
