"""Hold where the reference answers an exercise, and under which name. Pure data, without values."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

_BRACKET = re.compile(r"\[(['\"]?)([^\[\]]*)\1\]")


SEPARATOR = ", "
"""Joins the names that a tuple is marked by, as in `(mean, std)`, or unpacked into."""


class MarkedAnswer(BaseModel):
    """Where the reference marks the answer of an exercise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...] = ()
    """Paths of the values that are marked, as `w.grad`; none for an expression such as `a - b`."""
    sections: tuple[int, ...] = ()
    """Sections of the handout with its marks: see `notebook.alignment`."""
    given: tuple[str, ...] = ()
    """Folded sources of the handout's own cells with its marks."""
    typed_in: bool = False
    """Whether the reference itself writes the answer out."""

    @property
    def is_tuple(self) -> bool:
        """Whether several names are marked as one tuple."""
        return any(SEPARATOR in name for name in self.names)

    def is_name(self, path: str) -> bool:
        """Return whether a path is one of the names, or an attribute or item of one."""
        plain = plain_path(path)
        last = plain.rpartition(".")[2]
        return plain in self.names or last in self.names


def plain_path(path: str) -> str:
    """Write a path with dots alone: `net[2].weight` and `net.2.weight` are the same."""
    return _BRACKET.sub(r".\2", path)
