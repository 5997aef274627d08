"""Makes the two notebooks of a draft: the handout and the reference with its marks. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from grader.authoring.drafting.solved import Piece
from grader.notebook.format import table

KEPT_METADATA = ("kernelspec", "language_info")
"""What of a notebook's metadata says how it runs; the rest is other programs' own."""

Added = Mapping[int, Mapping[int, Sequence[str]]]
"""Lines to add: per cell, per line of it (from 1) after which they stand."""


def handout(pieces: Iterable[Piece], metadata: Mapping[str, Any]) -> str:
    """The handout as a notebook file.

    No cell has outputs: one may show an answer, also above it, and nobody can tell which.

    Args:
        pieces: the notebook's.
        metadata: that of the instructor's file.
    """
    cells = [_cell(piece, source) for piece in pieces if (source := piece.handout) is not None]
    return _notebook(cells, metadata)


def reference(pieces: Sequence[Piece], metadata: Mapping[str, Any], added: Added) -> str:
    """The reference as a notebook file.

    Args:
        pieces: the notebook's: one cell each.
        metadata: that of the instructor's file.
        added: the marks.
    """
    cells = [
        _cell(piece, with_marks(piece.source, added.get(place, {})))
        for place, piece in enumerate(pieces)
    ]
    return _notebook(cells, metadata)


def with_marks(source: str, added: Mapping[int, Sequence[str]]) -> str:
    """A cell with marks behind some of its lines, each indented as the line is, but for those of an answer.

    An answer is marked at top level: there its name is bound, also where a loop or a `with` bound it.
    """
    out: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        out.append(line)
        indent = line[: len(line) - len(line.lstrip())]
        out += [
            (indent if mark.startswith("# wrong") else "") + mark for mark in added.get(number, ())
        ]
    return "\n".join(out)


def _cell(piece: Piece, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": piece.kind,
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    if piece.kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif piece.attachments:
        cell["attachments"] = dict(piece.attachments)
    return cell


def _notebook(cells: Sequence[Mapping[str, Any]], metadata: Mapping[str, Any]) -> str:
    kept = {name: dict(table(metadata[name])) for name in KEPT_METADATA if name in metadata}
    # Of format 4.4: cells of later ones need ids, which an old file has not.
    notebook = {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
