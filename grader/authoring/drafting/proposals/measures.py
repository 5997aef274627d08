"""Find measures of a model in a notebook: functions, expressions, losses. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.authoring.drafting.proposals.calls import written_arguments
from grader.authoring.drafting.proposals.losses import (
    LOADING,
    copied,
    inlined,
    is_there,
    losses_of,
)
from grader.authoring.drafting.proposals.notebook_code import NotebookCode, TaskCode
from grader.authoring.drafting.syntax import FUNCTION, called_name, names_read
from grader.kernel.recording.aliases import MODULES

HIGHER = re.compile(
    r"acc|accuracy|acur[aá]cia|exatid[aã]o|precision|precisi[oó]n|recall|f1|r2|score|correct|a[ck]i?ert",
    re.IGNORECASE,
)
"""Names of measures that are better if higher."""
LOWER = re.compile(r"loss|mse|rmse|mae|error|erro|perda|p[eé]rdida|custo|cost", re.IGNORECASE)
"""Names of measures that are better if lower."""
CLASSIFYING = re.compile(r"cross_?entropy|bce|nll_?loss|argmax|softmax", re.IGNORECASE)
"""Code of a notebook that puts things into classes."""
BINARY = re.compile(r"bce|binary_cross_entropy", re.IGNORECASE)
"""Code of a notebook that tells two classes apart by one output."""
LIMITS = ("0.5", "0")
"""Outputs from which on a model prefers the second class: a probability, a logit."""
MAX_LENGTH = 70
"""Most characters of an expression that is asked for unchanged."""
MAX_DEPTH = 6
"""Longest chain of names from a measure to given names."""
LABELS = ("y", "Y", "labels", "label", "targets", "target", "t")
"""Names of labels; they have the same suffix as their data."""

_DATA = re.compile(r"([xX]|images?|inputs?|data|features?)(_?\w*)")
_LOADER = re.compile(r"loader|_dl$|dataloader")
_CRITERION = re.compile(r"crit|loss_f|loss$|cost")

OF_TRAINED = """\
def {name}({model}):
    return {expression}
"""
ACCURACY = '''\
def accuracy_of(model, x, y):
    """Return the share of the points that a model puts into the right class."""
    return (model(x).argmax(1) == y).float().mean().item()
'''
ACCURACY_OF_LOADER = '''\
def accuracy_on(model, loader):
    """Return the share of a loader's items that a model puts into the right class."""
    right = count = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
        count += len(y)
    return right / count
'''
BINARY_ACCURACY = '''\
def binary_accuracy_of(model, x, y, limit):
    """Return the share of the points on the right side of a limit."""
    return ((model(x) > limit).flatten() == (y > 0.5).flatten()).float().mean().item()
'''
BINARY_ACCURACY_OF_LOADER = '''\
def binary_accuracy_on(model, loader, limit):
    """Return the share of a loader's items on the right side of a limit."""
    right = count = 0
    for x, y in loader:
        right += ((model(x) > limit).flatten() == (y > 0.5).flatten()).sum().item()
        count += len(y)
    return right / count
'''
LOSS_OF_LOADER = '''\
def loss_on(model, criterion, loader):
    """Return the mean loss of a model over a loader's batches."""
    losses = [criterion(model(x), y).item() for x, y in loader]
    return sum(losses) / len(losses)
