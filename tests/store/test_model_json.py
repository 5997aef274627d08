"""Models that are written as JSON."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel

from grader.store.model_json import as_json


class Found(BaseModel):
    value: float | str


@pytest.mark.parametrize(
    ("value", "written"),
    [(float("nan"), "NaN"), (float("-inf"), "-Infinity"), ("a\ud800", "a\ufffd")],
)
def test_a_value_that_json_has_no_sign_for_is_written_as_text(
    value: float | str, written: str
) -> None:
    assert {"value": written} == json.loads(as_json(Found.model_construct(value=value)))


def test_a_model_can_be_written_over_several_lines() -> None:
    assert b'{\n  "value": 1.5\n}' == as_json(Found(value=1.5), indent=2)
