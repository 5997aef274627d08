"""Find the texts that give an expected value away to students. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from grader.assignment import Assignment
from grader.authoring.validation.findings import Finding
from grader.grading.checks.outcome import message
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Knowledge
from grader.reference.files import ReferenceFiles
from grader.reference.tables import MistakeTable

DECIMALS = (1, 2, 3, 4)
"""Decimals that an expected value may be written to."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def leak_findings(
    assignment: Assignment, solution: ReferenceFiles, knowledge: Knowledge
) -> list[Finding]:
    """Report the texts for students that hold an expected value; numbers of the handout may stand.

    Args:
        assignment: the assignment.
        solution: its reference.
        knowledge: the answers and mistakes of the reference.
    """
    handout = "\n".join(cell.source for cell in assignment.handout)
    secrets = secret_numbers(knowledge) - _numbers_in(handout)
    findings = []
    for where, text in _student_texts(assignment, solution).items():
        if not secrets.isdisjoint(_numbers_in(text)):
            leak = message("validate.leak", where=where, text=text)
            findings.append(Finding(False, leak))
    return findings or [Finding(True, message("validate.no-leak"))]


def _student_texts(assignment: Assignment, solution: ReferenceFiles) -> dict[str, str]:
    """Collect the instructor's texts that a student reads, by where they stand."""
    texts: dict[str, str] = {}
    for exercise in assignment.exercises:
        texts |= _by_language(f"{exercise.id}.student_note.", exercise.student_note.items())
    for name, mistake in solution.mistakes.items():
        for field, words in _mistake_texts(mistake):
            texts |= _by_language(f"mistakes.{name}.{field}.", words.items())
    for name, accepted in solution.accepted.items():
        texts |= _by_language(f"accepted {name}.note.", accepted.note.items())
    return texts


def _mistake_texts(mistake: MistakeTable) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "hint", mistake.hint
    for exercise, words in mistake.happened.items():
        yield f"happened.{exercise}", words
    for exercise, words in mistake.shown.items():
        yield f"shown.{exercise}", words


def _by_language(where: str, words: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {f"{where}{language}": text for language, text in words}


def secret_numbers(knowledge: Knowledge) -> frozenset[str]:
    """Write every number that is expected, or that a mistake gives, as a text may write it.

    Args:
        knowledge: the answers and mistakes of a reference.
    """
    expectations: list[Expectation] = list(knowledge.expectations.values())
    for mistake in knowledge.mistakes:
        expectations.extend(mistake.expectations.values())

    numbers = set()
    for expectation in expectations:
        for value in expectation.numbers():
            for decimals in DECIMALS:
                numbers.add(_without_zeros(f"{abs(value):.{decimals}f}"))
    # A lone digit is said in many a sentence and gives nothing away.
    return frozenset(text for text in numbers if len(text) > 1)


def _numbers_in(text: str) -> set[str]:
    numbers = set()
    for match in _NUMBER.findall(text):
        numbers.add(_without_zeros(match.replace(",", ".")))
    return numbers


def _without_zeros(number: str) -> str:
    """Strip the zeros that a number's decimals end in."""
    if "." not in number:
        return number
    return number.rstrip("0").rstrip(".")
