"""Prepare questions about a notebook's own answers. Knows no answers of the reference."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from grader.job import OwnAnswers, Question
from grader.trace import Trace

FindOwn = Callable[[Trace], Awaitable[OwnAnswers]]
"""Finds a notebook's own answers in what it has computed. Called in the grader's process."""


def own_answers_text(answers: OwnAnswers) -> str:
    """Encode a notebook's own answers for its kernel."""
    return json.dumps({name: answer.model_dump(mode="json") for name, answer in answers.items()})


def in_order(questions: Sequence[Question]) -> list[tuple[int, Question]]:
    """Number the questions; those that refer to other answers come last."""
    numbered = list(enumerate(questions))
    plain = [(number, question) for number, question in numbered if not question.own]
    referring = [(number, question) for number, question in numbered if question.own]
    return plain + referring
