"""Record the callables that a notebook defines, and find those that a question asks for.

Runs in the student's kernel. A callable is a `def`, a `lambda`, a decorated or compiled function,
an object, a method, or a function of the student's own files. Knows no answers.
"""

from __future__ import annotations

import ast
import contextlib
import re
import types
import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.kernel.recording.callables import (
    MAX_NAME,
    CallForm,
    FromNewInstance,
    FromObject,
    attributes_of,
    is_students,
    is_students_module,
    library_name,
    makes_callables,
    methods,
    takes,
    unwrapped,
)
from grader.kernel.recording.namespaces import SHELL_NAMES, Namespace
from grader.kernel.recording.recorder import Recorder

MAX_FUNCTIONS = 8
"""Most functions that are called where none has the name asked for: those defined last."""

MAX_INSIDE = 32
"""Most functions of one class or module that are kept."""

MADE_HERE = (FromNewInstance, FromObject, types.MethodType)
"""Callables that are created for a class or an object, and that nobody else refers to."""

NOTE_NAME = "_grader_note_definitions"
"""Builtin that records what a cell has defined so far."""

Reference = Callable[[], Any]
"""Gives an object; None if it is gone."""

Named = Iterator[tuple[str, Any]]
"""Callables, each with its name."""


@dataclass(frozen=True)
class Definition:
    """A callable, as a cell defined it."""

    refer: Reference
    name: str
    """Its name in the notebook, such as `mse`, `utils.mse` or `Solution().mse`."""
    cell: int
    line: int
    """The first line of its code in the cell, or else the one that binds its name, from 1."""
    source: str
    ready_made: str = ""
    """Its name in its library; empty if it is the student's own."""

    def fits(self, form: CallForm) -> bool:
        """Return whether it still exists, and accepts this form of call."""
        function = self.refer()
        if function is None:
            return False
        return takes(function, form)


class Definitions:
    """The callables of a namespace, by name: the last definition of each counts.

    If a later cell reassigns a name, as in `mse = mse(a, b)`, it still refers to the function here.
    """

    def __init__(self, wanted: Collection[str]) -> None:
        """Initialise with the names that questions ask for."""
        self._wanted = frozenset(wanted)
        self._by_name: dict[str, list[Definition]] = {}
        self._seen: dict[str, Reference] = {}
        """By name: the object that was looked into last."""

    def note(self, namespace: Namespace, recorder: Recorder) -> None:
        """Record what a cell defined, after it ran; only if a question asks for a function."""
        if not self._wanted:
            return
        items = list(namespace.items())
        for name, value in items:
            if type(name) is not str:
                continue
            if name.startswith("_") or name in SHELL_NAMES:
                continue
            # Code of the student's classes that runs on inspection must not end the cell.
            with contextlib.suppress(Exception):
                self._look_at(name, value, recorder)

    def _look_at(self, name: str, value: Any, recorder: Recorder) -> None:
        """Record what a name refers to, unless it referred to the same object before."""
        kind = type(value)
        if kind is dict:
            held = self._held_in(name, value)
            self._note_all(name, held, recorder)
            return
        if is_students_module(value):
            defined = self._of_module(name, value)
            self._note_all(name, defined, recorder)
            return
        if kind is types.ModuleType:
            return

        known = self._seen.get(name)
        if known is not None and known() is value:
            return
        self._seen[name] = _reference(value, keep=False)
        callables = self._of_value(name, value)
        self._note_all(name, callables, recorder)

    def _note_all(self, name: str, callables: Named, recorder: Recorder) -> None:
        for path, function in callables:
            short_path = path[:MAX_NAME]
            self._note(name, short_path, function, recorder)

    def _note(self, name: str, path: str, function: Any, recorder: Recorder) -> None:
        is_wanted = _last_part(path) in self._wanted
        is_own = is_students(function)
        if not is_own and not is_wanted:
            return
        known = self._by_name.pop(path, [])  # so that the order is that of the last definitions
        if any(definition.refer() is function for definition in known):
            self._by_name[path] = known
            return

        ready_made = ""
        if not is_own:
            ready_made = library_name(function)
        line = _line_of(name, function, recorder)
        definition = Definition(
            refer=_reference(function, keep=is_wanted),
            name=path,
            cell=recorder.cell,
            line=line,
            source=recorder.line(line),
            ready_made=ready_made,
        )
        history: list[Definition] = []
        if is_wanted:
            history = known[1 - MAX_FUNCTIONS :]
        self._by_name[path] = [*history, definition]

    def note_rebindings(self, tree: ast.Module) -> None:
        """Make a cell record a function that it defines before rebinding its name.

        As `mse = mse(a, b)` below `def mse`.
        """
        bound: set[str] = set()
        statements: list[ast.stmt] = []
        for statement in tree.body:
            names = self._wanted & names_bound_in(statement)
            if names & bound:
                noting = _note_before(statement)
                statements.append(noting)
            bound |= names
            statements.append(statement)
        tree.body = statements

    # Callables

    def _of_value(self, name: str, value: Any) -> Named:
        """List the callables under a name, and in the object that it refers to."""
        if isinstance(value, type):
            yield from _of_class(name, value)
            return
        if callable(value):
            yield name, value
        kind = type(value)
        is_students_object = is_students(kind)
        if is_students_object:
            yield from self._methods_asked_for(name, value)
        if is_students_object or kind is types.SimpleNamespace:
            attributes = attributes_of(value)
            yield from self._held_in(name, attributes)

    def _methods_asked_for(self, name: str, value: Any) -> Named:
        kind = type(value)
        for method, function in methods(kind):
            if method not in self._wanted:
                continue
            if type(function) is types.FunctionType:
                path = f"{name}.{method}"
                yield path, FromObject(value, function)

    def _of_module(self, name: str, module: types.ModuleType) -> Named:
        """List the functions of a student's file, and what it has under requested names."""
        items = dict(vars(module))
        yield from self._held_in(name, items)
        number_seen = 0
        for key, value in items.items():
            if type(value) is not types.FunctionType:
                continue
            number_seen += 1
            if number_seen > MAX_INSIDE:
                break
            if is_students(value):
                path = f"{name}.{key}"
                yield path, value

    def _held_in(self, name: str, items: dict[Any, Any]) -> Named:
        """List requested names in a dict, or in the attributes of an object."""
        for wanted in self._wanted:
            inner = items.get(wanted)
            if callable(inner):
                path = f"{name}.{wanted}"
                yield path, inner

    # Finding the callable of a question

    def fitting(self, name: str, form: CallForm) -> list[Definition]:
        """Find the callable of the requested name, or else one that takes such arguments.

        Args:
            name: the requested name.
            form: how a call passes its arguments.

        Returns:
            The student's own callable of that name, or else several: other ones of the student's,
            and a library's of that name.
        """
        exact = self._by_name.get(name, [])
        own = [definition for definition in exact if not definition.ready_made]
        if own:
            callable_in_form = [each for each in own if each.fits(form)]
            preferred = callable_in_form or own
            return preferred[-1:]

        fitting: list[Definition] = []
        named: list[Definition] = []
        for definitions in self._by_name.values():
            latest = definitions[-1]
            if latest.ready_made:
                continue
            if not latest.fits(form):
                continue
            fitting.append(latest)
            if _last_part(latest.name) == name:
                named.append(latest)

        if named:
            return named[-MAX_FUNCTIONS:]
        last_fitting = fitting[-MAX_FUNCTIONS:]
        of_library = exact[-1:]
        return last_fitting + of_library


