"""Try expressions in a solved notebook from which `grade new` drafts an assignment.

Runs in trusted kernels only. `grade new` inserts calls of these functions.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from grader.kernel.probing.calls import within
from grader.kernel.recording.aliases import modules_named_in

TRIAL_S = 2.0
"""Longest time for an expression that is tried, in seconds."""
MAX_CONSTANTS = 4
"""Most outputs of a model for which the best constants are computed."""
MAX_SAMPLES = 3
"""Most calls of a function that are reported with their arguments."""

NETWORK = "a network such as "
BETWEEN = " or "
"""Separator between the networks that stand in for one that a function was called with."""
_LAYERS = "Embedding EmbeddingBag LSTM GRU RNN LSTMCell GRUCell RNNCell MultiheadAttention"
NO_STAND_IN = frozenset(_LAYERS.split())
"""Layers for which no other is put in."""
FLATTENING = frozenset(("flatten", "view", "reshape"))
"""Methods by which a network takes pictures as rows."""

Names = dict[str, Any]
"""A namespace."""

Restorer = tuple[Callable[[Any], Any], Any]
"""A function, and the argument with which it restores something."""

_counts: Counter[tuple[str, int]] = Counter()


def few(key: str, value: Any) -> Any:
    """Return a value, at most a few times per key and run.

    A network is described by others that stand in for it as an argument, if any are known.

    Raises:
        LookupError: it was returned often enough.
    """
    run = id(sys.modules["__main__"])
    _counts[key, run] += 1
    if _counts[key, run] > MAX_SAMPLES:
        raise LookupError(key)
    networks = stand_ins(value)
    if networks:
        return NETWORK + BETWEEN.join(networks)
    return value


def stand_ins(value: Any) -> list[str]:
    """Write two small networks with the inputs and outputs of another; none if they are unknown.

    Args:
        value: the network; other values have no stand-ins.
    """
    layers = {type(each).__name__ for each in _modules(value)}
    if not layers or not layers.isdisjoint(NO_STAND_IN):
        return []
    weights = [each for each in value.parameters() if each.dim() > 1]
    if not weights:
        return []

    inputs = weights[0].shape[1]
    outputs = weights[-1].shape[0]
    axes = weights[0].dim() - 2
    linear = f"nn.Linear({inputs}, {outputs})"
    first = [linear]
    if axes:
        convolution = f"nn.Conv{axes}d({inputs}, {outputs}, 1)"
        pooling = f"nn.AdaptiveAvgPool{axes}d(1)"
        first = [convolution, pooling, "nn.Flatten()"]
    elif "Flatten" in layers or _flattens(value):
        first = ["nn.Flatten()", linear]
    further = f"nn.Linear({outputs}, {outputs})"
    second = [*first, further]
    return [_written(first), _written(second)]


def _flattens(network: Any) -> bool:
    """Return whether a network's `forward` flattens its input."""
    code = getattr(type(network).forward, "__code__", None)
    if code is None:
        return False
    return not FLATTENING.isdisjoint(code.co_names)


def _written(layers: list[str]) -> str:
    if len(layers) == 1:
        return layers[0]
    joined = ", ".join(layers)
    return f"nn.Sequential({joined})"


def own_time() -> float:
    """Return a time in seconds that stops while the main thread waits for a processor."""
    try:
        text = Path("/proc/thread-self/schedstat").read_text()
        _, waited, *_ = text.split()
        waited_ns = int(waited)
    except (OSError, ValueError, IndexError):
        return time.process_time()  # not Linux: time that it sleeps is not known
    return time.perf_counter() - waited_ns / 1e9


def called(function: str, arguments: str, namespace: Names, seed: int) -> Any:
    """Call a function of the notebook.

    Args:
        function: its name.
        arguments: expressions between commas; random numbers in them are the same each time.
        namespace: the notebook's.
        seed: seed of the random numbers that the function draws itself.
    """
    values, named = _arguments(arguments, namespace)
    with _seeded(seed), within(TRIAL_S):
        return namespace[function](*values, **named)


def changed(function: str, arguments: str, namespace: Names, seed: int) -> Any:
    """Call a function of the notebook, and return its first argument afterwards."""
    values, named = _arguments(arguments, namespace)
    with _seeded(seed), within(TRIAL_S):
        namespace[function](*values, **named)
    return values[0]


