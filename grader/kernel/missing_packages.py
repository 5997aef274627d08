"""Let a notebook go on where a package is not installed. Runs inside the student's kernel.

A failed import ends its cell, and all that builds on it, though most packages that a course's
machine lacks only draw, log or show progress. So a placeholder stands for such a package. It takes
part in no computation: what would need a number or a truth value of it, or its items one by one,
raises the error of the import. A notebook that catches the error itself still meets it.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.recorder import Recorder

STAND_IN_NAME = "_grader_stand_in"
"""Builtin that gives what stands for a module that could not be imported."""

NEEDED = frozenset({"torch", "numpy"})
"""Packages that no notebook can do without: nothing stands for them."""

_COMPUTING = (
    *("add", "radd", "iadd", "sub", "rsub", "isub", "mul", "rmul", "imul", "matmul", "rmatmul"),
    *("truediv", "rtruediv", "itruediv", "floordiv", "rfloordiv", "mod", "rmod", "divmod"),
    *("pow", "rpow", "neg", "pos", "invert", "and", "or", "xor", "round", "trunc"),
    *("eq", "ne", "lt", "le", "gt", "ge", "hash", "bool", "int", "float", "complex", "index"),
    *("len", "iter", "next", "contains", "delitem", "array", "await", "mro_entries"),
)
"""Special methods by which an object takes part in a computation, without their underscores."""

WHOLE_MODULE = "."
"""Stands for the member of a module that is the module itself, as `import a.b as c` binds it."""

Note = Callable[[str], None]


def install(recorder: Recorder) -> None:
    """Make what `soften_imports` puts into cells."""

    def stand_in(module: str, member: str = "") -> Any:
        error = sys.exc_info()[1]
        package = _missing_package(error)
        if not package:
            raise  # noqa: PLE0704 - called where the error of the import is handled
        top = module.partition(".")[0]
        if not member and top in sys.modules:  # `import torch.utils.tensorboard` binds `torch`
            return sys.modules[top]
        recorder.note(f"missing {package}")
        return _MissingPackage(package, recorder.note)

    setattr(builtins, STAND_IN_NAME, stand_in)


def _missing_package(error: BaseException | None) -> str:
    """Name the package for want of which an import failed; empty if nothing may stand for it."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    package = error.name.partition(".")[0]
    if package in NEEDED or package != error.name or _is_there(package):
        return ""
    return package


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


class _MissingPackage:
    """Stands for a package that is not installed, and for whatever is taken from it."""

    __slots__ = ("_note", "_package")

    def __init__(self, package: str, note: Note) -> None:
        object.__setattr__(self, "_package", package)
        object.__setattr__(self, "_note", note)

    def __getattr__(self, name: str) -> _MissingPackage:
        if name.startswith("_"):  # Python and IPython ask for what an object can do
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        """Take a setting, as in `wandb.config.lr = 0.1`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing; as a decorator, leave the function or class as it is."""
        self._note(f"missing-used {self._package}")
        may_decorate = len(args) == 1 and not kwargs
        if may_decorate and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return self

    def __getitem__(self, key: Any) -> _MissingPackage:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        """Take an item, as in `run.summary["loss"] = loss`."""

    def __enter__(self) -> _MissingPackage:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"<{self._package} is not installed>"


def _refuse(stand_in: _MissingPackage, *_args: Any, **_kwargs: Any) -> Any:
    """Raise what the import raised."""
    package = str(stand_in._package)
    raise ModuleNotFoundError(f"No module named {package!r}", name=package)


for _method in _COMPUTING:
    setattr(_MissingPackage, f"__{_method}__", _refuse)


def soften_imports(tree: ast.AST) -> ast.AST:
    """Have each import that stands in no `try` bind a placeholder where the package is missing."""
    softened: ast.AST = _SoftImports().visit(tree)
    return softened


class _SoftImports(ast.NodeTransformer):
    """Puts each import into a `try` of its own."""

    def visit(self, node: ast.AST) -> Any:
        """Look at statements only: no expression holds an import."""
        return node if isinstance(node, ast.expr) else super().visit(node)

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """Leave the imports that the notebook itself expects to fail; called by `visit`."""
        expected = node.body
        node.body = []
        self.generic_visit(node)
        node.body = expected
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        """Soften `import a.b as c`, each module by itself; called by `visit`."""
        softened: list[ast.stmt] = []
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            member = WHOLE_MODULE if alias.asname else ""
            binding = _binding(name, alias.name, member)
            part = ast.copy_location(ast.Import([alias]), node)
            softened.append(_softened(part, [binding]))
        return softened

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """Soften `from a import b as c`; called by `visit`."""
        if node.module == "__future__":
            return node
        bindings: list[ast.stmt] = []
        for alias in node.names:
            name = alias.asname or alias.name
            bindings.append(_binding(name, node.module or "", alias.name))
        return _softened(node, bindings)


def _binding(name: str, module: str, member: str) -> ast.stmt:
    """Make the statement that binds a name to what stands for a module, or for a member of it."""
    arguments: list[ast.expr] = [ast.Constant(module), ast.Constant(member)]
    call = ast.Call(ast.Name(STAND_IN_NAME, ast.Load()), arguments, [])
    if name == "*":
        return ast.Expr(call)
    return ast.Assign([ast.Name(name, ast.Store())], call)


def _softened(node: ast.Import | ast.ImportFrom, bindings: list[ast.stmt]) -> ast.stmt:
    """Make the `try` around an import, at the same place of the source."""
    error = ast.Name("ModuleNotFoundError", ast.Load())
    handler = ast.ExceptHandler(error, None, bindings)
    softened = ast.Try([node], [handler], [], [])
    ast.copy_location(softened, node)
    for part in (handler, *bindings):
        ast.copy_location(part, node)
    return ast.fix_missing_locations(softened)
