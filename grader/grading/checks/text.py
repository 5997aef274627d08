"""The check `text`: an answer in words, which a person reads. Pure."""

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
    """Find what a student wrote after a question."""

    name = "text"

    def read(self, exercise: Exercise, notebooks: Notebooks) -> tuple[ExerciseStatus, CheckResult]:
        """Find the answer wherever it stands: `pending` if there is one, else `missing`."""
        answer = find_answer(
            notebooks.submission, notebooks.handout, exercise, notebooks.other_questions
        )
        if not answer.found:
            return "missing", self._result(message("text.question-not-found"))
        if answer.cell is None or not answer.text:
            return "missing", self._result(message("text.blank"))

        words = len(word_spans(answer.text))
        evidence = Evidence(where=Where(cell=answer.cell), value=_cut(answer.text))
        return "pending", self._result(message("text.answered", words=words), evidence)

    def _result(self, why: Message, found: Evidence | None = None) -> CheckResult:
        return CheckResult(check=self.name, message=why, found=found)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_ANSWER else text[:MAX_ANSWER] + " …"
