"""Describe a kind of exercise: how it is asked, and ways in which students answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

LOOKED_AT: Literal["pending"] = "pending"
"""The fair outcome where only a person can decide."""


@dataclass(frozen=True)
class Way:
    """One way of answering."""

    code: str
    """The student's cell below the words of the exercise."""
    earns: float | Literal["pending"]
    """The fair share of the points, or `LOOKED_AT`."""
    reads: str = ""
    """The id of the message that the student reads; empty: not what the case is about."""


def wrong(code: str, *, earns: float | Literal["pending"] = 0.0, reads: str = "") -> Way:
    """Make a wrong way, which earns nothing unless said otherwise."""
    return Way(code, earns, reads)


@dataclass(frozen=True)
class Kind:
    """A kind of exercise, asked as an instructor who has read the documentation would ask it.

    All texts may be indented. Names are the kind's own: kinds share one notebook.
    """

    id: str
    """The id of the exercise."""
    words: str
    """What the handout asks for, below a heading."""
    reference: str
    """The reference's cell, with its marks."""
    table: str
    """What `assignment.toml` says of the exercise beside its id, title and points."""
    right: tuple[str, str, str]
    """Three right ways."""
    wrong: tuple[Way, Way, Way]
    """Three wrong ways."""
    hard_coded: Way
    """A way that types in what should be computed."""
    given: str = ""
    """A cell of the handout below the words; empty: none."""
    variants: str = ""
    """What `variants.toml` says for it: two variants, as for each kind of an assignment."""
    mistakes: str = ""
    """What `mistakes.toml` says for it."""
    probes: str = ""
    """What `probes.py` defines for it."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Data files of the handout, by name."""
    blank: Way = Way("# your code here", 0.0)
    """What a student leaves who does nothing."""

    @property
    def ways(self) -> tuple[Way, ...]:
        """All ways, in the order of `STUDENTS`."""
        right = (Way(code, 1.0) for code in self.right)
        return (*right, *self.wrong, self.hard_coded, self.blank)


STUDENTS = (
    "right-1",
    "right-2",
    "right-3",
    "wrong-1",
    "wrong-2",
    "wrong-3",
    "hard-coded",
    "blank",
)
"""The students of a class: each answers every exercise of the assignment in one way."""
