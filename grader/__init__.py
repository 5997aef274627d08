"""Grade PyTorch notebooks by what they compute.

In a notebook: `from grader import check; check()`, or `%load_ext grader` and `%grade`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.cli.in_notebook import Checked

__version__ = "0.1.0"

RUNNING = "GRADER_RUNNING"
"""Set in the environment wherever the grader runs a notebook."""


def check(
    notebook: str | os.PathLike[str] | None = None,
    *,
    release: str | os.PathLike[str] = "",
) -> Checked | None:
    """Check the notebook this is called from: what passes, what does not and why.

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


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook `%grade`; IPython calls this for `%load_ext grader`."""

    def grade(line: str) -> Checked | None:
        path = line.strip()
        return check(path or None)

    shell.register_magic_function(grade, magic_name="grade")
