"""Define notebook cells, and read the instructor's files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from grader.errors import AssignmentError

RAISES = "raises-exception"
"""Tag of a cell that may raise an exception, as Jupyter has it."""


class NotebookCell(BaseModel):
    """A cell of a notebook: of the handout, the reference or a submission."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["code", "markdown", "raw"]
    """Kind of the cell; one that is malformed is raw."""
    source: str
    """Text of the cell; its lines end in a line feed."""
    may_raise: bool = False
    """Whether its tags say that it may raise an exception."""


def read_cells(path: Path) -> tuple[NotebookCell, ...]:
    """Read the cells of an instructor's notebook.

    Raises:
        AssignmentError: the file is missing or is not a notebook.
    """
    try:
        cells = json.loads(path.read_text("utf-8-sig"))["cells"]
        return tuple(_cell(data) for data in cells)
    except FileNotFoundError:
        raise AssignmentError("there is no such notebook.", "Check the name.", where=path) from None
    except OSError as error:
        raise _cannot_be_read(path, error) from None
    except (ValueError, KeyError, TypeError):
        raise AssignmentError(
            "this is not a notebook of format 4.", "Save it anew in Jupyter.", where=path
        ) from None


def _cell(data: dict[str, Any]) -> NotebookCell:
    source = "".join(data["source"])
    tags = data.get("metadata", {}).get("tags", [])
    return NotebookCell(
        kind=data["cell_type"],
        source=source.replace("\r\n", "\n"),
        may_raise=RAISES in tags,
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read an instructor's TOML file.

    Raises:
        AssignmentError: the file is missing or does not parse.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise _cannot_be_read(path, error) from None
    except UnicodeDecodeError:
        raise AssignmentError(
            "this is not UTF-8 text.", "Save it as UTF-8 in an editor.", where=path
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError(
            f"this is not TOML: {error}.", "Mend that line.", where=path
        ) from None


def _cannot_be_read(path: Path, error: OSError) -> AssignmentError:
    return AssignmentError(f"this cannot be read: {error.strerror}.", "Check it.", where=path)
