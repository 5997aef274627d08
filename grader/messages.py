"""Turn a message id and its parameters into words, by language and by reader.

The lowest layer: it knows nothing of reports or checks. The texts are in gettext catalogues, which
Babel reads: `locale/<language>/LC_MESSAGES/grader.po`. There `msgid` is the stable id of a message,
in no language, and `msgctxt` is the reader or the place of the text:

- `student`, `instructor`: sentences. A reader without an entry is not told; an empty `msgstr` would
  say that nobody has translated it yet, so there is none.
- `short`: a message in few words, for a narrow column. One without an entry is not said there.
- `screen`: words and phrases around the messages.
- `run`: labels of runs.
- `operation`: a noun for an operation of an autograd graph, as `one|many`; `other` is for one
  without a noun.

A text may hold `{name}`, `{count:one|many}` (a number and the noun that agrees with it) and
`{share:%}` (a share from 0 to 1 as a percentage). The plural stands in the text and not in
`msgid_plural`, since gettext lets a single number decide a whole text, and a sentence here may
count several things.
"""

from __future__ import annotations

import functools
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from string import Formatter
from typing import Any, Literal

Language = Literal["pt", "en", "es"]
Reader = Literal["student", "instructor"]
Context = Literal["student", "instructor", "short", "screen", "run", "operation"]

Params = Mapping[str, Any]
"""Parameters of a message or a text, by name."""

LANGUAGES: tuple[Language, ...] = ("pt", "en", "es")
READERS: tuple[Reader, ...] = ("student", "instructor")

MISSING = "…"
"""Stands where a text asks for a parameter that was not given."""

EMPTY = "–"
"""Stands for a parameter that is an empty text."""

MAX_WHOLE = 1e15
"""From here on, a whole number is written with an exponent."""

TextKey = tuple[str, str]
"""Context and id of a text."""

_BACKWARD = re.compile(r"Backward\d*$")


def catalogue_file(language: Language) -> Path:
    """Return the gettext file that holds the texts of a language."""
    folder = Path(__file__).parent / "locale" / language
    return folder / "LC_MESSAGES" / "grader.po"


@functools.cache
def catalogue(language: Language) -> Mapping[TextKey, str]:
    """Return the texts of a language by context and id; the first call reads the file.

    Raises:
        babel.messages.pofile.PoFileError: the file is no gettext catalogue.
    """
    from babel.messages.pofile import read_po  # what prints nothing does without it

    path = catalogue_file(language)
    with path.open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)

    texts: dict[TextKey, str] = {}
    for message in messages:
        if not message.id:
            continue
        context = message.context or ""
        message_id = str(message.id)
        texts[context, message_id] = str(message.string)
    return texts


def _text(context: Context, message_id: str, language: Language) -> str | None:
    key = (context, message_id)
    texts = catalogue(language)
    return texts.get(key)


def say(message_id: str, params: Params, *, language: Language, reader: Reader) -> str:
    """Put a message into words.

    Args:
        message_id: id of the message. One that is not known (a report of another version) is shown
            as it is.
        params: parameters of the text. `cell`, and the numbers in the text `cells`, count from 0
            and are shown from 1; `run` is the label of a run; `operation` a node of an autograd
            graph.
        language: one of `LANGUAGES`.
        reader: `student` or `instructor`; a student's text never shows an expected value.

    Returns:
        One or two sentences on one line; empty if this reader is not told.
    """
    text = _text(reader, message_id, language)
    if text:
        return _fill_message(text, params, language)
    told = [_text(each, message_id, language) for each in READERS]
    if any(told):
        return ""  # for another reader
    return message_id


def short(message_id: str, params: Params, language: Language) -> str:
    """Put a message into the few words of a narrow column; empty if there are none for it."""
    text = _text("short", message_id, language)
    if text is None:
        return ""
    return _fill_message(text, params, language)


def word(key: str, language: Language, **params: Any) -> str:
    """Return a word or phrase of the screen: a heading, a status, a count.

    Raises:
        KeyError: no text of the screen has this id.
    """
    texts_by_key = catalogue(language)
    text = texts_by_key["screen", key]
    return fill(text, params, language)


def texts(pattern: str, language: Language) -> dict[str, str]:
    """Return the texts of the screen with ids that fit a pattern, such as `review-page-*`.

    They are as the catalogue has them: a page fills them in itself.
    """
    matching: dict[str, str] = {}
    all_texts = catalogue(language)
    for (context, key), text in all_texts.items():
        if context != "screen":
            continue
        if fnmatchcase(key, pattern):
            matching[key] = text
    return matching


def as_language(code: str) -> Language:
    """Return the language of a code; English for one that has no catalogue."""
    for language in LANGUAGES:
        if code == language:
            return language
    return "en"


def common_language(codes: Iterable[str]) -> Language:
    """Return the language that all codes say; where they differ, that of the user's locale."""
    different = set(codes)
    if len(different) == 1:
        code = different.pop()
        return as_language(code)
    return _language_of_user(os.environ)


