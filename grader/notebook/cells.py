"""Cells of a notebook, and the instructor's files that hold them."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.errors import AssignmentError


class NotebookCell(BaseModel):
    """A cell of a notebook: of the handout, the reference or a submission."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["code", "markdown", "raw"]
    source: str


def fold(source: str) -> str:
    """A cell's source without the white space that does not matter: two cells are equal if this is.

    Indentation and spaces inside a line do not matter here, since a cell that differs only in them computes
    nothing that the handout does not.
    """
    return "\n".join(" ".join(line.split()) for line in source.split("\n") if line.strip())


def words(text: str) -> str:
    """The words of a text, each between blanks, without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return (
        " "
        + " ".join(
            re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c)))
        )
        + " "
    )


def read_cells(path: Path) -> tuple[NotebookCell, ...]:
    """The cells of a notebook of the instructor's.

    Raises:
        AssignmentError: the file is missing or is not a notebook.
    """
    try:
        cells = json.loads(path.read_text("utf-8-sig"))["cells"]
        return tuple(
            NotebookCell(
                kind=cell["cell_type"], source="".join(cell["source"]).replace("\r\n", "\n")
            )
            for cell in cells
        )
    except FileNotFoundError:
        raise AssignmentError("there is no such notebook.", "Check the name.", where=path) from None
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.", "Check it.", where=path
        ) from None
    except (ValueError, KeyError, TypeError):
        raise AssignmentError(
            "this is not a notebook of format 4.", "Save it anew in Jupyter.", where=path
        ) from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file of the instructor's.

    Raises:
        AssignmentError: the file is missing or does not parse.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.", "Check it.", where=path
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(
            f"this is not TOML: {error}.", "Mend that line.", where=path
        ) from None


def invalid(path: Path, error: ValidationError) -> AssignmentError:
    """The first thing that is wrong in an instructor's file, in one line."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return AssignmentError(f"{place}: {message}." if place else f"{message}.", where=path)
