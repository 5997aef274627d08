"""Read or create the files of variants: other rows under the name of an assignment's file.

The same seed gives the same rows. Rows are lines, except for line breaks within quotation marks.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.errors import AssignmentError
from grader.job import InputFile, VariedFile
from grader.reference.draws import Drawing
from grader.reference.tables import FileTable, Make

MAX_BYTES = 8 << 20
"""Most bytes of a file of a variant: it travels into each kernel."""

TRIES = 32
"""Most seeds that are tried to make other rows: few rows may stay in their order."""

JITTER = 0.1
"""How far a number moves at most, as a share of it; a whole column moves as far by itself."""

DECIMALS_MORE = 2
"""Decimal places that a moved number has more than the one in the file."""

FLOAT = re.compile(r"(?<![\w.:/-])-?\d+\.\d+(?:[eE][-+]?\d+)?(?![\w.:/-])")
FLOAT_WITH_COMMA = re.compile(r"(?<![\w,:/-])-?\d+,\d+(?![\w,:/-])")
"""A number with decimals; the second one in files with semicolons between columns."""

SEPARATORS = re.compile(r"[,;\t| ]+")

Rows = list[str]
"""Rows with their line breaks."""


def read_variants(
    tables: Iterable[FileTable], files: Sequence[InputFile], folder: Path, drawing: Drawing
) -> list[VariedFile]:
    """Read or create the files of all variants.

    Args:
        tables: the tables of `[[files]]`.
        files: the assignment's own files.
        folder: folder of the files of variants.
        drawing: the drawing for grading or for practice, and its seed.

    Raises:
        AssignmentError: the assignment has no such file, or one cannot be read or made.
    """
    by_name = {file.name: file for file in files}
    varied = []
    for table in tables:
        file = by_name.get(table.name)
        if file is None:
            raise _refusal(
                f"files: the assignment has no file {table.name!r}.",
                "Name one of 'files' in assignment.toml.",
                folder,
            )
        contents = _contents(table, file, folder, drawing)
        packed = tuple(map(_packed, contents))
        varied_file = VariedFile(name=file.name, sha256=file.sha256, variants=packed)
        varied.append(varied_file)
    return varied


def digests(tables: Iterable[FileTable], folder: Path) -> list[str]:
    """Hash the author's own files of variants, if they can be read."""
    hashes = []
    for table in tables:
        for name in table.variants:
            path = folder / name
            content = path.read_bytes() if path.is_file() else b""
            digest = hashlib.sha256(content)
            hashes.append(digest.hexdigest())
    return hashes


def _contents(table: FileTable, file: InputFile, folder: Path, drawing: Drawing) -> list[bytes]:
    names = table.variants
    if drawing.kind == "practice":
        names = table.practice
    if names:
        return [_read(folder / name) for name in names]
    if table.make is None:
        return []

    original = _read(file.path)
    contents = []
    for seed in drawing.numbers(table.name):
        content = _other_rows(table.make, original, seed)
        if content is None:
            raise _refusal(
                f"files: {table.make!r} makes no other rows of {table.name!r}.",
                "It is for text with a row on each line; write 'variants' with files of your own.",
                folder,
            )
        contents.append(content)
    return contents


def _other_rows(make: Make, original: bytes, seed: int) -> bytes | None:
    """Create other rows with the first seed that works; None if none does."""
    for later in range(TRIES):
        content = made(make, original, seed + later)
        if content != original:
            return content
    return None


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.", "Check it.", where=path
        ) from None
    if len(content) > MAX_BYTES:
        limit_mib = MAX_BYTES >> 20
        raise AssignmentError(
            f"this has more than {limit_mib} MiB, which no variant may.",
            "Hand out fewer rows, or leave it out of variants.toml.",
            where=path,
        )
    return content


def _packed(content: bytes) -> str:
    compressed = zlib.compress(content)
    return base64.b64encode(compressed).decode("ascii")


def _refusal(problem: str, advice: str, folder: Path) -> AssignmentError:
    return AssignmentError(problem, advice, where=folder / "variants.toml")


# Other rows


