"""Describe the fields of `[[exercises]]` that belong to one check alone.

Each class has the fields of one check, what is wrong with them, and what they ask of a notebook
once its cells have run. `Exercise` inherits from all of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from grader.exercise.part import AssignmentPart, Names
from grader.notebook.expressions import is_expression

CheckName = Literal[
    "value", "series", "function", "test", "score", "module", "figure", "graph", "text", "manual"
]
"""Names of the checks; `grading.checks.registry` holds the checks themselves."""

MIN_CALLS = 2
"""Fewest calls that decide a function: what it gives to a single one may be typed in."""
MAX_CALLS = 20
"""Most calls, or expressions, of one exercise."""


class CheckFields(AssignmentPart):
    """The fields of one check."""

    practice: ClassVar[Names] = ()
    """Those that serve students at home, and decide nothing."""

    def problems(self) -> Iterator[str]:
        """Say what is wrong with the fields of an exercise that has this check."""
        yield from ()


class PlaceFields(AssignmentPart):
    """The fields that say where the answer of a value or series has to stand."""

    where: Literal["", "here", "name"] = ""
    """For a value or series: where it has to stand.

    `here`: in lines below the exercise's words, or in functions that these call; `name`: under the
    name that it has in the reference's mark; empty: anywhere, as far as variants tell it apart.
    """
    handout_counts: bool = False
    """For a value or series: whether a value that a given cell of the handout makes may answer."""


class ValueFields(CheckFields):
    """The fields of `check = "value"`."""

    strict: tuple[Literal["rank", "dtype"], ...] = ()
    """For a value: what has to be the reference's beside the numbers; else half the points."""
    every: bool = Field(False, alias="all")
    """For a value, written `all`: whether each mark is asked for, and earns an equal share."""
    ignore_case: bool = False
    """For a text: whether capital letters count as small ones."""


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


class SeriesFields(CheckFields):
    """The fields of `check = "series"`."""

    series: SeriesRules = SeriesRules()
    """For a series: what it has to be like."""


class FunctionFields(CheckFields):
    """The fields of `check = "function"`."""

    practice = ("practice_calls",)

    function: str = ""
    """For a function: the name that the handout gives it."""
    calls: Names = ()
    """For a function: the arguments of each call.

    They are expressions between commas; `torch`, `np` and `math` are there.
    """
    practice_calls: Names = ()
    """For a function: other calls, with which students check it before they hand it in."""

    def problems(self) -> Iterator[str]:
        """Say what is wrong with the calls."""
        calls = self.calls
        practice_calls = self.practice_calls
        if not self.function.isidentifier():
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


class ExpressionFields(CheckFields):
    """The fields of `check = "test"`."""

    equal: Names = ()
    """For a test: expressions that give what they give in the reference, as `len(loader)`."""
    holds: Names = ()
    """For a test: expressions that are true of the notebook, as `z.dtype == torch.float32`."""

    @property
    def expressions(self) -> Names:
        """All of them, in the order in which they are evaluated."""
        return self.equal + self.holds

    def problems(self) -> Iterator[str]:
        """Say what is wrong with the expressions."""
        if not 1 <= len(self.expressions) <= MAX_CALLS:
            yield f"check = 'test' needs 1 to {MAX_CALLS} expressions in 'equal' and 'holds'"
        yield from _problems_of_expressions(self.expressions)


class ScoreStep(AssignmentPart):
    """A bound that earns a share of the points: an entry of `steps`."""

    at_least: float | None = Field(None, allow_inf_nan=False)
    """Lowest score that earns it, where a higher one is better."""
    at_most: float | None = Field(None, allow_inf_nan=False)
    """Highest score that earns it, where a lower one is better."""
    credit: float = Field(gt=0, le=1, allow_inf_nan=False)
    """The share of the points."""


