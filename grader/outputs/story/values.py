"""Classify the values of an event by their paths: named or not, parameters or not. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from grader.outputs.story.lines import is_nameless
from grader.trace import Event, Items, Module, Value

MAX_PARAMETERS = 3
"""A module with more parameters is shown without them."""

_ROOT = re.compile(r"[^.\[]*")

NamedValue = tuple[str, Value]
"""A path and the value at it: `w`, `m.w`, `losses[0]`."""

KnownValues = dict[str, Value]
"""The values known so far, by path: a name that is only read is shown once."""


def remember(events: Iterable[Event], known: KnownValues) -> None:
    """Record values without showing them."""
    for event in events:
        for path, value in event.values.items():
            if is_named(path, event):
                known[path] = value


def without_parameters(values: Mapping[str, Value]) -> list[NamedValue]:
    """Drop parameters of modules with many, and containers whose items are shown."""
    prefixes = tuple(_large_module_prefixes(values))
    kept = []
    for path, value in values.items():
        is_told = isinstance(value, Items) and _has_items(path, values)
        if not is_told and not path.startswith(prefixes):
            kept.append((path, value))
    return kept


def _has_items(path: str, values: Mapping[str, Value]) -> bool:
    beginning = f"{path}["
    return any(other.startswith(beginning) for other in values)


def _large_module_prefixes(values: Mapping[str, Value]) -> Iterator[str]:
    for path, value in values.items():
        if not isinstance(value, Module):
            continue
        prefix = f"{path}."
        parameters = [other for other in values if other.startswith(prefix)]
        if len(parameters) > MAX_PARAMETERS:
            yield prefix


def root_name(path: str) -> str:
    """Return the name at the start of a path: `m` of `m.w`, `losses` of `losses[0]`."""
    root = _ROOT.match(path)
    if root is None:
        return ""
    return root[0]


def is_named(path: str, event: Event) -> bool:
    """Return whether a path begins with one of the student's names, as far as is known."""
    root = root_name(path)
    if root in event.assigned:
        return True
    if root in ("", "return"):
        return False
    return not is_nameless(path)
