"""What is said about a wrong field of an instructor's file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.notebook.field_faults import invalid


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    points: float = Field(ge=0)
    check: Literal["value", "series"] = "value"
    needs: tuple[str, ...] = ()


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: tuple[Item, ...]


def said_of(item: dict[str, object]) -> str:
    """Return the sentence about a file with one item."""
    content = {"items": [item]}
    with pytest.raises(ValidationError) as raised:
        File.model_validate(content)
    return str(invalid(Path("a.toml"), raised.value, File, content)).removeprefix("a.toml: ")


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"id": "a", "points": "two"}, "items.a.points: 'two' should be a number."),
        ({"id": "a", "points": [2]}, "items.a.points: Input should be a number."),
        ({"id": "a", "points": -2}, "items.a.points: -2 should be greater than or equal to 0."),
        ({"id": "a"}, "items.a.points: this field is missing."),
        ({"points": 2}, "items.#1.id: this field is missing."),
        ({"id": 2, "points": 2}, "items.#1.id: 2 should be a text in quotes."),
        (
            {"id": "Week 1", "points": 2},
            "items.Week 1.id: 'Week 1' is no id. "
            "Write it in kebab case: small letters, digits and single dashes.",
        ),
        (
            {"id": "a", "points": 2, "check": "vlaue"},
            "items.a.check: 'vlaue' should be 'value' or 'series'. Did you mean 'value'?",
        ),
        (
            {"id": "a", "points": 2, "needs": "b"},
            "items.a.needs: 'b' should be a list: [...].",
        ),
        (
            {"id": "a", "points": 2, "check": "v" * 60},
            "items.a.check: Input should be 'value' or 'series'.",
        ),
    ],
)
def test_a_wrong_value_is_shown_in_words_of_toml(item, sentence):
    assert sentence == said_of(item)


def test_an_unknown_field_is_said_first_with_the_one_that_is_meant():
    sentence = "items.a.poinst: there is no such field. Did you mean 'points'?"
    assert sentence == said_of({"id": "a", "poinst": 2, "check": "vlaue"})
