"""Propose the requirements for a figure. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from grader.assignment import FigureRules
from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Entry, Observed, Proposal, is_comparable
from grader.authoring.drafting.proposals.notebook_code import (
    DRAWING,
    PlacedStatement,
    TaskCode,
    calls_in,
)
from grader.authoring.drafting.syntax import called_name
from grader.notebook.folding import fold_words
from grader.trace import Array, Event, Number, Text, Value

ASKS_FOR_A_FIGURE = (
    r" (plot\w*|draw\w*|figure|graph|chart|histogram\w*|curve|scatter|visuali[sz]e\w*"
    r"|show the image|graficos?|desenhe|desenha|trace|curva|histograma|figura|dibuja|dessine"
    r"|courbe|tracez) "
)
"""Words that ask for a figure, folded."""
ASKS_FOR_WORDS = (
    r" (explain|interpret|describe|discuss|comment on|conclude|what do you (see|observe|notice)"
    r"|why|explique|interprete|descreva|comente|discuta|o que voce (ve|observa)|por que"
    r"|explica|comenta|describe|que observas?|commentez|expliquez|interpretez|decrivez|pourquoi"
    r"|erklare\w*|beschreib\w*|begrunde\w*|kommentier\w*|warum) "
)
"""Words that ask for a person's words about it, folded."""
ASKS_FOR: Mapping[str, str] = {
    "labels": (
        r" (labels?|labelled|labeled|axes names|rotulos?|nomes? dos eixos|eixos|etiquetas?|ejes"
        r"|axes|achsen\w*|beschrift\w*|assi) "
    ),
    "title": r" (titles?|titulo|titre|titel|titolo) ",
    "legend": r" (legends?|legenda|leyenda|legende) ",
}
"""Words that ask for a part of a figure, folded."""
ASKS_FOR_SEVERAL = (
    r" (subplots?|panels?|side by side|next to each other|lado a lado|paineis|nebeneinander"
    r"|cote a cote|affiancat\w*"
    r"|(two|three|four|[2-9]|both|each|dois|duas|tres|dos|zwei|drei|deux|trois|due|tre)"
    r" (plots|figures|graphs|charts|axes|histograms|images|graficos|figuras|imagens|imagenes"
    r"|histogramas|graphiques|bilder|grafici)) "
)
"""Words that ask for several axes, folded."""
ASKS_FOR_LINES = (
    r" (and|both|each|every|two|three|four|[2-9]|compar\w*|versus|vs|against|together"
    r"|e|ambas|ambos|cada|dois|duas|tres|junto|y|dos|et|deux|chaque|und|beide|zwei|ed|due|ogni) "
)
"""Words that, beside those for a figure, may ask for several lines, folded."""
ASKS_FOR_LOGARITHM = r" (semi|log)?log(log|x|y|arit\w*|arithm\w*)? "
"""Words that ask for a scale of logarithms, folded."""
SCALES = {"x_scale": "xscale", "y_scale": "yscale"}
"""Rules for the scales of axes, and the names of those in a figure's values."""
MOST_LINES = 6

_SENTENCE_END = re.compile(r"[.!?:;\n]+")
_PLAIN = re.compile(r"plot|scatter|bar|barh|imshow|semilog[xy]|loglog|stem|step")
"""Functions that draw their arguments."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the values of names that are plotted, the last one first."""
    for placed in reversed(task.others):
        for call in calls_in(placed.node):
            if not _PLAIN.fullmatch(called_name(call)):
                continue
            # Their places on the first axis are the student's choice.
            drawn = _numbers_drawn(call)
            if isinstance(drawn, ast.Name):
                yield AnswerCandidate(placed.cell, placed.last_line, drawn.id)


def _numbers_drawn(call: ast.Call) -> ast.expr | None:
    """Find the last argument of a plotting function that is not a format, such as `"k--"`."""
    for argument in reversed(call.args):
        if not isinstance(argument, ast.Constant):
            return argument
    return None


def is_asked_for(task: TaskCode) -> bool:
    """Return whether the words of an exercise ask for a figure."""
    return task.says(ASKS_FOR_A_FIGURE)


