"""Prepare questions about a notebook's own answers. Knows no answers of the reference."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from grader.job import OwnAnswers, Question
from grader.trace import Trace

FindOwn = Callable[[Trace], Awaitable[OwnAnswers]]
"""Finds a notebook's own answers among its values. Called in the grader's process."""


def own_answers_text(answers: OwnAnswers) -> str:
    """Encode a notebook's own answers for its kernel."""
    encoded = {}
    for name, answer in answers.items():
        encoded[name] = answer.model_dump(mode="json")
    return json.dumps(encoded)


def in_order(questions: Sequence[Question]) -> list[tuple[int, Question]]:
    """Number the questions; those that refer to other answers come last."""
    plain: list[tuple[int, Question]] = []
    referring: list[tuple[int, Question]] = []
    for number, question in enumerate(questions):
        group = referring if question.own else plain
        group.append((number, question))
    return plain + referring
