"""Measure how long the page of a class takes to open, to sort and to filter in Chromium.

    python benchmarks/pages.py

Needs Chromium and playwright. Prints a table for classes of several sizes, and ends with exit
code 1 if a class of 500 takes a second or more for any of it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from grader.grading.points import summarise
from grader.outputs.pages.class_page import class_page
from grader.report import (
    AssignmentInfo,
    CheckResult,
    ExerciseInfo,
    ExerciseResult,
    GraderInfo,
    Message,
    MistakeFound,
    Report,
    SubmissionResult,
)

SIZES = (30, 500, 2_000, 10_000)
BAR_SIZE = 500
BAR_S = 1.0
REPEATS = 5
EXERCISES = 7
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


@dataclass(frozen=True)
class PageTimes:
    """Seconds until the page is painted, until it is sorted, and until it is filtered."""

    open_s: float
    sort_s: float
    filter_s: float

    @property
    def slowest_s(self) -> float:
        """The longest of them."""
        return max(self.open_s, self.sort_s, self.filter_s)


def main() -> int:
    """Measure, print, and return 1 if the bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    program = find_chromium()

    heads = f"{'students':>8}  {'page kB':>8}  {'open s':>7}  {'sort s':>7}  {'filter s':>8}"
    print(f"{heads}   median of {REPEATS}")
    slowest_s = 0.0
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        for size in SIZES:
            times = measure_class(browser, Path(folder), size)
            if size == BAR_SIZE:
                slowest_s = times.slowest_s
        print(f"{browser.browser_type.name} {browser.version}, Python {sys.version.split()[0]}")
        browser.close()

    met = slowest_s < BAR_S
    outcome = f"{slowest_s:.3f} s, {'met' if met else 'missed'}"
    print(f"bar: {BAR_SIZE} students, each below {BAR_S:g} s: {outcome}")
    return 0 if met else 1


def find_chromium() -> str:
    """Return the path of a browser; end without one."""
    for name in PROGRAMS:
        path = shutil.which(name)
        if path:
            return path
    sys.exit("This needs Chromium: apt install chromium.")


def measure_class(browser: Any, folder: Path, size: int) -> PageTimes:
    """Measure the page of a class, and print its row."""
    path = folder / f"{size}.html"
    path.write_text(page_of(size), "utf-8")
    times = median_times([measure_page(browser, path) for _ in range(REPEATS)])

    kilobytes = path.stat().st_size / 1000
    seconds = f"{times.open_s:7.3f}  {times.sort_s:7.3f}  {times.filter_s:8.3f}"
    print(f"{size:8,}  {kilobytes:8,.0f}  {seconds}")
    return times


def measure_page(browser: Any, path: Path) -> PageTimes:
    """Open, sort and filter a page once."""
    page = browser.new_page()
    times = PageTimes(
        open_s=measure_action(lambda: page.goto(path.as_uri()), page),
        sort_s=measure_action(lambda: page.click("th:nth-child(2) button"), page),
        filter_s=measure_action(lambda: page.fill("input[type=search]", "student 7"), page),
    )
    page.close()
    return times


def measure_action(act: Callable[[], object], page: Any) -> float:
    """Measure the seconds until what an action changed is painted."""
    began = time.perf_counter()
    act()
    page.evaluate(PAINTED)
    return time.perf_counter() - began


def median_times(measured: Sequence[PageTimes]) -> PageTimes:
    """Return the median of each time."""
    return PageTimes(
        open_s=statistics.median(times.open_s for times in measured),
        sort_s=statistics.median(times.sort_s for times in measured),
        filter_s=statistics.median(times.filter_s for times in measured),
    )


# A made-up class


def page_of(size: int) -> str:
    """Render the page of a made-up class; the same for the same size."""
    draw = random.Random(size)
    submissions = tuple(make_student(number, draw) for number in range(size))
    report = Report(
        grader=GraderInfo(version="0", python="3", torch="2", sandbox="bwrap", threads=1),
        created="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        assignments=(make_assignment(),),
        summary=summarise(submissions),
        submissions=submissions,
    )
    links = {submission.id: f"pages/{submission.id}.html" for submission in submissions}
    return "".join(class_page(report, (), "en", links))


def make_assignment() -> AssignmentInfo:
    """Make an assignment of exercises that are worth a point each."""
    exercises = tuple(
        ExerciseInfo(id=f"part-{number}", title=f"Part {number}", points=1, automatic=True)
        for number in range(EXERCISES)
    )
    return AssignmentInfo(
        name="made-up",
        title="Made up",
        language="en",
        version="",
        reference="",
        max_points=EXERCISES,
        exercises=exercises,
    )


def make_student(number: int, draw: random.Random) -> SubmissionResult:
    """Make a student who got some exercises right, and made known mistakes in others."""
    exercises = tuple(make_exercise(index, draw) for index in range(EXERCISES))
    return SubmissionResult(
        id=f"s{number}",
        student=f"Student {draw.randrange(10**6)} Example {number}",
        file=f"student-{number}.ipynb",
        sha256="",
        status="graded",
        assignment="made-up",
        points=sum(exercise.points for exercise in exercises),
        max_points=EXERCISES,
        exercises=exercises,
    )


def make_exercise(number: int, draw: random.Random) -> ExerciseResult:
    """Make an exercise that passed, or failed by one of several mistakes."""
    passed = draw.random() < 0.7
    mistake = MistakeFound(
        id=f"m{draw.randrange(12)}", name={"en": f"known mistake {draw.randrange(12)}"}
    )
    message = Message(id="value.passed" if passed else "value.absent")
    return ExerciseResult(
        id=f"part-{number}",
        title=f"Part {number}",
        status="passed" if passed else "failed",
        points=float(passed),
        max_points=1,
        automatic=True,
        credit=float(passed),
        checks=(CheckResult(check="value", message=message),),
        mistakes=() if passed else (mistake,),
    )


if __name__ == "__main__":
    sys.exit(main())
