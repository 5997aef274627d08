"""Measure how the grader keeps up with large classes, and how workers of a cluster share a class.

    python -m benchmarks.scale --submissions 1000 10000
    python -m benchmarks.scale --workers 1 2

Both grade the samples of `linear-regression` first; `--grades FOLDER` takes them from a folder in
which that was done.

With `--submissions`, classes are simulated: copies of the samples' traces and results under other
names, beside made-up notebooks to compare. Each step of a run is measured: processor time per 1,000
submissions, and the most memory that this process had. What is slow for one submission, such as
deciding, is done for `--sample` of them.

With `--workers`, one class runs on so many workers of one core each. Run nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import gc
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cluster import Throughput, measure_throughput
from grader.batch.regrade import StoredRun
from grader.batch.run import open_run
from grader.batch.similarity.compare import similar_work
from grader.cli.show import find_submission
from grader.grading.points import summarise
from grader.outputs.formats.csv import class_csv
from grader.outputs.formats.junit import junit_xml
from grader.outputs.gradebooks.canvas import fill_canvas
from grader.outputs.gradebooks.grades import Scale
from grader.outputs.pages.write import write_class_page, write_pages
from grader.outputs.terminal.tables import class_table, make_console
from grader.progress import SilentProgress
from grader.report import Report, SubmissionResult
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.store import Store, read_report
from tests.support.classes import GIVEN, honest

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "linear-regression"
LEAST_EFFICIENCY = 0.9
HEADINGS = f"{'step':<24}{'submissions':>12}{'CPU s per 1,000':>17}{'peak MiB':>10}"


@dataclass(frozen=True)
class Samples:
    """Submissions that were graded once."""

    report: Report
    traces: tuple[bytes, ...]
    """The files of their traces, in the order of the report."""
    private: Path
    """The folder of what the reference gives."""


class Steps:
    """Measures the steps of a run in this process, and prints a row for each."""

    def __init__(self) -> None:
        print(HEADINGS)

    def measure(self, name: str, count: int, step: Callable[[], object]) -> None:
        """Do a step, and print what it took.

        Args:
            name: what it is called.
            count: number of submissions that it is about.
            step: does it.
        """
        gc.collect()
        forget_peak()
        began_s = time.process_time()
        step()
        took_s = time.process_time() - began_s
        per_thousand_s = 1_000 * took_s / count
        print(f"{name:<24}{count:>12,}{per_thousand_s:>17.2f}{peak_mib():>10,.0f}", flush=True)


def forget_peak() -> None:
    """Let the kernel begin anew to note the most memory of this process; see proc(5)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> float:
    """Return the most memory of this process since `forget_peak`, in MiB."""
    status = Path("/proc/self/status").read_text()
    kibibytes = status.partition("VmHWM:")[2].split()[0]
    return int(kibibytes) / 1024


def settings_for(out: Path) -> Settings:
    """Return the settings of a run that writes to a folder."""
    return Settings(
        exercises=ROOT / "exercises",
        solutions=ROOT / "solutions",
        out=out,
        assignment=ASSIGNMENT,
    )


def grade_samples(out: Path) -> None:
    """Grade the samples into a folder."""
    settings = settings_for(out)
    paths = [ROOT / "submissions" / ASSIGNMENT]
    with Sandbox(settings.sandbox) as sandbox, open_run(paths, settings, sandbox) as run:
        run.grade(SilentProgress())


def read_samples(out: Path) -> Samples:
    """Read graded samples from a folder."""
    report = read_report(out)
    traces: list[bytes] = []
    for result in report.submissions:
        file = out / "traces" / f"{result.id}.json.gz"
        traces.append(file.read_bytes())
    return Samples(report, tuple(traces), out / "private")


def simulated_result(samples: Samples, number: int) -> SubmissionResult:
    """Copy the result of a sample to another student."""
    results = samples.report.submissions
    result = results[number % len(results)]
    name = {"id": f"s{number}", "student": f"Student {number}", "file": f"student-{number}.ipynb"}
    copied = result.model_copy(update=name)
    # As in a run, where each result is made by itself, nothing is shared with the others.
    return SubmissionResult.model_validate_json(copied.model_dump_json())


def simulate(samples: Samples, count: int, sample: int) -> None:
    """Take a simulated class through the steps of a run, and print a table."""
    steps = Steps()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "grades"
        with Store(out) as store:
            shutil.copytree(samples.private, out / "private", dirs_exist_ok=True)
            measure_report(steps, store, samples, count)
            measure_outputs(steps, store, count, min(sample, count))