'''


@dataclass(frozen=True)
class Measure:
    """An expression that measures a model."""

    expression: str
    is_better_higher: bool | None
    """None: unknown."""
    probes: str = ""
    """Functions that it calls."""

    def is_named_in(self, words: str) -> bool:
        """Return whether an exercise mentions such a measure."""
        pattern = LOWER
        if self.is_better_higher:
            pattern = HIGHER
        return pattern.search(words) is not None


def measures_of(task: TaskCode, model: str) -> list[Measure]:
    """List the measures of a model, the most telling first.

    Args:
        task: the exercise that trains it.
        model: name of the model.
    """
    code = task.code
    measures = [
        *_by_functions(code, model),
        *_by_expressions(code, model),
        *_by_losses(code, model),
        *_by_loaders(code, model),
        *_by_pairs(code, model),
    ]
    distinct = dict.fromkeys(measures)
    higher = []
    for measure in distinct:
        if measure.is_better_higher:
            higher.append(measure)
    others = []
    for measure in distinct:
        if not measure.is_better_higher:
            others.append(measure)
    return [*higher, *others]


def _by_losses(code: NotebookCode, model: str) -> Iterator[Measure]:
    """Measure by the losses that the training computes."""
    for expression, is_higher in losses_of(code, model):
        yield _of_loss(model, expression, is_higher)


def _of_loss(model: str, expression: str, is_higher: bool) -> Measure:
    """Measure by an expression; a long one without other names becomes a function."""
    if len(expression) <= MAX_LENGTH:
        return Measure(expression, is_higher)
    names = names_read(ast.parse(expression))
    if not _is_free_standing(names - {model}):
        return Measure(expression, is_higher)
    name = "loss_of_trained"
    if is_higher:
        name = "accuracy_of_trained"
    code = OF_TRAINED.format(name=name, model=model, expression=expression)
    return Measure(_call(name, model), is_higher, code)


def _call(function: str, *arguments: str) -> str:
    """Write a call."""
    joined = ", ".join(arguments)
    return f"{function}({joined})"


def _is_free_standing(names: set[str]) -> bool:
    """Return whether names belong only to modules and builtins."""
    others = names.difference(MODULES)
    return all(hasattr(builtins, name) for name in others)


def _is_higher(name: str) -> bool | None:
    if HIGHER.search(name):
        return True
    if LOWER.search(name):
        return False
    return None


def _by_functions(code: NotebookCode, model: str) -> Iterator[Measure]:
    """Find calls of the notebook's own functions that measure the model on given data."""
    for name, placed in code.definitions.items():
        is_higher = _is_higher(name)
        if is_higher is None:
            continue
        node = placed.node
        if not isinstance(node, FUNCTION):
            continue
        if code.trains(node):
            continue

        called = name
        source = _free_standing(code, placed.cell, node)
        if source:
            called = _renamed(name)
        elif placed.is_answer:
            continue
        for arguments in _measuring_calls(code, name, model):
            expression = _call(called, arguments)
            yield Measure(expression, is_higher, source)


def _free_standing(
    code: NotebookCode, cell: int, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> str:
    """Write a function under another name, if it is self-contained; else empty."""
    needed = _names_needed(node)
    if not _is_free_standing(needed):
        return ""
    if node.decorator_list:
        return ""
    lines = code.cells[cell].source.split("\n")
    first = node.lineno - 1
    body = lines[first + 1 : node.end_lineno]
    new_name = _renamed(node.name)
    head = lines[first].replace(f"def {node.name}", f"def {new_name}", 1)
    return "\n".join([head, *body, ""])


def _renamed(name: str) -> str:
    return f"{name}_of"


def _names_needed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """List the names that a function reads and does not bind."""
    own = {each.arg for each in node.args.args}
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
    return names_read(node) - own


def _measuring_calls(code: NotebookCode, function: str, model: str) -> Iterator[str]:
    """List the arguments of a function's calls with the model and given data."""
    for call in code.calls_of(function):
        keywords = [keyword.value for keyword in call.keywords]
        arguments = [*call.args, *keywords]
        others = []
        for each in arguments:
            if not _is_name(each, model):
                others.append(each)
        if len(others) == len(arguments):
            continue
        if all(_reads_what_is_there(code, each) for each in others):
            yield written_arguments(call)


def _reads_what_is_there(code: NotebookCode, node: ast.expr) -> bool:
    names = names_read(node)
    return all(is_there(code, name) for name in names)


def _is_name(node: ast.expr, name: str) -> bool:
    if not isinstance(node, ast.Name):
        return False
    return node.id == name


def _by_expressions(code: NotebookCode, model: str) -> Iterator[Measure]:
    """Find named measures, inlined to expressions of the model and given names."""
    assigned: dict[str, ast.expr] = {}
    for name, value in _assignments(code):
        is_higher = _is_higher(name)
        if is_higher is not None:
            written = _written_out(code, value, model, assigned)
            if written is not None:
                yield Measure(written, is_higher)
        assigned[name] = value


def _assignments(code: NotebookCode) -> Iterator[tuple[str, ast.expr]]:
    """List the assignments to single names, also inside loops and functions."""
    for placed in code.statements:
        for node in ast.walk(placed.node):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    yield name, value


def _written_out(
    code: NotebookCode, value: ast.expr, model: str, assigned: Mapping[str, ast.expr]
) -> str | None:
    """Inline an expression to the model and given names; None if that is impossible."""
    node = copied(value)
    for _ in range(MAX_DEPTH):
        read = names_read(node)
        unknown = {name for name in read - {model} if not is_there(code, name)}
        if not unknown and model not in read:
            unknown = read & set(assigned) - code.given
        if not unknown and model in read:
            return ast.unparse(node)
        if not unknown:
            return None
        if not unknown.issubset(assigned):
            return None
        known = {name: assigned[name] for name in unknown}
        node = inlined(node, known)
    return None


def _by_loaders(code: NotebookCode, model: str) -> Iterator[Measure]:
    """Measure on the notebook's given loaders, those for testing first."""
    classifies = _classifies(code)
    for name in sorted(_loaders(code, model), key=_is_for_training):
        if classifies:
            accuracy = _call("accuracy_on", model, name)
            yield Measure(accuracy, True, ACCURACY_OF_LOADER)
        if classifies and _has_binary_loss(code):
            for limit in LIMITS:
                accuracy = _call("binary_accuracy_on", model, name, limit)
                yield Measure(accuracy, True, BINARY_ACCURACY_OF_LOADER)
        for criterion in _criteria(code):
            loss = _call("loss_on", model, criterion, name)
            yield Measure(loss, False, LOSS_OF_LOADER)


def _loaders(code: NotebookCode, model: str) -> list[str]:
    """List the known names that look like loaders, or that loops with the model iterate over."""
    known = code.given | code.named
    loaders = []
    for name in sorted(known):
        if _LOADER.search(name):
            loaders.append(name)
    for walked in _walked_over(code, model):
        if _reads_what_is_there(code, walked):
            loaders.append(ast.unparse(walked))
    distinct = dict.fromkeys(loaders)
    return list(distinct)


def _classifies(code: NotebookCode) -> bool:
    return _says(code, CLASSIFYING)


def _has_binary_loss(code: NotebookCode) -> bool:
    return _says(code, BINARY)


def _says(code: NotebookCode, pattern: re.Pattern[str]) -> bool:
    """Return whether the code of a notebook matches a pattern."""
    return any(pattern.search(cell.source) for cell in code.code_cells.values())


def _criteria(code: NotebookCode) -> Iterator[str]:
    """List the losses that the handout defines."""
    for name in sorted(code.given):
        if _CRITERION.match(name):
            yield name


def _walked_over(code: NotebookCode, model: str) -> Iterator[ast.expr]:
    """List the names and loaders whose pairs are passed to the model in loops."""
    for placed in code.statements:
        for node in ast.walk(placed.node):
            match node:
                case ast.For(target=ast.Tuple(elts=[_, _]), iter=walked):
                    if _is_loader(walked) and model in names_read(node):
                        yield walked


def _is_loader(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return called_name(node) in LOADING
    return isinstance(node, ast.Name)


def _is_for_training(name: str) -> bool:
    if "train" in name:
        return True
    return "treino" in name


def _by_pairs(code: NotebookCode, model: str) -> Iterator[Measure]:
    """Measure on given data, with the labels that it is compared with."""
    classifies = _classifies(code)
    for data, labels in sorted(_pairs(code), key=_order_of_pair):
        if classifies:
            accuracy = _call("accuracy_of", model, data, labels)
            yield Measure(accuracy, True, ACCURACY)
            for limit in LIMITS:
                accuracy = _call("binary_accuracy_of", model, data, labels, limit)
                yield Measure(accuracy, True, BINARY_ACCURACY)
        output = _call(model, data)
        loss = _call("F.mse_loss", output, labels)
        yield Measure(loss, False)


def _pairs(code: NotebookCode) -> Iterator[tuple[str, str]]:
    """List the pairs of given names that look like data and labels."""
    names = code.given | code.named
    for data in names:
        match = _DATA.fullmatch(data)
        if match is None:
            continue
        for stem in LABELS:
            labels = f"{stem}{match[2]}"
            if labels in names:
                yield data, labels


def _order_of_pair(pair: tuple[str, str]) -> tuple[bool, str]:
    """Return a sort key of pairs: those for testing first."""
    data, _ = pair
    is_for_testing = re.search(r"test|val", data) is not None
    return not is_for_testing, data
