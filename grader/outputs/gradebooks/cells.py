"""A CSV file whose cells can be changed one by one: what is not changed goes back byte for byte.

Encoding, byte order mark, separator, line ends and quotes stay as they are, even where they are uneven.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Self

from grader.errors import GraderError

SEPARATORS = (",", ";", "\t")
"""In order of preference, where the header has as many of two."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_BOM = ("utf-8", "cp1252", "latin-1")
"""The first that fits is taken; Latin-1 fits always."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINE = re.compile(r"[^\r\n]*")


@dataclass
class _Row:
    raw: list[str]
    """The cells as they are written, with their quotes."""
    end: str
    """What ends the line; empty at the end of the file."""


class Sheet:
    """The rows and cells of a CSV file. Rows and columns count from 0."""

    def __init__(self, rows: list[_Row], separator: str, encoding: str, bom: bytes) -> None:
        self.separator = separator
        self._rows = rows
        self._encoding = encoding
        self._bom = bom

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a file.

        Raises:
            GraderError: it is not CSV: it has no header of several cells, or a quote that is not closed.
        """
        text, encoding, bom = _decoded(data)
        separator = _separator(text)
        return cls(_rows(text, separator), separator, encoding, bom)

    @property
    def header(self) -> list[str]:
        """The first row."""
        return self.row(0)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, row: int) -> list[str]:
        """The values of a row, without quotes."""
        return [_value(raw) for raw in self._rows[row].raw]

    def value(self, row: int, column: int | None) -> str:
        """What a cell says, without the spaces around it; empty for one that is not there."""
        raw = self._rows[row].raw
        return _value(raw[column]).strip() if column is not None and column < len(raw) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Put a value into a cell, quoted where it was, or where it has to be. A row that is too short gets longer."""
        raw = self._rows[row].raw
        raw.extend([""] * (column + 1 - len(raw)))
        needed = any(sign in value for sign in (self.separator, '"', "\r", "\n"))
        quoted = needed or raw[column].startswith('"')
        raw[column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def to_bytes(self) -> bytes:
        """The file, changed in the cells that were put, and nowhere else.

        A character that the file's encoding has not is written as HTML writes it by number: only comments, which
        are HTML, have any.
        """
        text = "".join(self.separator.join(row.raw) + row.end for row in self._rows)
        return self._bom + text.encode(self._encoding, errors="xmlcharrefreplace")


def _decoded(data: bytes) -> tuple[str, str, bytes]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding), encoding, bom
    for encoding in _WITHOUT_BOM:
        try:
            return data.decode(encoding), encoding, b""
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 has a character for every byte")


def _separator(text: str) -> str:
    first = _LINE.match(_QUOTED.sub("", text))
    counts = [first.group().count(separator) if first else 0 for separator in SEPARATORS]
    if not any(counts):
        raise GraderError(
            "This is no CSV file: its first line is a single cell.",
            "Give the file as it was downloaded.",
        )
    return SEPARATORS[counts.index(max(counts))]


def _rows(text: str, separator: str) -> list[_Row]:
    cell = re.compile(rf'(?:"(?:[^"]|"")*")?[^{separator}\r\n]*')
    rows, raw, at = [], list[str](), 0
    while at < len(text) or raw:
        found = cell.match(text, at)
        written = found.group() if found else ""
        if written.startswith('"') and not _QUOTED.match(written):
            line = text.count("\n", 0, at) + 1
            raise GraderError(
                f"A quote in line {line} is never closed.", "Give the file as it was downloaded."
            )
        raw.append(written)
        at += len(written)
        if text[at : at + 1] == separator:
            at += 1
            continue
        end = "\r\n" if text.startswith("\r\n", at) else text[at : at + 1]
        rows.append(_Row(raw, end))
        raw, at = [], at + len(end)
    return rows


def _value(raw: str) -> str:
    quoted = _QUOTED.match(raw)
    if not quoted:
        return raw
    return quoted.group()[1:-1].replace('""', '"') + raw[quoted.end() :]