def measure_report(steps: Steps, store: Store, samples: Samples, count: int) -> None:
    """Measure how results become a report."""
    results: list[SubmissionResult] = []

    def keep() -> None:
        for number in range(count):
            result = simulated_result(samples, number)
            trace = samples.traces[number % len(samples.traces)]
            store.write_trace_file(result.id, trace)
            store.write_result(result)
            results.append(result)

    steps.measure("store", count, keep)
    steps.measure("compare", count, lambda: compare(results))
    changes = {"submissions": tuple(results), "summary": summarise(tuple(results))}
    report = samples.report.model_copy(update=changes)
    steps.measure("write the report", count, lambda: store.write_report(report))
    steps.measure("write it once more", count, lambda: store.write_report(report))


def compare(results: Sequence[SubmissionResult]) -> None:
    """Compare made-up notebooks of a class with each other."""
    given = {ASSIGNMENT: GIVEN[ASSIGNMENT]}
    similar_work(results, honest(len(results)), given)


def measure_outputs(steps: Steps, store: Store, count: int, sample: int) -> None:
    """Measure what is made from the report of a class."""
    steps.measure("read the report", count, lambda: read_report(store.folder))
    report = read_report(store.folder)
    steps.measure("table on the terminal", count, lambda: print_table(report))
    last = report.submissions[-1].student
    steps.measure("find a student", count, lambda: find_submission(report, last))

    steps.measure("page of the class", count, lambda: write_class_page(store, report, "en"))
    steps.measure("CSV", count, lambda: class_csv(report, "en"))
    steps.measure("JUnit", count, lambda: junit_xml(report, "en"))
    export = canvas_export(report)
    steps.measure("gradebook of Canvas", count, lambda: fill_canvas(export, report, Scale()))

    if not sample:
        return
    few = report.model_copy(update={"submissions": report.submissions[:sample]})
    progress = SilentProgress()
    steps.measure("pages of students", sample, lambda: write_pages(store, few, "en", progress))
    store.write_report(few)
    steps.measure("decide anew (regrade)", sample, lambda: regrade(store))


def print_table(report: Report) -> None:
    """Show the table of a class on a terminal that nobody looks at."""
    console = make_console(io.StringIO())
    console.print(class_table(report, "en"))


def canvas_export(report: Report) -> bytes:
    """Make up the gradebook of Canvas that has a row for each student."""
    title = report.assignments[0].title
    points = sum(exercise.points for exercise in report.assignments[0].exercises)
    lines = [f"Student,ID,SIS User ID,SIS Login ID,Section,{title} (9001)"]
    lines.append(f"    Points Possible,,,,,{points:g}")
    for number, result in enumerate(report.submissions):
        lines.append(f"{result.student},{number},,,A,")
    return "\n".join(lines).encode()


def regrade(store: Store) -> None:
    """Decide about stored traces again."""
    settings = settings_for(store.folder)
    with Sandbox(settings.sandbox) as sandbox:
        StoredRun(settings, store, sandbox).regrade(SilentProgress())


def print_throughput(measured: Sequence[Throughput]) -> bool:
    """Print how fast a class was graded with each number of workers.

    Returns:
        Whether all were efficient enough.
    """
    print(f"{'workers':>8}{'per minute':>12}{'efficiency':>12}{'CPU s of the client':>21}")
    first = measured[0]
    alone = first.per_minute / first.workers
    least = 1.0
    for throughput in measured:
        efficiency = throughput.per_minute / throughput.workers / alone
        least = min(least, efficiency)
        figures = (
            f"{throughput.per_minute:>12.1f}{efficiency:>12.2f}{throughput.client_cpu_s:>21.1f}"
        )
        print(f"{throughput.workers:>8}{figures}")
    met = least >= LEAST_EFFICIENCY
    print(f"bar: efficiency at least {LEAST_EFFICIENCY}: {'met' if met else 'missed'}")
    return met


def main() -> int:
    """Measure, print, and return 1 if workers share a class less well than they should."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, nargs="*", default=[], metavar="N")
    parser.add_argument("--workers", type=int, nargs="*", default=[], metavar="N")
    parser.add_argument("--sample", type=int, default=100, metavar="N")
    parser.add_argument("--class-size", type=int, default=60, metavar="N")
    parser.add_argument("--grades", type=Path, metavar="FOLDER")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        grades = options.grades
        if grades is None:
            grades = Path(folder) / "samples"
            grade_samples(grades)
        samples = read_samples(grades)
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
        spawning = multiprocessing.get_context("spawn")  # nothing of the samples' run is in memory
        for count in options.submissions:
            arguments = (samples, count, options.sample)
            process = spawning.Process(target=simulate, args=arguments)
            process.start()
            process.join()
            if process.exitcode:
                return 1

        measured: list[Throughput] = []
        for workers in options.workers:
            throughput = measure_throughput(workers, options.class_size, samples.private)
            measured.append(throughput)
    return 0 if not measured or print_throughput(measured) else 1


if __name__ == "__main__":
    sys.exit(main())
