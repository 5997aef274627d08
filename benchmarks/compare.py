"""Measure what grading a class costs, beside other ways to run the same notebooks.

    python benchmarks/compare.py [--notebooks N] [--only NAME …] [--without-installs]

Prints a table per measurement, the versions, and which bars are met. Exit code 1 if a bar is
missed. Needs Linux. docs/benchmarks.md explains each row.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kernels import FIRST_CODE, STARTS, Starts, measure_memory, measure_starts
from benchmarks.notebooks import ASSIGNMENT, distinct
from benchmarks.systems import SMALL, SYSTEMS, ClassFolder, Row
from benchmarks.usage import cpu_source

START = "start"
MEMORY = "memory"
PACKAGES = (
    "torch",
    "grader",
    "nbclient",
    "ipykernel",
    "jupyter-client",
    "nbgrader",
    "otter-grader",
)
NOT_INSTALLED = "not installed: pip install '.[benchmarks]'"

HEADS = (
    "",
    "wall s",
    "CPU s",
    "further wall s",
    "further CPU s",
    "peak MiB",
    "CPU/floor",
    "further CPU/floor",
    "nbgrader/this, wall",
)

START_BAR = 8.0
CLASS_BAR = 20.0
FLOOR = "floor-quiet"
"""The floor that this grader is held to.

IPython's tracebacks take longer than the cells, and this grader makes plain ones.
"""
CPU_BARS = {"ours-no-variants": 3.0, "ours": 4.0}
MEMORY_BAR_MB = 120.0


@dataclass
class Measurements:
    """All that was measured; what was not is absent."""

    rows: dict[str, Row]
    starts: Starts | None = None
    memory_mb: Sequence[float] = ()


@dataclass(frozen=True)
class Bar:
    """A figure that must not be missed."""

    description: str
    figure: str
    met: bool | None
    """None: not measured in this run."""


def measure_all(class_folder: ClassFolder, names: Sequence[str]) -> Measurements:
    """Take the named measurements, one after another."""
    measurements = Measurements({})
    _say("warming up")
    class_folder.warm_up()
    for name, system in SYSTEMS.items():
        if name in names and system.installed:
            _say(system.title)
            measurements.rows[name] = system.measure(class_folder)

    os.environ.update(class_folder.env)
    if START in names:
        _say("start of a kernel")
        measurements.starts = measure_starts()
    if MEMORY in names:
        _say("memory of a submission")
        measurements.memory_mb = measure_memory(distinct(class_folder.notebooks))
    return measurements


def _say(measurement: str) -> None:
    print(f"measuring: {measurement}", file=sys.stderr, flush=True)


# Bars


def make_bars(measurements: Measurements) -> list[Bar]:
    """Compare the measurements with the bars."""
    cpu_bars = [_cpu_bar(measurements.rows, name) for name in CPU_BARS]
    return [
        _start_bar(measurements.starts),
        *cpu_bars,
        _class_bar(measurements.rows),
        _memory_bar(measurements.memory_mb),
    ]


def _start_bar(starts: Starts | None) -> Bar:
    description = f"a kernel answers at least {START_BAR:g} x as soon as a fresh one"
    if starts is None:
        return Bar(description, "", None)
    return Bar(description, _times(starts.ratio), starts.ratio >= START_BAR)


def _cpu_bar(rows: Mapping[str, Row], name: str) -> Bar:
    most = CPU_BARS[name]
    limit = f"at most {most:g} x floor without tracebacks"
    description = f"CPU of a further submission, {SYSTEMS[name].title}: {limit}"
    ratio = _ratio(rows, name, FLOOR, "further_cpu_s")
    met = None if ratio is None else ratio <= most
    return Bar(description, _times(ratio), met)


def _class_bar(rows: Mapping[str, Row]) -> Bar:
    limit = f"at least {CLASS_BAR:g} x as fast as nbgrader"
    ratio = _ratio(rows, "nbgrader", "ours", "wall_s")
    met = None if ratio is None else ratio >= CLASS_BAR
    return Bar(f"the class, everything included: {limit}", _times(ratio), met)


def _memory_bar(memory_mb: Sequence[float]) -> Bar:
    description = f"private memory of a submission, median: at most {MEMORY_BAR_MB:g} MB"
    if not memory_mb:
        return Bar(description, "", None)
    median = statistics.median(memory_mb)
    return Bar(description, f"{median:.0f} MB", median <= MEMORY_BAR_MB)


def _ratio(rows: Mapping[str, Row], name: str, other: str, figure: str) -> float | None:
    """Divide one row's figure by another's; None where one is missing."""
    dividend = getattr(rows.get(name), figure, None)
    divisor = getattr(rows.get(other), figure, None)
    if dividend is None or divisor is None:
        return None
    return dividend / divisor


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.1f}"


# Tables


def print_table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, the others to the right.

    The last cell of a line that is shorter than the heads may run over.
    """
    every_line = [heads, *lines]
    full_lines = [line for line in every_line if len(line) == len(heads)]
    widths = [max(len(line[column]) for line in full_lines) for column in range(len(heads))]
    widths[0] = max(len(line[0]) for line in every_line)

    for line in every_line:
        cells = [line[0].ljust(widths[0])]
        if len(line) < len(heads):
            cells += line[1:]
        else:
            cells += map(str.rjust, line[1:], widths[1:])
        print("  ".join(cells))