class ScoreFields(CheckFields):
    """The fields of `check = "score"`."""

    of: str = ""
    """For a score: the name that the handout gives the trained model."""
    measure: str = Field("", alias="with")
    """For a score, written `with`: the expression that measures it, as `accuracy(model)`."""
    at_least: float | None = Field(None, allow_inf_nan=False)
    """For a score: the lowest that earns all points."""
    at_most: float | None = Field(None, allow_inf_nan=False)
    """For a score: the highest that earns all points, as of a loss."""
    steps: tuple[ScoreStep, ...] = ()
    """For a score: bounds that earn a share of the points."""
    stepped: bool = True
    """For a score: whether an optimizer has to have changed the model's parameters."""

    def problems(self) -> Iterator[str]:
        """Say what is wrong with the measure and its bounds."""
        if not self.of.isidentifier():
            yield "check = 'score' needs 'of', the name of the trained model"
        if not self.measure:
            yield "check = 'score' needs 'with', an expression that measures it"
        if (self.at_least is None) == (self.at_most is None):
            yield "check = 'score' needs one of 'at_least' and 'at_most'"
        yield from _problems_of_expressions((self.measure,) if self.measure else ())


class ModuleFields(CheckFields):
    """The fields of `check = "module"`."""

    module: str = ""
    """For a module: the name that the handout gives the class, or the object."""
    make: str = ""
    """For a class: the arguments that make an instance, as expressions between commas."""
    inputs: Names = ()
    """For a module: the arguments of each call of `forward`, as expressions between commas."""
    compare: tuple[Literal["output", "shape", "parameters", "layers"], ...] = (
        "output",
        "shape",
        "parameters",
    )
    """For a module: what is compared with the reference's; each earns a share of the points."""
    contains: Names = ()
    """For a module: names of layers that it has to have, as `Dropout`."""

    def problems(self) -> Iterator[str]:
        """Say what is wrong with the arguments."""
        if not self.module.isidentifier():
            yield "check = 'module' needs 'module', the name of a class or of an object"
        if not self.inputs and {"output", "shape"}.intersection(self.compare):
            yield "check = 'module' needs 'inputs' to compare outputs or shapes"
        for call in (self.make, *self.inputs):
            if not _is_list_of_expressions(call):
                yield f"{call!r} is not a list of expressions between commas"


class FigureRules(AssignmentPart):
    """What an exercise requires of a figure: the table `[exercises.figure]`."""

    kinds: tuple[Literal["line", "cloud", "bars", "image", "contour", "area", "pie"], ...] = ()
    """What is drawn in it; each earns a share of the points."""
    axes: int = Field(1, ge=1)
    """How many axes it has, at least."""
    lines: int = Field(0, ge=0)
    """How many lines one of its axes has, at least."""
    labels: bool = False
    """Whether both axes have to be labelled."""
    title: bool = False
    """Whether it has to have a title."""
    legend: bool = False
    """Whether it has to have a legend."""
    x_scale: Literal["", "linear", "log"] = ""
    """The scale of the horizontal axis; empty: any."""
    y_scale: Literal["", "linear", "log"] = ""
    """The scale of the vertical axis; empty: any."""
    data: bool = False
    """Whether the marked values have to be drawn, as a line, a cloud, bars or an image."""


class FigureFields(CheckFields):
    """The fields of `check = "figure"`."""

    figure: FigureRules = FigureRules()
    """For a figure: what it has to show."""

    def problems(self) -> Iterator[str]:
        """Say where nothing is required."""
        if self.figure == FigureRules():
            yield "check = 'figure' needs a table [exercises.figure] that says what is required"


CHECK_FIELDS: Mapping[CheckName, type[CheckFields]] = {
    "value": ValueFields,
    "series": SeriesFields,
    "function": FunctionFields,
    "test": ExpressionFields,
    "score": ScoreFields,
    "module": ModuleFields,
    "figure": FigureFields,
}
"""Per check that has fields of its own, their class."""


def _problems_of_expressions(expressions: Names) -> Iterator[str]:
    for expression in expressions:
        if not is_expression(expression):
            yield f"{expression!r} is no expression"


def _is_list_of_expressions(call: str) -> bool:
    try:
        tree = ast.parse(f"f({call})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    expression = tree.body
    return isinstance(expression, ast.Call) and not expression.keywords
