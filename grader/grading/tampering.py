"""Find code that accesses the grader's internals. Pure.

A match is a reason to look, and nothing more: harmless code may do all of this, and harmful code
can hide it. Common code (`gc.collect()`, `exec` of a text, `globals()`, decorators,
`inspect.signature`) does not match.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.notebook.code import shared_tree
from grader.trace import CodeCell, ModuleSource

NO_CELL = -1
"""Stands for the cell of a line in a file."""

MAX_DEPTH = 12
"""Most levels of a text that is put together."""

OWN_NAMES = ("_grader_", "grader.kernel", "grader/kernel")
"""Texts in names and strings that only the grader's own parts have."""

_FRAMES = (
    "_getframe _current_frames f_back f_locals f_globals f_builtins tb_frame gi_frame cr_frame "
    "getargvalues"
)
FRAMES = frozenset(_FRAMES.split())
OBJECT_WALKS = frozenset(("get_objects", "get_referrers", "get_referents", "__subclasses__"))
INSIDES = frozenset(
    ("__closure__", "cell_contents", "__builtins__", "__globals__", "getclosurevars")
)
_HOOKS = (
    "settrace setprofile addaudithook ast_transformers input_transformers_cleanup "
    "input_transformers_post input_transformer_manager meta_path path_hooks"
)
HOOKS = frozenset(_HOOKS.split())
REACHING = FRAMES | OBJECT_WALKS | INSIDES | HOOKS
"""Attributes that lead from one's own code to other code."""

REACHED = re.compile("|".join(REACHING))
"""Finds code that may use these, before it is parsed."""

MILD = frozenset((*INSIDES, "__subclasses__", "ctypes", "import grader"))
"""Names that Python lessons also use: they are flagged, but no exercise waits for a person."""

DESCRIPTORS = frozenset(("write", "writev", "dup", "dup2", "fdopen", "sendfile", "open_osfhandle"))
"""Functions of `os` that write to descriptors that another part of the process opened."""

PROCESS_FILES = ("/proc/self", "/proc/thread-self", "/dev/fd", "/proc/1/")
COUNTS = ("/status", "/statm", "/stat", "/cgroup", "/limits", "/io")
"""Ends of the files that only say how much a process uses."""

EXECUTING = frozenset(("exec", "eval", "compile", "__import__", "CodeType", "FunctionType"))
BUILTINS = frozenset(dir(builtins))
_UNPACKING = (
    "b64decode b32decode b16decode b85decode a85decode decompress fromhex unhexlify decodebytes "
    "loads decrypt unscramble"
)
UNPACKING = frozenset(_UNPACKING.split())
NOTATIONS = frozenset(("json", "toml", "tomllib", "yaml"))
"""Modules with a `loads` that returns plain data."""


_Named = ast.Name | ast.Attribute | ast.Constant | ast.Import | ast.ImportFrom
Telling = _Named | ast.Call | ast.BinOp | ast.JoinedStr | ast.Subscript
"""Nodes that a rule is about."""


@dataclass(frozen=True)
class Suspicion:
    """A line that accesses the grader's internals."""

    cell: int
    """Index of the cell in the notebook, from 0; `NO_CELL`: it is in a file."""
    line: int
    """Line in the cell or file, from 1."""
    what: str
    """The code that it uses; in a file, with the file and the line."""

    @property
    def is_strong(self) -> bool:
        """Whether it may have put a value into the trace, so that a person has to look."""
        return self.what not in MILD


def find_tampering(cell: CodeCell) -> Iterator[Suspicion]:
    """List the lines of a student's cell that access the grader's internals.

    Args:
        cell: a code cell; one of the handout is never suspicious.
    """
    if cell.handout:
        return
    for node in _telling(cell.source):
        for inner in (node, *_in_string(node)):
            what = _suspicious(inner)
            if what:
                yield Suspicion(cell.cell, node.lineno, what)


def find_in_module(module: ModuleSource) -> Iterator[Suspicion]:
    """List the lines of a module beside the notebook that access the grader's internals.

    Modules of courses, handed in with the notebook, look at frames to read arguments. So only names
    that no lesson uses count there.
    """
    for node in _telling(module.source):
        for inner in (node, *_in_string(node)):
            what = _suspicious(inner)
            if what and what not in MILD and what not in FRAMES:
                where = f"{module.name}:{node.lineno}"
                yield Suspicion(NO_CELL, node.lineno, f"{what} ({where})")


def _telling(source: str) -> Iterator[Telling]:
    harmless: set[ast.expr] = set()
    for node in ast.walk(shared_tree(source)):  # a call comes before the function it names
        match node:
            case ast.Call(
                func=ast.Attribute(attr="settrace" | "setprofile") as function,
                args=[ast.Constant(value=None)],
            ):
                harmless.add(function)
        if isinstance(node, Telling) and node not in harmless:
            yield node


