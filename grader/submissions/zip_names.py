"""Names of the entries of a zip: in the letters that they were meant in, and only those that stay inside it."""

from __future__ import annotations

import re
import unicodedata
import zipfile

UTF8 = 0x800
"""The flag of an entry whose name says that it is in UTF-8 (APPNOTE 4.4.4, bit 11)."""

PAGES = ("cp437", "cp850", "cp1252")
"""What writers use that do not say what they use: the format's own, that of Windows in Western Europe and Brazil, and
that of programs that take the other one of Windows."""

_DRIVE = re.compile(r"[A-Za-z]:")
_ODD = re.compile(r"[a-zà-öø-ÿ][À-ÖØ-Þ]|[ÐÞðþ]")
"""An upper-case letter behind a lower-case one, and letters of Icelandic: what a wrong page makes of right names."""


def entry_name(info: zipfile.ZipInfo) -> str:
    """The path of an entry, with `/` between its parts.

    Of an entry that does not say so the name may be in UTF-8 all the same (macOS), or in a code page. The page in
    which most of its letters are those of names is taken.
    """
    # What `zipfile` makes of a separator depends on the system it runs on, and it cuts a name at a zero.
    name = info.orig_filename
    if not info.flag_bits & UTF8 and not name.isascii():
        name = _meant(name.encode("cp437"))
    return name if "/" in name else name.replace("\\", "/")


def _meant(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return min((raw.decode(page, "replace") for page in PAGES), key=_oddness)


def _oddness(name: str) -> int:
    """How many signs of a name are not such as names are made of."""
    strange = sum(not character.isascii() and not _is_latin(character) for character in name)
    return 2 * strange + len(_ODD.findall(name))


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith(
        ("LATIN ", "FEMININE ORDINAL", "MASCULINE ORDINAL")
    )


def stays_inside(name: str) -> bool:
    """Whether a path leads to a place inside of where it is looked for.

    SECURITY: no absolute path, no drive letter, no way up, no zero, also with the separators of Windows.
    """
    parts = name.replace("\\", "/").split("/")
    return (
        bool(name)
        and parts[0] != ""
        and ".." not in parts
        and "\0" not in name
        and not _DRIVE.match(name)
    )
