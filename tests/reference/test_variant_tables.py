"""What `variants.toml` writes down, what is drawn, and how many variants there are."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.reference.tables import VariantsFile


def read(**tables: Any) -> VariantsFile:
    return VariantsFile.model_validate(tables)


def test_one_expression_draws_every_variant() -> None:
    variants = read(inputs=[{"name": "x", "draw": "torch.rand(4)"}])
    (table,) = variants.inputs
    assert 2 == variants.count("variants")
    assert ("torch.rand(4)",) * 2 == table.expressions("variants", 2)
    assert variants.are_drawn
    assert variants.has_all("practice")


def test_several_expressions_draw_a_variant_each() -> None:
    inputs = [{"name": "x", "draw": ["a", "b", "c"]}, {"name": "y", "draw": "2 * x"}]
    variants = read(inputs=inputs, seeds=[{}])
    x, y = variants.inputs
    assert 3 == variants.count("variants") == variants.count("practice")
    assert ("a", "b", "c") == x.expressions("variants", 3)
    assert ("2 * x",) * 3 == y.expressions("variants", 3)


def test_how_many_are_drawn_is_said_once() -> None:
    inputs = [{"name": "x", "draw": "torch.rand(4)", "count": 4}, {"name": "y", "draw": "2 * x"}]
    assert 4 == read(inputs=inputs).count("variants")
    with pytest.raises(ValidationError, match="belong together"):
        read(inputs=[*inputs, {"name": "z", "variants": ["x"]}])


def test_a_number_that_is_not_that_of_the_expressions_is_refused() -> None:
    with pytest.raises(ValidationError, match="has 2 in 'draw' and 3 as count"):
        read(inputs=[{"name": "x", "draw": ["a", "b"], "count": 3}])


def test_a_number_that_is_not_that_of_the_variants_is_refused() -> None:
    with pytest.raises(ValidationError, match="x has 2 in 'variants' and 3 as count"):
        read(inputs=[{"name": "x", "variants": ["a", "b"], "count": 3}])
    with pytest.raises(ValidationError, match="seeds has 1 in 'variants' and 2 as count"):
        read(seeds=[{"variants": [1], "count": 2}])


@pytest.mark.parametrize("table", [{}, {"draw": "a", "variants": ["b"]}])
def test_an_input_is_drawn_or_written_down(table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs either 'draw' or 'variants'"):
        read(inputs=[{"name": "x", **table}])


def test_practice_variants_that_are_written_down_are_not_drawn() -> None:
    (table,) = read(inputs=[{"name": "x", "draw": "a", "practice": ["b", "c"]}]).inputs
    assert ("b", "c") == table.expressions("practice", 2)
    assert not table.is_drawn_for("practice")


def test_what_is_written_down_needs_practice_variants_of_its_own() -> None:
    inputs = [{"name": "x", "draw": "a"}, {"name": "y", "variants": ["b", "c"]}]
    variants = read(inputs=inputs)
    assert 2 == variants.count("variants")
    assert not variants.has_all("practice")


def test_seeds_and_data_sets_without_numbers_are_drawn() -> None:
    variants = read(seeds=[{"count": 3}], datasets=[{"name": "MNIST"}])
    assert 3 == variants.count("variants")
    assert variants.are_drawn
    assert not read(seeds=[{"variants": [1, 2]}]).are_drawn


def test_nothing_is_drawn_where_nothing_varies() -> None:
    assert not VariantsFile().are_drawn
