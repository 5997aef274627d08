"""Zips and notebooks for the tests of submissions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.assignment import Assignment, Exercise
from grader.notebook.cells import NotebookCell
from grader.settings import Limits
from grader.submissions.collect import Collected, collected_from

GIVEN = "dados = [2.0, 4.5, 7.25, 1.0]\nprint(sorted(dados))"
ALSO_GIVEN = "def desvio(valores):\n    return max(valores) - min(valores)"


def assignment(name: str = "media", *handout: str) -> Assignment:
    """An assignment with two cells in its handout."""
    sources = handout or (GIVEN, ALSO_GIVEN)
    return Assignment(
        name=name,
        folder=Path(name),
        title=name,
        language="pt",
        limits=Limits(),
        exercises=(Exercise(id="mean", title="Média", points=1, check="value"),),
        handout=tuple(NotebookCell(kind="code", source=source) for source in sources),
        version="1",
    )


def notebook(*own: str, given: Sequence[str] = (GIVEN, ALSO_GIVEN)) -> bytes:
    """A notebook with the cells of the handout, and a student's own below them."""
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in (*given, *own)]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


WORK = notebook("media = sum(dados) / len(dados)")
BLANK = notebook()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of some files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def zip_of(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip of some files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(files))
    return path


def folder_of(path: Path, files: Mapping[str, bytes]) -> Path:
    """The same files in a folder."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def collect(
    *paths: Path, roster: Path | None = None, assignments: Sequence[Assignment] = ()
) -> Collected:
    """Collect the submissions below some paths; unpacked files are gone afterwards."""
    with collected_from(paths, assignments or [assignment()], roster) as collected:
        return collected


def fates(collected: Collected) -> dict[str, str]:
    """Say what becomes of each file."""
    fates: dict[str, str] = {}
    for submission in collected.submissions:
        fates[submission.file] = submission.problem.id if submission.problem else "graded"
    for item in collected.left_out:
        fates[item.file] = f"{item.status} {item.reason.id}"
    return fates
