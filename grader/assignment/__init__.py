"""Read assignments: `assignment.toml` and the handout. They contain no answers.

Entry points: `load_assignment`, and `Exercise` for one graded item. The fields of single checks are
in `fields.py`.
"""

from grader.assignment.exercise import (
    PLACED,
    READ_BY_A_PERSON,
    EventKinds,
    Exercise,
    Exercises,
)
from grader.assignment.fields import (
    CHECK_FIELDS,
    SCORE_RTOL,
    CheckName,
    FigureRules,
    ScoreBound,
    ScoreStep,
    SeriesRules,
)
from grader.assignment.load import (
    FILE_NAME,
    Assignment,
    load_assignment,
    load_assignments,
    load_named,
    packages_not_installed,
    with_limits,
)
from grader.assignment.part import AssignmentPart, Names

__all__ = [
    "CHECK_FIELDS",
    "FILE_NAME",
    "PLACED",
    "READ_BY_A_PERSON",
    "SCORE_RTOL",
    "Assignment",
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
    "load_assignment",
    "load_assignments",
    "load_named",
    "packages_not_installed",
    "with_limits",
]
