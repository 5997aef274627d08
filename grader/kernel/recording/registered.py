"""List the parameters, buffers and submodules that a network has registered.

Runs inside the student's kernel, and calls no method of a student's. A network that TorchScript
compiled keeps its tables outside of Python.
"""

from __future__ import annotations

import sys
from typing import Any

COMPILED = "torch.jit._script"
"""Module of torch with the classes of compiled networks."""

WRAPPERS = ("OrderedDictWrapper", "OrderedModuleDict")
TABLES = ("ParameterDict", "BufferDict", "ModuleDict")
"""Classes of the tables of a compiled network, in Python and in `torch._C`."""

TRACED = "_actual_script_module"
"""Attribute in which a traced network holds its compiled one."""


def registered(module: Any, table: str) -> list[tuple[Any, Any]]:
    """List the names and values in a table of a network.

    Args:
        module: the network.
        table: `_parameters`, `_buffers` or `_modules`.
    """
    entries: Any = _attributes(module).get(table)
    if issubclass(type(entries), dict):
        items = dict.items(entries)
        return list(items)
    if _is_compiled_table(entries):
        return list(entries.items())
    return []


def set_mode(module: Any, *, training: Any) -> None:
    """Set the mode of one network, bypassing `train` and `eval`, which a class may override."""
    attributes = _attributes(module)
    if _is_compiled_table(attributes.get("_parameters")):
        attributes["_c"].setattr("training", training)
    else:
        attributes["training"] = training


def mode_of(module: Any) -> Any:
    """Return whether one network is in train mode; True if it does not say."""
    attributes = _attributes(module)
    if _is_compiled_table(attributes.get("_parameters")):
        return attributes["_c"].getattr("training")
    return attributes.get("training", True)


def _attributes(module: Any) -> dict[str, Any]:
    """Return the attributes of a network, of a traced one those of its compiled one."""
    attributes: dict[str, Any] = object.__getattribute__(module, "__dict__")
    compiled = attributes.get(TRACED)
    kinds = sys.modules.get(COMPILED)
    if compiled is not None and type(compiled) is getattr(kinds, "RecursiveScriptModule", None):
        return _attributes(compiled)
    return attributes


def _is_compiled_table(table: Any) -> bool:
    """Return whether a table belongs to a compiled network, and runs code of torch only."""
    kinds = sys.modules.get(COMPILED)
    if type(table) not in [getattr(kinds, name, None) for name in WRAPPERS]:
        return False
    engine = sys.modules["torch"]._C
    inner = object.__getattribute__(table, "__dict__").get("_c")
    return type(inner) in [getattr(engine, name, None) for name in TABLES]
