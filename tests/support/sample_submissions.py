"""The sample submissions of this repository, and what their README promises of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from grader.report import SubmissionResult
from tests.support.courses import ROOT, SUBMISSIONS, Course, by_student, graded, reasons_of
from tests.support.sampling import sample

_ROW = re.compile(
    r"^\| (?P<file>[^\s|]+)\.ipynb \| (?P<shows>.+) \| (?P<points>[\d.]+|–) \|$", re.MULTILINE
)
_README = (SUBMISSIONS / "README.md").read_text("utf-8")

_SEED = re.compile(
    r"(?P<call>\b(?:manual_seed(?:_all)?|random\.seed|default_rng|seed_everything)\("
    r"|\brandom_state=)\d+"
)
"""A seed that a notebook sets, in its JSON."""

_STATUSES = {"unreadable": "unreadable", "wrong file": "wrong_file", "unchanged": "unchanged"}
"""The status by the first words of a row that has a dash in place of points."""


RIGHT = 10.0
"""The points of a sample that is right."""


@dataclass(frozen=True)
class Sample:
    """A row of the README."""

    path: Path
    status: str
    points: float

    @property
    def name(self) -> str:
        """The student's name in the report."""
        return self.path.stem


@dataclass(frozen=True)
class SampleSet:
    """The samples of one assignment, of which a run of the tests grades some."""

    assignment: str
    per_run: int
    """How many to grade beside those that always are; all of them with GRADER_TEST_ALL=1."""
    always: tuple[str, ...] = ()
    """Beginnings of names."""

    @cached_property
    def paths(self) -> list[Path]:
        """The notebooks."""
        # Those of the seed's assignment stand where `make grade` looks.
        folder = SUBMISSIONS if self.assignment == "autograd" else SUBMISSIONS / self.assignment
        return sorted(folder.glob("*.ipynb"))

    @cached_property
    def every(self) -> list[Sample]:
        """The samples that have a row in the README."""
        samples = map(_sample_of, _ROW.finditer(_README))
        return [each for each in samples if each.path.parent == self.paths[0].parent]

    @cached_property
    def tried(self) -> list[Sample]:
        """The samples that this run grades."""
        others = [each for each in self.every if not each.name.startswith(self.always or "/")]
        chosen = sample(others, self.per_run, f"samples of {self.assignment}")
        return [each for each in self.every if each in chosen or each not in others]

    def each_tried(self) -> pytest.MarkDecorator:
        """Give the samples that this run grades to a test, as `row`."""
        return pytest.mark.parametrize("row", self.tried, ids=lambda row: row.name)

    def graded(
        self, course: Course, out: Path, others: Sequence[Path] = ()
    ) -> Mapping[str, SubmissionResult]:
        """Grade the samples of this run, and other notebooks; return the results by student."""
        paths = [each.path for each in self.tried]
        return by_student(graded([*paths, *others], course.settings(out)))

    def right_under(self, seeds: Sequence[int], folder: Path) -> list[Path]:
        """Write the right samples that set seeds, each with others in their place.

        Args:
            seeds: stand in the place of all the seeds of a notebook, one in each copy.
            folder: for the copies, each of which has the sample's name and its seed as its name.
        """
        copies: list[Path] = []
        for each in self.every:
            text = each.path.read_text("utf-8")
            if each.points < RIGHT or not _SEED.search(text):
                continue
            for seed in seeds:
                copy = folder / f"{each.name}-{seed}.ipynb"
                with_seed = _SEED.sub(rf"\g<call>{seed}", text)
                copy.write_text(with_seed, "utf-8")
                copies.append(copy)
        return copies

    def shown_to_all(self) -> str:
        """Return the handout, which holds numbers that every student knows."""
        handout = ROOT / "exercises" / self.assignment / f"{self.assignment}.ipynb"
        return handout.read_text("utf-8")


def _sample_of(row: re.Match[str]) -> Sample:
    path = SUBMISSIONS / f"{row['file']}.ipynb"
    if row["points"] == "–":
        first_words = row["shows"].split(":")[0]
        return Sample(path, _STATUSES[first_words], 0.0)
    return Sample(path, "graded", float(row["points"]))


def assert_every_sample_has_its_row(samples: SampleSet) -> None:
    """Compare the notebooks with the README."""
    assert samples.paths == [each.path for each in samples.every]


def assert_earns_what_its_row_promises(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    """Compare what a sample earned with the README, which rounds to hundredths."""
    result = students[row.name]
    assert row.status == result.status
    assert row.points == pytest.approx(result.points, abs=0.005), reasons_of(result)


AUTOGRAD = SampleSet("autograd", per_run=9, always=("ana",))
"""The samples that `make grade` shows; the first of them is the seed's notebook."""
