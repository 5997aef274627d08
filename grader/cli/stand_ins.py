"""Replace characters that the encoding of a terminal lacks: a cross by `x`, `á` by `a`."""

from __future__ import annotations

import codecs
import unicodedata

ERRORS = "grader-stand-ins"
"""Name for `errors` of a stream, once `register` was called."""

UNKNOWN = "?"

MARKS = {
    "✓": "v",
    "✗": "x",
    "◐": "~",
    "⚑": "!",
    "·": "|",
    "–": "-",
    "—": "-",
    "−": "-",
    "─": "-",
    "│": "|",
    "→": ">",
    "↳": ">",
    "↔": "=",
    "»": ">",
    "×": "x",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
"""One character for each, so that the columns of a table stay where they are."""


def register() -> None:
    """Make `ERRORS` known to Python's codecs."""
    codecs.register_error(ERRORS, _stand_in)


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Replace what could not be encoded; called by the encoder of a stream."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    replaced = "".join(map(_ascii, missing))
    return replaced, error.end


def _ascii(character: str) -> str:
    if character in MARKS:
        return MARKS[character]
    first = unicodedata.normalize("NFKD", character)[0]
    return first if first.isascii() else UNKNOWN
