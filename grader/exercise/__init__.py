"""Describe one exercise of an assignment: a table of `[[exercises]]`, checked. Plain data.

Entry point: `Exercise`. The fields that belong to one check alone are in `fields.py`.
"""

from grader.exercise.exercise import (
    PLACED,
    READ_BY_A_PERSON,
    EventKinds,
    Exercise,
    Exercises,
)
from grader.exercise.fields import (
    CHECK_FIELDS,
    SCORE_RTOL,
    CheckName,
    FigureRules,
    ScoreBound,
    ScoreStep,
    SeriesRules,
)
from grader.exercise.part import AssignmentPart, Names

__all__ = [
    "CHECK_FIELDS",
    "PLACED",
    "READ_BY_A_PERSON",
    "SCORE_RTOL",
    "AssignmentPart",
    "CheckName",
    "EventKinds",
    "Exercise",
    "Exercises",
    "FigureRules",
    "Names",
    "ScoreBound",
    "ScoreStep",
    "SeriesRules",
]
