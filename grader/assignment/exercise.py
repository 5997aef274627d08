"""Define the table `[[exercises]]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from grader.assignment.fields import (
    CHECK_FIELDS,
    CheckFields,
    CheckName,
    ExpressionFields,
    FigureFields,
    FunctionFields,
    ModuleFields,
    PlaceFields,
    ScoreFields,
    SeriesFields,
    ValueFields,
)
from grader.assignment.part import Names
from grader.job import Question
from grader.kernel.recording.aliases import GIVEN, OWN
from grader.messages import Language
from grader.notebook.expressions import names_needed, names_read, parts_read

READ_BY_A_PERSON: frozenset[CheckName] = frozenset({"text", "manual"})
"""Checks by which a person decides, rather than the grader."""

PLACED: frozenset[CheckName] = frozenset({"value", "series"})
"""Checks for a value anywhere in the notebook."""

EventKinds = tuple[Literal["value", "grad", "step", "shown", "printed", "figure"], ...]


class Exercise(
    PlaceFields,
    ValueFields,
    SeriesFields,
    FunctionFields,
    ExpressionFields,
    ScoreFields,
    ModuleFields,
    FigureFields,
):
    """One graded item: a table of `[[exercises]]`."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    """Name in reports and markers, in kebab case."""
    title: str = Field(min_length=1, max_length=200)
    """Title that students and instructors read."""
    points: float = Field(ge=0, allow_inf_nan=False)
    check: CheckName
    """How it is decided; a person reads a `text`."""
    look_in: EventKinds = ("value", "step", "shown", "printed")
    """For a value or series: which kinds of events may hold the answer."""
    setup: str = ""
    """For questions after the cells have run: statements to run before each call or expression."""
    needs: Names = ()
    """Exercises this one builds on: for feedback only, never for points."""
    given: str = ""
    """Name of a value of the reference that this exercise starts from.

    The value is marked as the answer of another exercise: who has that one wrong, and this one
    right for their own value, earns `given_credit`.
    """
    given_from: Literal["any", "step"] = "any"
    """Which values of the student's own may be the one that it starts from.

    `any`: all that they computed. `step`: the last one that a gradient step of theirs gave.
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
    note: dict[Language, str] = Field(default_factory=dict)
    """Note for the instructor, per language."""
    student_note: dict[Language, str] = Field(default_factory=dict)
    """Note for the student, per language, without numbers that give an answer away."""

    @property
    def automatic(self) -> bool:
        """Whether the grader decides it, rather than a person."""
        return self.check not in READ_BY_A_PERSON

    @property
    def asked(self) -> Question | None:
        """The question to ask the notebook after its cells have run; None if there is none."""
        question = self._question()
        if question is None:
            return None
        lines = [question.code, question.asserts, *question.calls]
        if self.check == "function":
            lines = [question.code, *(f"f({call})" for call in question.calls)]
        given = parts_read(GIVEN, lines)
        own = [name.replace("_", "-") for name in parts_read(OWN, lines)]
        update = {"given": dict.fromkeys(given, ()), "own": tuple(own)}
        return question.model_copy(update=update)

    def _question(self) -> Question | None:
        if self.check == "function":
            return self._called_function()
        if self.check == "module":
            return self._measured_network()
        if self.code:
            return self._test_cell()
        lines = self._lines()
        if not lines:
            return None
        return Question(
            exercise=self.id,
            calls=lines,
            names=names_read(lines, setup=self.setup),
            code=self.setup,
            model=self.of,
            facts=self.forms,
        )

    def _test_cell(self) -> Question:
        numbers = range(1, self.assertion_count + 1)
        return Question(
            exercise=self.id,
            calls=tuple(f"assertion {number}" for number in numbers),
            names=names_needed(self.code, setup=self.setup),
            code=self.setup,
            asserts=self.code,
            shares=self.shares,
        )

    def _called_function(self) -> Question:
        names = names_read([f"print({call})" for call in self.calls], setup=self.setup)
        return Question(
            exercise=self.id,
            function=self.function,
            calls=self.calls,
            names=names,
            code=self.setup,
            changes=self.changes,
            keeps=self.keeps,
        )

    def _measured_network(self) -> Question:
        arguments = [f"f({call})" for call in (self.make, *self.inputs)]
        others = names_read((*arguments, *self.methods), setup=self.setup)
        called = {"f"}
        for method in self.methods:
            name, _, _ = method.partition("(")
            called.add(name.strip())
        names = [name for name in others if name not in called]
        return Question(
            exercise=self.id,
            calls=self.measurements,
            names=tuple(dict.fromkeys([self.module, *names])),
            code=self.setup,
            module=self.module,
            make=self.make,
            facts=self.facts,
        )

    def _lines(self) -> Names:
        """Return the expressions to evaluate in the notebook's namespace."""
        if self.check == "test":
            return self.expressions
        if self.check == "score":
            return (self.measure,)
        return ()

    @property
    def looks_at_figures(self) -> bool:
        """Whether figures decide it."""
        return self.check == "figure" or "figure" in self.look_in

    @model_validator(mode="after")
    def _check_fields(self) -> Exercise:
        """Check the fields that belong to single checks."""
        own = CHECK_FIELDS.get(self.check)
        if own is not None:
            for problem in own.problems(self):
                raise ValueError(f"exercise {self.id}: {problem}")
        if self.check not in PLACED and (self.where or self.handout_counts):
            problem = "'where' and 'handout_counts' are for check = 'value' and 'series'"
            raise ValueError(f"exercise {self.id}: {problem}")
        if not self.automatic and not self.question:
            raise ValueError(f"exercise {self.id}: check = {self.check!r} needs a question")
        for check, fields in CHECK_FIELDS.items():
            if check != self.check:
                self._refuse(fields, check)
        return self

    def _refuse(self, fields: type[CheckFields], check: CheckName) -> None:
        """Refuse the fields of another check."""
        own = CHECK_FIELDS.get(self.check, CheckFields)
        for name, field in fields.model_fields.items():
            if name not in own.model_fields and getattr(self, name) != field.default:
                written = field.alias or name
                raise ValueError(f"exercise {self.id}: {written!r} is for check = {check!r}")


Exercises = tuple[Exercise, ...]
