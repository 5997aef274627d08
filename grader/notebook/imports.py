"""Read the names that code imports. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

IMPORT = (ast.Import, ast.ImportFrom)
"""The statements that import."""

EVERYTHING = "*"
"""Stands for the names of `from … import *`."""


@dataclass(frozen=True)
class Imported:
    """A name that an import binds."""

    name: str
    package: str
    """The package that it is from; empty for a relative import."""
    is_module: bool
    """Whether `import` bound a module, rather than `from … import` a part of one."""


def imports_in(code: ast.AST) -> Iterator[Imported]:
    """Yield each name that some code imports."""
    for node in ast.walk(code):
        match node:
            case ast.ImportFrom():
                package = package_of(node.module or "")
                for alias in node.names:
                    name = alias.asname or alias.name
                    yield Imported(name, package, is_module=False)
            case ast.Import():
                for alias in node.names:
                    package = package_of(alias.name)
                    name = alias.asname or package
                    yield Imported(name, package, is_module=True)


def package_of(module: str) -> str:
    """Return the package of a module: `torch` for `torch.nn`."""
    package, _, _ = module.partition(".")
    return package
