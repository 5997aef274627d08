"""Find answers of exercises in the course's modules, which students get."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from grader.authoring.drafting.files import data_files
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.solved import DraftCell
from grader.authoring.drafting.syntax import DEFINITION
from grader.job import InputFile
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell

MODULE = ".py"
MIN_SIMILAR = 0.8
"""Least similarity of two definitions of a name that are the same answer: 1 for equal code."""


@dataclass(frozen=True)
class GivenAnswer:
    """A function or class of a module that answers an exercise."""

    file: str
    name: str
    title: str
    """Of the exercise."""


def answers_in_modules(
    tasks: Iterable[TaskCode], contents: Mapping[str, bytes]
) -> Iterator[GivenAnswer]:
    """Find the functions and classes that an exercise and a module define in much the same way.

    Args:
        tasks: the exercises.
        contents: the files of the course, by name.
    """
    given = _definitions(contents)
    for task in tasks:
        for placed in (*task.functions, *task.classes):
            own = _body(placed.node)
            for file, node in given.get(placed.name, ()):
                if SequenceMatcher(None, own, _body(node)).ratio() >= MIN_SIMILAR:
                    yield GivenAnswer(file, placed.name, task.task.title or placed.name)


def answer_modules(
    notebook: Path, cells: Iterable[DraftCell], files: Iterable[InputFile]
) -> Iterator[str]:
    """List the modules that only answers import.

    Args:
        notebook: path of the solved notebook; modules are beside it.
        cells: its cells.
        files: the files that it names.
    """
    handout = [NotebookCell(kind=cell.kind, source=cell.handout or "") for cell in cells]
    given = {file.name for file in data_files(notebook, handout)}
    for file in files:
        if file.name.endswith(MODULE) and file.name not in given:
            yield file.name


def _definitions(contents: Mapping[str, bytes]) -> Mapping[str, Sequence[tuple[str, ast.stmt]]]:
    """List the functions and classes of modules by name, each with its file."""
    given: dict[str, list[tuple[str, ast.stmt]]] = defaultdict(list)
    for file, content in contents.items():
        if not file.endswith(MODULE):
            continue
        tree = parse_cell(content.decode("utf-8", "replace"))
        for node in tree.body:
            if isinstance(node, DEFINITION):
                given[node.name].append((file, node))
    return given


def _body(node: ast.stmt) -> str:
    """Write the body of a definition without its docstring and comments."""
    if not isinstance(node, DEFINITION):
        return ast.unparse(node)
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    return "\n".join(map(ast.unparse, body))