def asks_for_words(task: TaskCode) -> bool:
    """Return whether the words of an exercise ask for words, too."""
    return task.says(ASKS_FOR_WORDS)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the figure that an exercise draws, by its words and the kinds of plots."""
    cells = sorted({placed.cell for placed in task.statements})
    figures = observed.figures(cells)
    if not figures:
        return
    last = _last_drawing(task)
    if last is None or _defines_what_draws_nothing(task):
        return
    rules = _rules(task, figures[-1])
    if not rules:
        return

    for drawn in requests(task):
        value = observed.value(drawn)
        if drawn.cell != last.cell or observed.stability(drawn) != "fixed":
            continue
        if _has_numbers(value):
            with_data = {**rules, "data": True}
            yield Proposal("figure", {"figure": with_data}, (drawn,), value)
            break
    mark = _figure_mark(task, last)
    yield Proposal("figure", {"figure": rules}, (mark,))


def _defines_what_draws_nothing(task: TaskCode) -> bool:
    """Return whether an answer defines a function that draws nothing: its figure is an extra."""
    for placed in task.functions:
        called = map(called_name, calls_in(placed.node))
        if not any(map(DRAWING.fullmatch, called)):
            return True
    return False


def _has_numbers(value: Value | None) -> bool:
    if not isinstance(value, Array):
        return False
    if not is_comparable(value):
        return False
    return value.size > 1


def _figure_mark(task: TaskCode, last: PlacedStatement) -> AnswerCandidate:
    """Request the current figure after the last drawing statement, or before one that shows."""
    plot = _module_of(task)
    line = last.last_line
    if _is_show(last):
        line = last.node.lineno - 1
    return AnswerCandidate(last.cell, line, f"{plot}.gcf()")


def _last_drawing(task: TaskCode) -> PlacedStatement | None:
    """Find the last top-level statement that draws."""
    for placed in reversed(task.others):
        for call in calls_in(placed.node):
            if DRAWING.fullmatch(called_name(call)):
                return placed
    return None


def _is_show(placed: PlacedStatement) -> bool:
    names = [called_name(call) for call in calls_in(placed.node)]
    return names == ["show"]


def _module_of(task: TaskCode) -> str:
    """Return the notebook's name of pyplot."""
    for placed in task.code.statements:
        match placed.node:
            case ast.Import(names=aliases):
                module = "matplotlib.pyplot"
            case ast.ImportFrom(module="matplotlib", names=aliases):
                module = "pyplot"
            case _:
                continue
        for alias in aliases:
            if alias.name == module:
                return alias.asname or alias.name
    return "__import__('matplotlib.pyplot').pyplot"


def _rules(task: TaskCode, figure: Event) -> dict[str, Entry]:
    """List the requirements for a figure: its kinds, and properties that the text asks for."""
    by_axes = _by_axes(figure)
    rules: dict[str, Entry] = {}
    kinds = _known_kinds(by_axes)
    if kinds:
        rules["kinds"] = kinds
    if len(by_axes) > 1 and task.says(ASKS_FOR_SEVERAL):
        rules["axes"] = len(by_axes)
    lines = max(map(_count_lines, by_axes), default=0)
    if 1 < lines <= MOST_LINES and _asks_for_lines(task):
        rules["lines"] = lines

    for part, words in ASKS_FOR.items():
        if not task.says(words):
            continue
        if _has(part, by_axes):
            rules[part] = True
    if not task.says(ASKS_FOR_LOGARITHM):
        return rules
    for rule, name in SCALES.items():
        scales = [_text(values, name) for values in by_axes]
        if "log" in scales:
            rules[rule] = "log"
    return rules


def _asks_for_lines(task: TaskCode) -> bool:
    """Return whether a sentence that asks for a figure may ask for several lines."""
    for sentence in _SENTENCE_END.split(task.text):
        words = fold_words(sentence)
        is_about_figure = re.search(ASKS_FOR_A_FIGURE, words) is not None
        if is_about_figure and re.search(ASKS_FOR_LINES, words):
            return True
    return False


def _known_kinds(by_axes: Sequence[Mapping[str, Value]]) -> tuple[str, ...]:
    """List the kinds of plots that the check knows."""
    annotation = str(FigureRules.model_fields["kinds"].annotation)
    known = re.findall(r"'(\w+)'", annotation)
    drawn: dict[str, None] = {}
    for values in by_axes:
        for kind in _text(values, "kinds").split():
            # A line that shows its points only is a cloud.
            meant = "cloud" if kind == "dots" else kind
            drawn[meant] = None
    return tuple(kind for kind in drawn if kind in known)


def _by_axes(figure: Event) -> list[dict[str, Value]]:
    by_axes: dict[str, dict[str, Value]] = {}
    for path, value in figure.values.items():
        axes, dot, name = path.partition(".")
        if not dot:
            continue
        values = by_axes.setdefault(axes, {})
        values[name] = value
    return list(by_axes.values())


def _text(values: Mapping[str, Value], name: str) -> str:
    match values.get(name):
        case Text(value=text):
            return text
    return ""


def _count_lines(values: Mapping[str, Value]) -> int:
    lines = []
    for name in values:
        if name.startswith("line["):
            lines.append(name)
    return sum(name.endswith(".y") for name in lines)


def _has(part: str, by_axes: Sequence[Mapping[str, Value]]) -> bool:
    """Return whether some axes have labels, a title or a legend."""
    match part:
        case "labels":
            return any(_text(each, "xlabel") and _text(each, "ylabel") for each in by_axes)
        case "title":
            return any(_text(each, "title") for each in by_axes)
    return any(_counts(each.get("legend")) for each in by_axes)


def _counts(value: Value | None) -> bool:
    if not isinstance(value, Number):
        return False
    return value.value > 0
