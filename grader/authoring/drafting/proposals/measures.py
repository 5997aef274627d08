"""Find measures of a model in a notebook: functions, expressions, losses. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.authoring.drafting.proposals.calls import written_arguments
from grader.authoring.drafting.proposals.losses import Inliner, losses_of
from grader.authoring.drafting.proposals.notebook_code import NotebookCode, TaskCode
from grader.authoring.drafting.syntax import FUNCTION, names_read
from grader.kernel.aliases import MODULES

HIGHER = re.compile(
    r"acc|accuracy|acur[aá]cia|exatid[aã]o|precision|precisi[oó]n|recall|f1|r2|score|correct|a[ck]i?ert",
    re.IGNORECASE,
)
"""Names of what is better the higher it is."""
LOWER = re.compile(r"loss|mse|rmse|mae|error|erro|perda|p[eé]rdida|custo|cost", re.IGNORECASE)
"""Names of what is better the lower it is."""
CLASSIFYING = re.compile(r"cross_?entropy|bce|nll_?loss|argmax|softmax", re.IGNORECASE)
"""Code of a notebook that puts things into classes."""
MAX_LENGTH = 70
"""Most characters of an expression that is asked for as it is."""
MAX_DEPTH = 6
"""Longest way from a measure's name to what is given."""

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
    """None: nobody knows."""
    probes: str = ""
    """Functions that it calls."""

    def is_named_in(self, words: str) -> bool:
        """Tell whether the words of an exercise speak of such a measure."""
        pattern = HIGHER if self.is_better_higher else LOWER
        return pattern.search(words) is not None


def measures_of(
    task: TaskCode,
    model: str,
) -> list[Measure]:
    """List the measures of a model, the most telling first.

    Args:
        task: the exercise that trains it.
        model: the name that holds it.
    """
    code = task.code
    found = [
        *_by_functions(code, model),
        *_by_expressions(code, model),
        *(_of_loss(model, *loss) for loss in losses_of(code, model)),
        *_by_loaders(code, model),
        *_by_pairs(code, model),
    ]
    higher = [measure for measure in found if measure.is_better_higher]
    others = [measure for measure in found if not measure.is_better_higher]
    return list(dict.fromkeys([*higher, *others]))


def _of_loss(
    model: str,
    expression: str,
    is_higher: bool,
) -> Measure:
    """Measure by an expression; a long one that needs no other name becomes a function."""
    names = names_read(ast.parse(expression)) - {model}
    is_free = all(name in MODULES or hasattr(builtins, name) for name in names)
    if len(expression) <= MAX_LENGTH or not is_free:
        return Measure(expression, is_higher)
    name = "accuracy_of_trained" if is_higher else "loss_of_trained"
    code = f"def {name}({model}):\n    return {expression}\n"
    return Measure(
        f"{name}({model})",
        is_higher,
        code,
    )


def _is_higher(name: str) -> bool | None:
    if HIGHER.search(name):
        return True
    return False if LOWER.search(name) else None


def _by_functions(
    code: NotebookCode,
    model: str,
) -> Iterator[Measure]:
    """Find calls of the notebook's own functions that measure the model on given data."""
    for name, placed in code.definitions.items():
        if not isinstance(placed.node, FUNCTION) or _is_higher(name) is None:
            continue
        if code.trains(placed.node):
            continue
        source = _free_standing(
            code,
            placed.cell,
            placed.node,
        )
        for call in code.calls_of(name):
            others = [each for each in _arguments(call) if not _is_name(each, model)]
            if len(others) == len(_arguments(call)) or not all(
                _is_there(code, each) for each in others
            ):
                continue
            arguments = written_arguments(call)
            if source:
                yield Measure(
                    f"{name}_of({arguments})",
                    _is_higher(name),
                    source,
                )
            elif not placed.is_answer:
                yield Measure(f"{name}({arguments})", _is_higher(name))


