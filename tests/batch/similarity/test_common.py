"""What much of a class has is said of the class, and accuses nobody."""

from __future__ import annotations

from functools import cache

import pytest

from grader.batch.similarity.compare import SimilarWork
from tests.batch.similarity.test_copies import renamed
from tests.support.classes import ORIGINAL, compare, handed_in, honest
from tests.support.sampling import sample

SHOWN = """\
theta = torch.zeros(2, requires_grad=True)
A = torch.stack([x, torch.ones_like(x)], dim=1)
for step in range(100):
    cost = (A @ theta - y).pow(2).mean()
    (slope,) = torch.autograd.grad(cost, theta)
    theta = (theta - 0.1 * slope).detach().requires_grad_()
print("done", theta.tolist())"""
"""A solution that the teacher wrote on the board."""

ANSWER = "The gradients would add up over the epochs, so that the steps get longer and longer."


def shown_to(count: int, of: int) -> dict[str, tuple]:
    """A class in which some wrote down what was shown, half of them with names of their own."""
    own = "for number, name in enumerate(['a']):\n    print(name)"
    texts = [
        f"{SHOWN}\n{own}" if n % 2 else SHOWN.replace("theta", "t").replace("cost", "custo")
        for n in range(count)
    ]
    return {**{f"t{n}": handed_in(text) for n, text in enumerate(texts)}, **honest(of - count)}


@cache
def shown_to_half() -> SimilarWork:
    """What is found in a class of which half wrote down what was shown."""
    return compare(shown_to(17, of=31))


def test_a_solution_shown_in_class_accuses_nobody():
    assert () == shown_to_half().similar


def test_a_solution_shown_in_class_is_said_of_those_who_have_it():
    (common,) = shown_to_half().sameness
    assert ((17, 31), tuple(f"t{n}" for n in range(17))) == (
        (len(common.submissions), common.compared),
        common.submissions,
    )


def test_the_lines_that_were_shown_are_told_as_the_first_of_them_wrote_them():
    (common,) = shown_to_half().sameness
    told = [line.source for line in common.lines]
    assert ("A = torch.stack([x, torch.ones_like(x)], dim=1)", 'print("done", t.tolist())') == (
        told[0],
        told[-1],
    )


def test_what_a_fifth_of_a_class_handed_on_is_said_of_them_all():
    ring = {f"r{n}": handed_in(*(renamed(*ORIGINAL) if n % 2 else ORIGINAL)) for n in range(20)}
    found = compare({**ring, **honest(80)})
    assert ([20], ()) == ([len(common.submissions) for common in found.sameness][:1], found.similar)


def test_of_a_few_who_share_it_the_pairs_are_listed_too():
    ring = {f"r{n}": handed_in(*ORIGINAL) for n in range(5)}
    found = compare({**ring, **honest(26)})
    assert (5, 10) == (len(found.sameness[0].submissions), len(found.similar))


@pytest.mark.parametrize("count", [3, 4])
def test_what_a_few_share_is_not_said_of_the_class(count):
    assert () == compare(shown_to(count, of=31)).sameness


@pytest.mark.parametrize("seed", sample(range(4), 2, "seeds of a class"))
def test_the_usual_ways_are_nothing_that_was_shown(seed):
    assert () == compare(honest(30, seed)).sameness


def test_who_copied_is_found_beside_what_was_shown():
    copied = {"ana": handed_in(SHOWN, *ORIGINAL), "bruno": handed_in(SHOWN, *renamed(*ORIGINAL))}
    assert [("ana", "bruno")] == [
        pair.submissions for pair in compare({**copied, **shown_to(15, of=29)}).similar
    ]


def answering(count: int, answer: str = ANSWER) -> dict[str, tuple]:
    """A class of twenty in which some give the same answer, each in their own punctuation."""
    own = honest(20)
    asked = [f"s{n}" for n in range(count)]
    return own | {
        one: handed_in("print(1)", answers={1: answer.upper() if one == "s1" else answer})
        for one in asked
    }


def test_an_answer_that_more_give_than_a_pair_is_said_of_all_of_them():
    found = compare(answering(5))
    ((common,), pairs) = found.sameness, found.similar
    assert ((("question-1",), f"Answer: {ANSWER}"), ()) == (
        (common.exercises, common.lines[0].source),
        pairs,
    )
    assert ("s0", "s1", "s2", "s3", "s4") == common.submissions


def test_a_short_answer_is_anybodys():
    assert ((), ()) == ((found := compare(answering(9, "They add up."))).similar, found.sameness)


def test_answers_of_the_same_people_are_told_together():
    both = {f"s{n}": handed_in(answers={1: ANSWER, 2: f"And {ANSWER}"}) for n in range(5)}
    (common,) = compare({**honest(20), **both}).sameness
    assert ("question-1", "question-2") == common.exercises
