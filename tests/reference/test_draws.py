"""The numbers that variants are drawn with."""

from __future__ import annotations

from grader.reference.class_seed import ClassSeed
from grader.reference.draws import Draws

DRAWS = Draws(ClassSeed("of this class"), "lines")


def test_each_variant_and_input_is_drawn_with_another_number() -> None:
    drawing = DRAWS.at([0, 0])
    numbers = [*drawing.numbers("x"), *drawing.numbers("y"), drawing.number(0), drawing.number(1)]
    assert 6 == len(set(numbers))


def test_another_class_assignment_or_attempt_gives_other_numbers() -> None:
    others = [
        DRAWS.at([0]),
        DRAWS.at([1]),
        Draws(ClassSeed("of another class"), "lines").at([0]),
        Draws(DRAWS.seed, "circles").at([0]),
        Draws.for_practice("lines").at([0]),
    ]
    assert len(others) == len({drawing.number(0, "x") for drawing in others})


def test_seeds_are_moved_by_other_numbers_for_practice() -> None:
    offsets = {*DRAWS.at([0] * 10).offsets("seeds")}
    practised = {*Draws.for_practice("lines").at([0] * 10).offsets("seeds")}
    assert offsets.isdisjoint(practised)
    assert all(10 <= offset < 20_000 for offset in offsets | practised)


def test_other_items_of_a_data_set_are_chosen() -> None:
    first, second = DRAWS.at([0, 0]).parts("MNIST")
    assert 1_000 <= first != second >= 1_000
