"""What kind of file was handed in, by its ending and, where it may be a link, by what is in it."""

from __future__ import annotations

import pytest

from grader.submissions.file_kinds import MAX_LOOKED_BYTES, kind_of

COLAB = b"see https://colab.research.google.com/drive/1 please"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.ipynb", "notebook"),
        ("A.IPYNB", "notebook"),
        ("a.pdf", "pdf"),
        ("a.py", "script"),
        ("a.docx", "document"),
        ("a.rar", "archive"),
        ("a.html", "page"),
        ("a.gdoc", "link"),
        ("a.csv", "data"),
        ("a", "data"),
        ("a.ipynb.txt", "data"),
    ],
)
def test_the_ending_says_what_it_is(name, kind):
    assert kind == kind_of(name, None)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.txt", "link"), ("a.html", "link"), ("a.csv", "data"), ("a.pdf", "pdf")]
)
def test_a_link_to_a_notebook_is_found_in_what_may_hold_one(tmp_path, name, kind):
    (tmp_path / name).write_bytes(COLAB)
    assert kind == kind_of(name, tmp_path / name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_link_is_found_in_wide_encodings(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(COLAB.decode().encode(encoding))
    assert "link" == kind_of("a.txt", tmp_path / "a.txt")


def test_only_the_beginning_of_a_file_is_looked_at(tmp_path):
    (tmp_path / "a.txt").write_bytes(b" " * MAX_LOOKED_BYTES + COLAB)
    assert "data" == kind_of("a.txt", tmp_path / "a.txt")


def test_what_a_link_on_the_disk_leads_to_is_not_read(tmp_path):
    (tmp_path / "secret.txt").write_bytes(COLAB)
    (tmp_path / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert "data" == kind_of("a.txt", tmp_path / "a.txt")


def test_a_file_that_is_gone_is_known_by_its_ending(tmp_path):
    assert "page" == kind_of("a.html", tmp_path / "a.html")
