"""The class that is graded: made of the sample submissions, and written as each system wants it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import nbformat

from grader.kernel import offline

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "autograd"
HANDOUT = ROOT / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

LEFT_OUT = ("marina-", "nelson-", "olivia-", "paulo-", "quiteria-")
"""An endless loop, an end of the kernel, no notebook, another assignment, nothing answered: not an ordinary one."""

FIRST = ("ana-", "gabriela-")
"""A right one and one with a known mistake come first: two notebooks that make the grader compute all it ever will of
the reference, so that what comes on top is paid per submission."""

TESTS = {
    "w-grad": (2, "abs(w.grad.item() + 28) < 1e-3"),
    "gradient-step": (3, "abs(w.item() - 3.8) < 1e-3"),
    "loss-decrease": (2, "abs((J_new - J).item() - 31.36) < 1e-3"),
}
"""Points and condition of each test that the systems that test by name are given."""

TIMEOUT_S = 120

_SKIPPED = re.compile(rf"\b{offline.SKIP_NAME}\(.*\)$", re.MULTILINE)

_NBGRADER_CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "course"
c.Execute.timeout = {TIMEOUT_S}
"""

_OTTER_TEST = """OK_FORMAT = True

test = {{
    "name": "{name}",
    "points": {points},
    "suites": [
        {{
            "cases": [{{"code": ">>> {condition}\\nTrue", "hidden": False, "locked": False}}],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }}
    ],
}}
"""


def write_class(folder: Path, count: int) -> list[Path]:
    """Write so many notebooks, no two the same, of as many made-up students."""
    folder.mkdir()
    paths = []
    for number, sample in enumerate(islice(cycle(_samples()), count), start=1):
        notebook = nbformat.read(sample, as_version=4)
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"Submission {number}"))
        paths.append(_written(folder / f"student-{number:03}.ipynb", notebook))
    return paths


def distinct(paths: Sequence[Path]) -> Sequence[Path]:
    """The first of each sample."""
    return paths[: len(_samples())]


def _samples() -> list[Path]:
    found = [
        path
        for path in sorted((ROOT / "submissions").glob("*.ipynb"))
        if not path.name.startswith(LEFT_OUT)
    ]
    return sorted(found, key=lambda path: not path.name.startswith(FIRST))


def _written(path: Path, notebook: nbformat.NotebookNode) -> Path:
    notebook.nbformat_minor = 5
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def write_without_installs(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Write copies in which nothing is where an install was: the grader skips those, the others would run them."""
    folder.mkdir()
    copies = []
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                skipped = "".join(offline.skip_installs(cell.source.splitlines(keepends=True)))
                cell.source = _SKIPPED.sub("None", skipped)
        copies.append(_written(folder / path.name, notebook))
    return copies


def write_solutions(folder: Path) -> Path:
    """Write a copy of the references without variants."""
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / ASSIGNMENT)
    (folder / ASSIGNMENT / "variants.toml").unlink()
    return folder


def write_nbgrader_course(folder: Path, paths: Sequence[Path]) -> Path:
    """Write a course of nbgrader's: its configuration, the source of the assignment, and what was handed in."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(_NBGRADER_CONFIG, "utf-8")
    _written(folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", _with_tests(HANDOUT))
    for path in paths:
        _written(
            folder / "submitted" / path.stem / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", _with_tests(path)
        )
    return folder


def _with_tests(path: Path) -> nbformat.NotebookNode:
    """A notebook with nbgrader's locked test cells at its end."""
    notebook = nbformat.read(path, as_version=4)
    for name, (points, condition) in TESTS.items():
        cell = nbformat.v4.new_code_cell(f"assert {condition}")
        cell.metadata["nbgrader"] = _graded(name, points)
        notebook.cells.append(cell)
    return notebook


def _graded(name: str, points: int) -> dict[str, Any]:
    kind = {
        "grade": True,
        "locked": True,
        "solution": False,
        "task": False,
        "cell_type": "code",
        "schema_version": 3,
    }
    return kind | {"grade_id": name, "points": points}


def write_otter_tests(folder: Path) -> Path:
    """Write otter's test files."""
    folder.mkdir()
    for name, (points, condition) in TESTS.items():
        text = _OTTER_TEST.format(name=name, points=points, condition=condition)
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder
