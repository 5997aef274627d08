"""What stands beside an answer while a person reads it: the question, the guide, and what the reference answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment, Exercise, load_assignment
from grader.errors import AssignmentError
from grader.grading.checks.text import find_answer
from grader.messages import Language
from grader.notebook.cells import words
from grader.outputs.wording import own
from grader.reference.files import ReferenceFiles
from grader.settings import Settings


@dataclass(frozen=True)
class Beside:
    """What stands beside the answers to one question; what there is none of is empty."""

    question: str = ""
    """The question in full, as the handout has it."""
    guide: str = ""
    """What earns its points."""
    answer: str = ""
    """What the reference answers."""


Asked = tuple[str, str]
"""The name of an assignment and the id of an exercise."""


def beside(settings: Settings, assignment: str, language: Language) -> Mapping[Asked, Beside]:
    """What stands beside the answers to the questions of an assignment; nothing where it is not there any more.

    Args:
        settings: where assignments and references are.
        assignment: its name.
        language: language of the guides.
    """
    try:
        read = load_assignment(settings.exercises / assignment)
    except AssignmentError:
        return {}
    solution = _solution(read, settings.solutions / assignment)
    asked = (exercise for exercise in read.exercises if not exercise.automatic)
    return {
        (assignment, exercise.id): _beside(read, exercise, solution, language) for exercise in asked
    }


def _solution(assignment: Assignment, folder: Path) -> ReferenceFiles | None:
    """The reference; None where there is none that can be read: answers can be read without."""
    try:
        return ReferenceFiles(assignment, folder)
    except AssignmentError:
        return None


def _beside(
    assignment: Assignment, exercise: Exercise, solution: ReferenceFiles | None, language: Language
) -> Beside:
    question = _question(assignment, exercise)
    if solution is None:
        return Beside(question)
    others = [
        one.question for one in assignment.exercises if one.question and one.id != exercise.id
    ]
    answer = find_answer(solution.cells, assignment.handout, exercise, others)
    return Beside(question, own(solution.guides.get(exercise.id, {}), language), answer.text)


def _question(assignment: Assignment, exercise: Exercise) -> str:
    """The paragraph of the handout that asks for it; the phrase that finds it, if there is none."""
    paragraphs = (part for cell in assignment.handout for part in cell.source.split("\n\n"))
    phrase = words(exercise.question).rstrip()
    return next((part.strip() for part in paragraphs if phrase in words(part)), exercise.question)
