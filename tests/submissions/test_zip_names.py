"""Names in zips: the letters that they were meant in."""

from __future__ import annotations

import zipfile

import pytest

from grader.submissions.zip_names import UTF8, entry_name, stays_inside


def said(raw: bytes, *, flag: bool = False) -> str:
    """The name that `zipfile` makes of bytes, and what is made of it here."""
    info = zipfile.ZipInfo()
    info.orig_filename = raw.decode("utf-8" if flag else "cp437")
    info.flag_bits = UTF8 if flag else 0
    return entry_name(info)


@pytest.mark.parametrize(
    "name", ["José Conceição/nota.ipynb", "João.ipynb", "Müller.ipynb", "Ana.ipynb"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "cp1252"])
def test_a_name_that_says_no_encoding_is_read_in_the_one_that_makes_a_name_of_it(name, encoding):
    assert name == said(name.encode(encoding))


def test_a_name_that_says_it_is_utf_8_is_read_as_that():
    assert "Łukasz.ipynb" == said("Łukasz.ipynb".encode(), flag=True)


def test_windows_separators_are_separators():
    assert "ana/hw.ipynb" == said(b"ana\\hw.ipynb")


@pytest.mark.parametrize("name", ["ana/hw.ipynb", "a..b/c", "..a", "aula: b"])
def test_a_name_that_stays_inside_is_taken(name):
    assert stays_inside(name)