def _is_there(
    code: NotebookCode,
    node: ast.expr,
) -> bool:
    """Tell whether an expression reads nothing but what each student's notebook should have."""
    return all(code.is_known(name) or name in code.named for name in names_read(node))


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_name(
    node: ast.expr,
    name: str,
) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _free_standing(
    code: NotebookCode,
    cell: int,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> str:
    """Write a function under another name, if it needs nothing else; else nothing."""
    own = {each.arg for each in node.args.args}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            own.add(inner.id)
    needed = {name for name in names_read(node) - own if not hasattr(builtins, name)}
    if not needed <= set(MODULES) or node.decorator_list:
        return ""
    lines = code.cells[cell].source.split("\n")[node.lineno - 1 : node.end_lineno]
    head = lines[0].replace(
        f"def {node.name}",
        f"def {node.name}_of",
        1,
    )
    return "\n".join([head, *lines[1:]]) + "\n"


def _by_expressions(
    code: NotebookCode,
    model: str,
) -> Iterator[Measure]:
    """Find names of measures, written out in the model and what is given."""
    assigned: dict[str, ast.expr] = {}
    for placed in code.statements:
        for node in ast.walk(placed.node):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    written = _written_out(
                        code,
                        value,
                        model,
                        assigned,
                    )
                    is_higher = _is_higher(name)
                    if is_higher is not None and written is not None:
                        yield Measure(written, is_higher)
                    assigned[name] = value


def _written_out(
    code: NotebookCode,
    value: ast.expr,
    model: str,
    assigned: Mapping[str, ast.expr],
) -> str | None:
    """Write an expression in the model and given names alone; None if it cannot be, or has none."""
    node = ast.parse(ast.unparse(value), mode="eval").body
    for _ in range(MAX_DEPTH):
        read = names_read(node) - {model}
        unknown = {name for name in read if not code.is_known(name) and name not in code.named}
        if not unknown and model not in names_read(node):
            unknown = names_read(node) & set(assigned) - code.given
        if not unknown:
            return ast.unparse(node) if model in names_read(node) else None
        if not unknown <= set(assigned):
            return None
        known = {name: assigned[name] for name in unknown}
        node = ast.parse(ast.unparse(Inliner(known).visit(node)), mode="eval").body
    return None


def _by_loaders(
    code: NotebookCode,
    model: str,
) -> Iterator[Measure]:
    """Measure on the loaders that the notebook is given, those for testing first."""
    known = code.given | code.named
    loaders = [name for name in known if re.search(r"loader|_dl$|dataloader", name)]
    loaders += [name for name in _walked_over(code, model) if name in known]
    for name in sorted(dict.fromkeys(loaders), key=_is_for_training):
        if _classifies(code):
            yield Measure(
                f"accuracy_on({model}, {name})",
                True,
                ACCURACY_OF_LOADER,
            )
        for criterion in _criteria(code):
            arguments = f"{model}, {criterion}, {name}"
            yield Measure(
                f"loss_on({arguments})",
                False,
                LOSS_OF_LOADER,
            )


def _classifies(code: NotebookCode) -> bool:
    return any(CLASSIFYING.search(cell.source) for cell in code.cells if cell.kind == "code")


def _criteria(code: NotebookCode) -> Iterator[str]:
    """List the losses that the handout gives."""
    for name in sorted(code.given):
        if re.match(r"crit|loss_f|loss$|cost", name):
            yield name


def _walked_over(
    code: NotebookCode,
    model: str,
) -> Iterator[str]:
    """List the names that loops take pairs from in which the model is called."""
    for placed in code.statements:
        for node in ast.walk(placed.node):
            match node:
                case ast.For(target=ast.Tuple(elts=[_, _]), iter=ast.Name(id=name)):
                    if model in names_read(node):
                        yield name


def _is_for_training(name: str) -> bool:
    return "train" in name or "treino" in name


def _by_pairs(
    code: NotebookCode,
    model: str,
) -> Iterator[Measure]:
    """Measure on the data that a given name holds, beside the labels that it is compared with."""
    for data, labels in _pairs(code):
        arguments = f"{model}, {data}, {labels}"
        if _classifies(code):
            yield Measure(
                f"accuracy_of({arguments})",
                True,
                ACCURACY,
            )
            for limit in (0.5, 0):
                yield Measure(
                    f"binary_accuracy_of({arguments}, {limit})",
                    True,
                    BINARY_ACCURACY,
                )
        yield Measure(f"F.mse_loss({model}({data}), {labels})", False)


def _pairs(code: NotebookCode) -> Iterator[tuple[str, str]]:
    """List the pairs of given names that look like data and its labels, those for testing first."""
    pairs = []
    names = code.given | code.named
    for data in names:
        match = re.fullmatch(r"([xX]|images?|inputs?|data|features?)(_?\w*)", data)
        if match is None:
            continue
        for stem in ("y", "Y", "labels", "label", "targets", "target", "t"):
            labels = f"{stem}{match[2]}"
            if labels in names:
                pairs.append((data, labels))
    yield from sorted(pairs, key=_order_of_pair)


def _order_of_pair(pair: tuple[str, str]) -> tuple[bool, str]:
    data, _ = pair
    is_for_testing = re.search(r"test|val", data) is not None
    return not is_for_testing, data
