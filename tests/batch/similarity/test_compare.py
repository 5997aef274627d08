"""What the report says of a pair, what is not compared, and how much there is of it at most."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from grader.batch.similarity.compare import MAX_PAIRS, MAX_SHARED, similar_work
from grader.report import Who
from tests.batch.similarity.test_copies import renamed
from tests.support.classes import GIVEN, LINES, ORIGINAL, ROOT, compare, handed_in, honest, result

LONG_ANSWER = (
    "The gradients would add up over the epochs, since backward adds to what is there already. "
    "So each step is longer than the one before it, and in the end w jumps over the valley."
)


def test_two_who_answer_at_length_in_the_same_words_are_listed_with_the_question():
    answers = {
        "ana": {1: LONG_ANSWER},
        "bruno": {1: LONG_ANSWER.replace(",", " –").lower(), 2: "It helps a bit."},
    }
    class_ = honest(20) | {one: handed_in(answers=answer) for one, answer in answers.items()}
    (pair,) = compare(class_).similar
    assert (("ana", "bruno"), ("question-1",), 0.0) == (pair.submissions, pair.answers, pair.share)


def test_the_sentence_of_an_answer_is_shown_without_a_line():
    (pair,) = compare(
        honest(20) | {one: handed_in(answers={1: LONG_ANSWER}) for one in ("ana", "bruno")}
    ).similar
    assert (0, LONG_ANSWER.partition(". ")[0] + ".") == (
        pair.shared[0].left.line,
        pair.shared[0].left.source,
    )


def test_one_sentence_in_the_same_words_lists_nobody():
    answer = {1: LONG_ANSWER.partition(". ")[0]}
    assert (
        ()
        == compare(
            honest(20) | {one: handed_in(answers=answer) for one in ("ana", "bruno")}
        ).similar
    )


def test_what_the_question_itself_says_is_nobodys():
    question = "What would happen if the gradient were not set back to zero in each epoch? " * 3
    assert (
        ()
        == compare(
            honest(20) | {one: handed_in(answers={1: question}) for one in ("ana", "bruno")}
        ).similar
    )


def test_a_shared_line_has_the_heading_above_it():
    (pair,) = compare(
        {"ana": handed_in(*ORIGINAL), **honest(20), "bruno": handed_in(*ORIGINAL)}
    ).similar
    assert "Exercise 5: the same with `nn.Linear`" == pair.shared[0].left.heading


@pytest.mark.parametrize("status", ["unchanged", "wrong_file", "unreadable"])
def test_what_has_no_work_in_it_is_not_compared(status):
    notebooks = {"ana": handed_in(*ORIGINAL), **honest(20), "bruno": handed_in(*ORIGINAL)}
    results = [result(one, cells, LINES, Who()) for one, cells in notebooks.items()]
    results[0] = results[0].model_copy(update={"status": status})
    assert () == similar_work(results, notebooks, {LINES.name: GIVEN[LINES.name]}).similar


def test_those_of_two_assignments_are_not_compared():
    notebooks = {"ana": handed_in(*ORIGINAL), **honest(20), "bruno": handed_in(*ORIGINAL)}
    results = [result(one, cells, LINES, Who()) for one, cells in notebooks.items()]
    results[0] = results[0].model_copy(update={"assignment": "autograd"})
    assert () == similar_work(results, notebooks, GIVEN).similar


def test_the_lines_of_a_pair_are_bounded_and_the_others_counted():
    long = "\n".join(
        f"r{n} = torch.{name}(w).f{n}(b)" for n, name in enumerate(["exp", "sin"] * 25)
    )
    (pair,) = compare({"ana": handed_in(long), **honest(20), "bruno": handed_in(long)}).similar
    assert (MAX_SHARED, 50 - MAX_SHARED) == (len(pair.shared), pair.more)


def test_the_pairs_are_bounded_and_the_others_counted():
    ring = {f"r{n}": handed_in(*ORIGINAL) for n in range(15)}
    found = compare({**ring, **honest(100)})
    assert (MAX_PAIRS, 105 - MAX_PAIRS) == (len(found.similar), found.left_out)


def test_nobody_is_alike_in_a_class_of_one_or_none():
    assert [(), ()] == [compare(class_).similar for class_ in ({}, {"ana": handed_in(*ORIGINAL)})]


def test_the_same_comes_out_whatever_the_order_of_sets():
    """Python orders sets of texts anew in each process."""
    program = """
from tests.batch.similarity.test_compare import of_a_class
print(of_a_class())
"""
    command = [sys.executable, "-c", program]
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    other = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert f"{of_a_class()}\n" == other.stdout
    assert "submissions=('ana', 'bruno')" in other.stdout


def of_a_class():
    copied = {"ana": handed_in(*ORIGINAL), "bruno": handed_in(*renamed(*ORIGINAL))}
    return compare({**honest(20), **copied})
