"""Explain in one line which field of an instructor's file is invalid, and which was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from grader.errors import AssignmentError

_UNKNOWN = "extra_forbidden"
"""The type of pydantic's error for a field that a model does not have."""


def invalid(
    path: Path,
    error: ValidationError,
    model: type[BaseModel],
    content: Mapping[str, Any],
) -> AssignmentError:
    """Format the first fault of a file in one line; unknown fields come first.

    Args:
        path: the file.
        error: pydantic's error.
        model: the model that it does not fit.
        content: the content of the file.
    """
    faults = error.errors()
    unknown = [fault for fault in faults if fault["type"] == _UNKNOWN]
    first = [*unknown, *faults][0]
    field = ".".join(_named(first["loc"], content))
    if first["type"] == _UNKNOWN:
        advice = _nearest(str(first["loc"][-1]), model)
        return AssignmentError(f"{field}: there is no such field.", advice, where=path)

    message = first["msg"].removeprefix("Value error, ")
    problem = message
    if field:
        problem = f"{field}: {message}"
    return AssignmentError(f"{problem}.", where=path)


def _named(location: Sequence[int | str], content: Any) -> Iterator[str]:
    """Yield the parts of a location in a file, with ids and names in place of indices."""
    here = content
    for part in location:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        name = ""
        if isinstance(part, int):
            name = _name_of(here)
        yield name or str(part)


def _name_of(table: Any) -> str:
    if not isinstance(table, dict):
        return ""
    name = table.get("id") or table.get("name")
    if not isinstance(name, str):
        return ""
    return name


def _nearest(field: str, model: type[BaseModel]) -> str:
    """Return a suggestion of the field that was meant; empty if none is similar."""
    similar = difflib.get_close_matches(field, set(_fields(model.model_json_schema())), n=1)
    if not similar:
        return ""
    return f"Did you mean {similar[0]!r}?"


def _fields(schema: Any) -> Iterator[str]:
    """Yield the names of all fields of a schema, and of the models in it."""
    if isinstance(schema, list):
        for item in schema:
            yield from _fields(item)
    elif isinstance(schema, dict):
        yield from schema.get("properties", ())
        for item in schema.values():
            yield from _fields(item)