def print_class(rows: Mapping[str, Row], names: Sequence[str], count: int) -> None:
    """Print the table of the class."""
    further = f"(cost of {count} - cost of {SMALL}) / {count - SMALL}"
    print(f"\n{count} notebooks of {ASSIGNMENT}; all figures but the peak are per submission")
    print(f"further: of one beyond start-up, {further}")
    print(f"CPU of the whole tree of processes, from {cpu_source()}")

    lines: list[Sequence[str]] = []
    for name in names:
        if name in rows:
            lines.append((SYSTEMS[name].title, *_figures(rows, name)))
        elif name in SYSTEMS:
            lines.append((SYSTEMS[name].title, NOT_INSTALLED))
    print_table(HEADS, lines)


def _figures(rows: Mapping[str, Row], name: str) -> tuple[str, ...]:
    row = rows[name]
    seconds = (row.wall_s, row.cpu_s, row.further_wall_s, row.further_cpu_s)
    return (
        *map(_seconds, seconds),
        f"{row.peak_mib:.0f}",
        _times(_ratio(rows, name, FLOOR, "cpu_s")),
        _times(_ratio(rows, name, FLOOR, "further_cpu_s")),
        _times(_ratio(rows, "nbgrader", name, "wall_s")),
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def print_starts(starts: Starts) -> None:
    """Print the table of starts."""
    print(f"\nfrom asking for a kernel to its reply to `{FIRST_CODE}`, median of {STARTS}")
    line = ("start", f"{starts.sealed_s:.3f}", f"{starts.fresh_s:.3f}", f"{starts.ratio:.1f}")
    print_table(("", "fork s", "fresh s", "fresh/fork"), [line])


def print_memory(memory_mb: Sequence[float]) -> None:
    """Print the table of memory."""
    count = len(memory_mb)
    print(f"\nprivate memory at the end of its cells, {count} different submissions")
    figures = (min(memory_mb), statistics.median(memory_mb), max(memory_mb))
    line = ("memory", *(f"{figure:.0f}" for figure in figures))
    print_table(("", "least MB", "median MB", "most MB"), [line])


def print_versions() -> None:
    """Print the versions of what was measured."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    versions.append("dot" if shutil.which("dot") else "no dot")
    versions.append(f"Linux {platform.release()}")
    versions.append(f"{os.cpu_count()} cores")
    print(f"\n{', '.join(versions)}")


def print_bars(bars: Sequence[Bar]) -> None:
    """Print each bar with its figure."""
    words = {None: "not measured", True: "met", False: "missed"}
    lines = [(bar.description, bar.figure or "-", words[bar.met]) for bar in bars]
    print()
    print_table(("bar", "found", ""), lines)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*SYSTEMS, START, MEMORY]
    parser.add_argument(
        "--notebooks", type=int, default=30, metavar="N", help="size of the class; at least 3"
    )
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument(
        "--without-installs",
        action="store_true",
        help="take the installs, which ours skips, out of the notebooks for the others too",
    )
    options = parser.parse_args()
    if options.notebooks <= SMALL:
        parser.error(f"--notebooks: at least {SMALL + 1}")
    return options


def main() -> None:
    """Measure and print; exit code 1 if a bar is missed."""
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        installs = not options.without_installs
        class_folder = ClassFolder(Path(folder), options.notebooks, installs=installs)
        measurements = measure_all(class_folder, options.only)

    if any(name in SYSTEMS for name in options.only):
        print_class(measurements.rows, options.only, options.notebooks)
    if measurements.starts is not None:
        print_starts(measurements.starts)
    if measurements.memory_mb:
        print_memory(measurements.memory_mb)
    print_versions()
    bars = make_bars(measurements)
    print_bars(bars)
    sys.exit(any(bar.met is False for bar in bars))


if __name__ == "__main__":
    main()
