"""Compute the key of a stored trace: a hash of everything that a run depends on."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from pathlib import Path

import grader
from grader.job import Job

NOTHING_RAN = ""
"""The key stored for a submission that did not run: no job has this key."""


def job_key(job: Job, *, sealed: bool) -> str:
    """Hash everything that the trace of a job depends on.

    Args:
        job: the job to run.
        sealed: whether its kernel is sealed.
    """
    parts = [
        job.model_dump_json(),
        grader.__version__,
        recorder_version(),
        importlib.metadata.version("torch"),
        "sealed" if sealed else "plain",
    ]
    text = "\n".join(parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def recorder_version() -> str:
    """Hash the code of `kernel` and `running`: if it changes, runs may record other values."""
    return hash_modules(Path(grader.__file__).parent)


def hash_modules(package: Path) -> str:
    """Hash the rooms `kernel` and `running` of a package."""
    kernel_modules = sorted((package / "kernel").rglob("*.py"))
    running_modules = sorted((package / "running").rglob("*.py"))

    digest = hashlib.sha256()
    for path in [*kernel_modules, *running_modules]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
