"""What one entry of the corpus is, and the short ways to write one down."""

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
"""The gradient is honest, what follows is not."""


@dataclass(frozen=True)
class Case:
    """One made-up student's code, and the share of each exercise it must earn."""

    name: str
    """Kebab-case, unique in the corpus, says what is special."""
    cells: tuple[str, ...]
    """The student's code cells, in order."""
    earns: Mapping[str, float | str]
    """Exercise id to the share of its points (0 to 1), or to a status ("pending", "missing") where the
    status is the point. Exercises that the case does not speak of are absent."""
    why: str = ""
    """One line where it isn't plain."""


def case(name: str, earns: Mapping[str, float | str], *cells: str, why: str = "") -> Case:
    """A case whose cells are written indented, as they stand in the modules of the corpus."""
    return Case(name, tuple(dedent(cell).strip("\n") for cell in cells), earns, why)


def right(name: str, *cells: str, why: str = "") -> Case:
    """A case that earns all of activity 1."""
    return case(name, STEPS, *cells, why=why)


def graph(name: str, *cells: str, share: float = 1.0, why: str = "") -> Case:
    """A case that speaks of activity 2 alone."""
    return case(name, {"resnet18-graph": share}, *cells, why=why)
