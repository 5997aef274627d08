"""Describe one notebook of the corpus, and short ways to write one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

STEPS: Mapping[str, float | str] = {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 1.0}
"""Full marks for activity 1."""

NO_STEPS: Mapping[str, float | str] = {"w-grad": 0.0, "gradient-step": 0.0, "loss-decrease": 0.0}
"""Nothing of activity 1."""

GRADIENT_ONLY: Mapping[str, float | str] = {
    "w-grad": 1.0,
    "gradient-step": 0.0,
    "loss-decrease": 0.0,
}
"""The gradient is computed, the rest is not."""


@dataclass(frozen=True)
class Case:
    """One made-up student's code, and the share of each exercise it must earn."""

    name: str
    """Kebab-case, unique in the corpus, says what is special."""
    cells: tuple[str, ...]
    """The student's code cells, in order."""
    earns: Mapping[str, float | str]
    """By exercise id, the share of its points (0 to 1), or the status that the case is about.

    Exercises that the case is not about are absent.
    """
    why: str = ""
    """The reason, where it is not plain."""


def case(name: str, earns: Mapping[str, float | str], *cells: str, why: str = "") -> Case:
    """Make a case; its cells may be indented, as they are in the modules of the corpus."""
    sources = tuple(dedent(cell).strip("\n") for cell in cells)
    return Case(name, sources, earns, why)


def right(name: str, *cells: str, why: str = "") -> Case:
    """Make a case that earns all of activity 1."""
    return case(name, STEPS, *cells, why=why)


def graph(name: str, *cells: str, share: float = 1.0, why: str = "") -> Case:
    """Make a case about activity 2 alone."""
    return case(name, {"resnet18-graph": share}, *cells, why=why)
