"""Find texts that reveal an expected value to students. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.assignment import Assignment
from grader.authoring.validation.findings import ValidationFinding
from grader.grading.checks.outcome import message
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Knowledge
from grader.reference.files import ReferenceFiles
from grader.reference.tables import MistakeTable

DECIMALS = (1, 2, 3, 4)
"""Decimals that an expected value may be written to."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def leak_findings(
    assignment: Assignment,
    solution: ReferenceFiles,
    knowledge: Knowledge,
) -> list[ValidationFinding]:
    """Report texts for students that contain an expected value, except the handout's numbers.

    Args:
        assignment: the assignment.
        solution: its reference.
        knowledge: the answers and mistakes of the reference.
    """
    handout = "\n".join(cell.source for cell in assignment.handout)
    known_numbers = _numbers_in(handout)
    # A text that was written before numbers were drawn gives none of them away.
    are_drawn = solution.variants.are_drawn
    secrets = secret_numbers(knowledge, of_variants=not are_drawn) - known_numbers
    findings = []
    for written in _student_texts(assignment, solution):
        numbers = _numbers_in(written.text)
        if secrets.isdisjoint(numbers):
            continue
        leak = message("validate.leak", where=written.where, text=written.text)
        finding = ValidationFinding(False, leak)
        findings.append(finding)

    if findings:
        return findings
    no_leak = message("validate.no-leak")
    return [ValidationFinding(True, no_leak)]


@dataclass(frozen=True)
class _StudentText:
    """A text by the instructor that students read."""

    where: str
    """The field that contains it, and its language."""
    text: str


def _student_texts(assignment: Assignment, solution: ReferenceFiles) -> Iterator[_StudentText]:
    for exercise in assignment.exercises:
        field = f"{exercise.id}.student_note"
        yield from _by_language(field, exercise.student_note)
    for name, mistake in solution.mistakes.items():
        yield from _mistake_texts(f"mistakes.{name}", mistake)
    for name, accepted in solution.accepted.items():
        field = f"accepted {name}.note"
        yield from _by_language(field, accepted.note)


def _mistake_texts(where: str, mistake: MistakeTable) -> Iterator[_StudentText]:
    yield from _by_language(f"{where}.hint", mistake.hint)
    for exercise, words in mistake.happened.items():
        field = f"{where}.happened.{exercise}"
        yield from _by_language(field, words)
    for exercise, words in mistake.shown.items():
        field = f"{where}.shown.{exercise}"
        yield from _by_language(field, words)


def _by_language(field: str, words: Mapping[Any, str]) -> Iterator[_StudentText]:
    for language, text in words.items():
        yield _StudentText(f"{field}.{language}", text)


def secret_numbers(knowledge: Knowledge, *, of_variants: bool = True) -> frozenset[str]:
    """Format every number that is expected, or that a mistake gives, as texts may write it.

    Args:
        knowledge: the answers and mistakes of a reference.
        of_variants: also those that variants give.
    """
    expectations: list[Expectation] = list(knowledge.expectations.values())
    for mistake in knowledge.mistakes:
        expectations += mistake.expectations.values()

    numbers: set[str] = set()
    for expectation in expectations:
        for value in expectation.numbers(of_variants=of_variants):
            size = abs(value)
            numbers.update(_written(size))
    # A single digit occurs in many sentences and gives nothing away.
    longer = []
    for text in numbers:
        if len(text) > 1:
            longer.append(text)
    return frozenset(longer)


def _written(number: float) -> Iterator[str]:
    """Format a number with each number of decimals."""
    for decimals in DECIMALS:
        text = f"{number:.{decimals}f}"
        yield _without_zeros(text)


def _numbers_in(text: str) -> set[str]:
    numbers = set()
    for found in _NUMBER.findall(text):
        number = found.replace(",", ".")
        numbers.add(_without_zeros(number))
    return numbers


def _without_zeros(number: str) -> str:
    """Remove trailing zeros of decimals."""
    if "." not in number:
        return number
    stripped = number.rstrip("0")
    return stripped.rstrip(".")
