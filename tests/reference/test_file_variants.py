"""Other rows of a file: which ones are made, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.errors import AssignmentError
from grader.job import InputFile
from grader.reference.class_seed import ClassSeed
from grader.reference.draws import Draws
from grader.reference.file_variants import made, read_variants
from grader.reference.tables import DEFAULT_COUNT, FileTable, Make, VariantsFile

ROWS = [f"{number}.5,{number},kind{number % 3}\n" for number in range(1, 31)]
CSV = "".join(["length,count,kind\n", *ROWS]).encode()


def rows_of(content: bytes | None) -> list[str]:
    assert content is not None
    return content.decode().splitlines(keepends=True)


def lay(folder: Path, content: bytes = CSV) -> InputFile:
    path = folder / "data.csv"
    path.write_bytes(content)
    return InputFile(name="data.csv", path=path, sha256=hashlib.sha256(content).hexdigest())


DRAWS = Draws(ClassSeed("of this class"), "rows")


def contents(
    table: FileTable, folder: Path, content: bytes = CSV, draws: Draws = DRAWS
) -> list[bytes]:
    count = table.number_to_draw() or DEFAULT_COUNT
    drawing = draws.at([0] * count)
    (varied,) = read_variants([table], [lay(folder, content)], folder, drawing)
    return [zlib.decompress(base64.b64decode(packed)) for packed in varied.variants]


@pytest.mark.parametrize("make", ["shuffle", "resample", "jitter"])
def test_the_header_and_the_number_of_rows_stay_and_the_rows_are_the_same_each_time(
    make: Make,
) -> None:
    first, *others = rows_of(made(make, CSV, 1))
    assert "length,count,kind\n" == first
    assert len(ROWS) == len(others)
    assert ROWS != others
    assert made(make, CSV, 1) == made(make, CSV, 1) != made(make, CSV, 2)


def test_shuffling_keeps_every_row() -> None:
    assert sorted(ROWS) == sorted(rows_of(made("shuffle", CSV, 1))[1:])


def test_resampling_takes_rows_that_are_there() -> None:
    assert set(rows_of(made("resample", CSV, 1))[1:]) < set(ROWS)


def test_only_numbers_with_decimals_move() -> None:
    for old, new in zip(ROWS, rows_of(made("jitter", CSV, 1))[1:], strict=True):
        length, *rest = old.split(",")
        moved, *same = new.split(",")
        assert rest == same
        assert length != moved
        assert float(moved) == pytest.approx(float(length), rel=0.22)


def test_decimals_may_have_commas() -> None:
    text = "a;b\n1,5;2\n3,25;4\n"
    first, second = rows_of(made("jitter", text.encode(), 1))[1:]
    assert first.startswith("1,")
    assert first.endswith(";2\n")
    assert second.endswith(";4\n")


def test_dates_and_versions_do_not_move() -> None:
    text = "day,of\n2021-05.01,v1.2.3\n10.5.2020,12:30:01.5\n"
    assert text.encode() == made("jitter", text.encode(), 1)


def test_a_file_without_a_header_has_every_row_drawn() -> None:
    content = "".join(ROWS).encode()
    assert sorted(ROWS) == sorted(rows_of(made("shuffle", content, 1)))


def test_a_line_break_in_quotation_marks_ends_no_row() -> None:
    rows = ["name,n\n", '"one\ntwo",1.5\n', "three,2.5\n", "four,3.5\n", "five,4.5\n"]
    content = made("shuffle", "".join(rows).encode(), 1)
    assert content is not None
    assert b'"one\ntwo",1.5\n' in content


def test_a_last_row_without_a_line_break_may_stand_elsewhere() -> None:
    text = "a,b\n1.5,2\n3.5,4\n5.5,6"
    for seed in range(5):
        assert 4 == len(rows_of(made("shuffle", text.encode(), seed)))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    table = FileTable(name="data.csv", make="shuffle")
    with pytest.raises(AssignmentError, match=re.escape("makes no other rows of 'data.csv'")):
        contents(table, tmp_path, b"\xff\xfe\x00")


def test_files_without_numbers_with_decimals_cannot_be_jittered(tmp_path: Path) -> None:
    table = FileTable(name="data.csv", make="jitter")
    with pytest.raises(AssignmentError, match=re.escape("'jitter' makes no other rows")):
        contents(table, tmp_path, b"a,b\n1,2\n3,4\n")


def test_as_many_files_are_made_as_are_asked_for_and_others_for_practice(tmp_path: Path) -> None:
    table = FileTable(name="data.csv", make="resample", count=3)
    graded = contents(table, tmp_path)
    practised = contents(table, tmp_path, draws=Draws.for_practice("rows"))
    assert 6 == len({*graded, *practised})


def test_another_class_gets_other_files(tmp_path: Path) -> None:
    table = FileTable(name="data.csv", make="resample")
    others = Draws(ClassSeed("of another class"), "rows")
    first = contents(table, tmp_path)
    assert first == contents(table, tmp_path)
    assert set(first).isdisjoint(contents(table, tmp_path, draws=others))


def test_few_rows_are_shuffled_until_they_stand_in_another_order(tmp_path: Path) -> None:
    table = FileTable(name="data.csv", make="shuffle", count=10)
    for content in contents(table, tmp_path, b"1.5\n2.5\n"):
        assert b"2.5\n1.5\n" == content


def test_files_of_the_author_lie_beside_the_variants(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_bytes(b"a\n2\n")
    table = FileTable(name="data.csv", variants=("other.csv",))
    assert [b"a\n2\n"] == contents(table, tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    table = FileTable(name="data.csv", variants=("other.csv",))
    with pytest.raises(AssignmentError, match="cannot be read"):
        contents(table, tmp_path)


def test_a_file_that_the_assignment_does_not_have_is_refused(tmp_path: Path) -> None:
    table = FileTable(name="iris.csv", make="shuffle")
    with pytest.raises(AssignmentError, match=re.escape("the assignment has no file 'iris.csv'")):
        contents(table, tmp_path)


def test_files_that_are_made_ask_for_no_practice_variants_of_other_data() -> None:
    inputs = [{"name": "x", "variants": ["[1., 2., 3.]"] * 2}]
    files: list[dict[str, object]] = [{"name": "data.csv", "make": "jitter"}]
    assert 2 == len(VariantsFile.model_validate({"inputs": inputs, "files": files}).tables)

    inputs[0]["practice"] = ["[4., 5., 6.]"]
    files[0]["count"] = 2
    with pytest.raises(ValidationError, match="practice belong together"):
        VariantsFile.model_validate({"inputs": inputs, "files": files})
