"""Provide `given.NAME` and `own.ID` to expressions. Runs in the student's kernel.

`given` holds what the handout's given cells define, `own` the notebook's own answers to other
exercises: the value that the host found, or the object with the name that the reference marks. For
the reference it is the marked value. Knows no answers.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from grader.kernel.recording.aliases import GIVEN, OWN
from grader.kernel.recording.copies import copied
from grader.kernel.recording.givens import (
    NOTE_GIVEN,
    FoundStatement,
    Givens,
    GivenStatements,
    watch,
)
from grader.kernel.recording.inspection import parts
from grader.kernel.recording.namespaces import MISSING, Namespace
from grader.kernel.recording.values import Described, describe

PIECE = re.compile(r"[^.]+")
"""A name, key or index in a path such as `net.2.weight`."""

Question = Mapping[str, Any]
"""A `grader.job.Question` as JSON has it."""

OwnAnswers = Mapping[str, Mapping[str, Any]]
"""A `grader.job.OwnAnswer` as JSON has it, by exercise."""


class GivenMissing(Exception):
    """No statement of the handout bound the name in this notebook."""


class OwnMissing(Exception):
    """The notebook has no answer to the exercise."""


class OwnUnclear(Exception):
    """The notebook has an answer to the exercise, but it is unclear which value it is."""


class ExpressionNames:
    """The given values and own answers of one run."""

    def __init__(self) -> None:
        """Initialise without values."""
        self.givens = Givens()
        self.told: OwnAnswers = {}
        """What the host found."""
        self._marked: dict[str, Any] = {}

    def keep_marked(self, exercise: str, value: Any) -> None:
        """Keep an answer that the reference marks."""
        self._marked[exercise] = copied(value)

    def of(self, question: Question, namespace: Namespace) -> Namespace:
        """Return the objects that a question's expressions may use besides the notebook's names."""
        names: Namespace = {}
        if question.get("given"):
            names[GIVEN] = _Reader(self._given_values)
        if question.get("own"):
            ids = {identifier(exercise): exercise for exercise in question["own"]}
            paths = question.get("own_paths", {})

            def own(name: str) -> Any:
                exercise = ids.get(identifier(name), name)
                return self._own_answers(exercise, paths.get(exercise, ()), namespace)

            names[OWN] = _Reader(own)
        return names

    def _given_values(self, name: str) -> Any:
        if not self.givens.has(name):
            raise GivenMissing(name)
        return self.givens.value(name)

    def _own_answers(self, exercise: str, paths: tuple[str, ...], namespace: Namespace) -> Any:
        if exercise in self._marked:
            return copied(self._marked[exercise])
        told = self.told.get(exercise, {})
        if told.get("value"):
            return _value_from_host(told["value"], namespace)
        for path in (told.get("path", ""), *paths):
            value = at_path(namespace, path)
            if value is not MISSING and value is not None:
                return value
        if told.get("tried"):
            raise OwnUnclear(exercise)
        raise OwnMissing(exercise)


class _Reader:
    """Looks up names behind a dot, or between brackets."""

    __slots__ = ("_look_up",)

    def __init__(self, look_up: Callable[[str], Any]) -> None:
        self._look_up = look_up

    def __getattr__(self, name: str) -> Any:
        return self._look_up(name)

    def __getitem__(self, name: str) -> Any:
        return self._look_up(name)


def identifier(exercise: str) -> str:
    """Convert the id of an exercise to a Python name."""
    return exercise.replace("-", "_")


def at_path(namespace: Namespace, path: str) -> Any:
    """Return the object at a path such as `net.2.weight`; `MISSING` if there is none."""
    root, *pieces = PIECE.findall(path) or [""]
    value = namespace.get(root, MISSING)
    try:
        for piece in pieces:
            value = _part(value, piece)
    except Exception:  # noqa: BLE001 - a student's object may raise on inspection
        return MISSING
    return value


def _part(value: Any, piece: str) -> Any:
    if isinstance(value, dict):
        if piece in value:
            return value[piece]
        return value[int(piece)]
    if piece.isdigit():
        return value[int(piece)]
    return getattr(value, piece)


# What the host found


def _value_from_host(described: Described, namespace: Namespace) -> Any:
    """Create the value that the host chose from the trace, or find it in the notebook."""
    found = made_from(described)
    if found is MISSING:
        found = _find_described(described, namespace)
    if found is MISSING:
        raise OwnUnclear
    return found


def made_from(described: Described) -> Any:
    """Create a value from its description; `MISSING` if the description is incomplete."""
    match described["kind"]:
        case "number":
            number = float(described["value"])
            if not number.is_integer():
                return number
            return int(number)
        case "bool" | "text":
            return described["value"]
        case "array":
            return _array_from(described)
        case "items":
            return _items_from(described)
    return MISSING


def _array_from(described: Described) -> Any:
    elements = [float(element) for element in described["elements"]]
    shape = tuple(described["shape"])
    if described.get("summary") or described["dtype"].startswith("torch.complex"):
        return MISSING
    torch = sys.modules.get("torch")
    numpy = sys.modules.get("numpy")
    origin = described["origin"]
    if origin == "tensor" and torch is not None:
        dtype = getattr(torch, described["dtype"].removeprefix("torch."))
        return torch.tensor(elements, dtype=dtype).reshape(shape)
    if numpy is None:
        if len(shape) <= 1:
            return elements
        return MISSING
    if origin == "array":
        return numpy.array(elements, dtype=described["dtype"]).reshape(shape)
    return numpy.array(elements).reshape(shape).tolist()


def _items_from(described: Described) -> Any:
    entries = [made_from(entry) for entry in described["entries"]]
    if any(entry is MISSING for entry in entries):
        return MISSING
    if described["form"] == "dict":
        keys = map(ast.literal_eval, described["keys"])
        return dict(zip(keys, entries, strict=True))
    if described["form"] != "tuple":
        return entries
    return tuple(entries)


def _find_described(described: Described, namespace: Namespace) -> Any:
    """Find an object of the notebook by its description: large tensors are not sent whole."""
    wanted = _comparable(described)
    for name, value in list(namespace.items()):
        if name.startswith("_"):
            continue
        for candidate in (value, *(inner for _, inner in parts(value))):
            if _comparable(describe(candidate)) == wanted:
                return candidate
    return MISSING


def _comparable(described: Described) -> tuple[Any, ...]:
    keys = ("kind", "dtype", "shape", "elements", "summary")
    return tuple(_plain(described.get(key)) for key in keys)


def _plain(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return value or ()
    return tuple(value)


# Given statements


class GivenWatch:
    """Makes cells record the names that the handout's statements define."""

    def __init__(self, questions: list[Question], current: Callable[[], ExpressionNames]) -> None:
        """Initialise with the questions.

        Args:
            questions: those of the job.
            current: returns the values of the current run.
        """
        sources: dict[str, list[str]] = {}
        for question in questions:
            for name, statements in question.get("given", {}).items():
                sources[name] = list(statements)
        self._statements = GivenStatements(sources)
        self._current = current

    def install(self, namespace: Callable[[], Namespace]) -> None:
        """Define the function that cells call to note; `namespace` returns the current one."""

        def note(name: str, own_name: str, binds: bool, stage: str, value: Any = None) -> Any:
            found = FoundStatement((0, 0), name, own_name, binds)
            givens = self._current().givens
            try:
                if stage == "before":
                    givens.before(found, namespace())
                else:
                    givens.after(found, namespace())
            except Exception:  # noqa: BLE001 - a fault of ours must not end the student's cell
                return value
            return value

        setattr(builtins, NOTE_GIVEN, note)

    def find_in(self, tree: ast.Module) -> list[FoundStatement]:
        """Find given statements in a cell, before it is instrumented."""
        try:
            return self._statements.find_in(tree)
        except Exception:  # noqa: BLE001 - see above
            return []

    def put_into(self, tree: ast.Module, found: list[FoundStatement]) -> None:
        """Make an instrumented cell record the names that its given statements define."""
        if found:
            watch(tree, found)
