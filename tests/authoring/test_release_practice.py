"""A release with which students could check nothing is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.authoring.release import check_some_decided
from grader.errors import AssignmentError
from tests.support.mean_course import write_mean_course


def test_an_assignment_without_anything_to_check_at_home_is_not_released(tmp_path: Path) -> None:
    assignment = load_assignment(write_mean_course(tmp_path).exercises / "media")
    check_some_decided(assignment, ["mean"])
    with pytest.raises(AssignmentError, match="students could check nothing at home"):
        check_some_decided(assignment, ["mean", "spread"])
