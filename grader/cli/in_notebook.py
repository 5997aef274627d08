"""Check the notebook that calls `check()`, and show a small table.

Imports neither torch nor Jupyter, since it runs in a student's notebook.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.batch.self_check import check_with
from grader.errors import GraderError
from grader.messages import Language
from grader.outputs.notebook_table import as_html, as_text
from grader.reference.release import find_release
from grader.report import SubmissionResult
from grader.settings import RELEASE_FILE
from grader.store.temporary import own_folder

COLAB_TIMEOUT_S = 30
"""How long Colab may take to hand over its notebook."""


@dataclass(frozen=True)
class Checked:
    """The outcome of a check, as a notebook shows it."""

    assignment: Assignment
    result: SubmissionResult
    language: Language
    with_points: bool
    """Whether the table shows points."""
    saved: bool
    """Whether the saved notebook was checked, without later changes."""

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


class OneLineProgress:
    """Progress that prints one line per stage, and nothing in between."""

    def stage(self, text: str, total: int | None) -> None:
        """Print the current stage."""
        print(f"{text}…", file=sys.stderr)

    def advance(self, text: str = "") -> None:
        """Ignore that a cell has ended."""

    def note(self, text: str) -> None:
        """Print the line."""
        print(text, file=sys.stderr)


def check_here(notebook: str | os.PathLike[str] | None, release: str | os.PathLike[str]) -> Checked:
    """Check a notebook: the one at the given path, or else the calling one.

    Raises:
        GraderError: it is not found; there is no release for it; one of them cannot be read.
    """
    if notebook is not None:
        return _check(Path(notebook), release, saved=True)

    handed_over = from_colab()
    if handed_over is None:
        return _check(find_notebook(), release, saved=True)

    with own_folder() as folder:
        path = folder / "notebook.ipynb"
        path.write_text(json.dumps(handed_over), "utf-8")
        return _check(path, release or _uploaded_release(), saved=False)


def _check(path: Path, release: str | os.PathLike[str], *, saved: bool) -> Checked:
    release_path = Path(release) if release else find_release(path)
    if release_path is None:
        raise GraderError(
            f"There is no {RELEASE_FILE} beside {path.name}.",
            f"Put the {RELEASE_FILE} that came with the assignment there, "
            f"or write check(release='…/{RELEASE_FILE}').",
        )
    assignment, result, used_release = check_with(path, release_path, OneLineProgress())
    return Checked(
        assignment,
        result,
        used_release.language,
        used_release.shows_points,
        saved,
    )


def _uploaded_release() -> Path:
    """Return the release in the working directory, which is where Colab puts uploaded files."""
    path = Path(RELEASE_FILE)
    if not path.is_file():
        raise GraderError(
            f"There is no {RELEASE_FILE} here.",
            f"Upload the {RELEASE_FILE} that came with the assignment: "
            "the folder at the left, then the arrow.",
        )
    return path


def from_colab() -> dict[str, Any] | None:
    """Return the notebook as Colab has it now, saved or not; None outside of Colab.

    Colab's page answers the message `get_ipynb` of its own kernel library, which is a private one:
    see `google.colab._message` in googlecolab/colabtools.

    Raises:
        GraderError: it is Colab, and it does not answer.
    """
    if "google.colab" not in sys.modules:
        return None
    refusal = GraderError(
        "Colab did not hand over its notebook.",
        "Download the notebook, upload it here, and write check('the-notebook.ipynb').",
    )
    try:
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", request="", timeout_sec=COLAB_TIMEOUT_S)
        notebook = answer["ipynb"]
    except Exception as error:
        raise refusal from error
    if not isinstance(notebook, dict):
        raise refusal
    return notebook


def find_notebook() -> Path:
    """Find the file of the notebook that calls this.

    VS Code provides it in a variable of the notebook, Jupyter Server in the environment.

    Raises:
        GraderError: neither does, and there is not exactly one notebook here.
    """
    folder = Path.cwd()
    hints = (_vscode_hint(), os.environ.get("JPY_SESSION_NAME", ""))
    for hint in filter(None, hints):
        for path in (Path(hint), folder / Path(hint).name):
            if path.suffix == ".ipynb" and path.is_file():
                return path

    notebooks = sorted(folder.glob("*.ipynb"))
    if len(notebooks) != 1:
        raise GraderError(
            "Which notebook is this? Nothing here says so.",
            "Write check('its-name.ipynb').",
        )
    return notebooks[0]


def _vscode_hint() -> str:
    """Return the path that VS Code's Jupyter extension puts into the notebook; empty elsewhere."""
    if "IPython" not in sys.modules:
        return ""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return ""
    path = shell.user_ns.get("__vsc_ipynb_file__", "")
    if not isinstance(path, str):
        return ""
    return path
