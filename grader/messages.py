"""Turns a message id and its parameters into words, by language and by reader.

The lowest layer: it knows nothing of reports or checks. The words lie in gettext catalogues, which Babel reads:
`locale/<language>/LC_MESSAGES/grader.po`. There `msgid` is the stable id of a message, in no language, and `msgctxt`
says who reads the text or where it stands:

- `student`, `instructor`: sentences. A reader without an entry is not told; an empty `msgstr` would say that nobody
  has translated it yet, so there is none.
- `short`: a message in few words, for a narrow column. One without an entry is not said there.
- `screen`: words and phrases around the messages.
- `run`: labels of runs.
- `operation`: a noun for an operation of an autograd graph, as `one|many`; `other` is for one without a noun.

A text may hold `{name}`, `{count:one|many}` (a number and the noun that agrees with it) and `{share:%}` (a share from
0 to 1 as a percentage). The plural stands in the text and not in `msgid_plural`, since gettext lets a single number
decide a whole text, and a sentence here may count several things.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from string import Formatter
from typing import Any, Literal

Language = Literal["pt", "en"]
Reader = Literal["student", "instructor"]
Context = Literal["student", "instructor", "short", "screen", "run", "operation"]

LANGUAGES: tuple[Language, ...] = ("pt", "en")
READERS: tuple[Reader, ...] = ("student", "instructor")

_BACKWARD = re.compile(r"Backward\d*$")


def catalogue_file(language: Language) -> Path:
    """The gettext file that holds the texts of a language."""
    return Path(__file__).parent / "locale" / language / "LC_MESSAGES" / "grader.po"


@functools.cache
def catalogue(language: Language) -> Mapping[tuple[str, str], str]:
    """The texts of a language by context and id, read when the first of them is wanted.

    Raises:
        babel.messages.pofile.PoFileError: the file is no gettext catalogue.
    """
    from babel.messages.pofile import read_po  # what prints nothing does without it

    with catalogue_file(language).open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)
        return {
            (message.context or "", str(message.id)): str(message.string)
            for message in messages
            if message.id
        }


def _text(context: Context, message_id: str, language: Language) -> str | None:
    return catalogue(language).get((context, message_id))


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
    texts = {one: _text(one, message_id, language) for one in READERS}
    if not any(texts.values()):
        return message_id
    return fill(texts[reader] or "", _shown(params, language), language)


def short(message_id: str, params: Mapping[str, Any], language: Language) -> str:
    """A message in the few words that a narrow column has room for; empty if there are none for it."""
    return fill(_text("short", message_id, language) or "", _shown(params, language), language)


def word(key: str, language: Language, **params: Any) -> str:
    """A word or phrase of the screen: a heading, a status, a count.

    Raises:
        KeyError: no text of the screen has this id.
    """
    return fill(catalogue(language)["screen", key], params, language)


def texts(pattern: str, language: Language) -> dict[str, str]:
    """The texts of the screen whose ids fit a pattern (`review-page-*`), as they stand: a page fills them in itself."""
    screen = {
        key: text for (context, key), text in catalogue(language).items() if context == "screen"
    }
    return {key: text for key, text in screen.items() if fnmatchcase(key, pattern)}


def as_language(code: str) -> Language:
    """The language of a code; English for one that has no catalogue."""
    return "pt" if code == "pt" else "en"


def number(value: float, language: Language) -> str:
    """A number as people write it: 5,75 (5.75 in English), 3, -28.

    Six significant digits, ungrouped; NaN stays NaN. Which decimal sign a language has is of CLDR, through Babel.
    """
    if math.isfinite(value) and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.6g}".replace(".", _decimal_sign(language))


@functools.cache
def _decimal_sign(language: Language) -> str:
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(language)


def fill(text: str, params: Mapping[str, Any], language: Language) -> str:
    """Put parameters into a text of a catalogue; one that is missing is shown as `…`."""
    return _Words(language).vformat(text, (), params)


def _shown(params: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The parameters as people read them."""
    shown: dict[str, Any] = {name: "–" if value == "" else value for name, value in params.items()}
    if isinstance(shown.get("cell"), int):
        shown["cell"] += 1
    if "cells" in shown:
        shown["cells"] = re.sub(
            r"\d+", lambda found: str(int(found.group()) + 1), str(shown["cells"])
        )
    if "run" in shown:
        shown["run"] = _run(str(shown["run"]), language)
    if "operation" in shown:
        shown |= _operation(shown, language)
    return shown


def _run(label: str, language: Language) -> str:
    name, _, rest = label.partition("-")
    text = _text("run", name, language)
    return label if text is None else f"{text} {rest}".strip()


def _operation(params: Mapping[str, Any], language: Language) -> dict[str, str]:
    """The name of an operation, and `found` with the noun that agrees with it."""
    one, many = _nouns(str(params["operation"]), language)
    found = params.get("found")
    if not isinstance(found, int | float):
        return {"operation": one}
    return {"operation": one, "found": f"{number(found, language)} {one if found == 1 else many}"}


def _nouns(label: str, language: Language) -> tuple[str, str]:
    name = _BACKWARD.sub("", label.partition("(")[0])
    text = _text("operation", name, language) or catalogue(language)["operation", "other"]
    one, _, many = text.partition("|")
    return fill(one, {"name": name}, language), fill(many, {"name": name}, language)


class _Words(Formatter):
    def __init__(self, language: Language) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        # What an assignment says comes in both languages: `note.pt`, `note.en`.
        return kwargs.get(str(key), kwargs.get(f"{key}.{self._language}", "…"))

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        if format_spec == "%":
            return f"{number(round(100 * value, 2), self._language)}%"
        shown = number(value, self._language)
        one, _, many = format_spec.partition("|")
        return f"{shown} {one if value == 1 else many}" if many else shown
