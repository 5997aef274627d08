"""Choose a sample of cases by the commit: the same for one commit, others for another."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

EVERYTHING = os.environ.get("GRADER_TEST_ALL") == "1"
"""Try every case instead of a sample."""


@functools.cache
def commit() -> str:
    """Return the hash of the commit that is checked out; a constant outside of a repository."""
    command = ["git", "rev-parse", "HEAD"]
    folder = Path(__file__).parent
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "no-commit"
    return result.stdout.strip()


def sample(cases: Sequence[T], count: int, key: str) -> tuple[T, ...]:
    """Choose some of the cases, in their order; all of them where GRADER_TEST_ALL is 1.

    Args:
        cases: the cases to choose from.
        count: how many to choose.
        key: tells this choice from others of the same commit.
    """
    if EVERYTHING or count >= len(cases):
        return tuple(cases)

    def rank(index: int) -> str:
        return hashlib.sha256(f"{commit()} {key} {index}".encode()).hexdigest()

    chosen = sorted(range(len(cases)), key=rank)[:count]
    return tuple(cases[index] for index in sorted(chosen))
