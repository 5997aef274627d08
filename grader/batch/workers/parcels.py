"""Define the plain data that is sent to a worker of a cluster and back.

Must import next to nothing: Dask reads these in the event loop of a worker, which has to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNSEALED_TOO = "auto-unsealed"
"""Choice of a sandbox: sealed kernels, or plain ones if there are none."""


@dataclass(frozen=True)
class SentFile:
    """A file of an assignment."""

    name: str
    """Path in the home of a worker, with `/` between its parts."""
    content: bytes
    modified_ns: int
    """When it was changed: the digest of a folder of data depends on it."""


@dataclass(frozen=True)
class AssignmentParcel:
    """An assignment, its reference, and its expected answers."""

    name: str
    files: tuple[SentFile, ...]
    records: Mapping[str, bytes]
    """Results of the reference and its mistakes, in the store's format, by their names in the
    store.
    """
    limits: Mapping[str, float]
    """Limits in place of the assignment's."""
    seed: str
    """The seed of the class; empty: no numbers are drawn."""
    digest: str
    """Hash of all that is in it."""


@dataclass(frozen=True)
class SubmissionParcel:
    """A submission that has to run."""

    id: str
    assignment: str
    """Digest of the parcel of its assignment."""
    similarity: float
    release: str
    keys: Mapping[bool, str]
    """The keys that its trace is stored with, by whether its kernel is sealed."""
    snapshot: Mapping[str, Any]
    """Snapshot to store beside its trace; contains its cells."""
    contents: Mapping[str, bytes]
    """The files handed in beside the notebook, by their hashes."""


@dataclass(frozen=True)
class OutcomeParcel:
    """The outcome of a submission."""

    result: bytes
    """The result, as JSON."""
    stored: bytes
    """The trace as the store keeps it: compressed."""


@dataclass(frozen=True)
class Call:
    """Something that a home is asked to do."""

    number: int
    method: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Fault:
    """Something that went wrong, as plain data: not every exception can be sent."""

    kind: str
    """`kernel` and `costly`: the others can run; `course`: none can; `ended`: its process has."""
    problem: str
    advice: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Reply:
    """The outcome of a call."""

    number: int
    value: Any
