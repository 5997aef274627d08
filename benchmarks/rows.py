"""The rows of the comparison: how each system is set up and run on the same class."""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.notebooks import (
    ASSIGNMENT,
    ROOT,
    write_class,
    write_nbgrader_course,
    write_otter_tests,
    write_solutions,
    write_without_installs,
)
from benchmarks.usage import Usage, measure

SMALL = 2
"""Size of the class whose cost is taken off for the marginal cost."""


@dataclass(frozen=True)
class Row:
    """What one system used, per submission: seconds, and for the peak MiB of the whole run."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    more_wall_s: float | None = None
    """Wall time of a submission beyond the first `SMALL`: what is paid once is not in it."""
    more_cpu_s: float | None = None
    """Processor time of a submission beyond the first `SMALL`."""


class Bench:
    """A class of notebooks in a temporary folder, and commands that are measured there."""

    def __init__(self, folder: Path, count: int, *, installs: bool) -> None:
        """Write the class.

        Args:
            folder: everything is in it.
            count: how many notebooks.
            installs: leave installs in for the systems that would run them.
        """
        self.folder = folder
        self.notebooks = write_class(folder / "class", count)
        self.others = (
            self.notebooks if installs else write_without_installs(folder / "plain", self.notebooks)
        )
        self.env = _environment(folder)

    def run(self, *commands: Sequence[str], cwd: Path | None = None) -> Usage:
        """Run `python` with arguments, one command after another."""
        programs = [[sys.executable, *command] for command in commands]
        return measure(programs, cwd=cwd or self.folder, env=self.env, log=self.folder / "log")

    def warm_up(self) -> None:
        """Read from disk, once, what every row reads, and let matplotlib list its fonts."""
        self.run(["-m", "benchmarks.floor", str(self.notebooks[0])])
        self.run(["-m", "benchmarks.fresh", str(self.others[0])])


def _environment(folder: Path) -> dict[str, str]:
    """The same environment for all: one thread, and nothing of the person's own settings."""
    places = (
        "HOME",
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "MPLCONFIGDIR",
    )
    own = {name: str(folder / "home" / name.lower()) for name in places}
    for path in own.values():
        Path(path).mkdir(parents=True)
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"  # nbgrader calls alembic by name
    return os.environ | own | {"PATH": path, "OMP_NUM_THREADS": "1"}


def _per_submission(usage: Usage, count: int) -> Row:
    return Row(usage.wall_s / count, usage.cpu_s / count, usage.peak_mib)


# Ours


def _ours(bench: Bench, name: str, sandbox: str, solutions: Path) -> Row:
    """Grade the first two notebooks, then all of them."""
    small = _graded(bench, f"{name}-{SMALL}", bench.notebooks[:SMALL], sandbox, solutions)
    whole = _graded(bench, f"{name}-all", bench.notebooks, sandbox, solutions)
    count = len(bench.notebooks)
    row, more = _per_submission(whole, count), count - SMALL
    return Row(
        row.wall_s,
        row.cpu_s,
        row.peak_mib,
        (whole.wall_s - small.wall_s) / more,
        (whole.cpu_s - small.cpu_s) / more,
    )


def _graded(bench: Bench, name: str, paths: Sequence[Path], sandbox: str, solutions: Path) -> Usage:
    out = bench.folder / name
    options = ["--out", str(out), "--sandbox", sandbox, "--fresh", "--solutions", str(solutions)]
    options += ["--exercises", str(ROOT / "exercises")]
    usage = bench.run(["-m", "grader", *map(str, paths), *options])
    report = json.loads((out / "report.json").read_text("utf-8"))
    statuses = [one["status"] for one in report["submissions"]]
    if statuses != ["graded"] * len(paths) or report["grader"]["sandbox"] != sandbox:
        raise RuntimeError(
            f"{name}: not all were graded in {sandbox}: {report['grader']}, {statuses}"
        )
    return usage


def measure_ours(bench: Bench) -> Row:
    """The fork server, with variants."""
    return _ours(bench, "ours", "bwrap", ROOT / "solutions")


