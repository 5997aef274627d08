"""Choose a sample of cases by the commit: the same for one commit, others for another."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

EVERYTHING = os.environ.get("GRADER_TEST_ALL") == "1"
"""Try every case instead of a sample."""


@functools.cache
def commit() -> str:
    """Return the hash of the commit that is checked out; a constant outside of a repository.

    GRADER_TEST_COMMIT stands in its place: so all processes of a run choose the same, and the
    choice of another run can be made again.
    """
    chosen = os.environ.get("GRADER_TEST_COMMIT")
    if chosen is not None:
        return chosen
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


def is_in_sample(name: str, share: int) -> bool:
    """Tell whether a name belongs to this commit's sample of one in so many.

    For what is not listed beforehand, such as tests. Each belongs to it where GRADER_TEST_ALL is 1.
    """
    if EVERYTHING:
        return True
    digest = hashlib.sha256(f"{commit()} {name}".encode()).digest()
    return int.from_bytes(digest, "big") % share == 0


def half(cases: Sequence[T], key: str) -> tuple[T, ...]:
    """Choose half of the cases by the commit, and at least one.

    Args:
        cases: the cases to choose from, of which each takes seconds.
        key: tells this choice from others of the same commit.
    """
    return sample(cases, (len(cases) + 1) // 2, key)


def leave_out_tests(
    config: pytest.Config,
    items: list[pytest.Item],
    fixture: str,
    value: str,
    share: int,
    whole_files: bool = False,
) -> None:
    """Leave out the tests for which a fixture has a value, but for this commit's sample.

    Args:
        config: is told which are left out.
        items: the tests; those that are left out are removed.
        fixture: the name of a fixture with parameters.
        value: one of its parameters.
        share: one of so many of these tests stays.
        whole_files: keep all or none of a file: what they share takes long to start.
    """
    left_out: list[pytest.Item] = []
    for item in items:
        callspec = getattr(item, "callspec", None)
        given = callspec.params.get(fixture) if callspec else None
        name = item.path.name if whole_files else item.nodeid
        if given == value and not is_in_sample(name, share):
            left_out.append(item)

    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
