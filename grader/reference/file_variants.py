"""Read or make the files of variants: other rows by the name of one of the assignment's files.

What is made is the same each time. Rows are lines, but for line breaks between quotation marks.
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
from grader.reference.tables import FileTable, Make

MAX_BYTES = 8 << 20
"""Most bytes of a file of a variant: it travels into each kernel."""

FIRST_PRACTICE_SEED = 1_000

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
    tables: Iterable[FileTable], files: Sequence[InputFile], folder: Path, *, practice: bool
) -> list[VariedFile]:
    """Read or make the files of all variants.

    Args:
        tables: the tables of `[[files]]`.
        files: the assignment's own files.
        folder: where files of variants lie.
        practice: make those for practice.

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
        contents = _contents(table, file, folder, practice=practice)
        packed = tuple(map(_packed, contents))
        varied.append(VariedFile(name=file.name, sha256=file.sha256, variants=packed))
    return varied


def digests(tables: Iterable[FileTable], folder: Path) -> list[str]:
    """Hash the author's own files of variants, as far as they can be read."""
    hashes = []
    for table in tables:
        for name in table.variants:
            path = folder / name
            content = path.read_bytes() if path.is_file() else b""
            hashes.append(hashlib.sha256(content).hexdigest())
    return hashes


def _contents(table: FileTable, file: InputFile, folder: Path, *, practice: bool) -> list[bytes]:
    names = table.practice if practice else table.variants
    if names:
        return [_read(folder / name) for name in names]
    if table.make is None:
        return []

    original = _read(file.path)
    first_seed = FIRST_PRACTICE_SEED if practice else 0
    contents = []
    for number in range(1, table.count + 1):
        content = made(table.make, original, first_seed + number)
        if content is None or content == original:
            raise _refusal(
                f"files: {table.make!r} makes no other rows of {table.name!r}.",
                "It is for text with a row on each line; write 'variants' with files of your own.",
                folder,
            )
        contents.append(content)
    return contents


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.", "Check it.", where=path
        ) from None
    if len(content) > MAX_BYTES:
        raise AssignmentError(
            f"this has more than {MAX_BYTES >> 20} MiB, which no variant may.",
            "Hand out fewer rows, or leave it out of variants.toml.",
            where=path,
        )
    return content


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def _refusal(problem: str, advice: str, folder: Path) -> AssignmentError:
    return AssignmentError(problem, advice, where=folder / "variants.toml")


# Other rows


def made(make: Make, content: bytes, seed: int) -> bytes | None:
    """Make other rows of a file.

    Args:
        make: `shuffle` puts the rows in another order, `resample` draws as many with replacement,
            `jitter` moves numbers with decimals by up to a fifth.
        content: the file: a header, if there is one, stays as it is.
        seed: the same one gives the same rows.

    Returns:
        None for what is no text in UTF-8.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    rows = list(_rows(text))
    count = 1 if _has_header(rows) else 0
    header = rows[:count]
    others = _MAKERS[make](_with_line_breaks(rows[count:]), random.Random(seed))
    return "".join([*header, *others]).encode()


def _rows(text: str) -> Iterator[str]:
    """Give the rows of a text: lines, joined where one ends between quotation marks."""
    row = ""
    for line in text.splitlines(keepends=True):
        row += line
        if row.count('"') % 2 == 0:
            yield row
            row = ""
    if row:
        yield row


def _with_line_breaks(rows: Rows) -> Rows:
    """End the last row as the others, and leave out blank ones at the end."""
    rows = list(rows)
    while rows and not rows[-1].strip():
        rows.pop()
    if len(rows) > 1 and not rows[-1].endswith("\n"):
        line_break = "\r\n" if rows[0].endswith("\r\n") else "\n"
        rows[-1] += line_break
    return rows


def _has_header(rows: Sequence[str]) -> bool:
    """Tell whether the first row names columns: no number stands in it, as in the next."""
    if len(rows) < 2:
        return False
    first, second = (SEPARATORS.split(row.strip()) for row in rows[:2])
    has_number = any(map(_is_number, first))
    return not has_number and (any(map(_is_number, second)) or len(first) > 1)


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
    return rng.choices(rows, k=len(rows)) if rows else rows


def _jittered(rows: Rows, rng: random.Random) -> Rows:
    factors: dict[int, float] = {}
    semicolons = sum(row.count(";") for row in rows)
    commas = sum(row.count(",") for row in rows)
    is_local = semicolons > 0 and commas > 0 and not any(map(FLOAT.search, rows))
    pattern = FLOAT_WITH_COMMA if is_local else FLOAT
    return [_jittered_row(row, pattern, factors, rng) for row in rows]


def _jittered_row(
    row: str, pattern: re.Pattern[str], factors: dict[int, float], rng: random.Random
) -> str:
    """Move the numbers with decimals of a row.

    Args:
        row: the row.
        pattern: finds them.
        factors: how far each column moves as a whole; a column that was not seen yet is added.
        rng: what is drawn from.
    """
    column = -1

    def moved(match: re.Match[str]) -> str:
        nonlocal column
        column += 1
        if column not in factors:
            factors[column] = rng.uniform(1 - JITTER, 1 + JITTER)
        number = float(match[0].replace(",", "."))
        number *= factors[column] * rng.uniform(1 - JITTER, 1 + JITTER)
        return _formatted(number, match[0])

    return pattern.sub(moved, row)


def _formatted(number: float, original: str) -> str:
    """Write a number as the original is written, with some more decimals."""
    if "e" in original.lower():
        return f"{number:.10e}"
    mark = "," if "," in original else "."
    _, _, decimals = original.partition(mark)
    text = f"{number:.{len(decimals) + DECIMALS_MORE}f}"
    return text.replace(".", mark)


_MAKERS: Mapping[Make, Callable[[Rows, random.Random], Rows]] = {
    "shuffle": _shuffled,
    "resample": _resampled,
    "jitter": _jittered,
}
