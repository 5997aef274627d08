"""Sentences and comments, and how long it takes to find them."""

from __future__ import annotations

import pytest

from grader.batch.similarity.sentences import MAX_PROSE, comments, sentences


def said(text: str) -> list[str]:
    return [words for _, words in sentences(text)]


def test_a_sentence_is_known_by_its_words_without_case_accents_and_signs():
    assert said("O gradiente *não* é zerado, então acumula!") == said(
        "o gradiente nao e zerado entao acumula"
    )


def test_a_text_is_told_apart_into_sentences():
    assert ["one two three four five", "six seven eight nine ten"] == said(
        "One two three four five. Six seven eight nine ten"
    )


def test_a_number_with_a_point_does_not_end_a_sentence():
    assert ["with a rate of 0 1 it converges"] == said("With a rate of 0.1 it converges")


def test_a_few_words_are_no_sentence():
    assert [] == said("It adds up. Yes it does.")


@pytest.mark.parametrize(
    "text",
    [
        "https://raw.example.org/someone/course/main/data/iris.csv",
        "w.data = w.data - lr * w.grad.data",
        "loss = ((w * x + b - y) ** 2).mean()",
        "5.1 3.5 1.4 0.2 4.9 3.0 1.4 0.2",
        "a b c d e f g",
    ],
)
def test_what_is_no_prose_is_no_sentence(text):
    assert [] == said(text)


def test_comments_are_found_beside_code_and_below_each_other():
    source = "# why\nw = 1  # a rate\n\n    #! inside\nprint('# no')\nx = y # \"quoted\""
    assert [(1, " why"), (2, " a rate"), (4, "! inside"), (6, ' "quoted"')] == list(
        comments(source)
    )


@pytest.mark.parametrize(
    "text", [" " * 10**6, "\n" * 10**6, "." * 10**6, "# " * 10**6, "a" * 10**6, "! " * 10**6]
)
def test_a_text_of_any_length_is_cut(text):
    assert len(list(comments(text))) <= MAX_PROSE
    assert len(said(text)) <= MAX_PROSE
