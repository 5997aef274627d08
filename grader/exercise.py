"""Describe one exercise of an assignment: a table of `[[exercises]]`, checked. Plain data."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.messages import Language
from grader.trace import Question

MIN_CALLS = 2
"""Fewest calls that decide a function: what it gives to a single one may be typed in."""
MAX_CALLS = 20

CheckName = Literal["value", "series", "function", "graph", "text"]
"""Names of the checks; `grading.checks.registry` holds the checks themselves."""

READ_BY_A_PERSON: frozenset[str] = frozenset({"text"})
"""Checks by which a person decides, rather than the grader."""

Names = tuple[str, ...]


@dataclass(frozen=True)
class CheckFields:
    """The fields of `[[exercises]]` that belong to one check alone."""

    subject: str
    """How an error speaks of them."""
    deciding: Names
    """Fields that say which values of a submission matter."""
    others: Names = ()


CHECK_FIELDS: Mapping[CheckName, CheckFields] = {
    "function": CheckFields(
        subject="'function' and its calls are",
        deciding=("function", "calls"),
        others=("practice_calls",),
    ),
    "series": CheckFields(
        subject="'series' is",
        deciding=("series",),
    ),
}
"""Fields per check that has some of its own."""


class AssignmentPart(BaseModel):
    """A table of `assignment.toml`: it takes no field that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SeriesRules(AssignmentPart):
    """What an exercise requires of a series: the table `[exercises.series]`."""

    length: Literal["same", "any"] = "same"
    """Whether it has as many values as the reference's."""
    falls: bool = True
    """Whether it has to fall: end below its first value, and rise by no more than `rise` before."""
    rise: float = Field(0.1, ge=0, allow_inf_nan=False)
    """How far it may stand above its lowest value so far, as a share of its whole fall."""
    band: float = Field(0.05, ge=0, allow_inf_nan=False)
    """How far its last value may lie from the reference's, as a share of that."""


EventKinds = tuple[Literal["value", "grad", "step", "shown", "printed"], ...]


class Exercise(AssignmentPart):
    """One graded item: a table of `[[exercises]]`."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    """Name in reports and markers, in kebab case."""
    title: str = Field(min_length=1, max_length=200)
    """What students and instructors read."""
    points: float = Field(ge=0, allow_inf_nan=False)
    check: CheckName
    """How it is decided; a person reads a `text`."""
    look_in: EventKinds = ("value", "step", "shown", "printed")
    """For a value or series: which kinds of events may hold the answer."""
    series: SeriesRules = SeriesRules()
    """For a series: what it has to be like."""
    function: str = ""
    """For a function: the name that the handout gives it."""
    calls: Names = ()
    """For a function: the arguments of each call.

    They are expressions between commas; `torch`, `np` and `math` are there.
    """
    practice_calls: Names = ()
    """For a function: other calls, with which students check it before they hand it in."""
    needs: Names = ()
    """Exercises this one builds on: for feedback only, never for points."""
    given: str = ""
    """Name of a value of the reference that this exercise starts from.

    The value is marked as the answer of another exercise: who has that one wrong, and this one
    right for their own value, earns `given_credit`.
    """
    given_credit: float = Field(0.5, gt=0, le=1, allow_inf_nan=False)
    """The share of the points that follows through."""
    question: str = ""
    """A phrase of the handout that asks for it.

    For a text, it finds the question in a student's notebook, too.
    """
    rtol: float = Field(1e-4, ge=0, allow_inf_nan=False)
    """Relative tolerance; wider by itself for float16 and bfloat16."""
    atol: float = Field(1e-6, ge=0, allow_inf_nan=False)
    """Absolute tolerance, in the units of the value."""
    note: dict[Language, str] = {}
    """What the instructor should know of this exercise, per language."""
    student_note: dict[Language, str] = {}
    """What a student should know of it, per language; no number that gives an answer away."""

    @property
    def automatic(self) -> bool:
        """Whether the grader decides it, rather than a person."""
        return self.check not in READ_BY_A_PERSON

    @property
    def asked(self) -> Question | None:
        """The calls that decide it, if it asks for a function."""
        if not self.function:
            return None
        return Question(exercise=self.id, function=self.function, calls=self.calls)

    @model_validator(mode="after")
    def _check_fields(self) -> Exercise:
        """Check the fields that belong to some checks only."""
        require = _REQUIREMENTS.get(self.check)
        if require is not None:
            require(self)
        for check, fields in CHECK_FIELDS.items():
            if check != self.check and self._sets_any(fields):
                problem = f"{fields.subject} for check = {check!r}"
                raise ValueError(f"exercise {self.id}: {problem}")
        return self

    def _sets_any(self, fields: CheckFields) -> bool:
        """Return whether some of the fields differ from their defaults."""
        known = type(self).model_fields
        for name in fields.deciding + fields.others:
            default = known[name].default
            if getattr(self, name) != default:
                return True
        return False


def _require_question(exercise: Exercise) -> None:
    if not exercise.question:
        raise ValueError(f"exercise {exercise.id}: check = 'text' needs a question")


def _require_calls(exercise: Exercise) -> None:
    for problem in _problems_of_calls(exercise):
        raise ValueError(f"exercise {exercise.id}: {problem}")


def _problems_of_calls(exercise: Exercise) -> Iterator[str]:
    calls = exercise.calls
    practice_calls = exercise.practice_calls
    if not exercise.function.isidentifier():
        yield "check = 'function' needs 'function', the name of one"
    for some_calls in (calls, practice_calls or calls):
        if not MIN_CALLS <= len(some_calls) <= MAX_CALLS:
            yield f"check = 'function' needs {MIN_CALLS} to {MAX_CALLS} calls"
    in_both = set(calls).intersection(practice_calls)
    if in_both:
        yield f"{min(in_both)!r} decides, so it cannot be practised with"
    for call in calls + practice_calls:
        if not _is_list_of_expressions(call):
            yield f"{call!r} is not a list of expressions between commas"


def _is_list_of_expressions(call: str) -> bool:
    try:
        tree = ast.parse(f"f({call})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    expression = tree.body
    return isinstance(expression, ast.Call) and not expression.keywords


Requirement = Callable[[Exercise], None]
"""Raises ValueError where an exercise's table lacks something."""

_REQUIREMENTS: Mapping[str, Requirement] = {
    "text": _require_question,
    "function": _require_calls,
}
"""What a check requires of the table, per check that requires something."""

Exercises = tuple[Exercise, ...]
