"""Grade PyTorch notebooks by what they compute.

In a student's notebook: `from grader import check; check()`, or `%load_ext grader` and `%grade`.
In an instructor's: `from grader import grade; grade("submissions/")`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.cli.in_notebook import Checked
    from grader.report import Report

__all__ = ["Report", "check", "grade"]

__version__ = "0.1.0"

RUNNING = "GRADER_RUNNING"
"""Set in the environment wherever the grader runs a notebook."""


def check(
    notebook: str | os.PathLike[str] | None = None,
    *,
    release: str | os.PathLike[str] = "",
) -> Checked | None:
    """Check the notebook that calls this: what passes, what does not and why.

    Args:
        notebook: the notebook's file; found if not given, in Jupyter, VS Code and Colab.
        release: the `check.json`, its folder or its zip; found beside the notebook if not given.

    Returns:
        A table for a notebook to show; None while the grader itself runs the notebook.

    Raises:
        GraderError: the notebook or the release is not found, or cannot be read.
    """
    if os.environ.get(RUNNING):
        return None
    from grader.cli import in_notebook

    return in_notebook.check_here(notebook, release)


def grade(
    *paths: str | os.PathLike[str],
    exercises: str | os.PathLike[str] = "exercises",
    solutions: str | os.PathLike[str] = "solutions",
    out: str | os.PathLike[str] = "grades",
    assignment: str = "",
    sandbox: str = "auto",
    trust: bool = False,
    jobs: int = 0,
) -> Report:
    """Grade notebooks, as `grade run` does, and return the report.

    Args:
        paths: notebooks, folders of them, and the zips of an LMS.
        exercises: folder of the assignments.
        solutions: folder of the references.
        out: folder for report and traces; what is there already is not run again.
        assignment: name of the assignment; found from each notebook's content if empty.
        sandbox: `auto`, `bwrap` or `none`.
        trust: where there is no sandbox, run notebooks with your rights.
        jobs: notebooks to run side by side; 0: one more than cores, at most 8.

    Raises:
        NothingToGrade: there is no submission at these paths.
        GraderError: the run failed; the message says what to do.
    """
    from grader.cli.from_python import grade_in_process

    options = ["--exercises", os.fspath(exercises), "--solutions", os.fspath(solutions)]
    options += ["--sandbox", sandbox]
    if assignment:
        options += ["--assignment", assignment]
    if trust:
        options.append("--trust")
    if jobs:
        options += ["--jobs", str(jobs)]
    return grade_in_process(paths, out, options)


def __getattr__(name: str) -> Any:
    """Import `Report` on first use, so that a student's notebook does not wait for it."""
    if name == "Report":
        from grader.report import Report

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Register the magic `%grade`; IPython calls this for `%load_ext grader`."""

    def check_line(line: str) -> Checked | None:
        path = line.strip()
        return check(path or None)

    shell.register_magic_function(check_line, magic_name="grade")
