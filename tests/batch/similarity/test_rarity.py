"""What it says that two share something: the less, the more others have it."""

from __future__ import annotations

import itertools

import pytest

from grader.batch.similarity.features import Piece, Trait
from grader.batch.similarity.pairs import LEAST_BITS, least_bits
from grader.batch.similarity.rarity import MAX_BITS, MAX_RARE, MAX_RARE_SENTENCE, Rarity, Work

LINE = Trait("shape", "line", 12)
LONG = Trait("shape", "long", 40)
SENTENCE = Trait("sentence", " ".join("abcdefghijkl"), 12)


def class_of(count: int, holders: int, trait: Trait = LINE) -> Rarity:
    """A class of which some have a trait."""
    pieces = (Piece(0, 1, "", (trait,)),)
    return Rarity([Work(str(n), n, pieces if n < holders else ()) for n in range(count)])


def test_what_more_have_says_less():
    bits = [class_of(30, holders).bits(LINE) for holders in (2, 3, 6, 12, 30)]
    assert [] == [(one, other) for one, other in itertools.pairwise(bits) if one <= other]


def test_what_everyone_has_says_nearly_nothing():
    assert 0.2 > class_of(30, 30).bits(LINE)


def test_that_nobody_else_has_it_says_more_in_a_larger_class():
    bits = [class_of(count, 2).bits(LINE) for count in (2, 5, 20, 50)]
    assert sorted(bits) == bits
    assert len(set(bits)) == len(bits)


def test_no_line_says_everything_by_itself():
    assert MAX_BITS == class_of(2000, 2).bits(LINE)


def test_where_there_are_no_others_a_long_line_says_more_than_a_short_one():
    assert class_of(2, 2, LONG).bits(LONG) > class_of(2, 2).bits(LINE)


def test_a_group_counts_once():
    pieces = (Piece(0, 1, "", (LINE,)),)
    works = [Work(str(n), min(n, 20), pieces if n > 18 else ()) for n in range(30)]
    rarity = Rarity(works)
    assert (21, 0) == (rarity.parties, rarity.others(LINE))


@pytest.mark.parametrize(
    ("trait", "count", "most"),
    [
        (LINE, 5, 2),
        (LINE, 30, 6),
        (LINE, 2000, MAX_RARE),
        (SENTENCE, 30, MAX_RARE_SENTENCE),
        (SENTENCE, 10, 2),
    ],
)
def test_what_too_many_have_is_no_evidence_for_a_pair(trait, count, most):
    assert [True, False] == [
        class_of(count, holders, trait).is_rare(trait) for holders in (most, most + 1)
    ]


def test_a_larger_class_asks_for_more_evidence():
    asked = [least_bits(count) for count in (2, 5, 20, 200, 2000)]
    assert (LEAST_BITS, sorted(asked)) == (asked[0], asked)
