"""What grading a class costs, beside other ways of running it, on the same notebooks in one run.

`python benchmarks/compare.py [--notebooks N] [--only NAME …] [--without-installs]` prints a table per measurement, the
versions, and which bars are met. Exit code 1 if a bar is missed. Linux; what each row is: docs/benchmarks.md.
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
from benchmarks.rows import SMALL, SYSTEMS, Bench, Row
from benchmarks.usage import cpu_source

START, MEMORY = "start", "memory"
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

START_BAR, CLASS_BAR = 8.0, 20.0
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

FLOOR = "floor-quiet"
"""What ours is held to: IPython's tracebacks take longer than the cells, and ours makes plain ones."""
CPU_BAR, CPU_BAR_WITH_VARIANTS = 3.0, 4.0
MEMORY_BAR_MB = 120.0


@dataclass
class Measured:
    """All that was measured; what was not is absent."""

    rows: dict[str, Row]
    starts: Starts | None = None
    memory_mb: Sequence[float] = ()


@dataclass(frozen=True)
class Bar:
    """Something that is to hold."""

    says: str
    figure: str
    met: bool | None
    """None: not measured in this run."""


def measure_all(bench: Bench, wanted: Sequence[str]) -> Measured:
    """Measure what is wanted, one after another."""
    measured = Measured({})
    _tell("warming up")
    bench.warm_up()
    for name, system in SYSTEMS.items():
        if name in wanted and system.installed:
            _tell(system.title)
            measured.rows[name] = system.measure(bench)
    os.environ.update(bench.env)
    if START in wanted:
        _tell("start of a kernel")
        measured.starts = measure_starts()
    if MEMORY in wanted:
        _tell("memory of a submission")
        measured.memory_mb = measure_memory(distinct(bench.notebooks))
    return measured


def _tell(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)


# Bars


def bars(measured: Measured) -> list[Bar]:
    """What is to hold, and whether it does."""
    rows, found = measured.rows, [_start_bar(measured.starts)]
    for name, most in (("ours-no-variants", CPU_BAR), ("ours", CPU_BAR_WITH_VARIANTS)):
        ratio = _over(rows, name, FLOOR, "more_cpu_s")
        says = f"CPU of a further submission, {SYSTEMS[name].title}: at most {most:g} x floor without tracebacks"
        found.append(Bar(says, _times(ratio), None if ratio is None else ratio <= most))
    ratio = _over(rows, "nbgrader", "ours", "wall_s")
    says = f"the class, everything included: at least {CLASS_BAR:g} x as fast as nbgrader"
    found.append(Bar(says, _times(ratio), None if ratio is None else ratio >= CLASS_BAR))
    usual = statistics.median(measured.memory_mb) if measured.memory_mb else None
    says = f"private memory of a submission, median: at most {MEMORY_BAR_MB:g} MB"
    met = None if usual is None else usual <= MEMORY_BAR_MB
    found.append(Bar(says, "" if usual is None else f"{usual:.0f} MB", met))
    return found


def _start_bar(starts: Starts | None) -> Bar:
    says = f"a kernel answers at least {START_BAR:g} x as soon as a fresh one"
    return (
        Bar(says, "", None)
        if starts is None
        else Bar(says, _times(starts.ratio), starts.ratio >= START_BAR)
    )


def _over(rows: Mapping[str, Row], name: str, other: str, figure: str) -> float | None:
    """One row's figure over another's; None where one is missing."""
    above, below = (getattr(rows.get(row), figure, None) for row in (name, other))
    return None if above is None or below is None else above / below


# Tables


def print_table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, the others to the right; a short line's last cell may run over."""
    full = [line for line in (heads, *lines) if len(line) == len(heads)]
    widths = [max(len(line[column]) for line in full) for column in range(len(heads))]
    widths[0] = max(len(line[0]) for line in (heads, *lines))
    for line in (heads, *lines):
        if len(line) < len(heads):
            print("  ".join((line[0].ljust(widths[0]), *line[1:])))
        else:
            rest = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
            print("  ".join((line[0].ljust(widths[0]), *rest)))


def print_class(rows: Mapping[str, Row], wanted: Sequence[str], count: int) -> None:
    """Print the table of the class."""
    print(f"\n{count} notebooks of {ASSIGNMENT}; all figures but the peak are per submission")
    print(f"further: of one beyond start-up, (cost of {count} - cost of {SMALL}) / {count - SMALL}")
    print(f"CPU of the whole tree of processes, from {cpu_source()}")
    lines: list[Sequence[str]] = []
    for name in wanted:
        if name in rows:
            lines.append((SYSTEMS[name].title, *_figures(rows, name)))
        elif name in SYSTEMS:
            lines.append((SYSTEMS[name].title, NOT_INSTALLED))
    print_table(HEADS, lines)


def _figures(rows: Mapping[str, Row], name: str) -> tuple[str, ...]:
    row = rows[name]
    seconds = (row.wall_s, row.cpu_s, row.more_wall_s, row.more_cpu_s)
    return (
        *("-" if value is None else f"{value:.2f}" for value in seconds),
        f"{row.peak_mib:.0f}",
        _times(_over(rows, name, FLOOR, "cpu_s")),
        _times(_over(rows, name, FLOOR, "more_cpu_s")),
        _times(_over(rows, "nbgrader", name, "wall_s")),
    )


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.1f}"


def print_small(measured: Measured) -> None:
    """Print the tables of starts and of memory."""
    if (starts := measured.starts) is not None:
        print(f"\nfrom asking for a kernel to its reply to `{FIRST_CODE}`, median of {STARTS}")
        line = ("start", f"{starts.sealed_s:.3f}", f"{starts.fresh_s:.3f}", f"{starts.ratio:.1f}")
        print_table(("", "fork s", "fresh s", "fresh/fork"), [line])
    if found := measured.memory_mb:
        print(f"\nprivate memory at the end of its cells, {len(found)} different submissions")
        figures = (f"{value:.0f}" for value in (min(found), statistics.median(found), max(found)))
        print_table(("", "least MB", "median MB", "most MB"), [("memory", *figures)])


def print_versions() -> None:
    """Print what was measured with."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {package}")
    found.append("dot" if shutil.which("dot") else "no dot")
    print(f"\n{', '.join([*found, f'Linux {platform.release()}', f'{os.cpu_count()} cores'])}")


def print_bars(found: Sequence[Bar]) -> None:
    """Print each bar with its figure."""
    words = {None: "not measured", True: "met", False: "missed"}
    print()
    print_table(
        ("bar", "found", ""), [(bar.says, bar.figure or "-", words[bar.met]) for bar in found]
    )


def _arguments() -> argparse.Namespace:
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
    told = "take the installs, which ours skips, out of the notebooks for the others too"
    parser.add_argument("--without-installs", action="store_true", help=told)
    given = parser.parse_args()
    if given.notebooks <= SMALL:
        parser.error(f"--notebooks: at least {SMALL + 1}")
    return given


def main() -> None:
    """Measure and print; exit code 1 if a bar is missed."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        bench = Bench(Path(folder), given.notebooks, installs=not given.without_installs)
        measured = measure_all(bench, given.only)
    if any(name in SYSTEMS for name in given.only):
        print_class(measured.rows, given.only, given.notebooks)
    print_small(measured)
    print_versions()
    found = bars(measured)
    print_bars(found)
    sys.exit(any(bar.met is False for bar in found))


if __name__ == "__main__":
    main()
