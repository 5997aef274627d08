"""Change single cells of a CSV file, and keep all other bytes.

Encoding, byte order mark, separator, line ends and quotes are kept, even if they are inconsistent.
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
"""Encodings to try, in this order; Latin-1 fits always."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINE = re.compile(r"[^\r\n]*")
_DOWNLOAD_ADVICE = "Give the file as it was downloaded."


@dataclass
class _SheetRow:
    raw: list[str]
    """The cells as they are written, with their quotes."""
    end: str
    """The line's end; empty at the end of the file."""


@dataclass(frozen=True)
class _Decoded:
    text: str
    encoding: str
    bom: bytes = b""


class Sheet:
    """The rows and cells of a CSV file. Rows and columns count from 0."""

    def __init__(
        self,
        rows: list[_SheetRow],
        separator: str,
        encoding: str,
        bom: bytes,
    ) -> None:
        self.separator = separator
        self._rows = rows
        self._encoding = encoding
        self._bom = bom

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Parse a file.

        Raises:
            GraderError: it is not CSV: it has no header of several cells, or an open quote.
        """
        decoded = _decode(data)
        separator = _find_separator(decoded.text)
        rows = _parse_rows(decoded.text, separator)
        return cls(rows, separator, decoded.encoding, decoded.bom)

    @property
    def header(self) -> list[str]:
        """The first row."""
        return self.row(0)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, row: int) -> list[str]:
        """Return the values of a row, without quotes."""
        return [_unquote(raw) for raw in self._rows[row].raw]

    def value(self, row: int, column: int | None) -> str:
        """Return the value of a cell, stripped of spaces; empty if there is no such cell."""
        cells = self._rows[row].raw
        if column is None:
            return ""
        if column >= len(cells):
            return ""
        value = _unquote(cells[column])
        return value.strip()

    def put(
        self,
        row: int,
        column: int,
        value: str,
    ) -> None:
        """Set the value of a cell, quoted if it was quoted before or has to be.

        A row that is too short gets longer.
        """
        cells = self._rows[row].raw
        missing = column + 1 - len(cells)
        cells.extend([""] * missing)

        special_signs = (self.separator, '"', "\r", "\n")
        needs_quotes = any(sign in value for sign in special_signs)
        was_quoted = cells[column].startswith('"')
        if needs_quotes or was_quoted:
            value = _quote(value)
        cells[column] = value

    def to_bytes(self) -> bytes:
        """Encode the file; only the cells that were set differ.

        A character that the file's encoding does not have becomes an HTML reference by number. Only
        comments, which are HTML, have such characters.
        """
        parts = []
        for row in self._rows:
            parts.append(self.separator.join(row.raw))
            parts.append(row.end)

        text = "".join(parts)
        encoded = text.encode(self._encoding, errors="xmlcharrefreplace")
        return self._bom + encoded


def _decode(data: bytes) -> _Decoded:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            content = data.removeprefix(bom)
            return _Decoded(content.decode(encoding), encoding, bom)
    for encoding in _WITHOUT_BOM:
        try:
            return _Decoded(data.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 has a character for every byte")


def _find_separator(text: str) -> str:
    first_line = _LINE.match(_QUOTED.sub("", text))
    header = first_line.group() if first_line else ""
    # `max` takes the first of equals: they are in order of preference.
    separator = max(SEPARATORS, key=header.count)
    if separator in header:
        return separator
    raise GraderError("This is no CSV file: its first line is a single cell.", _DOWNLOAD_ADVICE)


def _parse_rows(text: str, separator: str) -> list[_SheetRow]:
    cell = re.compile(rf'(?:"(?:[^"]|"")*")?[^{separator}\r\n]*')
    rows: list[_SheetRow] = []
    cells: list[str] = []
    position = 0

    while position < len(text) or cells:
        found = cell.match(text, position)
        raw = found.group() if found else ""
        if _has_open_quote(raw):
            raise _open_quote_error(text, position)
        cells.append(raw)
        position += len(raw)

        end = _separator_or_line_end(text, position)
        position += len(end)
        if end == separator:
            continue
        rows.append(_SheetRow(cells, end))
        cells = []

    return rows


def _separator_or_line_end(text: str, position: int) -> str:
    """Return the separator or line end after a cell; empty at the end of the file."""
    if text.startswith("\r\n", position):
        return "\r\n"
    return text[position : position + 1]


def _has_open_quote(raw: str) -> bool:
    if not raw.startswith('"'):
        return False
    return _QUOTED.match(raw) is None


def _open_quote_error(text: str, position: int) -> GraderError:
    lines_before = text.count("\n", 0, position)
    problem = f"A quote in line {lines_before + 1} is never closed."
    return GraderError(problem, _DOWNLOAD_ADVICE)


def _quote(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _unquote(raw: str) -> str:
    quoted = _QUOTED.match(raw)
    if not quoted:
        return raw
    inside = quoted.group()[1:-1]
    rest = raw[quoted.end() :]
    return inside.replace('""', '"') + rest
