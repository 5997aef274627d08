"""Nothing but the standard library and its own modules is imported in a kernel before the cells."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader.kernel

FOLDER = Path(grader.kernel.__file__).parent
CHECKOUT = FOLDER.parent.parent
FILES = sorted(FOLDER.rglob("*.py"))
MODULES = [".".join(path.relative_to(FOLDER).with_suffix("").parts) for path in FILES]

UNIX_ONLY = "sealing."
"""Processes are sealed on Linux only."""

LOADABLE = [
    name
    for name in MODULES
    if not name.endswith("__init__")
    if not name.startswith(UNIX_ONLY) or sys.platform == "linux"
]

IMPORT_ALL = """
import importlib
import sys

sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
print(*sys.modules)
"""


def nodes_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: the bodies of its functions do not."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(inner, ast.If) and ast.unparse(inner.test) == "TYPE_CHECKING":
            continue
        yield inner
        yield from nodes_at_import(inner)


def imported_names(module: str) -> set[str]:
    """The full names that a module imports when it is imported itself."""
    path = FOLDER.joinpath(*module.split("."))
    source = path.with_suffix(".py").read_text("utf-8")
    names: set[str] = set()
    for node in nodes_at_import(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert 0 == node.level
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def is_allowed(name: str) -> bool:
    package = name.partition(".")[0]
    return package in sys.stdlib_module_names or name.startswith("grader.kernel.")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_kernel_asks_for_the_standard_library_and_the_kernel_only(module):
    assert [] == [name for name in imported_names(module) if not is_allowed(name)]


def test_the_modules_of_the_kernel_load_the_standard_library_and_the_kernel_only():
    names = [f"grader.kernel.{name}" for name in LOADABLE]
    command = [sys.executable, "-I", "-S", "-c", IMPORT_ALL, str(CHECKOUT), *names]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loaded = {*result.stdout.split()} - {"grader", "grader.kernel", "__main__"}
    assert set(names) <= loaded
    assert [] == [name for name in loaded if not is_allowed(name)]
