"""A CSV file is changed in the cells that are put, and goes back byte for byte everywhere else."""

from __future__ import annotations

import codecs

import pytest

from grader.errors import GraderError
from grader.outputs.gradebooks.cells import Sheet

ODD = (
    '    Points Possible,"a ""b"" c",,x\r\n'
    "\nshort\r"
    '"two\nlines", spaced ,"quoted"rest,é\n'
    ',,,\r\nlast,"",no end'
)


@pytest.mark.parametrize(
    "data",
    [
        ODD.encode(),
        codecs.BOM_UTF8 + ODD.encode(),
        ODD.encode("cp1252"),
        codecs.BOM_UTF16_LE + ODD.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + ODD.encode("utf-16-be"),
        b"a,\x81\x9d\xff\n1,2\n",
        ODD.replace(",", ";").encode(),
        ODD.replace(",", "\t").encode(),
        b"a,b\n\n\n",
    ],
)
def test_what_is_not_changed_goes_back_byte_for_byte(data):
    assert data == Sheet.parse(data).to_bytes()


def test_one_cell_is_changed_and_nothing_else():
    sheet = Sheet.parse(ODD.encode())
    sheet.put(0, 2, "7.5")
    assert ODD.replace('c",,x', 'c",7.5,x').encode() == sheet.to_bytes()


def test_values_are_without_quotes():
    sheet = Sheet.parse(ODD.encode())
    assert ["    Points Possible", 'a "b" c', "", "x"] == sheet.header
    assert ["two\nlines", " spaced ", "quotedrest", "é"] == sheet.row(3)


def test_a_value_is_read_without_the_spaces_around_it():
    sheet = Sheet.parse(ODD.encode())
    assert ("Points Possible", "spaced", "", "") == (
        sheet.value(0, 0),
        sheet.value(3, 1),
        sheet.value(2, 3),
        sheet.value(0, None),
    )


def test_a_cell_that_was_quoted_stays_quoted():
    sheet = Sheet.parse(b'a,b\n"1","2"\n')
    sheet.put(1, 1, "3")
    assert b'a,b\n"1","3"\n' == sheet.to_bytes()


@pytest.mark.parametrize(
    ("value", "written"), [("7,5", '"7,5"'), ('a"b', '"a""b"'), ("a\nb", '"a\nb"'), ("7.5", "7.5")]
)
def test_a_value_is_quoted_where_it_has_to_be(value, written):
    sheet = Sheet.parse(b"a,b\n1,2\n")
    sheet.put(1, 1, value)
    assert f"a,b\n1,{written}\n".encode() == sheet.to_bytes()


def test_a_decimal_comma_needs_no_quotes_where_semicolons_part_cells():
    sheet = Sheet.parse(b"a;b\n1;2\n")
    sheet.put(1, 1, "7,5")
    assert b"a;b\n1;7,5\n" == sheet.to_bytes()


def test_a_row_that_is_too_short_gets_longer():
    sheet = Sheet.parse(b"a,b,c,d\r\n1\r\n")
    sheet.put(1, 2, "x")
    assert b"a,b,c,d\r\n1,,x\r\n" == sheet.to_bytes()


def test_the_separator_is_not_looked_for_within_quotes():
    assert ";" == Sheet.parse(b'"a,b,c,d";"e"\n1;2\n').separator


def test_a_character_that_the_encoding_has_not_is_written_by_its_number():
    sheet = Sheet.parse("a,ção\n1,2\n".encode("cp1252"))
    sheet.put(1, 1, "✓ ção")
    assert "a,ção\n1,&#10003; ção\n".encode("cp1252") == sheet.to_bytes()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no CSV"),
        (b"just a text\nof lines\n", "no CSV"),
        (b'a,b\n1,"2\n3,4\n', "A quote in line 2 is never closed"),
    ],
)
def test_what_is_no_csv_is_refused(data, problem):
    with pytest.raises(GraderError, match=problem):
        Sheet.parse(data)