def measure_ours_without_variants(bench: Bench) -> Row:
    """The fork server; the assignment has no variants."""
    return _ours(bench, "ours-no-variants", "bwrap", write_solutions(bench.folder / "solutions"))


def measure_ours_plain(bench: Bench) -> Row:
    """A fresh process per notebook, with variants."""
    return _ours(bench, "ours-plain", "none", ROOT / "solutions")


# Others


def measure_nbclient(bench: Bench) -> Row:
    """nbclient, a fresh kernel per notebook: runs the cells and decides nothing."""
    usage = bench.run(["-m", "benchmarks.fresh", *map(str, bench.others)])
    return _per_submission(usage, len(bench.others))


def measure_nbgrader(bench: Bench) -> Row:
    """`nbgrader autograde`, once for the class."""
    course = write_nbgrader_course(bench.folder / "course", bench.others)
    bench.run(["-m", "nbgrader", "generate_assignment", ASSIGNMENT], cwd=course)
    usage = bench.run(["-m", "nbgrader", "autograde", ASSIGNMENT], cwd=course)
    graded = list((course / "autograded").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"))
    if len(graded) != len(bench.others):
        raise RuntimeError(f"nbgrader graded {len(graded)} of {len(bench.others)}.")
    return _per_submission(usage, len(graded))


def measure_otter(bench: Bench) -> Row:
    """`otter run`, once per notebook."""
    folder = bench.folder / "otter"
    folder.mkdir()
    tests = write_otter_tests(folder / "tests")
    given = ["-t", str(tests), "-o", "autograder.zip", "--no-requirements", "--no-environment"]
    bench.run(["-m", "otter", "generate", *given], cwd=folder)
    total = Usage(0.0, 0.0, 0.0)
    for path in bench.others:
        total += bench.run(
            ["-m", "otter", "run", str(path), "-a", "autograder.zip", "--no-logo"], cwd=folder
        )
        (folder / "results.json").unlink()  # it must be written anew
    return _per_submission(total, len(bench.others))


def measure_floor(bench: Bench) -> Row:
    """The cells alone, in forks of a process that has everything imported."""
    return _floor(bench)


def measure_quiet_floor(bench: Bench) -> Row:
    """The floor without tracebacks."""
    return _floor(bench, "--quiet")


def _floor(bench: Bench, *options: str) -> Row:
    """Times are those of the cells; the peak is that of the process and its fork."""
    log = bench.folder / "log"
    before = log.stat().st_size if log.exists() else 0
    usage = bench.run(["-m", "benchmarks.floor", *options, *map(str, bench.notebooks)])
    found = json.loads(log.read_bytes()[before:].decode().strip().splitlines()[-1])
    wall, cpu = ([one[name] for one in found] for name in ("wall_s", "cpu_s"))
    return Row(
        statistics.mean(wall),
        statistics.mean(cpu),
        usage.peak_mib,
        statistics.mean(wall[SMALL:]),
        statistics.mean(cpu[SMALL:]),
    )


@dataclass(frozen=True)
class System:
    """One row: what it is called, and what measures it."""

    title: str
    measure: Callable[[Bench], Row]
    needs: str | None = None
    """The package it is in, where that is not one of the grader's own."""

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return self.needs is None or importlib.util.find_spec(self.needs) is not None


SYSTEMS: Mapping[str, System] = {
    "ours": System("grade, fork server, variants", measure_ours),
    "ours-no-variants": System("grade, fork server, no variants", measure_ours_without_variants),
    "ours-plain": System("grade, plain kernels, variants", measure_ours_plain),
    "nbclient": System("nbclient, fresh kernels", measure_nbclient),
    "nbgrader": System("nbgrader autograde", measure_nbgrader, "nbgrader"),
    "otter": System("otter run", measure_otter, "otter"),
    "floor": System("floor: the cells alone", measure_floor),
    "floor-quiet": System("floor without tracebacks", measure_quiet_floor),
}
