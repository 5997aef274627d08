"""Define the fields of `[[exercises]]` that belong to single checks.

Each class has the fields of one check, their validation, and their questions to a notebook after
its cells have run. `Exercise` inherits from all of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from grader.assignment import module_calls
from grader.assignment.part import AssignmentPart, Names
from grader.kernel.probing.assertions import assertions_in
from grader.notebook.expressions import is_expression, names_read

CheckName = Literal[
    "value", "series", "function", "test", "score", "module", "figure", "graph", "text", "manual"
]
"""Names of the checks; `grading.checks.registry` holds the checks themselves."""

MIN_CALLS = 2
"""Fewest calls of a function: the result of a single one may be typed in."""
MAX_CALLS = 20
"""Most calls, or expressions, of one exercise."""
MAX_ASSERTIONS = 60
"""Most assertions of one test cell."""


class CheckFields(AssignmentPart):
    """The fields of one check."""

    practice: ClassVar[Names] = ()
    """Those that serve students at home, and decide nothing."""
    compared: ClassVar[Names] = ()
    """Fields that only affect the comparison: changing them needs no new recording."""

    def problems(self) -> Iterator[str]:
        """Yield problems of the fields of an exercise with this check."""
        yield from ()


class PlaceFields(AssignmentPart):
    """The fields that restrict where the answer of a value or series may be."""

    where: Literal["", "here", "name"] = ""
    """For a value or series: where it has to be.

    `here`: in lines below the exercise's words, or in functions that these call; `name`: under the
    name in the reference's mark; empty: anywhere, if variants change it.
    """
    handout_counts: bool = False
    """For a value or series: whether a value computed by a given cell of the handout may be the
    answer.
    """


class ValueFields(CheckFields):
    """The fields of `check = "value"`."""

    strict: tuple[Literal["rank", "dtype"], ...] = ()
    """For a value: properties that must equal the reference's besides the numbers; else half the
    points.
    """
    every: bool = Field(False, alias="all")
    """For a value, written `all`: whether each mark is asked for, and earns an equal share."""
    ignore_case: bool = False
    """For a text: whether capital letters count as small ones."""


class SeriesRules(AssignmentPart):
    """Conditions for a series: the table `[exercises.series]`."""

    length: Literal["same", "any"] = "same"
    """Whether it has as many values as the reference's."""
    falls: bool = True
    """Whether it has to fall: end below its first value, and rise by no more than `rise` before."""
    rise: float = Field(0.1, ge=0, allow_inf_nan=False)
    """How far it may rise above its lowest value so far, as a share of its whole fall."""
    band: float = Field(0.05, ge=0, allow_inf_nan=False)
    """How far its last value may be from the reference's, as a share of that."""


class SeriesFields(CheckFields):
    """The fields of `check = "series"`."""

    series: SeriesRules = SeriesRules()
    """For a series: its requirements."""


class FunctionFields(CheckFields):
    """The fields of `check = "function"`."""

    practice = ("practice_calls",)

    function: str = ""
    """For a function: its name in the handout."""
    calls: Names = ()
    """For a function: the arguments of each call.

    They are expressions between commas; `torch`, `np` and `math` are there.
    """
    practice_calls: Names = ()
    """For a function: other calls, with which students check it before they hand it in."""
    changes: bool = False
    """For a function that works in place: compare its arguments after the call."""
    keeps: bool = False
    """For a function that may not change its arguments: who does earns half."""
    shares: bool = False
    """For a function: whether each call that is right earns a share; else all have to be right."""

    def problems(self) -> Iterator[str]:
        """Yield problems of the calls."""
        calls = self.calls
        practice_calls = self.practice_calls
        if not self.function.isidentifier():
            yield "check = 'function' needs 'function', the name of one"
        for some_calls in (calls, practice_calls or calls):
            if not MIN_CALLS <= len(some_calls) <= MAX_CALLS:
                yield f"check = 'function' needs {MIN_CALLS} to {MAX_CALLS} calls"
        if self.changes and self.keeps:
            yield "a function either 'changes' its arguments or 'keeps' them"
        in_both = set(calls).intersection(practice_calls)
        if in_both:
            yield f"{min(in_both)!r} decides, so it cannot be practised with"
        for call in calls + practice_calls:
            if not _is_list_of_expressions(call, keywords=True):
                yield f"{call!r} is not a list of expressions between commas"


