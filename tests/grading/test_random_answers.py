"""Answers that hang on random numbers: right under other seeds, or left to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.grading.grade import evaluate
from grader.grading.knowledge import Knowledge, SeededAnswer
from grader.grading.search import Values
from grader.report import ExerciseResult
from grader.trace import BASE, Event, Trace
from tests.support.traces import (
    Plain,
    assignment,
    exercise,
    expects,
    knowledge,
    mistake,
    run,
    sets,
    tensor,
    trace,
)

DRAWN = exercise("drawn")
RIGHT = tensor(0.1, 0.2, 0.3)
UNDER_SEVEN = tensor(0.7, 0.8, 0.9)
OTHER = tensor(0.4, 0.5, 0.6)

KNOWN = replace(knowledge(drawn=expects(RIGHT)), unfixed=frozenset({"drawn"}))
WITH_SEVEN = replace(KNOWN, seeded={"drawn": (SeededAnswer(expects(UNDER_SEVEN)),)})


def seed(text: str) -> Event:
    return Event(run=BASE, kind="seed", cell=0, text=text)


def submitted(value: Plain, *seeds: str, source: str = "r = torch.rand(3)") -> Trace:
    drawn = sets("r", value, reads="", source=source)
    return trace(run(*map(seed, seeds), drawn), sources=(source,))


def decided(submission: Trace, known: Knowledge) -> ExerciseResult:
    evaluation = evaluate(Values(submission), assignment(DRAWN), known, lambda _: "")
    [result] = evaluation.results
    return result


def verdict(submission: Trace, known: Knowledge = KNOWN) -> tuple[str, str]:
    result = decided(submission, known)
    return result.status, result.checks[0].message.id


def test_an_answer_is_right_with_the_seeds_of_its_notebook() -> None:
    result = decided(submitted(UNDER_SEVEN, "torch 7"), WITH_SEVEN)
    [note] = result.checks[0].notes
    assert ("passed", 1.0, "random.own-seeds", "torch 7") == (
        result.status,
        result.credit,
        note.id,
        note.params["seeds"],
    )


def test_an_answer_is_right_after_one_more_draw() -> None:
    more = SeededAnswer(expects(UNDER_SEVEN), draws=1)
    result = decided(submitted(UNDER_SEVEN, "torch 7"), replace(KNOWN, seeded={"drawn": (more,)}))
    assert ("passed", ["random.more-draws"]) == (
        result.status,
        [note.id for note in result.checks[0].notes],
    )


@pytest.mark.parametrize(
    ("submission", "message"),
    [
        (submitted(OTHER, "torch 7"), "random.other-answer"),
        (submitted(OTHER), "random.no-seed"),
        (submitted(OTHER, source="r = torch.rand(3, generator=g.seed())"), "random.not-compared"),
    ],
)
def test_another_random_answer_waits_for_a_person(submission: Trace, message: str) -> None:
    assert ("pending", message) == verdict(submission, WITH_SEVEN)


def test_what_was_not_tried_is_said_to_be() -> None:
    untried = replace(KNOWN, seeds_tried=False)
    assert ("pending", "random.not-compared") == verdict(submitted(OTHER, "torch 7"), untried)


@pytest.mark.parametrize(
    "value", [tensor(0.1, 0.2), tensor(0.0, 0.0, 0.0), tensor(0.1, 0.2, 0.3, 0.4), "text"]
)
def test_what_is_no_try_at_the_answer_fails(value: Plain) -> None:
    assert ("failed", "value.absent") == verdict(submitted(value, "torch 7"), WITH_SEVEN)


def test_what_was_typed_in_fails() -> None:
    assert "failed" == verdict(submitted(OTHER, source="r = [0.4, 0.5, 0.6]"))[0]


def test_a_fixed_answer_fails_as_ever() -> None:
    fixed = replace(KNOWN, unfixed=frozenset())
    assert ("failed", "value.absent") == verdict(submitted(OTHER, "torch 7"), fixed)


def test_a_known_mistake_comes_before_the_seeds() -> None:
    known = replace(KNOWN, mistakes=(mistake("halved", drawn=expects(OTHER)),))
    submission = trace(run(seed("torch 7"), sets("r", OTHER, source="r = f(x)")), sources=("",))
    result = decided(submission, known)
    assert ("failed", ["halved"]) == (result.status, [found.id for found in result.mistakes])


def test_an_operator_computes_a_random_answer_as_a_call_does() -> None:
    product = sets("r", OTHER, reads="a", source="r = a @ b")
    submission = trace(run(seed("torch 7"), product), sources=("r = a @ b",))
    assert ("pending", "random.other-answer") == verdict(submission, WITH_SEVEN)


def test_what_rests_on_an_open_answer_is_open_even_if_its_small_numbers_agree() -> None:
    """As with the index of the largest of some numbers that other seeds drew."""
    where = exercise("where").model_copy(update={"needs": ("drawn", "said-in-words")})
    known = replace(
        knowledge(drawn=expects(RIGHT), where=expects(2.0)), unfixed=frozenset({"drawn", "where"})
    )
    known = replace(known, right={**known.right, "where": expects(1.0)})
    submission = trace(
        run(
            seed("torch 7"),
            sets("r", OTHER, reads="", source="r = torch.rand(3)"),
            sets("i", 1.0, cell=1, reads="r", source="i = r.argmax()"),
        ),
        sources=("r = torch.rand(3)", "i = r.argmax()"),
    )
    evaluation = evaluate(Values(submission), assignment(DRAWN, where), known, lambda _: "")
    assert ["pending", "pending"] == [result.status for result in evaluation.results]
