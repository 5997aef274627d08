"""Recognise drafts, copies and versions by a file's name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.notebook.folding import split_words
from grader.submissions.lms_downloads import copy_number
from grader.submissions.paths import stem_of

_SPARE_WORDS = frozenset(
    {
        *(
            "backup",
            "backups",
            "bak",
            "bkp",
            "copy",
            "copia",
            "copies",
            "duplicate",
            "old",
            "older",
        ),
        *("draft", "drafts", "rascunho", "rascunhos", "scratch", "tmp", "temp", "archive"),
        *("antigo", "antiga", "velho", "velha", "anterior", "previous", "prev", "attic", "wip"),
        *("borrador", "borradores", "respaldo", "antiguo", "antigua", "viejo", "vieja", "papelera"),
        *("checkpoint", "checkpoints", "untitled", "trash", "unused", "lixo", "lixeira"),
    }
)
"""Words in the name of a file or folder that somebody put aside."""

_FINAL_WORDS = frozenset({"final", "finals", "definitive", "definitivo", "definitiva", "finished"})

_NUMBERED = re.compile(r"(?P<word>[a-z]+?)(?P<number>\d+)")
_VERSION_WORDS = frozenset({"v", "ver", "version", "versao", "rev", "revision", "revisao"})
_DATE = re.compile(
    r"(?<!\d)(?:(?P<year>20\d\d)[-_.]?(?P<month>[01]\d)[-_.]?(?P<day>[0-3]\d)"
    r"|(?P<day_first>[0-3]\d)[-_.](?P<month_second>[01]\d)[-_.](?P<year_last>20\d\d))(?!\d)"
)


@dataclass(frozen=True, order=True)
class NameOrder:
    """Sort key of a file among the student's files, from its name.

    A later or more final one is greater.
    """

    is_main: bool
    """Whether it is neither a backup nor a draft nor a copy, by its name and its folders'."""
    is_final: bool
    version: int
    """`v2` is 2; 0 if the name has no version."""
    date: str
    """As YYYYMMDD; empty if the name has none."""
    copy: int
    """Number that an LMS or a browser adds to a file that is handed in or saved again."""
    depth: int
    """Number of folders above it, negative: a file at the top is greater."""


def name_order(file: str) -> NameOrder:
    """Determine the order of a file from its path among a student's files."""
    path = PurePosixPath(file)
    stem = stem_of(path.name)
    words = split_words(stem)
    folder_words = [word for folder in path.parts[:-1] for word in split_words(folder)]

    spare = any(_without_number(word) in _SPARE_WORDS for word in (*words, *folder_words))
    return NameOrder(
        is_main=not spare,
        is_final=any(_without_number(word) in _FINAL_WORDS for word in words),
        version=_version(words),
        date=_date(stem),
        copy=copy_number(file),
        depth=1 - len(path.parts),
    )


def _without_number(word: str) -> str:
    return word.rstrip("0123456789")


def _version(words: list[str]) -> int:
    """Return the greatest number after `v`, `version` or `final`."""
    numbers = [0]
    known = _VERSION_WORDS | _FINAL_WORDS
    for word, following in zip(words, [*words[1:], ""], strict=True):
        numbered = _NUMBERED.fullmatch(word)
        if numbered and numbered["word"] in known:
            numbers.append(int(numbered["number"][:6]))
        elif word in known and following.isdecimal():
            numbers.append(int(following[:6]))
    return max(numbers)


def _date(stem: str) -> str:
    match = _DATE.search(stem)
    if not match:
        return ""
    if match["year"]:
        return "".join(match.group("year", "month", "day"))
    return "".join(match.group("year_last", "month_second", "day_first"))
