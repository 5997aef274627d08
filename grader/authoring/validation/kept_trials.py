"""Store the results of trials by their inputs, so that nothing is tried twice."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

import grader
from grader.assignment import FILE_NAME
from grader.notebook.cells import NotebookCell
from grader.reference.files import ReferenceFiles
from grader.store.store import Store

T = TypeVar("T", bound=BaseModel)

Records = dict[str, JsonValue]
"""Results of trials, by their keys."""

MAX_KEPT = 2_000
"""Most trials of one assignment that are kept; those that were not asked for go first."""

SAVED_AFTER = 10
"""Number of new trials after which they are written down: a validation may be ended."""

NOT_DECIDING = {"title", "points", "note", "student_note"}
"""Fields of an exercise on which no trial depends."""


class StoredValidation(BaseModel):
    """The trials of one assignment, by key."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    trials: dict[str, JsonValue]


class KeptTrials:
    """The results of one assignment's trials."""

    def __init__(self, solution: ReferenceFiles, store: Store | None, numbers: str = "") -> None:
        """Initialise with the reference, and where trials are kept.

        Args:
            solution: the reference.
            store: keeps trials; None: they are not kept.
            numbers: identifies the numbers of its variants.
        """
        self._store = store
        self._name = f"validation-{solution.assignment.name}"
        self._common = [*_common_parts(solution), numbers]
        self._exercises = _tables(solution)
        self._trials: Records = {}
        self._asked: Records = {}
        self._unsaved = 0
        if store is None:
            return
        stored = store.read_private(self._name, StoredValidation)
        if stored is not None:
            self._trials.update(stored.trials)

    def key(self, parts: object, exercises: Iterable[str] | None = None) -> str:
        """Compute the key of a trial.

        Args:
            parts: the trial, as JSON.
            exercises: ids of the exercises that it may change; None: all.
        """
        if exercises is None:
            exercises = self._exercises
        ids = sorted(exercises)
        tables = [self._exercises[each] for each in ids]
        content = [self._common, parts, ids, tables]
        return _hash(content)

    def get(self, key: str, kind: type[T]) -> T | None:
        """Return the result of a trial; None if it is unknown."""
        record = self._trials.get(key)
        if record is None:
            return None
        self._asked[key] = record
        return kind.model_validate(record)

    def put(self, key: str, record: BaseModel) -> None:
        """Store the result of a trial."""
        text = record.model_dump_json(by_alias=True)
        data: JsonValue = json.loads(text)
        self._trials[key] = data
        self._asked[key] = data
        self._unsaved += 1
        if self._unsaved >= SAVED_AFTER:
            self.save()

    def save(self) -> None:
        """Write the results to disk."""
        self._unsaved = 0
        if self._store is None:
            return
        kept = dict(self._asked)
        for key, record in self._trials.items():
            if len(kept) >= MAX_KEPT:
                break
            kept.setdefault(key, record)
        stored = StoredValidation(trials=kept)
        self._store.write_private(self._name, stored)


def _tables(solution: ReferenceFiles) -> dict[str, object]:
    """Return the settings that decide about each exercise, by its id."""
    tables: dict[str, object] = {}
    for exercise in solution.assignment.exercises:
        table = exercise.model_dump(mode="json", exclude=NOT_DECIDING)
        tables[exercise.id] = table
    return tables


def _common_parts(solution: ReferenceFiles) -> list[object]:
    """List the parts that every trial depends on."""
    assignment = solution.assignment
    limits = assignment.limits.model_dump(mode="json")
    return [
        _files(solution.parts),
        limits,
        _cells(assignment.handout),
        _cells(solution.cells),
        _dumped(solution.mistakes),
        _dumped(solution.accepted),
        _grader_version(),
    ]


def _files(parts: Mapping[str, str]) -> list[str]:
    """List the hashes of the reference's files, without the tables of exercises."""
    hashes: list[str] = []
    for name, part in parts.items():
        if not name.endswith(FILE_NAME):
            hashes.append(part)
    return hashes


def _cells(notebook: Iterable[NotebookCell]) -> list[object]:
    return [[cell.kind, cell.source] for cell in notebook]


def _dumped(tables: Mapping[str, BaseModel]) -> dict[str, object]:
    return {name: table.model_dump(mode="json") for name, table in tables.items()}


@cache
def _grader_version() -> list[str]:
    """Return the version of the grader and of torch, and a hash of the grader's own code."""
    digest = hashlib.sha256()
    package = Path(grader.__file__).parent
    files = sorted(package.rglob("*.py"))
    for path in files:
        content = path.read_bytes()
        digest.update(content)
    torch_version = importlib.metadata.version("torch")
    return [grader.__version__, torch_version, digest.hexdigest()]


def _hash(content: object) -> str:
    text = json.dumps(content, sort_keys=True)
    digest = hashlib.sha256(text.encode())
    return digest.hexdigest()[:24]
