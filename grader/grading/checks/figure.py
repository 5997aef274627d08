"""The check `figure`: kinds, labels and data of a matplotlib figure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise, FigureRules
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


SEEN_AS = {"line": ("dots",), "cloud": ("dots",)}
"""Plots that also count as a kind: a line that shows only its points is a cloud."""


@dataclass(frozen=True)
class _Axes:
    """The recorded parts of one axes, by the ends of their paths."""

    values: dict[str, Value]

    def text(self, name: str) -> str:
        """Return a text of the axes; empty if there is none."""
        match self.values.get(name):
            case Text(value=text):
                return text.strip()
        return ""

    @property
    def kinds(self) -> Sequence[str]:
        """Kinds of plots in it."""
        return self.text("kinds").split()

    @property
    def lines(self) -> int:
        """How many lines it has."""
        lines = [name for name in self.values if name.startswith("line[")]
        return sum(name.endswith(".y") for name in lines)

    @property
    def has_legend(self) -> bool:
        """Whether it has a legend with entries."""
        entries = self.values.get("legend")
        if entries is None:
            return False
        count = as_number(entries)
        return bool(count)

    @property
    def has_labels(self) -> bool:
        """Whether both its axes have a label."""
        labels = [self.text("xlabel"), self.text("ylabel")]
        return all(labels)


@dataclass(frozen=True)
class _Figure:
    """A figure that a student's cell drew."""

    event: Event
    axes: Sequence[_Axes]

    @property
    def has_title(self) -> bool:
        """Whether the figure, or one of its axes, has a title."""
        if "title" in self.event.values:
            return True
        return any(axes.text("title") for axes in self.axes)

    @property
    def candidate(self) -> Candidate:
        """Describe the figure by its contents."""
        event = self.event
        kinds: dict[str, None] = {}
        for axes in self.axes:
            own_kinds = dict.fromkeys(axes.kinds)
            kinds.update(own_kinds)

        kinds_text = ", ".join(kinds)
        place = Place(event.cell, event.line, "", "figure", "1", "figure")
        return Candidate(place, Text(value=kinds_text), event)


class FigureCheck(AutomaticCheck):
    """Decide by the contents of a figure; each requirement earns a share of the points."""

    name = "figure"

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in recorded figures."""
        return LOOK_IN

    def is_told_by(self, exercise: Exercise, value: Expected) -> bool:
        """Return whether the mark holds the plotted values, rather than the figure itself."""
        return not isinstance(value, Text)

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Judge the figure of the section that meets most requirements."""
        figures = _figures(exercise, context)
        if not figures:
            why = message("figure.missing")
            missing = Outcome("missing", why)
            return not_run(context.values.trace) or missing

        outcomes = []
        for figure in figures:
            outcome = _judge(figure, exercise.figure, context.expectation)
            outcomes.append(outcome)
        return max(outcomes, key=_credit_of)


def _credit_of(outcome: Outcome) -> float:
    return outcome.credit


def _figures(exercise: Exercise, context: Context) -> Sequence[_Figure]:
    """List the figures of the student's cells: if possible, those of the section.

    A figure in the section of another exercise answers that one.
    """
    elsewhere = []
    in_section = []
    section = context.tries or ()
    for event in context.values.trace.own_events():
        if event.kind != "figure" or _answers_another(event, exercise, context):
            continue
        axes = _axes_of(event)
        figure = _Figure(event, axes)
        if event.cell in section:
            in_section.append(figure)
        else:
            elsewhere.append(figure)
    return in_section or elsewhere


def _answers_another(event: Event, exercise: Exercise, context: Context) -> bool:
    place = context.place
    if place is None or place.sections is None:
        return False
    others = place.sections.others_at(exercise.id, event.cell)
    return bool(others)


def _axes_of(event: Event) -> list[_Axes]:
    by_axes: dict[str, dict[str, Value]] = {}
    for path, value in event.values.items():
        axes, dot, name = path.partition(".")
        if dot:
            values = by_axes.setdefault(axes, {})
            values[name] = value
    return [_Axes(values) for values in by_axes.values()]


def _judge(figure: _Figure, rules: FigureRules, expectation: Expectation) -> Outcome:
    shares = [
        *_plot_shares(figure, rules),
        *_text_shares(figure, rules),
        *_scale_shares(figure, rules),
    ]
    if rules.data:
        holds_data = _holds_data(figure, expectation)
        shares.append(("data", holds_data))

    lacking = [what for what, is_there in shares if not is_there]
    count = len(shares)
    right = count - len(lacking)
    shown = figure.candidate
    if not lacking:
        why = message("figure.passed")
        return Outcome("passed", why, 1.0, shown)

    first_lack = LACKS[lacking[0]]
    why = message(first_lack, right=right, count=count)
    if right == 0:
        return Outcome("failed", why, found=shown)
    return Outcome("partial", why, right / count, shown)


Share = tuple[str, bool]
"""A requirement, and whether a figure meets it."""


def _plot_shares(figure: _Figure, rules: FigureRules) -> Iterator[Share]:
    """Check the required numbers of axes and lines, and the kinds of plots."""
    all_axes = figure.axes
    if rules.axes > 1:
        yield "axes", len(all_axes) >= rules.axes
    for kind in rules.kinds:
        drawn = {kind, *SEEN_AS.get(kind, ())}
        is_drawn = any(drawn.intersection(axes.kinds) for axes in all_axes)
        yield kind, is_drawn
    if rules.lines:
        most_lines = max((axes.lines for axes in all_axes), default=0)
        yield "lines", most_lines >= rules.lines


def _text_shares(figure: _Figure, rules: FigureRules) -> Iterator[Share]:
    """Check the required labels, title and legend."""
    if rules.labels:
        is_labelled = any(axes.has_labels for axes in figure.axes)
        yield "labels", is_labelled
    if rules.title:
        yield "title", figure.has_title
    if rules.legend:
        has_legend = any(axes.has_legend for axes in figure.axes)
        yield "legend", has_legend


def _scale_shares(figure: _Figure, rules: FigureRules) -> Iterator[Share]:
    """Check the required scale of an axis."""
    scales = {"xscale": rules.x_scale, "yscale": rules.y_scale}
    for name, scale in scales.items():
        if scale:
            has_scale = any(axes.text(name) == scale for axes in figure.axes)
            yield "scale", has_scale


def _holds_data(figure: _Figure, expectation: Expectation) -> bool:
    """Return whether the marked values are plotted."""
    values = figure.event.values.values()
    arrays = (value for value in values if isinstance(value, Array))
    return any(expectation.matches(array, BASE) for array in arrays)
