"""Keep what became of trials by what they depend on, so that nothing is tried twice."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

import grader
from grader.reference.files import ReferenceFiles
from grader.store.store import Store

T = TypeVar("T", bound=BaseModel)

MAX_KEPT = 2_000
"""Most trials of one assignment that are kept; those that were not asked for go first."""

NOT_DECIDING = {"title", "points", "note", "student_note"}
"""Fields of an exercise on which no trial depends."""


class StoredValidation(BaseModel):
    """The trials of one assignment, by their keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    trials: dict[str, JsonValue]


class KeptTrials:
    """What became of the trials of one assignment."""

    def __init__(self, solution: ReferenceFiles, store: Store | None) -> None:
        """Take the reference, and where trials are kept; None: nowhere."""
        self._store = store
        self._name = f"validation-{solution.assignment.name}"
        self._common = _common_parts(solution)
        self._exercises: dict[str, object] = {}
        for exercise in solution.assignment.exercises:
            self._exercises[exercise.id] = exercise.model_dump(mode="json", exclude=NOT_DECIDING)
        stored = store.read_private(self._name, StoredValidation) if store else None
        self._trials: dict[str, JsonValue] = dict(stored.trials) if stored else {}
        self._asked: dict[str, JsonValue] = {}

    def key(self, parts: object, exercises: Iterable[str] | None = None) -> str:
        """Make the key of a trial.

        Args:
            parts: what is tried, as JSON.
            exercises: ids of the exercises that it may change; None: all.
        """
        ids = sorted(self._exercises if exercises is None else exercises)
        tables = [self._exercises[each] for each in ids]
        return _hash([self._common, parts, ids, tables])

    def get(self, key: str, kind: type[T]) -> T | None:
        """Return what became of a trial; None if it is not known."""
        record = self._trials.get(key)
        if record is None:
            return None
        self._asked[key] = record
        return kind.model_validate(record)

    def put(self, key: str, record: BaseModel) -> None:
        """Keep what became of a trial."""
        data: JsonValue = json.loads(record.model_dump_json(by_alias=True))
        self._trials[key] = data
        self._asked[key] = data

    def save(self) -> None:
        """Write down what is known."""
        if self._store is None:
            return
        others = [key for key in self._trials if key not in self._asked]
        room = max(0, MAX_KEPT - len(self._asked))
        kept = {key: self._trials[key] for key in others[:room]}
        self._store.write_private(self._name, StoredValidation(trials=kept | self._asked))


def _common_parts(solution: ReferenceFiles) -> list[object]:
    """List what every trial depends on."""
    mistakes = {name: table.model_dump(mode="json") for name, table in solution.mistakes.items()}
    accepted = {name: table.model_dump(mode="json") for name, table in solution.accepted.items()}
    handout = [[cell.kind, cell.source] for cell in solution.assignment.handout]
    texts = [[cell.kind, cell.source] for cell in solution.cells]
    parts = solution.parts
    files = [part for name, part in parts.items() if not name.endswith("assignment.toml")]
    limits = solution.assignment.limits.model_dump(mode="json")
    return [files, limits, handout, texts, mistakes, accepted, _grader_version()]


@cache
def _grader_version() -> list[str]:
    """Return the version of the grader and of torch, and a hash of the grader's own code."""
    digest = hashlib.sha256()
    root = Path(grader.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return [grader.__version__, importlib.metadata.version("torch"), digest.hexdigest()]


def _hash(content: object) -> str:
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
