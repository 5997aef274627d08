"""Decode the names of a zip's entries, and reject paths outside of the zip."""

from __future__ import annotations

import re
import unicodedata
import zipfile

UTF8 = 0x800
"""Flag of an entry with a name in UTF-8 (APPNOTE 4.4.4, bit 11)."""

PAGES = ("cp437", "cp850", "cp1252")
"""Code pages of writers that do not say which they use: the format's own, that of Windows in
Western Europe and Brazil, and that of programs that take the other one of Windows."""

_DRIVE = re.compile(r"[A-Za-z]:")

_ODD = re.compile(r"[a-zà-öø-ÿ][À-ÖØ-Þ]|[ÐÞðþ]")
"""An upper-case letter behind a lower-case one, and letters of Icelandic: results of decoding right
names with a wrong code page.
"""


def entry_name(info: zipfile.ZipInfo) -> str:
    """Return the path of an entry, with `/` between its parts.

    A name that is not marked as UTF-8 may be in UTF-8 all the same (macOS), or in a code page. The
    page in which most of its letters are those of names is taken.
    """
    # `zipfile` treats separators as its system does, and cuts a name at a zero.
    name = info.orig_filename
    if not info.flag_bits & UTF8 and not name.isascii():
        name = _decode(name.encode("cp437"))

    if "/" in name:
        return name
    return name.replace("\\", "/")


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        readings = [raw.decode(page, "replace") for page in PAGES]
        return min(readings, key=_oddness)


def _oddness(name: str) -> int:
    """Count the characters of a name that are unusual in names."""
    strange = 0
    for character in name:
        if not character.isascii() and not _is_latin(character):
            strange += 1

    return 2 * strange + len(_ODD.findall(name))


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith(
        ("LATIN ", "FEMININE ORDINAL", "MASCULINE ORDINAL")
    )


def stays_inside(name: str) -> bool:
    """Return whether a path stays inside its base folder.

    SECURITY: no absolute path, no drive letter, no way up, no zero, also with the separators of
    Windows.
    """
    if not name or "\0" in name or _DRIVE.match(name):
        return False

    parts = name.replace("\\", "/").split("/")
    is_absolute = parts[0] == ""
    return not is_absolute and ".." not in parts