def _language_of_user(environment: Mapping[str, str]) -> Language:
    """Read the language from the variables of POSIX, in the order in which they count."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable)
        if value:
            code = value[:2]
            return as_language(code.lower())
    return "en"


def own_first(texts: Mapping[Any, str], own: str) -> dict[str, str]:
    """Put texts by language in the order in which they replace a missing one.

    The assignment's own language comes first, then English, then others as its author has them.
    """
    order = sorted(texts, key=lambda code: (code != own, code != "en"))
    return {code: texts[code] for code in order}


def in_language(texts: Mapping[Any, str], language: str) -> str:
    """Return the text in a language; if there is none, the first that there is."""
    first = next(filter(None, texts.values()), "")
    return texts.get(language) or first


def number(value: float, language: Language) -> str:
    """Write a number as people do: 5,75 (5.75 in English), 3, -28.

    Six significant digits, ungrouped; NaN stays NaN. The decimal sign of a language comes from
    CLDR, through Babel.
    """
    if _is_whole(value):
        return str(int(value))
    digits = f"{value:.6g}"
    sign = decimal_sign(language)
    return digits.replace(".", sign)


def _is_whole(value: float) -> bool:
    if not math.isfinite(value):
        return False
    if abs(value) >= MAX_WHOLE:
        return False
    return value == int(value)


@functools.cache
def decimal_sign(language: Language) -> str:
    """Return the sign before the decimals of a number, as CLDR has it."""
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(language)


def fill(text: str, params: Params, language: Language) -> str:
    """Put parameters into a text of a catalogue; one that is missing is shown as `…`."""
    formatter = _TextFormatter(language)
    return formatter.vformat(text, (), params)


def _fill_message(text: str, params: Params, language: Language) -> str:
    if params.get("what") == "":
        text = text.replace(" ({what})", "")  # there is nothing to name
    readable = _readable(params, language)
    return fill(text, readable, language)


def _readable(params: Params, language: Language) -> dict[str, Any]:
    """Return the parameters of a message as people read them."""
    readable: dict[str, Any] = {}
    for name, value in params.items():
        readable[name] = _readable_value(name, value, language)

    operation = readable.get("operation")
    if operation is not None:
        label = str(operation)
        readable |= _operation(label, readable, language)
    return readable


def _readable_value(name: str, value: Any, language: Language) -> Any:
    """Return one parameter as people read it; an operation is named later, with its number."""
    if value == "":
        return EMPTY
    if value is None:
        return None
    match name:
        case "cell" if isinstance(value, int):
            return value + 1
        case "cells":
            indices = str(value)
            return re.sub(r"\d+", _one_more, indices)
        case "run":
            label = str(value)
            return _run_name(label, language)
        case _:
            return value


def _one_more(match: re.Match[str]) -> str:
    digits = match.group()
    one_more = int(digits) + 1
    return str(one_more)


def _run_name(label: str, language: Language) -> str:
    name, _, number_in_label = label.partition("-")
    text = _text("run", name, language)
    if text is None:
        return label
    named = f"{text} {number_in_label}"
    return named.strip()


def _operation(label: str, params: Params, language: Language) -> dict[str, str]:
    """Return the name of an operation, and `found` with the noun that agrees with it."""
    singular, plural = _nouns(label, language)
    count = params.get("found")
    if not isinstance(count, int | float):
        return {"operation": singular}

    counted = _counted(count, singular, plural, language)
    return {"operation": singular, "found": counted}


def _counted(count: float, singular: str, plural: str, language: Language) -> str:
    """Write a number with the noun that agrees with it."""
    digits = number(count, language)
    noun = plural
    if count == 1:
        noun = singular
    return f"{digits} {noun}"


def _nouns(label: str, language: Language) -> tuple[str, str]:
    """Return the noun for one node of a graph, and that for many."""
    operation, _, _ = label.partition("(")
    name = _BACKWARD.sub("", operation)
    text = _text("operation", name, language)
    if not text:
        texts_by_key = catalogue(language)
        text = texts_by_key["operation", "other"]

    singular_text, _, plural_text = text.partition("|")
    params = {"name": name}
    singular = fill(singular_text, params, language)
    plural = fill(plural_text, params, language)
    return singular, plural


class _TextFormatter(Formatter):
    """Fills in the texts of a catalogue."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Params) -> Any:
        """Return a parameter; called by `vformat` for each `{name}`."""
        name = str(key)
        if name in kwargs:
            return kwargs[name]
        return self._text_of_assignment(name, kwargs)

    def _text_of_assignment(self, name: str, params: Params) -> str:
        """Return a text of an assignment, given by language: `note.pt`, `note.en`."""
        prefix = f"{name}."
        texts = {}
        for key, value in params.items():
            if key.startswith(prefix):
                texts[key.removeprefix(prefix)] = str(value)
        return in_language(texts, self._language) or MISSING

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write a parameter; called by `vformat` with the text after the colon."""
        match value:
            case bool():
                return str(value)
            case int() | float():
                return self._format_number(value, format_spec)
            case _:
                return str(value)

    def _format_number(self, value: float, format_spec: str) -> str:
        language = self._language
        if format_spec == "%":
            percent = round(100 * value, 2)
            digits = number(percent, language)
            return f"{digits}%"

        singular, _, plural = format_spec.partition("|")
        if not plural:
            return number(value, language)
        return _counted(value, singular, plural, language)