def made(make: Make, content: bytes, seed: int) -> bytes | None:
    """Create other rows of a file.

    Args:
        make: `shuffle` puts the rows in another order, `resample` draws as many with replacement,
            `jitter` moves numbers with decimals by up to a fifth.
        content: the file: a header, if there is one, is kept.
        seed: the same one gives the same rows.

    Returns:
        The new content; None if the file is not text in UTF-8.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    rows = list(_rows(text))
    count = 1 if _has_header(rows) else 0
    header = rows[:count]
    body = _with_line_breaks(rows[count:])

    rng = random.Random(seed)
    make_others = _MAKERS[make]
    others = make_others(body, rng)
    return "".join(header + others).encode()


def _rows(text: str) -> Iterator[str]:
    """Yield the rows of a text: lines, joined within quotation marks."""
    row = ""
    for line in text.splitlines(keepends=True):
        row += line
        if row.count('"') % 2 == 0:
            yield row
            row = ""
    if row:
        yield row


def _with_line_breaks(rows: Rows) -> Rows:
    """End the last row like the others, and drop trailing blank ones."""
    rows = list(rows)
    while rows and _is_blank(rows[-1]):
        rows.pop()
    if len(rows) < 2:
        return rows

    first, last = rows[0], rows[-1]
    if not last.endswith("\n"):
        line_break = "\r\n" if first.endswith("\r\n") else "\n"
        rows[-1] = last + line_break
    return rows


def _is_blank(row: str) -> bool:
    return not row.strip()


def _has_header(rows: Sequence[str]) -> bool:
    """Return whether the first row has column names: it has no number, but the next has."""
    if len(rows) < 2:
        return False
    first = _fields(rows[0])
    second = _fields(rows[1])
    if any(map(_is_number, first)):
        return False
    has_columns = len(first) > 1
    return has_columns or any(map(_is_number, second))


def _fields(row: str) -> list[str]:
    stripped = row.strip()
    return SEPARATORS.split(stripped)


def _is_number(field: str) -> bool:
    try:
        float(field.strip('"'))
    except ValueError:
        return False
    return True


def _shuffled(rows: Rows, rng: random.Random) -> Rows:
    rng.shuffle(rows)
    return rows


def _resampled(rows: Rows, rng: random.Random) -> Rows:
    if not rows:
        return rows
    return rng.choices(rows, k=len(rows))


def _jittered(rows: Rows, rng: random.Random) -> Rows:
    pattern = FLOAT_WITH_COMMA if _has_decimal_commas(rows) else FLOAT
    factors: dict[int, float] = {}
    return [_jittered_row(row, pattern, factors, rng) for row in rows]


def _has_decimal_commas(rows: Rows) -> bool:
    """Return whether semicolons separate the columns, and commas the decimals."""
    text = "".join(rows)
    has_both = ";" in text and "," in text
    return has_both and not any(map(FLOAT.search, rows))


def _jittered_row(
    row: str, pattern: re.Pattern[str], factors: dict[int, float], rng: random.Random
) -> str:
    """Change the decimal numbers of a row.

    Args:
        row: the row.
        pattern: finds them.
        factors: how far each column moves as a whole; new columns are added.
        rng: the random generator.
    """
    column = -1

    def moved(match: re.Match[str]) -> str:
        nonlocal column
        column += 1
        if column not in factors:
            factors[column] = _factor(rng)
        written = match[0]
        number = float(written.replace(",", "."))
        number *= factors[column] * _factor(rng)
        return _formatted(number, written)

    return pattern.sub(moved, row)


def _factor(rng: random.Random) -> float:
    return rng.uniform(1 - JITTER, 1 + JITTER)


def _formatted(number: float, original: str) -> str:
    """Format a number like the original, with some more decimals."""
    if "e" in original.lower():
        return f"{number:.10e}"
    mark = "," if "," in original else "."
    _, _, decimals = original.partition(mark)
    places = len(decimals) + DECIMALS_MORE
    text = f"{number:.{places}f}"
    return text.replace(".", mark)


_MAKERS: Mapping[Make, Callable[[Rows, random.Random], Rows]] = {
    "shuffle": _shuffled,
    "resample": _resampled,
    "jitter": _jittered,
}
