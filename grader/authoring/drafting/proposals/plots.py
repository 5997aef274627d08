"""Propose what a figure has to show. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from grader.assignment import FigureRules
from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import (
    Entry,
    Observed,
    Proposal,
    is_comparable,
)
from grader.authoring.drafting.proposals.notebook_code import (
    DRAWING,
    PlacedStatement,
    TaskCode,
    calls_in,
)
from grader.authoring.drafting.syntax import called_name
from grader.trace import Array, Event, Number, Text, Value

ASKS_FOR_A_FIGURE = (
    r" (plot\w*|draw\w*|figure|graph|chart|histogram\w*|curve|scatter|visuali[sz]e\w*"
    r"|show the image|graficos?|desenhe|desenha|trace|curva|histograma|figura|dibuja|dessine"
    r"|courbe|tracez) "
)
"""Words that ask for a figure, folded."""
ASKS_FOR_WORDS = (
    r" (explain|interpret|describe|discuss|comment on|conclude|what do you (see|observe|notice)"
    r"|why|explique|interprete|descreva|comente|discuta|o que voce (ve|observa)|por que) "
)
"""Words that ask for a person's words about it, folded."""
ASKS_FOR: Mapping[str, str] = {
    "labels": r" (labels?|labelled|labeled|axes names|rotulos?|nomes? dos eixos|eixos) ",
    "title": r" (titles?|titulo) ",
    "legend": r" (legends?|legenda) ",
}
"""Words that ask for a part of a figure, folded."""
MOST_LINES = 6

_PLAIN = re.compile(r"plot|scatter|bar|barh|imshow|semilog[xy]|loglog|stem|step")
"""Functions that draw what they are given."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what the drawn names hold."""
    yield from _drawn(task)


def _drawn(task: TaskCode) -> list[AnswerCandidate]:
    """List the names that are drawn by themselves, the last one first."""
    drawn = []
    for placed in reversed(task.others):
        for call in calls_in(placed.node):
            if not _PLAIN.fullmatch(called_name(call)):
                continue
            names = [each.id for each in call.args if isinstance(each, ast.Name)]
            if names:
                candidate = AnswerCandidate(
                    placed.cell,
                    placed.last_line,
                    names[-1],
                )
                drawn.append(candidate)
    return drawn


def is_asked_for(task: TaskCode) -> bool:
    """Tell whether the words of an exercise ask for a figure."""
    return task.says(ASKS_FOR_A_FIGURE)


def asks_for_words(task: TaskCode) -> bool:
    """Tell whether the words of an exercise ask for words, too."""
    return task.says(ASKS_FOR_WORDS)


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the figure that an exercise draws, as far as its words and its kinds go."""
    cells = sorted({placed.cell for placed in task.statements})
    figures = observed.figures(cells)
    last = _last_drawing(task)
    if not figures or last is None:
        return
    rules = _rules(task, figures[-1])
    if not rules:
        return

    for drawn in _drawn(task):
        if observed.stability(drawn) == "fixed" and _has_numbers(observed.value(drawn)):
            fields = {"figure": {**rules, "data": True}}
            yield Proposal(
                "figure",
                fields,
                (drawn,),
                observed.value(drawn),
            )
            break
    plot = _module_of(task)
    mark = AnswerCandidate(
        last.cell,
        last.node.lineno - 1,
        f"{plot}.gcf()",
    )
    if _is_show(last):
        yield Proposal(
            "figure",
            {"figure": rules},
            (mark,),
        )
        return
    after = AnswerCandidate(
        last.cell,
        last.last_line,
        f"{plot}.gcf()",
    )
    yield Proposal(
        "figure",
        {"figure": rules},
        (after,),
    )


def _has_numbers(value: Value | None) -> bool:
    if not is_comparable(value):
        return False
    return isinstance(value, Array) and value.size > 1


def _last_drawing(task: TaskCode) -> PlacedStatement | None:
    """Find the last statement at top level that draws."""
    for placed in reversed(task.others):
        for call in calls_in(placed.node):
            if DRAWING.fullmatch(called_name(call)):
                return placed
    return None


def _is_show(placed: PlacedStatement) -> bool:
    names = [called_name(call) for call in calls_in(placed.node)]
    return names == ["show"]


def _module_of(task: TaskCode) -> str:
    """Name pyplot as the notebook does."""
    for placed in task.code.statements:
        match placed.node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    if alias.name == "matplotlib.pyplot":
                        return alias.asname or alias.name
            case ast.ImportFrom(module="matplotlib", names=aliases):
                for alias in aliases:
                    if alias.name == "pyplot":
                        return alias.asname or alias.name
    return "__import__('matplotlib.pyplot').pyplot"


def _rules(
    task: TaskCode,
    figure: Event,
) -> dict[str, Entry]:
    """List what a figure has to show: its kinds, and what the words ask for and it has."""
    by_axes = _by_axes(figure)
    kinds: dict[str, None] = {}
    for values in by_axes:
        kinds.update(dict.fromkeys(_text(values, "kinds").split()))
    rules: dict[str, Entry] = {}
    known = _known_kinds()
    drawn = tuple(kind for kind in kinds if kind in known)
    if drawn:
        rules["kinds"] = drawn
    if len(by_axes) > 1:
        rules["axes"] = len(by_axes)
    lines = max((_count_lines(values) for values in by_axes), default=0)
    if 1 < lines <= MOST_LINES:
        rules["lines"] = lines
    for part, words in ASKS_FOR.items():
        if task.says(words) and _has(part, by_axes):
            rules[part] = True
    for scale in ("x_scale", "y_scale"):
        if any(_text(values, scale.replace("_", "")) == "log" for values in by_axes):
            rules[scale] = "log"
    return rules


def _known_kinds() -> Sequence[str]:
    annotation = str(FigureRules.model_fields["kinds"].annotation)
    return re.findall(r"'(\w+)'", annotation)


def _by_axes(figure: Event) -> list[dict[str, Value]]:
    by_axes: dict[str, dict[str, Value]] = {}
    for path, value in figure.values.items():
        axes, dot, name = path.partition(".")
        if dot:
            by_axes.setdefault(axes, {})[name] = value
    return list(by_axes.values())


def _text(
    values: Mapping[str, Value],
    name: str,
) -> str:
    match values.get(name):
        case Text(value=text):
            return text
    return ""


def _count_lines(values: Mapping[str, Value]) -> int:
    lines = [name for name in values if name.startswith("line[")]
    return sum(name.endswith(".y") for name in lines)


def _has(
    part: str,
    by_axes: Sequence[Mapping[str, Value]],
) -> bool:
    match part:
        case "labels":
            return any(_text(each, "xlabel") and _text(each, "ylabel") for each in by_axes)
        case "title":
            return any(_text(each, "title") for each in by_axes)
    return any(_counts(each.get("legend")) for each in by_axes)


def _counts(value: Value | None) -> bool:
    return isinstance(value, Number) and value.value > 0
