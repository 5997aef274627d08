"""Explain what is wrong with a network. Pure.

Messages state facts about the student's own network. About the reference's network they reveal at
most the kinds of steps, which the handout asks for in words; never a size or a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.grading.agreement import Expected
from grader.grading.checks.module_measures import Measured, Share, shape_of
from grader.grading.checks.outcome import message
from grader.grading.checks.probed import NO_END, Probed
from grader.report import Message
from grader.trace import Items, Nothing, Other, Value

OWN_MESSAGES = {
    "NotAModule": "module.no-network",
    "NoSuperInit": "module.no-super",
    "NoForward": "module.no-forward",
}
"""Messages by exception of `kernel.probing.module_probes`."""


COMPARED = ("output", "shape", "parameters", "layers")
"""Kinds of shares that a right output settles, but for the shape."""

MAX_LAYERS = 3
"""Most layers that a message names."""


@dataclass(frozen=True)
class Naming:
    """Names of a network in the student's notebook."""

    name: str
    """The name of the class, or of the object."""
    made: str
    """The expression for the network: `Net(16)`, or the name of the object."""


def explain(measured: Measured, naming: Naming) -> Message:
    """Explain the first thing that is wrong with a network.

    Args:
        measured: the measurements; something is wrong.
        naming: names of the network.
    """
    shares = measured.shares
    wrong = [share for share in shares if not share.right]
    message_id, params = _reason(measured, naming, wrong)
    count = len(shares)
    return message(
        message_id,
        name=naming.name,
        right=count - len(wrong),
        count=count,
        **params,
    )


Reason = tuple[str, dict[str, str]]
"""Id of a message, and its parameters."""


def _reason(measured: Measured, naming: Naming, wrong: Sequence[Share]) -> Reason:
    if _has_failed(measured.problems):
        return _failure(measured, measured.problems, naming.made)
    all_inputs = measured.exercise.inputs
    for inputs, probed in zip(all_inputs, measured.outputs, strict=False):
        if _has_failed(probed):
            call = f"{naming.made}({inputs})"
            return _failure(measured, probed, call)

    first = wrong[0]
    if first.kind in COMPARED and not measured.numbers_right:
        return _difference(measured, first)
    return _own_reason(measured, naming, first)


def _own_reason(measured: Measured, naming: Naming, first: Share) -> Reason:
    """Explain the fault of a network with a right output."""
    probed = first.probed[0]
    is_method = first.kind == "method"
    if _has_failed(probed):
        call = first.what if is_method else naming.made
        return _failure(measured, probed, call)
    if is_method:
        return "module.method", {"what": first.what}
    if first.kind == "shape":
        shape = _shape_text(measured)
        return "module.shape", {"shape": shape}
    if first.kind == "contains":
        return "module.contains", {"what": first.what}
    return "module.gradients", {}


def _has_failed(probed: Probed) -> bool:
    if probed.error:
        return True
    return probed.value is None


def _failure(measured: Measured, probed: Probed, call: str) -> Reason:
    """Explain an exception or a timeout."""
    error = probed.error
    if not error or error in NO_END:
        return "module.no-end", {"call": call}
    if error in OWN_MESSAGES:
        return OWN_MESSAGES[error], {}
    if measured.problems.error:
        return "module.not-made", {"error": error, "call": call}
    if probed in measured.outputs and measured.lacks_flatten:
        return "module.raises-unflattened", {"error": error, "call": call}
    return "module.raises", {"error": error, "call": call}


def _difference(measured: Measured, first: Share) -> Reason:
    """Explain how a network differs that ran and returned something else."""
    for probed in measured.outputs:
        expected = measured.expected(probed)
        kind = _other_kind(probed.value, expected)
        if kind is not None:
            return kind
    if measured.is_unregistered:
        return "module.unregistered", {}
    if measured.outputs:
        reason = _other_steps(measured)
        if reason is not None:
            return reason
        if not measured.shape_right:
            shape = _shape_text(measured)
            return "module.shape", {"shape": shape}
    return _other_layers(measured, first)


def _other_kind(
    value: Value | None,
    expected: Expected | None,
) -> Reason | None:
    """Explain that `forward` returns no tensor."""
    if isinstance(value, Nothing):
        return "module.gives-nothing", {}
    if isinstance(value, Other):
        return "module.gives-other", {"what": value.type}
    if isinstance(value, Items) and not isinstance(expected, Items):
        return "module.gives-several", {"what": value.form}
    return None


def _other_layers(measured: Measured, first: Share) -> Reason:
    count = str(measured.parameter_count)
    is_as_large = measured.has_as_many_parameters
    some_layers = ", ".join(measured.other_layers[:MAX_LAYERS])
    layers_differ = first.kind == "layers" or not is_as_large
    if some_layers and layers_differ:
        return "module.layers", {
            "what": some_layers,
            "found": count,
        }
    if measured.outputs and is_as_large:
        return "module.output", {"found": count}
    return "module.parameters", {"found": count}


def _other_steps(measured: Measured) -> Reason | None:
    """Name missing or surplus steps, or say that their order differs."""
    own, expected = measured.steps()
    if not own or not expected or own == expected:
        return None
    lacking = Counter(expected) - Counter(own)
    extra = Counter(own) - Counter(expected)
    lacks = ", ".join(lacking)
    has = ", ".join(extra)
    if lacking and extra:
        return "module.instead", {"what": has, "wanted": lacks}
    if lacking:
        return "module.lacks", {"what": lacks}
    if extra and own[-1] in extra:
        return "module.extra-last", {"what": own[-1]}
    if extra:
        return "module.extra", {"what": has}
    return "module.order", {"what": ", ".join(own)}


def _shape_text(measured: Measured) -> str:
    """Format the first shape that differs from the reference's."""
    for probed in measured.outputs:
        value = probed.value
        expected = measured.expected(probed)
        if value is None or expected is None:
            continue
        shape = shape_of(value)
        if shape != shape_of(expected):
            return str(shape)
    return ""
