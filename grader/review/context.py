"""Load the context of an answer for reviewers: question, guide and the reference's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.assignment import Assignment, Exercise, load_assignment
from grader.errors import AssignmentError
from grader.grading.checks.base import Notebooks
from grader.grading.checks.manual import work_in
from grader.grading.text_answers import find_answer
from grader.messages import Language, in_language
from grader.notebook.folding import fold_words
from grader.reference.files import ReferenceFiles
from grader.reference.tables import GuideTable, RubricTable
from grader.review.story import Sections
from grader.settings import Settings
from grader.submissions.submission import Submission


@dataclass(frozen=True)
class AnswerContext:
    """The context of the answers to one question; unknown parts are empty."""

    question: str = ""
    """The question in full, as the handout has it."""
    guide: str = ""
    """Its grading guide."""
    answer: str = ""
    """The reference's answer."""
    items: tuple[RubricTable, ...] = ()
    """Rubric items of `guides.toml`."""


def sections_of(settings: Settings, name: str, submission: Submission) -> Sections:
    """Find the cells of a submission that a person looks at, by exercise with `check = "manual"`.

    Args:
        settings: where assignments are.
        name: name of the assignment; nothing is found where it is gone.
        submission: the notebook that was handed in.
    """
    try:
        assignment = load_assignment(settings.exercises / name)
    except AssignmentError:
        return {}
    notebooks = Notebooks(submission.cells, assignment.handout)
    sections = {}
    for exercise in assignment.exercises:
        if exercise.check == "manual":
            sections[exercise.id] = work_in(exercise, notebooks).cells
    return sections


QuestionKey = tuple[str, str]
"""The name of an assignment and the id of an exercise."""


def load_context(
    settings: Settings,
    name: str,
    language: Language,
) -> Mapping[QuestionKey, AnswerContext]:
    """Load the context of each question of an assignment; empty if the assignment is gone.

    Args:
        settings: where assignments and references are.
        name: name of the assignment.
        language: language of the guides.
    """
    try:
        assignment = load_assignment(settings.exercises / name)
    except AssignmentError:
        return {}
    reference = _load_reference(settings, assignment, name)

    contexts = {}
    for exercise in assignment.exercises:
        if not exercise.automatic:
            contexts[name, exercise.id] = _context(assignment, exercise, reference, language)
    return contexts


def _load_reference(
    settings: Settings,
    assignment: Assignment,
    name: str,
) -> ReferenceFiles | None:
    """Load the reference; None if it cannot be read: answers can be reviewed without it."""
    try:
        return ReferenceFiles(assignment, settings.solutions / name)
    except AssignmentError:
        return None


def _context(
    assignment: Assignment,
    exercise: Exercise,
    reference: ReferenceFiles | None,
    language: Language,
) -> AnswerContext:
    question = _full_question(assignment, exercise)
    if reference is None:
        return AnswerContext(question)

    other_questions = []
    for other in assignment.exercises:
        if other.question and other.id != exercise.id:
            other_questions.append(other.question)
    answer = find_answer(reference.cells, assignment.handout, exercise, other_questions)

    table = reference.guides.get(exercise.id, GuideTable())
    guide = in_language(table.guide, language)
    return AnswerContext(question, guide, answer.text, table.items)


def _full_question(assignment: Assignment, exercise: Exercise) -> str:
    """Find the paragraph of the handout with the question, or else return the search phrase."""
    phrase = fold_words(exercise.question).rstrip()
    for cell in assignment.handout:
        for paragraph in cell.source.split("\n\n"):
            if phrase in fold_words(paragraph):
                return paragraph.strip()
    return exercise.question
