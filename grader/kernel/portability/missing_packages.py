"""Let a notebook run although a package is not installed. Runs inside the student's kernel.

A failed import ends its cell and everything that builds on it, although most packages that a
course's machine lacks only draw, log or show progress. So a placeholder replaces such a package. It
takes part in no computation: code that needs its value as a number or bool, or its items, raises
the ImportError. A notebook that catches the error itself still gets it.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.recorder import Recorder

STAND_IN_NAME = "_grader_stand_in"
"""Builtin that returns the placeholder of a module that could not be imported."""

NEEDED = frozenset({"torch", "numpy"})
"""Packages that no notebook can do without: they get no placeholder."""

_COMPUTING = (
    *("add", "radd", "iadd", "sub", "rsub", "isub", "mul", "rmul", "imul", "matmul", "rmatmul"),
    *("truediv", "rtruediv", "itruediv", "floordiv", "rfloordiv", "mod", "rmod", "divmod"),
    *("pow", "rpow", "neg", "pos", "invert", "and", "or", "xor", "round", "trunc"),
    *("eq", "ne", "lt", "le", "gt", "ge", "hash", "bool", "int", "float", "complex", "index"),
    *("len", "iter", "next", "contains", "delitem", "array", "await", "mro_entries"),
)
"""Special methods by which an object takes part in a computation, without their underscores."""

VERSION = "0.0.0"
"""The version of a package that is not there, for notebooks that print it."""

TRACKER = "wandb"
"""The package with settings that notebooks compute with, as in `wandb.config.lr`."""

WHOLE_MODULE = "."
"""Stands for the member of a module that is the module itself, as `import a.b as c` binds it."""

Note = Callable[[str], None]


def install(recorder: Recorder) -> None:
    """Define the functions that `soften_imports` inserts into cells."""
    settings = _Settings()

    def stand_in(module: str, member: str = "") -> Any:
        error = sys.exc_info()[1]
        package = _missing_package(error)
        if not package:
            raise  # noqa: PLE0704 - called where the error of the import is handled
        top, _, _ = module.partition(".")
        if not member and top in sys.modules:  # `import torch.utils.tensorboard` binds `torch`
            return sys.modules[top]
        recorder.note(f"missing {package}")
        if package == TRACKER:
            tracker = _MissingTracker(settings, recorder.note)
            if member != "config":
                return tracker
            return settings
        return _MissingPackage(package, recorder.note)

    setattr(builtins, STAND_IN_NAME, stand_in)


def _missing_package(error: BaseException | None) -> str:
    """Return the package that an import lacks; empty if no placeholder may replace it."""
    if not isinstance(error, ModuleNotFoundError):
        return ""
    module = error.name
    if not module or "." in module:
        return ""
    if module in NEEDED or _is_there(module):
        return ""
    return module


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


class _MissingPackage:
    """Stands for a package that is not installed, and for everything in it."""

    __slots__ = ("_note", "_package")

    def __init__(self, package: str, note: Note) -> None:
        object.__setattr__(self, "_package", package)
        object.__setattr__(self, "_note", note)

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return VERSION
        if name.startswith("_"):  # Python and IPython ask for methods of an object
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        """Store a setting, as in `wandb.config.lr = 0.1`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing; as a decorator, return the function or class unchanged."""
        self._note(f"missing-used {self._package}")
        if kwargs:
            return self
        match args:
            case [types.FunctionType() | type()]:
                return args[0]  # it decorates
            case _:
                return self

    def __getitem__(self, key: Any) -> _MissingPackage:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        """Store an item, as in `run.summary["loss"] = loss`."""

    def __enter__(self) -> _MissingPackage:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"<{self._package} is not installed>"


class _Settings(dict[str, Any]):
    """Settings that can be read and set as items and as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take settings; `allow_val_change` is none."""
        kwargs.pop("allow_val_change", None)
        super().update(*args, **kwargs)

    def take(self, given: Any) -> None:
        """Take the settings that a dict has, or an object such as that of `argparse`."""
        settings = given if isinstance(given, dict) else getattr(given, "__dict__", {})
        super().update(settings)


class _MissingTracker(_MissingPackage):
    """Stands for `wandb`: logs nothing, and keeps settings."""

    __slots__ = ("_settings",)

    def __init__(self, settings: _Settings, note: Note) -> None:
        super().__init__(TRACKER, note)
        object.__setattr__(self, "_settings", settings)

    def __getattr__(self, name: str) -> Any:
        if name == "config":
            return self._settings
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Take a setting, or all of them as `config`."""
        if name == "config":
            self._settings.take(value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Keep the settings of a run that begins."""
        config = kwargs.get("config")
        if config is not None:
            self._settings.take(config)
        return super().__call__(*args, **kwargs)


def _refuse(stand_in: _MissingPackage, *_args: Any, **_kwargs: Any) -> Any:
    """Raise the ImportError."""
    package = str(stand_in._package)
    raise ModuleNotFoundError(f"No module named {package!r}", name=package)


for _method in _COMPUTING:
    setattr(_MissingPackage, f"__{_method}__", _refuse)


def soften_imports(tree: ast.AST) -> ast.AST:
    """Make each import outside of a `try` bind a placeholder if the package is missing."""
    softened: ast.AST = _SoftImports().visit(tree)
    return softened


class _SoftImports(ast.NodeTransformer):
    """Wraps each import in its own `try`."""

    def visit(self, node: ast.AST) -> Any:
        """Look at statements only: no expression contains an import."""
        if isinstance(node, ast.expr):
            return node
        return super().visit(node)

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
            binding = _binding_of_import(alias)
            part = ast.Import([alias])
            ast.copy_location(part, node)
            statement = _wrap_import(part, [binding])
            softened.append(statement)
        return softened

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """Soften `from a import b as c`; called by `visit`."""
        if node.module == "__future__":
            return node
        module = node.module or ""
        bindings: list[ast.stmt] = []
        for alias in node.names:
            name = alias.asname or alias.name
            binding = _make_binding(name, module, alias.name)
            bindings.append(binding)
        return _wrap_import(node, bindings)


def _make_binding(name: str, module: str, member: str) -> ast.stmt:
    """Create the statement that binds a name to a placeholder for a module or its member."""
    function = ast.Name(STAND_IN_NAME, ast.Load())
    module_argument = ast.Constant(module)
    member_argument = ast.Constant(member)
    call = ast.Call(function, [module_argument, member_argument], [])
    if name == "*":
        return ast.Expr(call)
    target = ast.Name(name, ast.Store())
    return ast.Assign([target], call)


def _binding_of_import(alias: ast.alias) -> ast.stmt:
    """Create the statement that assigns the names of an `import`."""
    module = alias.name
    name = alias.asname
    if name:
        return _make_binding(name, module, WHOLE_MODULE)
    package, _, _ = module.partition(".")
    return _make_binding(package, module, "")


def _wrap_import(node: ast.Import | ast.ImportFrom, bindings: list[ast.stmt]) -> ast.stmt:
    """Create the `try` around an import, at the same place of the source."""
    context = ast.Load()
    error = ast.Name("ModuleNotFoundError", context)
    handler = ast.ExceptHandler(error, None, bindings)
    softened = ast.Try([node], [handler], [], [])
    for part in (softened, handler, *bindings):
        ast.copy_location(part, node)
    return ast.fix_missing_locations(softened)
