"""The check `figure`: what a figure of matplotlib shows, and what it was drawn from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.exercise import Exercise, FigureRules
from grader.grading.agreement import Expected, as_number
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, message, not_run
from grader.grading.expectation import Expectation
from grader.grading.search import Candidate, Place
from grader.trace import BASE, Array, Event, Text, Value

LOOK_IN = ("figure",)

LACKS = {
    "line": "figure.lacks-line",
    "cloud": "figure.lacks-cloud",
    "bars": "figure.lacks-bars",
    "image": "figure.lacks-image",
    "contour": "figure.lacks-contour",
    "area": "figure.lacks-area",
    "pie": "figure.lacks-pie",
    "axes": "figure.lacks-axes",
    "lines": "figure.lacks-lines",
    "labels": "figure.lacks-labels",
    "title": "figure.lacks-title",
    "legend": "figure.lacks-legend",
    "scale": "figure.lacks-scale",
    "data": "figure.lacks-data",
}
"""Message per thing that a figure may lack."""


@dataclass(frozen=True)
class _Axes:
    """What one axes of a figure holds, by the ends of the paths."""

    values: dict[str, Value]

    def text(self, name: str) -> str:
        """Return a text of it; empty if it has none."""
        match self.values.get(name):
            case Text(value=text):
                return text.strip()
        return ""

    @property
    def kinds(self) -> Sequence[str]:
        """What is drawn in it."""
        return self.text("kinds").split()

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return sum(name.startswith("line[") and name.endswith(".y") for name in self.values)

    @property
    def has_legend(self) -> bool:
        """Whether it has a legend with entries."""
        entries = self.values.get("legend")
        return entries is not None and bool(as_number(entries))


@dataclass(frozen=True)
class _Figure:
    """A figure that a cell of the student's drew."""

    event: Event
    axes: Sequence[_Axes]

    @property
    def has_title(self) -> bool:
        """Whether the figure, or one of its axes, has a title."""
        return "title" in self.event.values or any(axes.text("title") for axes in self.axes)

    @property
    def candidate(self) -> Candidate:
        """Show it by what is drawn in it."""
        kinds: dict[str, None] = {}
        for axes in self.axes:
            kinds.update(dict.fromkeys(axes.kinds))
        place = Place(self.event.cell, self.event.line, "", "figure", "1", "figure")
        return Candidate(place, Text(value=", ".join(kinds)), self.event)


class FigureCheck(AutomaticCheck):
    """Decide by what a figure shows; each thing that is required earns a share of the points."""

    name = "figure"

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in what figures hold."""
        return LOOK_IN

    def is_told_by(self, exercise: Exercise, value: Expected) -> bool:
        """Tell whether the mark has the values that are drawn, and not the figure itself."""
        return not isinstance(value, Text)

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Take the figure of the exercise's section that shows most of what is required."""
        figures = _figures(exercise, context)
        if not figures:
            missing = Outcome("missing", message("figure.missing"))
            return not_run(context.values.trace) or missing

        outcomes = [_judge(figure, exercise.figure, context.expectation) for figure in figures]
        return max(outcomes, key=_credit_of)


def _credit_of(outcome: Outcome) -> float:
    return outcome.credit


def _figures(exercise: Exercise, context: Context) -> Sequence[_Figure]:
    """List the figures of the student's own cells: those of the section, if there are some.

    A figure in the section of another exercise answers that one.
    """
    elsewhere = []
    in_section = []
    for event in context.values.trace.own_events():
        if event.kind != "figure" or _answers_another(event, exercise, context):
            continue
        figure = _Figure(event, _axes_of(event))
        if context.tries is not None and event.cell in context.tries:
            in_section.append(figure)
        else:
            elsewhere.append(figure)
    return in_section or elsewhere


def _answers_another(event: Event, exercise: Exercise, context: Context) -> bool:
    place = context.place
    if place is None or place.sections is None:
        return False
    return bool(place.sections.others_at(exercise.id, event.cell))


def _axes_of(event: Event) -> list[_Axes]:
    by_axes: dict[str, dict[str, Value]] = {}
    for path, value in event.values.items():
        axes, dot, name = path.partition(".")
        if dot:
            by_axes.setdefault(axes, {})[name] = value
    return [_Axes(values) for values in by_axes.values()]


def _judge(figure: _Figure, rules: FigureRules, expectation: Expectation) -> Outcome:
    shares = [
        *_drawn(figure, rules),
        *_written(figure, rules),
        *_scaled(figure, rules),
    ]
    if rules.data:
        shares.append(("data", _holds_data(figure, expectation)))

    lacking = [what for what, is_there in shares if not is_there]
    right = len(shares) - len(lacking)
    shown = figure.candidate
    if not lacking:
        return Outcome("passed", message("figure.passed"), 1.0, shown)
    why = message(LACKS[lacking[0]], right=right, count=len(shares))
    if right == 0:
        return Outcome("failed", why, found=shown)
    return Outcome("partial", why, right / len(shares), shown)


Share = tuple[str, bool]
"""What is required, and whether a figure has it."""


def _drawn(figure: _Figure, rules: FigureRules) -> Iterator[Share]:
    """Say whether it has the axes, the lines and the kinds of drawing that are required."""
    if rules.axes > 1:
        yield "axes", len(figure.axes) >= rules.axes
    for kind in rules.kinds:
        yield kind, any(kind in axes.kinds for axes in figure.axes)
    if rules.lines:
        yield "lines", any(axes.lines >= rules.lines for axes in figure.axes)


def _written(figure: _Figure, rules: FigureRules) -> Iterator[Share]:
    """Say whether it has the labels, the title and the legend that are required."""
    if rules.labels:
        labelled = (axes.text("xlabel") and axes.text("ylabel") for axes in figure.axes)
        yield "labels", any(labelled)
    if rules.title:
        yield "title", figure.has_title
    if rules.legend:
        yield "legend", any(axes.has_legend for axes in figure.axes)


def _scaled(figure: _Figure, rules: FigureRules) -> Iterator[Share]:
    """Say whether an axis has the scale that is required."""
    for name, scale in (("xscale", rules.x_scale), ("yscale", rules.y_scale)):
        if scale:
            yield "scale", any(axes.text(name) == scale for axes in figure.axes)


def _holds_data(figure: _Figure, expectation: Expectation) -> bool:
    """Tell whether something drawn in it is the marked values."""
    values = figure.event.values.values()
    arrays = (value for value in values if isinstance(value, Array))
    return any(expectation.matches(array, BASE) for array in arrays)
