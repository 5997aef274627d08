"""Write models as JSON that any reader accepts and that is safe on a terminal."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pydantic import BaseModel

_SURROGATES = re.compile("[\ud800-\udfff]")
_TERMINAL_CONTROLS = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]",
)
"""8-bit controls, line separators and marks that turn the writing direction: JSON allows them."""


def as_json(model: BaseModel, indent: int | None = None) -> bytes:
    """Write a model as JSON: NaN and infinities as text, no lone surrogates, controls escaped.

    Args:
        model: the model.
        indent: spaces of each level; None: all on one line.
    """
    data = model.model_dump(mode="json")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except ValueError:
        # Few models need this, and looking for what to replace takes longer than all the rest.
        text = json.dumps(_replace_unwritable(data), ensure_ascii=False, indent=indent)
    return _TERMINAL_CONTROLS.sub(_escape, text).encode()


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _replace_unwritable(value: Any) -> Any:
    """Replace NaN and infinities by text, and the lone surrogates that a student can print.

    pydantic writes a NaN within a union as null, and cannot write a lone surrogate at all.
    """
    match value:
        case str():
            return _SURROGATES.sub("\ufffd", value)
        case float():
            return _writable_number(value)
        case dict():
            return {
                _replace_unwritable(key): _replace_unwritable(item) for key, item in value.items()
            }
        case list():
            return [_replace_unwritable(item) for item in value]
    return value


def _writable_number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
