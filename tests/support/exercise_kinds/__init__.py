"""Small exercises of every kind that courses ask, as assignments of about ten, with classes.

Each assignment has a class of eight students. They answer all its exercises: three in right ways,
three in wrong ones, one by typing in numbers, and one not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent

from tests.support.courses import Course, write_notebook, write_texts
from tests.support.exercise_kinds import (
    by_hand_kinds,
    data_kinds,
    first_week_kinds,
    network_kinds,
    practice_kinds,
    reference_kinds,
    tensor_kinds,
    training_kinds,
)
from tests.support.exercise_kinds.kind import STUDENTS, Kind

ASSIGNMENTS: Mapping[str, Sequence[Kind]] = {
    "first-weeks": first_week_kinds.KINDS,
    "tensors": tensor_kinds.KINDS,
    "networks": network_kinds.KINDS,
    "data": data_kinds.KINDS,
    "training": training_kinds.KINDS,
    "references": reference_kinds.KINDS,
    "by-hand": by_hand_kinds.KINDS,
    "practice": practice_kinds.KINDS,
}
"""Per assignment, the kinds of its exercises."""

CELL_TIMEOUT_S = 8

IMPORTS = """
import math
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
"""


def write_class(folder: Path, assignment: str) -> Course:
    """Write an assignment, and a folder `in` with the notebook of each student.

    Args:
        folder: where `exercises/`, `solutions/` and `in/` are written.
        assignment: a name of `ASSIGNMENTS`.
    """
    kinds = ASSIGNMENTS[assignment]
    write_texts(folder, dict(_texts(assignment, kinds)))

    handout = _cells(kinds, ["# your code here" for _ in kinds])
    reference = _cells(kinds, [kind.reference for kind in kinds])
    write_notebook(folder / f"exercises/{assignment}/{assignment}.ipynb", handout)
    write_notebook(folder / f"solutions/{assignment}/{assignment}.ipynb", reference)

    for index, student in enumerate(STUDENTS):
        answers = [kind.ways[index].code for kind in kinds]
        cells = [f"#!By {student}", *_cells(kinds, answers)]
        write_notebook(folder / f"in/{student}.ipynb", cells)
    return Course(folder)


def _cells(kinds: Sequence[Kind], answers: Sequence[str]) -> list[str]:
    cells = [IMPORTS]
    for kind, answer in zip(kinds, answers, strict=True):
        words = dedent(kind.words).strip()
        cells.append(f"#!## {title(kind)}\n\n{words}")
        if kind.given:
            cells.append(kind.given)
        cells.append(answer)
    return cells


def title(kind: Kind) -> str:
    """Return the heading of an exercise."""
    return kind.id.replace("-", " ").capitalize()


def _texts(assignment: str, kinds: Sequence[Kind]) -> Iterator[tuple[str, str]]:
    exercises = f"exercises/{assignment}"
    solutions = f"solutions/{assignment}"
    yield f"{exercises}/assignment.toml", _assignment_toml(assignment, kinds)
    yield f"{solutions}/mistakes.toml", _joined(kind.mistakes for kind in kinds)

    for name, parts in (
        ("variants.toml", [kind.variants for kind in kinds]),
        ("probes.py", [kind.probes for kind in kinds]),
    ):
        text = _joined(parts)
        if text:
            yield f"{solutions}/{name}", text

    for kind in kinds:
        for name, content in kind.files.items():
            yield f"{exercises}/{name}", content


def _assignment_toml(assignment: str, kinds: Sequence[Kind]) -> str:
    files = [name for kind in kinds for name in kind.files]
    names = ", ".join(f'"{name}"' for name in files)
    head = f"""
        title = "{assignment.capitalize()}"
        handout = "{assignment}.ipynb"
        files = [{names}]

        [run]
        cell_timeout_s = {CELL_TIMEOUT_S}
        """
    return _joined((head, *map(_exercise_toml, kinds)))


def _exercise_toml(kind: Kind) -> str:
    lines = ("[[exercises]]", f'id = "{kind.id}"', f'title = "{title(kind)}"', "points = 1")
    return "\n".join((*lines, dedent(kind.table).strip("\n")))


def _joined(parts: Iterable[str]) -> str:
    texts = (dedent(part).strip("\n") for part in parts)
    return "\n\n".join(filter(None, texts))
