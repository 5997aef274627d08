"""The check `text`: find an answer in words, for a person to read. Pure."""

from __future__ import annotations

from grader.assignment import Exercise
from grader.grading.checks.base import Notebooks, ReviewedCheck
from grader.grading.checks.outcome import message
from grader.grading.text_answers import find_answer
from grader.notebook.prose import word_spans
from grader.report import CheckResult, Evidence, ExerciseStatus, Message, Where

MAX_ANSWER = 10_000
"""Most characters of an answer that the report keeps."""


class TextCheck(ReviewedCheck):
    """Find a student's answer to a question."""

    name = "text"

    def read(self, exercise: Exercise, notebooks: Notebooks) -> tuple[ExerciseStatus, CheckResult]:
        """Find the answer, wherever it is: `pending` if there may be one, else `missing`."""
        answer = find_answer(
            notebooks.submission, notebooks.handout, exercise, notebooks.other_questions
        )
        text = answer.text
        if not answer.found:
            why = message("text.question-not-found")
            return "missing", self._result(why)
        if answer.cell is None or not text:
            why = message("text.blank")
            return "missing", self._result(why)

        words = len(word_spans(text))
        why = message("text.answered" if answer.certain else "text.in-its-place", words=words)
        where = Where(cell=answer.cell)
        evidence = Evidence(where=where, value=_cut(text))
        return "pending", self._result(why, evidence)

    def _result(self, why: Message, found: Evidence | None = None) -> CheckResult:
        return CheckResult(check=self.name, message=why, found=found)


def _cut(text: str) -> str:
    if len(text) <= MAX_ANSWER:
        return text
    return text[:MAX_ANSWER] + " …"