def _of_class(name: str, kind: type) -> Named:
    """List the callables of a student's class: its callable instances, and its methods."""
    if not is_students(kind):
        return
    if makes_callables(kind):
        yield name, FromNewInstance(kind)
    else:
        yield name, kind

    own_methods = list(methods(kind))
    for method, function in own_methods[:MAX_INSIDE]:
        if method.startswith("_") or method == "forward":
            continue
        path = f"{name}.{method}"
        match function:
            case staticmethod():
                yield path, function.__func__
            case classmethod():
                bound_method = types.MethodType(function.__func__, kind)
                yield path, bound_method
            case _:
                path = f"{name}().{method}"
                yield path, FromNewInstance(kind, method)


def names_bound_in(statement: ast.stmt) -> set[str]:
    """List the names that a statement binds, including those in its own block."""
    names: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.alias(name=name, asname=as_name):
                names.add(as_name or name)
    return names


def _note_before(statement: ast.stmt) -> ast.stmt:
    context = ast.Load()
    function = ast.Name(NOTE_NAME, context)
    call = ast.Call(function, [], [])
    noting = ast.Expr(call)
    ast.copy_location(noting, statement)
    return ast.fix_missing_locations(noting)


def _last_part(path: str) -> str:
    return path.rpartition(".")[2]


def _reference(value: Any, *, keep: bool) -> Reference:
    """Refer to an object, weakly unless it has to be kept.

    A bound method is created here, and nobody else refers to it.
    """
    if not keep and not isinstance(value, MADE_HERE):
        with contextlib.suppress(TypeError):
            return weakref.ref(value)
    return lambda: value


def _line_of(name: str, function: Any, recorder: Recorder) -> int:
    """Find where something is defined in the running cell: by its code, or else its name."""
    innermost = unwrapped(function)
    if type(innermost) is types.FunctionType:
        code = innermost.__code__
        line = code.co_firstlineno + recorder.lines_above
        source = recorder.line(line)
        if _is_beginning_of(code.co_name, source):
            return line
    return _binding_line(name, recorder.lines)


def _is_beginning_of(name: str, source: str) -> bool:
    """Return whether the code of a function may begin on a line."""
    if source.startswith("@") or "lambda" in source:
        return True
    beginning = f"def {name}"
    return beginning in source


def _binding_line(name: str, lines: Sequence[str]) -> int:
    """Find the last line that assigns a name, or else the first that contains it, or else 1."""
    escaped = re.escape(name)
    word = rf"\b{escaped}\b"
    definition = rf"^\s*((async )?def|class) +{word}"
    assignment = rf"^[^#=]*{word}[^#=]*=(?!=)"
    import_line = rf"import .*({word}|\*)"
    any_binding = f"{definition}|{assignment}|{import_line}"
    binding = re.compile(any_binding)

    numbered = list(enumerate(lines, start=1))
    for number, line in reversed(numbered):
        if binding.search(line):
            return number
    for number, line in numbered:
        if name in line:
            return number
    return 1
