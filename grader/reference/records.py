"""What is kept of a run beside the report: keys of traces; and what references give, never anywhere else."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from grader.grading.expectation import Answer
from grader.trace import VariedInput

COMBINED = "+"
"""Joins the ids of mistakes that stand in one notebook."""

Answers = dict[str, dict[str, tuple[Answer, ...]]]
"""Per exercise, per run: its alternatives."""

Told = dict[str, dict[str, Answer]]
"""Per exercise, values that an instructor is told of by their label: `# tell: …`."""


class _Stored(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")


class StoredReference(_Stored):
    """What the reference gives."""

    key: str
    inputs: tuple[VariedInput, ...]
    answers: Answers
    right: dict[str, tuple[Answer, ...]]
    """Per exercise, values that the reference's own cells come by."""
    seen: dict[str, tuple[Answer, ...]]
    """The same, with the handout's cells among them."""
    told: Told


class StoredMistake(_Stored):
    """What a mistake gives."""

    answers: Answers
    """For the exercises whose answer it changes."""
    told: Told


class StoredMistakes(_Stored):
    """What the mistakes give, by their ids."""

    key: str
    mistakes: dict[str, StoredMistake]


class StoredGiven(_Stored):
    """What the reference gives from other values than its own, by what was asked."""

    key: str
    answers: dict[str, Answers]


class StoredCombinations(_Stored):
    """What several mistakes give together, by their ids joined."""

    key: str
    base: dict[str, StoredMistake]
    """All, on the data as it is."""
    whole: dict[str, StoredMistake]
    """With the variants, those that some submission may have made."""
