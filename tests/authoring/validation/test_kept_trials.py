"""Trials are kept by what they depend on."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from grader.assignment import load_assignment
from grader.authoring.validation.kept_trials import KeptTrials
from grader.reference.files import ReferenceFiles
from grader.store.store import Store
from tests.support.courses import Course
from tests.support.mean_course import write_mean_course

ASSIGNMENT = "exercises/media/assignment.toml"


class Trial(BaseModel):
    """What became of a trial."""

    credit: float


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_mean_course(tmp_path)


def keys(course: Course) -> tuple[str, str]:
    """The keys of a trial that may change `mean`, and of one that may change any exercise."""
    assignment = load_assignment(course.exercises / "media")
    files = ReferenceFiles(assignment, course.solutions / "media")
    kept = KeptTrials(files, None)
    return kept.key("x", ["mean"]), kept.key("x")


def test_a_trial_is_known_in_the_next_validation(course: Course) -> None:
    assignment = load_assignment(course.exercises / "media")
    files = ReferenceFiles(assignment, course.solutions / "media")
    with Store(course.folder / "grades") as store:
        kept = KeptTrials(files, store)
        key = kept.key(["mutant"])
        kept.put(key, Trial(credit=0.5))
        kept.save()
        again = KeptTrials(files, store)
        assert Trial(credit=0.5) == again.get(key, Trial)
        assert again.get(again.key(["other"]), Trial) is None


def test_without_a_store_nothing_outlasts_a_validation(course: Course) -> None:
    assignment = load_assignment(course.exercises / "media")
    files = ReferenceFiles(assignment, course.solutions / "media")
    kept = KeptTrials(files, None)
    kept.put("key", Trial(credit=1))
    kept.save()
    assert KeptTrials(files, None).get("key", Trial) is None


@pytest.mark.parametrize(
    ("file", "before", "after", "of_mean", "of_all"),
    [
        (ASSIGNMENT, "points = 3", "points = 3\nrtol = 0.1", True, False),
        (ASSIGNMENT, "points = 3", "points = 4", True, True),
        ("solutions/media/media.ipynb", "sum(dados)", "sum(dados) + 0", False, False),
        ("solutions/media/mistakes.toml", "credit = {}", "credit = { spread = 0.5 }", False, False),
    ],
)
def test_a_change_concerns_the_trials_that_depend_on_it(
    course: Course, file: str, before: str, after: str, of_mean: bool, of_all: bool
) -> None:
    first = keys(course)
    path = course.folder / file
    text = path.read_text("utf-8")
    path.write_text(text.replace(before, after, 1), "utf-8")
    second = keys(course)
    assert (of_mean, of_all) == (first[0] == second[0], first[1] == second[1])
