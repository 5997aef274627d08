"""List the checks, by their names in `assignment.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from grader.assignment import Exercise
from grader.grading.checks.base import AutomaticCheck, Check, ReviewedCheck
from grader.grading.checks.figure import FigureCheck
from grader.grading.checks.function import FunctionCheck
from grader.grading.checks.graph import GraphCheck
from grader.grading.checks.manual import ManualCheck
from grader.grading.checks.module import ModuleCheck
from grader.grading.checks.score import ScoreCheck
from grader.grading.checks.series import SeriesCheck
from grader.grading.checks.test import ExpressionCheck
from grader.grading.checks.text import TextCheck
from grader.grading.checks.value import ValueCheck
from grader.trace import Value

AUTOMATIC: Mapping[str, AutomaticCheck] = {
    "value": ValueCheck(),
    "series": SeriesCheck(),
    "function": FunctionCheck(),
    "test": ExpressionCheck(),
    "score": ScoreCheck(),
    "module": ModuleCheck(),
    "figure": FigureCheck(),
    "graph": GraphCheck(),
}
"""Checks by which the grader decides, in the order in which `grade new` proposes them."""

REVIEWED: Mapping[str, ReviewedCheck] = {
    "text": TextCheck(),
    "manual": ManualCheck(),
}
"""Checks by which a person decides."""

CHECKS: Mapping[str, Check] = {**AUTOMATIC, **REVIEWED}
"""All checks."""


def check_of(exercise: Exercise) -> Check:
    """Return the check of an exercise."""
    return CHECKS[exercise.check]


def check_named(name: str) -> Check | None:
    """Return the check that a report names; None for one that this version does not have."""
    return CHECKS.get(name)


def propose_check(value: Value) -> str:
    """Return the name of the first check that fits a value; empty if none does."""
    for name, check in CHECKS.items():
        if check.proposes(value):
            return name
    return ""