def _arguments(arguments: str, namespace: Names) -> tuple[Any, Any]:
    """Evaluate the arguments of a call; return the positional ones and the named ones."""
    call = f"_pack_arguments({arguments})"
    result: tuple[Any, Any] = _evaluated(call, namespace, 0)
    return result


def _pack_arguments(*values: Any, **named: Any) -> tuple[Any, Any]:
    return values, named


def evaluated(expression: str, namespace: Names, seed: int, code: str = "") -> Any:
    """Evaluate an expression with the notebook's names.

    Args:
        expression: the expression.
        namespace: the notebook's.
        seed: seed of random numbers.
        code: statements that run first, in a namespace of their own.
    """
    with within(TRIAL_S):
        return _evaluated(expression, namespace, seed, code)


def _evaluated(expression: str, namespace: Names, seed: int, code: str = "") -> Any:
    modules = modules_named_in(expression + code)
    names = {**modules, **namespace, "_pack_arguments": _pack_arguments}
    with _seeded(seed):
        exec(code, names)
        return eval(expression, names)


def scored(model: str, expression: str, namespace: Names, code: str = "") -> Any:
    """Measure a model in eval mode and without gradients, and restore it."""
    network = namespace[model]
    modes = {module: module.training for module in _modules(network)}
    if modes:
        network.eval()
    try:
        with _without_gradients():
            return _evaluated(expression, namespace, 0, code)
    finally:
        for module, training in modes.items():
            module.training = training


def _modules(network: Any) -> list[Any]:
    """List a network and its layers; empty for other values."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(network, torch.nn.Module):
        return []
    return list(network.modules())


def unlearned(model: str, expression: str, namespace: Names, code: str = "") -> list[float]:
    """Measure a model unchanged, and with parameters that make its output constant.

    With all parameters 0 it prefers no class, or the first; with the last one 1, the last. If there
    are few outputs, also with the constants of the least squared error.
    """

    def score() -> float:
        return float(scored(model, expression, namespace, code))

    scores = [score()]
    network = namespace[model]
    if not _modules(network):
        return scores
    parameters = list(network.parameters())
    kept = [each.detach().clone() for each in parameters]
    try:
        for each in parameters:
            each.data.zero_()
        scores.append(score())
        last = parameters[-1].data.reshape(-1)
        last[-1] = 1.0
        scores.append(score())
        last[-1] = 0.0
        if len(last) <= MAX_CONSTANTS:
            _set_best_constants(last, score, scores[1])
            scores.append(score())
    finally:
        for each, values in zip(parameters, kept, strict=True):
            each.data.copy_(values)
    return scores


def _set_best_constants(outputs: Any, score: Callable[[], float], at_zero: float) -> None:
    """Set the outputs of a model without weights to where a parabola through its scores is lowest.

    Args:
        outputs: the biases of the last layer, which are 0.
        score: measures the model.
        at_zero: its score now.
    """
    lowest = []
    for index in range(len(outputs)):
        outputs[index] = 1.0
        above = score()
        outputs[index] = -1.0
        below = score()
        outputs[index] = 0.0
        bend = above + below - 2 * at_zero
        position = (below - above) / (2 * bend) if bend > 0 else 0.0
        lowest.append(position)
    for index, position in enumerate(lowest):
        outputs[index] = position


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Set the seeds of torch and Python, hide output, and restore the generators afterwards."""
    torch = sys.modules.get("torch")
    numpy = sys.modules.get("numpy")
    state = random.getstate()
    states: list[Restorer] = [(random.setstate, state)]
    random.seed(seed)
    if torch is not None:
        generator = torch.default_generator
        state = generator.get_state()
        states.append((generator.set_state, state))
        generator.manual_seed(seed)
    if numpy is not None:
        state = numpy.random.get_state()
        states.append((numpy.random.set_state, state))
        numpy.random.seed(seed)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for put_back, state in states:
            put_back(state)


def _without_gradients() -> AbstractContextManager[Any]:
    torch = sys.modules.get("torch")
    if torch is None:
        return nullcontext()
    context: AbstractContextManager[Any] = torch.no_grad()
    return context
