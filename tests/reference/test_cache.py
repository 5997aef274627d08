"""What the reference and its mistakes give, when they run, and which references are refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import load_assignment
from grader.errors import AssignmentError
from grader.grading.knowledge import Knowledge
from grader.job import Job
from grader.reference import kernels as reference_kernels
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.running.session import Session
from grader.store.store import Store
from tests.support import forks
from tests.support.courses import Course

pytestmark = pytest.mark.kernel

NOTEBOOK = "solutions/media/media.ipynb"
VARIANTS = "solutions/media/variants.toml"
MISTAKES = "solutions/media/mistakes.toml"


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs of the kernels that references asked for."""
    jobs: list[Job] = []

    def noted(job: Job, *others: Any) -> Session:
        jobs.append(job)
        return Session(job, *others)

    monkeypatch.setattr(reference_kernels, "Session", noted)
    return jobs


def references(course: Course, store: Store | None = None) -> ReferenceCache:
    solution = ReferenceFiles(
        load_assignment(course.exercises / "media"), course.solutions / "media"
    )
    return ReferenceCache(solution, store, forks.shared().launch)


def whole(course: Course, store: Store | None = None) -> Knowledge:
    return asyncio.run(references(course, store).whole())


def refusal(course: Course) -> str:
    """The line that is told of a reference that cannot be used."""
    with pytest.raises(AssignmentError) as caught:
        whole(course)
    assert "\n" not in str(caught.value)
    assert 3 == caught.value.exit_code
    assert caught.value.advice
    return str(caught.value).removeprefix(f"{course.folder}/")


def test_the_reference_gives_its_answer_on_the_data_and_on_every_variant(
    mean_course: Course, out: Path
) -> None:
    mean_course.settings(out)
    with Store(out) as store:
        knowledge = asyncio.run(references(mean_course, store).base())
    assert (3.6875, 3.25, 3.125) == pytest.approx(knowledge.expectations["mean"].numbers())
    assert () == knowledge.mistakes


def test_a_mistake_gives_values_of_the_exercises_it_changes_alone(
    mean_course: Course, out: Path
) -> None:
    mean_course.settings(out)
    with Store(out) as store:
        knowledge = whole(mean_course, store)
    changed = {mistake.id: set(mistake.expectations) for mistake in knowledge.mistakes}
    assert {"sum-only": {"mean", "spread"}, "from-the-least": {"spread"}} == changed


def test_what_was_computed_is_not_computed_again(
    course: Course, out: Path, kernels: list[Job]
) -> None:
    for _ in range(2):
        with Store(out) as store:
            whole(course, store)
    assert 2 == len(kernels)  # one for the reference, one for its mistakes


def test_a_reference_without_time_for_variants_that_are_drawn_runs_once(
    course: Course, out: Path, kernels: list[Job]
) -> None:
    drawn = 'draw = "[random.uniform(1, 9) for _ in range(4)]"\n'
    course.edit(VARIANTS, 'variants = ["[1., 3., 2., 7.]", "[.37, 1.19, 2.53, 8.41]"]\n', drawn)
    timeout = "cell_timeout_s = 10"
    course.edit("exercises/media/assignment.toml", timeout, f"{timeout}\nvariants_s = 1e-9")
    for _ in range(2):
        with Store(out) as store:
            stored = asyncio.run(references(course, store).record())
    assert 2 == stored.left_out
    assert 1 == len(kernels)


def test_mistakes_are_made_only_when_they_are_asked_for(course: Course, kernels: list[Job]) -> None:
    asyncio.run(references(course).base())
    assert 1 == len(kernels)


def test_a_mistake_that_changed_is_made_again_and_the_reference_is_not(
    mean_course: Course, course: Course, out: Path, kernels: list[Job]
) -> None:
    mean_course.settings(out)
    course.edit(NOTEBOOK, "max(dados) - min(dados)", "max(dados) + min(dados)")
    with Store(out) as store:
        whole(course, store)
    assert 1 == len(kernels)


def test_a_reference_runs_in_a_kernel_that_is_trusted(course: Course, kernels: list[Job]) -> None:
    asyncio.run(references(course).base())
    assert [True] == [job.trusted for job in kernels]


# What is wrong with a reference


def test_a_reference_that_raises_is_refused_in_one_line(course: Course) -> None:
    course.edit(NOTEBOOK, "max(dados) - media  #", "max(dados) - int('1\\\\n2')  #")
    assert refusal(course).startswith(f"{NOTEBOOK}: cell 3 of the reference fails: ValueError: ")


def test_a_reference_that_is_not_python_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "max(dados) - media  #", "max(dados - media  #")
    assert refusal(course).startswith(f"{NOTEBOOK}: cell 3 of the reference fails: SyntaxError: ")


def test_a_reference_that_ends_its_kernel_is_refused(course: Course) -> None:
    course.edit(
        NOTEBOOK, "media = sum(dados) / len(dados)  #", "media = __import__('os')._exit(1)  #"
    )
    assert refusal(course).startswith(f"{NOTEBOOK}: the kernel ended in cell 2 of the reference.")


def test_an_answer_that_cannot_be_compared_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "# grade: spread = amplitude", "# grade: spread = object()")
    assert "the answer of exercise spread has no value that can be compared." in refusal(course)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('from = "dados"', 'from = "dadas"', "input dados has no value"),
        ("[1., 3., 2., 7.]", "[1., 3.]", "variant 1 of input dados has 2 numbers"),
        ("[.37, 1.19, 2.53, 8.41]", "outros", "variant 2 of input dados has no value"),
    ],
    ids=[
        "an input that the reference does not have",
        "an input of two numbers",
        "a variant that raises",
    ],
)
def test_other_numbers_that_cannot_take_the_datas_place_are_refused(
    course: Course, old: str, new: str, problem: str
) -> None:
    course.edit(VARIANTS, old, new)
    assert refusal(course).startswith(f"{VARIANTS}: {problem}")


def test_a_mistake_that_changes_no_answer_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "max(dados) - min(dados)", "max(dados) - sum(dados) / 4")
    assert "mistake from-the-least changes no answer." in refusal(course)


SLEEPS = "(__import__('time').sleep(60), 0)[1]"


def test_a_mistake_that_takes_too_long_is_said_to_and_not_that_it_changes_nothing(
    course: Course,
) -> None:
    course.edit("exercises/media/assignment.toml", "cell_timeout_s = 10", "cell_timeout_s = 1")
    course.edit(NOTEBOOK, "max(dados) - min(dados)", SLEEPS)
    assert "mistake from-the-least did not finish in time. Raise" in refusal(course)


def test_a_reference_that_takes_too_long_on_a_variant_is_refused(course: Course) -> None:
    course.edit("exercises/media/assignment.toml", "cell_timeout_s = 10", "notebook_timeout_s = 5")
    slow = f"max(dados) - media + (0 if dados[0] == 2.0 else {SLEEPS})  #"
    course.edit(NOTEBOOK, "max(dados) - media  #", slow)
    assert "variant-1 of the reference did not finish in time. Raise" in refusal(course)


def test_a_mistake_is_one_however_loose_the_check_is(course: Course) -> None:
    course.edit("exercises/media/assignment.toml", "points = 3", "points = 3\nrtol = 10.0")
    known = whole(course).mistakes
    assert ["sum-only", "from-the-least"] == [mistake.id for mistake in known]
