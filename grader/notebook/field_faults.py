"""Explain in one line which field of an instructor's file is invalid, and which was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from grader.errors import AssignmentError

_UNKNOWN = "extra_forbidden"
"""The type of pydantic's error for a field that a model does not have."""

_KEBAB_CASE = "[a-z0-9]"
"""Stands in the patterns of ids."""

_PLAIN_WORDS = {
    ", unable to parse string as a number": "",
    ", unable to parse string as an integer": "",
    ", unable to interpret input": "",
    ", got a number with a fractional part": "",
    "a valid tuple": "a list: [...]",
    "a valid list": "a list: [...]",
    "a valid dictionary": "a table: { key = value }",
    "a valid string": "a text in quotes",
    "a valid boolean": "true or false",
    "a valid number": "a number",
    "a valid integer": "a whole number",
}
"""Words of TOML for those of Python in pydantic's messages."""

_SHOWN_CHARACTERS = 40
"""A longer value is not repeated."""


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

    message = _sentence(first)
    problem = message
    if field:
        problem = f"{field}: {message}"
    return AssignmentError(f"{problem}.", _advice(first), where=path)


def _sentence(fault: ErrorDetails) -> str:
    """Put a fault into words, with the value that stands in the file if it is short."""
    if fault["type"] == "missing":
        return "this field is missing"

    message = fault["msg"].removeprefix("Value error, ")
    for words, plain in _PLAIN_WORDS.items():
        message = message.replace(words, plain)

    value = fault["input"]
    if not isinstance(value, str | int | float):
        return message

    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    if len(shown) > _SHOWN_CHARACTERS:
        return message
    if _is_no_id(fault):
        return f"{shown} is no id"
    message = message.replace("Input should", f"{shown} should", 1)
    return message.replace("String should", f"{shown} should", 1)


def _advice(fault: ErrorDetails) -> str:
    """Say what to write in place of a value; empty if the sentence says it."""
    if _is_no_id(fault):
        return "Write it in kebab case: small letters, digits and single dashes."
    if fault["type"] != "literal_error":
        return ""
    choices = fault["ctx"]["expected"].replace(" or ", ", ").split(", ")
    names = [choice.strip("'") for choice in choices]
    return _similar(str(fault["input"]), names)


def _is_no_id(fault: ErrorDetails) -> bool:
    if fault["type"] != "string_pattern_mismatch":
        return False
    return _KEBAB_CASE in fault["ctx"]["pattern"]


def _named(location: Sequence[int | str], content: Any) -> Iterator[str]:
    """Yield the parts of a location in a file, with ids and names in place of indices."""
    here = content
    for part in location:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        name = str(part)
        if isinstance(part, int):
            name = _name_of(here) or f"#{part + 1}"
        yield name


def _name_of(table: Any) -> str:
    if not isinstance(table, dict):
        return ""
    name = table.get("id") or table.get("name")
    if not isinstance(name, str):
        return ""
    return name


def _nearest(field: str, model: type[BaseModel]) -> str:
    """Return a suggestion of the field that was meant; empty if none is similar."""
    return _similar(field, set(_fields(model.model_json_schema())))


def _similar(word: str, candidates: Iterable[str]) -> str:
    similar = difflib.get_close_matches(word, candidates, n=1)
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
