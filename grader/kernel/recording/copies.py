"""Copy values of a notebook, and detect later changes. Runs inside the kernel."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from typing import Any

from grader.kernel.recording.inspection import is_module, is_ndarray, is_tensor

BY_IDENTITY = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)
"""Types that are not copied, because cells reassign such names rather than change the object."""


def copied(value: Any) -> Any:
    """Copy a value; return the value itself if it cannot be copied, such as a generator."""
    try:
        if is_tensor(value) and not value.is_leaf:  # which `deepcopy` refuses
            tensor = value.detach().clone()
            return tensor.requires_grad_(value.requires_grad)
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - an odd object must not end the student's cell
        return value


def is_same(value: Any, other: Any) -> bool:
    """Return whether two values are exactly equal; False if that is unknown."""
    if type(value) is not type(other):
        return False
    if isinstance(value, BY_IDENTITY):
        return value is other
    try:
        return _is_equal(value, other)
    except Exception:  # noqa: BLE001 - see above
        return False


def _is_equal(value: Any, other: Any) -> bool:
    if is_tensor(value):
        same_kind = value.dtype == other.dtype
        return bool(same_kind and sys.modules["torch"].equal(value, other))
    if is_ndarray(value):
        same_kind = value.dtype == other.dtype
        return bool(same_kind and sys.modules["numpy"].array_equal(value, other))
    if is_module(value):
        return _is_same_network(value, other)
    if hasattr(type(value), "equals"):  # a frame or a series
        return bool(value.equals(other))
    return pickle.dumps(value) == pickle.dumps(other)


def _is_same_network(network: Any, other: Any) -> bool:
    state = network.state_dict()
    other_state = other.state_dict()
    if list(state) != list(other_state):
        return False
    return all(is_same(state[name], other_state[name]) for name in state)
