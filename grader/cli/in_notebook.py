"""Checks the notebook that it is called from, and shows a small table.

Imports neither torch nor Jupyter: what a student's notebook has of them stays as it is.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.batch.self_check import check_with
from grader.errors import GraderError
from grader.messages import Language
from grader.outputs.notebook_table import as_html, as_text
from grader.reference.release import FILE_NAME, find_release
from grader.report import SubmissionResult

COLAB_TIMEOUT_S = 30
"""How long Colab may take to hand over its notebook."""


@dataclass(frozen=True)
class Checked:
    """The outcome of a check, as a notebook shows it."""

    assignment: Assignment
    result: SubmissionResult
    language: Language
    with_points: bool
    saved: bool
    """Whether it is the notebook as it was saved: what was changed since is not seen."""

    def _repr_html_(self) -> str:
        return as_html(
            self.assignment,
            self.result,
            self.language,
            with_points=self.with_points,
            saved=self.saved,
        )

    def __repr__(self) -> str:
        return as_text(
            self.assignment,
            self.result,
            self.language,
            with_points=self.with_points,
            saved=self.saved,
        )


class Quiet:
    """Tells nobody how far a check is, but for one line that it goes on."""

    def stage(self, text: str, total: int | None) -> None:
        """Say what is being done."""
        print(f"{text}…", file=sys.stderr)

    def advance(self, text: str = "") -> None:
        """One cell has ended."""


def check_here(notebook: str | os.PathLike[str] | None, release: str | os.PathLike[str]) -> Checked:
    """Check a notebook: the one at a path, or else the one in which this is called.

    Raises:
        GraderError: it is not found; there is no release for it; one of them cannot be read.
    """
    if notebook is not None:
        return _checked(Path(notebook), release, saved=True)
    handed_over = from_colab()
    if handed_over is None:
        return _checked(find_notebook(), release, saved=True)
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        path = Path(folder, "notebook.ipynb")
        path.write_text(json.dumps(handed_over), "utf-8")
        return _checked(path, release or _release_here(), saved=False)


def _checked(path: Path, given: str | os.PathLike[str], *, saved: bool) -> Checked:
    found = Path(given) if given else find_release(path)
    if found is None:
        advice = f"Put the {FILE_NAME} that came with the assignment there, or write check(release='…/{FILE_NAME}')."
        raise GraderError(f"There is no {FILE_NAME} beside {path.name}.", advice)
    assignment, result, release = check_with(path, found, Quiet())
    return Checked(assignment, result, release.language, release.shows_points, saved)


def _release_here() -> Path:
    if not Path(FILE_NAME).is_file():
        advice = f"Upload the {FILE_NAME} that came with the assignment: the folder at the left, then the arrow."
        raise GraderError(f"There is no {FILE_NAME} here.", advice)
    return Path(FILE_NAME)


def from_colab() -> dict[str, Any] | None:
    """The notebook as Colab has it now, saved or not; None elsewhere.

    Colab's page answers the message `get_ipynb` of its own kernel library, which is a private one: see
    `google.colab._message` in googlecolab/colabtools.

    Raises:
        GraderError: it is Colab, and it does not answer.
    """
    if "google.colab" not in sys.modules:
        return None
    advice = "Download the notebook, upload it here, and write check('the-notebook.ipynb')."
    try:
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", request="", timeout_sec=COLAB_TIMEOUT_S)
        notebook = answer["ipynb"]
    except Exception as error:
        raise GraderError("Colab did not hand over its notebook.", advice) from error
    if not isinstance(notebook, dict):
        raise GraderError("Colab did not hand over its notebook.", advice)
    return notebook


def find_notebook() -> Path:
    """The file of the notebook in which this is called.

    VS Code says it in a name among the notebook's own, Jupyter Server in the environment.

    Raises:
        GraderError: nothing says it, and there is not exactly one notebook here.
    """
    told = (_of_vscode(), os.environ.get("JPY_SESSION_NAME", ""))
    for text in filter(None, told):
        for path in (Path(text), Path.cwd() / Path(text).name):
            if path.suffix == ".ipynb" and path.is_file():
                return path
    here = sorted(Path.cwd().glob("*.ipynb"))
    if len(here) == 1:
        return here[0]
    raise GraderError(
        "Which notebook is this? Nothing here says so.", "Write check('its-name.ipynb')."
    )


def _of_vscode() -> str:
    """What VS Code's Jupyter extension puts among the notebook's names."""
    if "IPython" not in sys.modules:
        return ""
    from IPython import get_ipython

    shell = get_ipython()
    said = shell.user_ns.get("__vsc_ipynb_file__", "") if shell is not None else ""
    return said if isinstance(said, str) else ""