class ExpressionFields(CheckFields):
    """The fields of `check = "test"`."""

    equal: Names = ()
    """For a test: expressions with the same value as in the reference, such as `len(loader)`."""
    holds: Names = ()
    """For a test: expressions that are true of the notebook, as `z.dtype == torch.float32`."""
    code: str = ""
    """For a test, in place of expressions: statements with assertions, as a test cell has them."""
    shares: bool = False
    """For a test with `code`: whether each assertion earns a share; else all have to hold."""
    hidden: bool = False
    """For a test with `code`: whether students are not told which assertion fails, and why."""

    @property
    def assertion_count(self) -> int:
        """How many parts of a test cell are graded separately."""
        if not self.shares:
            return 1
        return len(assertions_in(self.code))

    @property
    def expressions(self) -> Names:
        """All expressions, in the order of evaluation."""
        return self.equal + self.holds

    def problems(self) -> Iterator[str]:
        """Yield problems of the expressions, or of the test cell."""
        if self.code:
            yield from self._problems_of_code()
            return
        if self.shares or self.hidden:
            yield "'shares' and 'hidden' are for a test with 'code'"
        if not 1 <= len(self.expressions) <= MAX_CALLS:
            yield f"check = 'test' needs 1 to {MAX_CALLS} expressions in 'equal' and 'holds'"
        yield from _problems_of_expressions(self.expressions)

    def _problems_of_code(self) -> Iterator[str]:
        if self.expressions:
            yield "a test has either 'code', or 'equal' and 'holds'"
        try:
            count = len(assertions_in(self.code))
        except (SyntaxError, ValueError) as error:
            yield f"'code' does not parse: {error}"
            return
        if not 1 <= count <= MAX_ASSERTIONS:
            yield f"'code' needs 1 to {MAX_ASSERTIONS} assertions at its top level"


SCORE_RTOL = 1e-6
"""Relative tolerance at a bound: 24 right answers of 25 are 0.95999998 in single precision."""


@dataclass(frozen=True)
class ScoreBound:
    """A bound of a score: one of the two numbers is None."""

    at_least: float | None
    at_most: float | None
    credit: float
    """The share of the points that a score earns which keeps it."""

    @property
    def number(self) -> float:
        """The bound itself."""
        bound = self.at_least
        if self.at_least is None:
            bound = self.at_most
        if bound is not None:
            return bound
        return 0.0

    def is_kept(self, score: float, rtol: float = SCORE_RTOL) -> bool:
        """Return whether a score reaches it, within a relative tolerance."""
        slack = rtol * abs(self.number)
        if self.at_least is None:
            return score <= self.number + slack
        return score >= self.number - slack


class ScoreStep(AssignmentPart):
    """A bound that earns a share of the points: an entry of `steps`."""

    at_least: float | None = Field(None, allow_inf_nan=False)
    """Lowest score that earns it, where a higher one is better."""
    at_most: float | None = Field(None, allow_inf_nan=False)
    """Highest score that earns it, where a lower one is better."""
    credit: float = Field(gt=0, le=1, allow_inf_nan=False)
    """The share of the points."""

    @property
    def bound(self) -> ScoreBound | None:
        """The bound, and its share of the points; None if it has none, or two."""
        if (self.at_least is None) == (self.at_most is None):
            return None
        return ScoreBound(self.at_least, self.at_most, self.credit)


class ScoreFields(CheckFields):
    """The fields of `check = "score"`."""

    compared = ("at_least", "at_most", "steps", "stepped")

    of: str = ""
    """For a score: name of the trained model in the handout."""
    measure: str = Field("", alias="with")
    """For a score, written `with`: the expression that measures it, as `accuracy(model)`."""
    at_least: float | None = Field(None, allow_inf_nan=False)
    """For a score: the lowest that earns all points."""
    at_most: float | None = Field(None, allow_inf_nan=False)
    """For a score: the highest that earns all points, as of a loss."""
    steps: tuple[ScoreStep, ...] = ()
    """For a score: bounds that earn a share of the points."""
    stepped: bool = True
    """For a score: whether the notebook has to have trained the model."""

    @property
    def bound(self) -> ScoreBound:
        """The bound that earns all points."""
        return ScoreBound(self.at_least, self.at_most, 1.0)

    @property
    def forms(self) -> Names:
        """The expression that describes the form of the model's output while it is measured."""
        if not self.of:
            return ()
        return (f"({self.measure}, {self.of}.output_form_)[1]",)

    @property
    def bounds(self) -> tuple[ScoreBound, ...]:
        """All bounds, beginning with that of all points."""
        steps = (step.bound for step in self.steps)
        return (self.bound, *filter(None, steps))

    def problems(self) -> Iterator[str]:
        """Yield problems of the measure and its bounds."""
        if not self.of.isidentifier():
            yield "check = 'score' needs 'of', the name of the trained model"
        if not self.measure:
            yield "check = 'score' needs 'with', an expression that measures it"
        elif not is_expression(self.measure):
            yield f"{self.measure!r} is no expression"
        elif self.of not in names_read((self.measure,)):
            yield f"'with' does not measure {self.of!r}: write 'accuracy({self.of})', say"
        if (self.at_least is None) == (self.at_most is None):
            yield "check = 'score' needs one of 'at_least' and 'at_most'"
        else:
            yield from self._problems_of_steps()

    def _problems_of_steps(self) -> Iterator[str]:
        for step in self.steps:
            bound = step.bound
            same_side = bound is not None and (bound.at_least is None) == (self.at_least is None)
            if bound is None or not same_side:
                yield "each of 'steps' has the bound that the exercise has: 'at_least' or 'at_most'"
            elif self.bound.is_kept(bound.number, 0.0):
                yield f"the step at {bound.number} is no easier than the bound of all points"