def _in_string(node: Telling) -> Iterator[Telling]:
    """Yield the nodes of code in a string, which `exec` may run, or a file be made of."""
    match node:
        case ast.Constant(value=str(text)) if REACHED.search(text):
            yield from _telling(text)


def _suspicious(node: ast.AST) -> str:
    """Return the grader's internals that a node uses; empty: nothing."""
    for rule in RULES:
        what = rule(node)
        if what:
            return what
    return ""


Rule = Callable[[ast.AST], str]
"""Returns the part of a node that accesses the grader's internals; empty: nothing."""


def _names_grader(node: ast.AST) -> str:
    match node:
        case ast.Name(id=text) | ast.Attribute(attr=text) | ast.Constant(value=str(text)):
            for name in OWN_NAMES:
                if name in text:
                    return name
        case ast.Import(names=aliases):
            modules = [alias.name for alias in aliases]
            return _imports_grader(modules)
        case ast.ImportFrom(module=str(module), level=0, names=aliases):
            modules = [f"{module}.{alias.name}" for alias in aliases]
            return _imports_grader(modules)
    return ""


def _imports_grader(modules: list[str]) -> str:
    """Return the import of our package in a node; a course may have its own module `grader`."""
    if any(module.startswith("grader.kernel") for module in modules):
        return "import grader.kernel"
    if any(module.partition(".")[0] == "grader" for module in modules):
        return "import grader"
    return ""


def _walks(node: ast.AST) -> str:
    """Return whether a node walks frames, objects or hooks."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) if name in REACHING:
            return name
        case ast.ImportFrom(names=aliases):
            for alias in aliases:
                if alias.name in REACHING:
                    return alias.name
        case ast.Constant(value=str(name)) if name in REACHING:
            return name
    return ""


def _builds_name(node: ast.AST) -> str:
    """Return whether a name of the grader's internals is assembled from parts."""
    if isinstance(node, ast.Constant):
        return ""
    text = _joined(node)
    if text in REACHING:
        return text
    for name in OWN_NAMES:
        if name in text:
            return name
    return ""


def _joined(node: ast.AST, depth: int = 0) -> str:
    """Concatenate a text that is written in parts; empty if some part is not a literal."""
    if depth > MAX_DEPTH:
        return ""
    deeper = depth + 1
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=value):
            return _joined(value, deeper)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _all_joined([left, right], deeper)
        case ast.JoinedStr(values=values):
            return _all_joined(values, deeper)
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(separator)), attr="join"),
            args=[ast.List(elts=parts) | ast.Tuple(elts=parts)],
        ):
            return _all_joined(parts, deeper, separator)
        case ast.Subscript(
            value=ast.Constant(value=str(text)), slice=ast.Slice(step=ast.UnaryOp())
        ):
            return text[::-1]
    return ""


def _all_joined(nodes: Sequence[ast.AST], depth: int, separator: str = "") -> str:
    parts = [_joined(node, depth) for node in nodes]
    if not all(parts):
        return ""
    return separator.join(parts)


def _lists_builtins(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id="vars" | "dir" as called), args=[ast.Name(id=name)]):
            if name in ("builtins", "__builtins__"):
                return f"{called}({name})"
        case ast.Attribute(value=ast.Name(id="builtins" | "__builtins__" as name), attr="__dict__"):
            return f"{name}.__dict__"
        case ast.Call(func=ast.Name(id="__import__"), args=[ast.Constant(value="builtins"), *_]):
            return "builtins"
        case ast.Attribute(value=ast.Name(id=name), attr="__self__") if name in BUILTINS:
            return f"{name}.__self__"
    return ""


def _opens_process(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            for path in PROCESS_FILES:
                if path in text and not text.endswith(COUNTS):
                    return path
        case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in DESCRIPTORS:
            return f"os.{name}"
        case ast.ImportFrom(module="os", names=aliases):
            for alias in aliases:
                if alias.name in DESCRIPTORS:
                    return f"os.{alias.name}"
        case ast.Call(func=ast.Name(id="open"), args=[ast.Constant(value=int(number)), *_]):
            return f"open({number})"
        case ast.Import(names=aliases) if any(alias.name == "ctypes" for alias in aliases):
            return "ctypes"
    return ""


def _runs_packed(node: ast.AST) -> str:
    """Return whether a call runs code that it decodes or decompresses."""
    if not isinstance(node, ast.Call) or _called(node) not in EXECUTING:
        return ""
    for argument in node.args:
        for inner in ast.walk(argument):
            if isinstance(inner, ast.Call) and _unpacks(inner):
                return f"{_called(node)}({_called(inner)}(…))"
    return ""


def _unpacks(call: ast.Call) -> bool:
    if _called(call) not in UNPACKING:
        return False
    match call.func:
        case ast.Attribute(value=ast.Name(id=module)):
            return module not in NOTATIONS
    return True


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


RULES: tuple[Rule, ...] = (
    _names_grader,
    _walks,
    _builds_name,
    _lists_builtins,
    _opens_process,
    _runs_packed,
)
