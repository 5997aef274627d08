"""Files that are written as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from grader.errors import GraderError
from grader.store.atomic import as_json, replace_file


class Found(BaseModel):
    value: float | str


def test_a_file_holds_the_new_bytes_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        replace_file(tmp_path / "report.json", content)
    assert {"report.json": b"new"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_what_was_left_at_a_place_of_ones_own_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".own").write_bytes(b"half of something lon")
    replace_file(tmp_path / "reviews.json", b"{}", tmp_path / ".own")
    assert {"reviews.json": b"{}"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        GraderError, match=r"none/report\.json cannot be written \(No such file or directory\)"
    ):
        replace_file(tmp_path / "none/report.json", b"")


@pytest.mark.parametrize(
    ("value", "written"),
    [(float("nan"), "NaN"), (float("-inf"), "-Infinity"), ("a\ud800", "a\ufffd")],
)
def test_what_json_has_no_sign_for_is_text(value: float | str, written: str) -> None:
    assert {"value": written} == json.loads(as_json(Found.model_construct(value=value)))