class ModuleFields(CheckFields):
    """The fields of `check = "module"`."""

    module: str = ""
    """For a module: name of the class or the object in the handout."""
    make: str = ""
    """For a class: arguments of its constructor, as expressions between commas."""
    inputs: Names = ()
    """For a module: the arguments of each call of `forward`, as expressions between commas."""
    compare: tuple[Literal["output", "shape", "parameters", "layers"], ...] = (
        "output",
        "shape",
        "parameters",
    )
    """For a module: properties to compare with the reference's; each earns a share of points."""
    contains: Names = ()
    """For a module: names of layers that it has to use, as `Dropout`; each earns a share."""
    methods: Names = ()
    """For a module: calls of other methods, as `encode(torch.ones(1, 4))`; each earns a share."""
    gradients: bool = False
    """For a module: whether a backward has to reach every parameter, which earns a share."""

    @property
    def first_inputs(self) -> str:
        """The arguments of the first call of `forward`; empty if there is none."""
        if not self.inputs:
            return ""
        return self.inputs[0]

    @property
    def measurements(self) -> Names:
        """The expressions that decide, in the order of evaluation."""
        inputs = self.first_inputs
        expressions: list[str] = []
        if {"output", "shape"}.intersection(self.compare):
            expressions += map(module_calls.output, self.inputs)
        for what in ("parameters", "layers"):
            if what in self.compare:
                expressions.append(module_calls.measured(what, inputs))
        expressions += (module_calls.contains(layer, inputs) for layer in self.contains)
        expressions += map(module_calls.method, self.methods)
        if self.gradients:
            expressions.append(module_calls.measured("gradients", inputs))
        return tuple(expressions)

    @property
    def facts(self) -> Names:
        """The expressions that explain what is wrong."""
        inputs = self.first_inputs
        expressions = [module_calls.PROBLEMS]
        for what in ("parameters", "layers", "shapes", "steps"):
            expressions.append(module_calls.measured(what, inputs))
        return tuple(expressions)

    def problems(self) -> Iterator[str]:
        """Yield problems of the arguments."""
        if not self.module.isidentifier():
            yield "check = 'module' needs 'module', the name of a class or of an object"
        needs_inputs = {"output", "shape"}.intersection(self.compare)
        if not self.inputs and (needs_inputs or self.contains or self.gradients):
            yield "check = 'module' needs 'inputs', with which 'forward' is called"
        for call in (self.make, *self.inputs):
            if not _is_list_of_expressions(call, keywords=True):
                yield f"{call!r} is not a list of expressions between commas"
        for call in self.methods:
            if not module_calls.is_call_of_a_name(call):
                yield f"{call!r} is no call of a method, as 'encode(torch.ones(1, 4))'"
        if not 1 <= len(self.measurements) <= MAX_CALLS:
            yield f"check = 'module' needs 1 to {MAX_CALLS} things to compare"


class FigureRules(AssignmentPart):
    """Requirements for a figure: the table `[exercises.figure]`."""

    kinds: tuple[Literal["line", "cloud", "bars", "image", "contour", "area", "pie"], ...] = ()
    """Kinds of drawings in it; each earns a share of the points."""
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
    """For a figure: its requirements."""

    def problems(self) -> Iterator[str]:
        """Yield a problem if nothing is required."""
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
"""Class of fields, per check that has its own."""


def _problems_of_expressions(expressions: Names) -> Iterator[str]:
    for expression in expressions:
        if not is_expression(expression):
            yield f"{expression!r} is no expression"


def _is_list_of_expressions(call: str, *, keywords: bool = False) -> bool:
    try:
        tree = ast.parse(f"f({call})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    expression = tree.body
    if not isinstance(expression, ast.Call):
        return False
    return keywords or not expression.keywords
