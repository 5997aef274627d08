"""Write the class to grade, made from the sample submissions, as each system needs it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import nbformat

from grader.kernel.portability import offline

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "autograd"
HANDOUT = ROOT / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

LEFT_OUT = ("marina-", "nelson-", "olivia-", "paulo-", "quiteria-")
"""Samples that are not ordinary.

An endless loop, an end of the kernel, no notebook, another assignment, nothing answered.
"""

FIRST = ("ana-", "gabriela-")
"""A right sample and one with a known mistake, which come first.

With these two, the grader computes all that it ever will for the reference, so that each
further notebook costs only its own share.
"""

TESTS = {
    "w-grad": (2, "abs(w.grad.item() + 28) < 1e-3"),
    "gradient-step": (3, "abs(w.item() - 3.8) < 1e-3"),
    "loss-decrease": (2, "abs((J_new - J).item() - 31.36) < 1e-3"),
}
"""Points and condition of each test for the systems that test by name."""

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
    paths: list[Path] = []
    samples = islice(cycle(_samples()), count)
    for number, sample in enumerate(samples, start=1):
        notebook = nbformat.read(sample, as_version=4)
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"Submission {number}"))
        path = folder / f"student-{number:03}.ipynb"
        _write(path, notebook)
        paths.append(path)
    return paths


def distinct(paths: Sequence[Path]) -> Sequence[Path]:
    """Return the first notebook of each sample."""
    return paths[: len(_samples())]


def _samples() -> list[Path]:
    paths = sorted((ROOT / "submissions").glob("*.ipynb"))
    ordinary = [path for path in paths if not path.name.startswith(LEFT_OUT)]
    return sorted(ordinary, key=lambda path: not path.name.startswith(FIRST))


def _write(path: Path, notebook: nbformat.NotebookNode) -> None:
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


def write_without_installs(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Write copies without installs: the grader skips those, the others would run them."""
    folder.mkdir()
    copies: list[Path] = []
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = _without_installs(cell.source)
        copy = folder / path.name
        _write(copy, notebook)
        copies.append(copy)
    return copies


def _without_installs(source: str) -> str:
    lines = source.splitlines(keepends=True)
    skipped = "".join(offline.skip_installs(lines))
    return _SKIPPED.sub("None", skipped)


def write_solutions(folder: Path) -> Path:
    """Write a copy of the references without variants."""
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / ASSIGNMENT)
    (folder / ASSIGNMENT / "variants.toml").unlink()
    return folder


# nbgrader


def write_nbgrader_course(folder: Path, paths: Sequence[Path]) -> Path:
    """Write a course for nbgrader: configuration, source of the assignment, and submissions."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(_NBGRADER_CONFIG, "utf-8")

    file = Path(ASSIGNMENT, f"{ASSIGNMENT}.ipynb")
    _write(folder / "source" / file, _with_tests(HANDOUT))
    for path in paths:
        _write(folder / "submitted" / path.stem / file, _with_tests(path))
    return folder


def _with_tests(path: Path) -> nbformat.NotebookNode:
    """Read a notebook, and add nbgrader's locked test cells at its end."""
    notebook = nbformat.read(path, as_version=4)
    for name, (points, condition) in TESTS.items():
        cell = nbformat.v4.new_code_cell(f"assert {condition}")
        cell.metadata["nbgrader"] = _test_metadata(name, points)
        notebook.cells.append(cell)
    return notebook


def _test_metadata(name: str, points: int) -> dict[str, Any]:
    return {
        "grade": True,
        "locked": True,
        "solution": False,
        "task": False,
        "cell_type": "code",
        "schema_version": 3,
        "grade_id": name,
        "points": points,
    }


# otter


def write_otter_tests(folder: Path) -> Path:
    """Write otter's test files."""
    folder.mkdir()
    for name, (points, condition) in TESTS.items():
        text = _OTTER_TEST.format(name=name, points=points, condition=condition)
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder
