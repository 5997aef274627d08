"""Build notebooks with answers that are typed in, or taken from the handout. Pure.

Each has the handout's own cells of the reference, and a line that computes nothing in place of the
answers. A check that one of them satisfies shows nothing about a student's work.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.assignment import Exercise
from grader.authoring.drafting.syntax import imported_names, names_read
from grader.authoring.validation.rewrites import Answered, SolvedNotebook, code_of
from grader.grading.agreement import Expected
from grader.grading.expectation import Answer
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.slicing import names_bound_by
from grader.trace import Array, Bool, Items, Nothing, Number, Text

ConstantKind = Literal["zero", "one", "typed", "given"]
"""Zeros or ones of the answer's form, its value typed in, or values of the handout's cells."""

KINDS: tuple[ConstantKind, ...] = ("zero", "one", "typed", "given")

ANSWER = "answer"
"""Name of a typed-in answer for which the reference has none."""

PLAIN: Mapping[ConstantKind, str] = {"zero": "torch.zeros(2)", "one": "1"}
"""Values to type in for the names that a test reads, which may have any form."""

MAX_GIVEN = 40
"""Most given names that are tried."""


@dataclass(frozen=True)
class TypedIn:
    """A notebook with typed-in values for the answers of some exercises."""

    kind: ConstantKind
    lines: Mapping[str, str]
    """Per exercise, the first line that replaces its answer."""
    notebook: tuple[NotebookCell, ...]
    """All cells, without marks."""


@dataclass(frozen=True)
class Known:
    """Knowledge needed to type in an exercise's answer."""

    exercise: Exercise
    answered: Answered
    answer: Answer | None
    """The reference's answer on the original data; None if that is no value."""


Writer = Callable[[Known], str]


def typed_in(notebook: SolvedNotebook, exercises: Sequence[Known]) -> Iterator[TypedIn]:
    """Build a notebook of each kind, with typed-in values for all exercises."""
    for kind in KINDS:
        texts: dict[int, list[str]] = {}
        lines: dict[str, str] = {}
        for known in exercises:
            if _is_as_good(kind, known, notebook):
                continue
            cell = _cell_for(known.answered, notebook)
            text = _text(kind, known, notebook)
            if cell is None or not text:
                continue
            in_cell = texts.setdefault(cell, [])
            in_cell.append(text)
            first, _, _ = text.partition("\n")
            lines[known.exercise.id] = first
        if lines:
            cells = _with_texts(notebook, texts)
            yield TypedIn(kind, lines, tuple(cells))


def _is_as_good(kind: ConstantKind, known: Known, notebook: SolvedNotebook) -> bool:
    """Return whether a constant is a right answer, because the reference's is one, too.

    An exercise may ask for the numbers from 0 to 9, or for a tensor of zeros, or for one of the
    data: whoever types in the data has it, and variants change it there, too.
    """
    names = known.answered.names
    if kind == "given" or known.answer is None or not names:
        return False
    if kind == "typed" and _is_given_data(known.answer.value, notebook):
        return True
    for name in names:
        if not _is_made_of_nothing(name, notebook):
            return False
    if kind == "typed":
        return True
    value = known.answer.value
    constant = _constant(kind, known.answer)
    return constant in (literal(value), _filled(value))


def _is_given_data(value: Expected, notebook: SolvedNotebook) -> bool:
    """Return whether a value has the numbers of a list in a given cell, in their order."""
    if not isinstance(value, Array) or value.size != len(value.elements):
        return False
    for cell, source in code_of(notebook.cells):
        if cell in notebook.own:
            continue
        for node in ast.walk(parse_cell(source)):
            if isinstance(node, ast.List) and tuple(_numbers_in(node)) == value.elements:
                return True
    return False


def _numbers_in(node: ast.List) -> Iterator[float]:
    """Yield the numbers of a list, and of the lists in it."""
    for element in node.elts:
        if isinstance(element, ast.List):
            yield from _numbers_in(element)
            continue
        try:
            number = ast.literal_eval(element)
        except ValueError:
            return
        if isinstance(number, (int, float)):
            yield number


def _is_made_of_nothing(name: str, notebook: SolvedNotebook) -> bool:
    """Return whether an answer is computed without reading any name of the notebook."""
    made = _expression_of(name, notebook)
    if made is None:
        return False
    sources = [source for _, source in code_of(notebook.cells)]
    modules = imported_names(sources)
    return names_read(made) <= modules


def _expression_of(name: str, notebook: SolvedNotebook) -> ast.expr | None:
    """Find the last expression that the reference binds to a name."""
    expression = ast.parse(name, mode="eval")
    if not isinstance(expression.body, ast.Name):
        return expression.body
    last: ast.expr | None = None
    for _, source in notebook.own_sources():
        tree = parse_cell(source)
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
                    last = value
    return last


def _filled(value: Expected) -> str:
    """Write an array with equal elements as `torch.full`; empty if they differ."""
    if not isinstance(value, Array):
        return ""
    distinct = set(value.elements)
    if len(distinct) != 1:
        return ""
    [number] = distinct
    return f"torch.full({value.shape!r}, {float(number)})"


