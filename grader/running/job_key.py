"""The key of a stored trace: a hash of all that a run depends on."""

from __future__ import annotations

import hashlib
import importlib.metadata

import grader
from grader.running import recorder_version
from grader.trace import Job


def job_key(job: Job, *, sealed: bool) -> str:
    """Hash of all that a trace depends on."""
    parts = [
        job.model_dump_json(),
        grader.__version__,
        recorder_version(),
        importlib.metadata.version("torch"),
        "sealed" if sealed else "plain",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


NOTHING_RAN = ""
"""The key of what is stored of a submission that did not run: that of no job."""
