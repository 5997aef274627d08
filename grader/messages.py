"""Turns a message id and its parameters into words, by language and by reader.

The lowest layer: it knows nothing of reports or checks. The words lie in `messages_pt.py` and
`messages_en.py`, as plain catalogues. A text may hold `{name}`, `{count:one|many}` (a number and the noun
that agrees with it) and `{share:%}` (a share from 0 to 1 as a percentage). An empty text means: this reader
is not told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Literal

from grader import messages_en, messages_pt
from grader.messages_operations import OPERATIONS, OTHER_OPERATION

Language = Literal["pt", "en"]
Reader = Literal["student", "instructor"]

LANGUAGES: tuple[Language, ...] = ("pt", "en")
READERS: tuple[Reader, ...] = ("student", "instructor")

_CATALOGUES = {"pt": messages_pt, "en": messages_en}
_BACKWARD = re.compile(r"Backward\d*$")

Texts = dict[str, dict[str, dict[str, str]]]


def _texts() -> Texts:
    ids = {message_id for catalogue in _CATALOGUES.values() for message_id in catalogue.TEXTS}
    return {
        message_id: {
            language: _by_reader(catalogue.TEXTS[message_id])
            for language, catalogue in _CATALOGUES.items()
            if message_id in catalogue.TEXTS
        }
        for message_id in sorted(ids)
    }


def _by_reader(text: str | Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(READERS, text) if isinstance(text, str) else dict(text)


MESSAGES: Texts = _texts()
"""Every text: id → language → reader → text."""


def say(message_id: str, params: Mapping[str, Any], *, language: Language, reader: Reader) -> str:
    """Put a message into words.

    Args:
        message_id: id of the message. One that is not known (a report of another version) is shown as it is.
        params: what the words speak of. `cell`, and the numbers in the text `cells`, count from 0 and are
            shown from 1; `run` is the label of a run; `operation` a node of an autograd graph.
        language: `pt` or `en`.
        reader: `student` or `instructor`; a student's text never shows an expected value.

    Returns:
        One or two sentences on one line; empty if this reader is not told.
    """
    texts = MESSAGES.get(message_id, {}).get(language)
    return message_id if texts is None else fill(texts[reader], _shown(params, language), language)


def short(message_id: str, params: Mapping[str, Any], language: Language) -> str:
    """A message in the few words that a narrow column has room for; empty if there are none for it."""
    text = _CATALOGUES[language].SHORT.get(message_id, "")
    return fill(text, _shown(params, language), language)


def word(key: str, language: Language, **params: Any) -> str:
    """A word or phrase of the screen: a heading, a status, a count."""
    return fill(_CATALOGUES[language].WORDS[key], params, language)


def as_language(code: str) -> Language:
    """The language of a code; English for one that has no catalogue."""
    return "pt" if code == "pt" else "en"


def number(value: float, language: Language) -> str:
    """A number as people write it: 5,75 (5.75 in English), 3, -28. Six significant digits; NaN stays NaN."""
    if math.isfinite(value) and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    text = f"{value:.6g}"
    return text.replace(".", ",") if language == "pt" else text


def fill(text: str, params: Mapping[str, Any], language: Language) -> str:
    """Put parameters into a text of a catalogue; one that is missing is shown as `…`."""
    return _Words(language).vformat(text, (), params)


def _shown(params: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The parameters as people read them."""
    shown: dict[str, Any] = {name: "–" if value == "" else value for name, value in params.items()}
    if isinstance(shown.get("cell"), int):
        shown["cell"] += 1
    if "cells" in shown:
        shown["cells"] = re.sub(r"\d+", lambda found: str(int(found.group()) + 1), str(shown["cells"]))
    if "run" in shown:
        shown["run"] = _run(str(shown["run"]), language)
    if "operation" in shown:
        shown |= _operation(shown, language)
    return shown


def _run(label: str, language: Language) -> str:
    words = _CATALOGUES[language].RUNS
    name, _, rest = label.partition("-")
    return f"{words[name]} {rest}".strip() if name in words else label


def _operation(params: Mapping[str, Any], language: Language) -> dict[str, str]:
    """The name of an operation, and `found` with the noun that agrees with it."""
    one, many = _nouns(str(params["operation"]), language)
    found = params.get("found")
    if not isinstance(found, int | float):
        return {"operation": one}
    return {"operation": one, "found": f"{number(found, language)} {one if found == 1 else many}"}


def _nouns(label: str, language: Language) -> tuple[str, str]:
    name = _BACKWARD.sub("", label.partition("(")[0])
    one, many = OTHER_OPERATION[language]
    return OPERATIONS[language].get(name, (one.format(name), many.format(name)))


class _Words(Formatter):
    def __init__(self, language: Language) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "…")

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        if format_spec == "%":
            return f"{number(round(100 * value, 2), self._language)}%"
        shown = number(value, self._language)
        one, _, many = format_spec.partition("|")
        return f"{shown} {one if value == 1 else many}" if many else shown