def _cell_for(answered: Answered, notebook: SolvedNotebook) -> int | None:
    """Choose the cell of the reference in which to type an answer."""
    if answered.cells:
        return max(answered.cells)
    return max(notebook.own, default=None)


def _with_texts(
    notebook: SolvedNotebook, texts: Mapping[int, Sequence[str]]
) -> Iterator[NotebookCell]:
    for index, cell in enumerate(notebook.cells):
        if index not in notebook.own:
            yield cell
            continue
        lines = texts.get(index, ())
        source = ""
        if lines:
            source = "\n".join(["import torch", *lines])
        yield cell.model_copy(update={"source": source})


def _text(kind: ConstantKind, known: Known, notebook: SolvedNotebook) -> str:
    """Write the replacement for an answer; empty if there is none of this kind."""
    match known.exercise.check:
        case "value" | "series":
            return _named(kind, known, notebook)
        case "function":
            return _function(kind, known)
        case "test":
            return _for_test(kind, known, notebook)
    return ""


def _for_test(kind: ConstantKind, known: Known, notebook: SolvedNotebook) -> str:
    """Bind the names that a test reads to a constant of another form."""
    constant = PLAIN.get(kind)
    if constant is None:
        return ""
    lines = []
    for name in _own_names(known, notebook):
        lines.append(f"{name} = {constant}")
    return "\n".join(lines)


def _own_names(known: Known, notebook: SolvedNotebook) -> list[str]:
    """List the names that the reference's cells of an exercise bind, and its test reads."""
    bound: set[str] = set()
    for cell in known.answered.cells:
        source = notebook.source(cell)
        bound |= names_bound_by(source)
    asked = _names_in(known.exercise)
    return sorted(bound & notebook.probed & asked)


def _names_in(exercise: Exercise) -> set[str]:
    """List the names in the expressions of a test."""
    names: set[str] = set()
    for text in (*exercise.equal, *exercise.holds, exercise.code):
        tree = parse_cell(text)
        names |= names_read(tree)
    return names


def _named(kind: ConstantKind, known: Known, notebook: SolvedNotebook) -> str:
    name = _name(known.answered)
    values = [_constant(kind, known.answer)]
    if kind == "given":
        values = _given_names(notebook)
    lines: list[str] = []
    for value in values:
        if value:
            lines += [f"{name} = {value}", f"print({name})"]
    return "\n".join(lines)


def _name(answered: Answered) -> str:
    for name in answered.names:
        if name.isidentifier():
            return name
    return ANSWER


def _given_names(notebook: SolvedNotebook) -> list[str]:
    """List the names that the handout's own cells bind."""
    names: dict[str, None] = {}
    for cell, source in code_of(notebook.cells):
        if cell in notebook.own:
            continue
        bound = names_bound_by(source)
        names |= dict.fromkeys(sorted(bound))
    return list(names)[:MAX_GIVEN]


def _function(kind: ConstantKind, known: Known) -> str:
    name = known.exercise.function
    if kind == "given":
        return f"def {name}(first, *others, **named):\n    return first"
    value = _constant(kind, known.answer)
    if not value:
        return ""
    return f"def {name}(*given, **named):\n    return {value}"


def _constant(kind: ConstantKind, answer: Answer | None) -> str:
    if answer is None:
        return ""
    match kind:
        case "zero":
            return alike(answer.value, 0)
        case "one":
            return alike(answer.value, 1)
        case _:
            return literal(answer.value)


def alike(value: Expected, number: int) -> str:
    """Write a constant of the same form as a value; empty if there is none."""
    match value:
        case Number():
            return repr(number)
        case Bool():
            return repr(bool(number))
        case Text():
            return repr("")
        case Array(origin="list", shape=(length,)):
            return f"[{number}] * {length}"
        case Array(shape=shape):
            return f"torch.full({shape!r}, {float(number)})"
        case Items(entries=entries):
            return _collected(value, [alike(entry, number) for entry in entries])
    return ""


def literal(value: Expected) -> str:
    """Write a value as a literal; empty if that is impossible, or too long."""
    match value:
        case Number(value=number):
            return _number(number)
        case Bool(value=truth):
            return repr(truth)
        case Text(value=text):
            return repr(text)
        case Nothing():
            return "None"
        case Array(shape=shape, elements=elements) if math.prod(shape) == len(elements):
            numbers = ", ".join(map(_number, elements))
            if value.origin == "list" and len(shape) == 1:
                return f"[{numbers}]"
            return f"torch.tensor([{numbers}]).reshape({shape!r})"
        case Items(entries=entries):
            return _collected(value, [literal(entry) for entry in entries])
    return ""


def _number(number: float) -> str:
    if not math.isfinite(number):
        return f"float('{number}')"
    if number == int(number) and abs(number) < 1e15:
        return repr(int(number))
    return repr(number)


def _collected(value: Items, entries: Sequence[str]) -> str:
    if not all(entries):
        return ""
    inside = ", ".join(entries)
    match value.form:
        case "tuple":
            if not entries:
                return "()"
            return f"({inside},)"
        case "list":
            return f"[{inside}]"
    pairs = []
    for key, entry in zip(value.keys, entries, strict=True):
        pairs.append(f"{key}: {entry}")
    return "{" + ", ".join(pairs) + "}"
