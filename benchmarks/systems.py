"""Set up each system of the comparison, and run it on the same class."""

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
"""Size of the class that is subtracted to get the cost of a further submission."""


@dataclass(frozen=True)
class Row:
    """What one system used per submission, and at most."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    """Most memory of the whole run."""
    further_wall_s: float | None = None
    """Wall time of a submission beyond the first `SMALL`, without what is paid once."""
    further_cpu_s: float | None = None
    """Processor time of a submission beyond the first `SMALL`."""


class ClassFolder:
    """A class of notebooks in a temporary folder, and commands that are measured there."""

    def __init__(self, folder: Path, count: int, *, installs: bool) -> None:
        """Write the class.

        Args:
            folder: the folder for everything.
            count: how many notebooks.
            installs: keep installs for the systems that would run them.
        """
        self.path = folder
        self.notebooks = write_class(folder / "class", count)
        self.notebooks_for_others = self.notebooks
        if not installs:
            self.notebooks_for_others = write_without_installs(folder / "plain", self.notebooks)
        self.log = folder / "log"
        self.env = _environment(folder)

    def run(self, *commands: Sequence[str], cwd: Path | None = None) -> Usage:
        """Run `python` with arguments, one command after another."""
        programs = [[sys.executable, *command] for command in commands]
        return measure(programs, cwd=cwd or self.path, env=self.env, log=self.log)

    def warm_up(self) -> None:
        """Read from disk what every row reads, and let matplotlib list its fonts."""
        self.run(["-m", "benchmarks.floor", str(self.notebooks[0])])
        self.run(["-m", "benchmarks.fresh_kernels", str(self.notebooks_for_others[0])])


def _environment(folder: Path) -> dict[str, str]:
    """Make the environment of all systems: one thread, and nobody's own settings."""
    home_variables = (
        "HOME",
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "MPLCONFIGDIR",
    )
    homes: dict[str, str] = {}
    for name in home_variables:
        home = folder / "home" / name.lower()
        home.mkdir(parents=True)
        homes[name] = str(home)

    # nbgrader calls alembic by name.
    programs = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    return os.environ | homes | {"PATH": programs, "OMP_NUM_THREADS": "1"}


def _row_per_submission(usage: Usage, count: int) -> Row:
    return Row(usage.wall_s / count, usage.cpu_s / count, usage.peak_mib)


# This grader


@dataclass(frozen=True)
class GraderSetup:
    """One way to run this grader."""

    name: str
    sandbox: str
    solutions: Path = ROOT / "solutions"


def measure_ours(class_folder: ClassFolder) -> Row:
    """Grade in the fork server, with variants."""
    return _measure_grade(class_folder, GraderSetup("ours", "bwrap"))


def measure_ours_without_variants(class_folder: ClassFolder) -> Row:
    """Grade in the fork server, by an assignment without variants."""
    solutions = write_solutions(class_folder.path / "solutions")
    return _measure_grade(class_folder, GraderSetup("ours-no-variants", "bwrap", solutions))


def measure_ours_plain(class_folder: ClassFolder) -> Row:
    """Grade with a fresh process per notebook, with variants."""
    return _measure_grade(class_folder, GraderSetup("ours-plain", "none"))


def _measure_grade(class_folder: ClassFolder, setup: GraderSetup) -> Row:
    """Grade the first two notebooks, then all of them."""
    paths = class_folder.notebooks
    small = _grade(class_folder, f"{setup.name}-{SMALL}", paths[:SMALL], setup)
    whole = _grade(class_folder, f"{setup.name}-all", paths, setup)

    count = len(paths)
    further = count - SMALL
    return Row(
        wall_s=whole.wall_s / count,
        cpu_s=whole.cpu_s / count,
        peak_mib=whole.peak_mib,
        further_wall_s=(whole.wall_s - small.wall_s) / further,
        further_cpu_s=(whole.cpu_s - small.cpu_s) / further,
    )


def _grade(
    class_folder: ClassFolder, out_name: str, paths: Sequence[Path], setup: GraderSetup
) -> Usage:
    out = class_folder.path / out_name
    options = ["--out", str(out), "--sandbox", setup.sandbox, "--fresh"]
    options += ["--exercises", str(ROOT / "exercises"), "--solutions", str(setup.solutions)]
    usage = class_folder.run(["-m", "grader", *map(str, paths), *options])

    report = json.loads((out / "report.json").read_text("utf-8"))
    statuses = [submission["status"] for submission in report["submissions"]]
    all_graded = statuses == ["graded"] * len(paths)
    if not all_graded or report["grader"]["sandbox"] != setup.sandbox:
        problem = f"not all were graded in {setup.sandbox}: {report['grader']}, {statuses}"
        raise RuntimeError(f"{out_name}: {problem}")
    return usage


# Other systems


def measure_nbclient(class_folder: ClassFolder) -> Row:
    """Run the cells with nbclient, a fresh kernel per notebook; nothing is graded."""
    paths = class_folder.notebooks_for_others
    usage = class_folder.run(["-m", "benchmarks.fresh_kernels", *map(str, paths)])
    return _row_per_submission(usage, len(paths))


def measure_nbgrader(class_folder: ClassFolder) -> Row:
    """Run `nbgrader autograde`, once for the class."""
    paths = class_folder.notebooks_for_others
    course = write_nbgrader_course(class_folder.path / "course", paths)
    class_folder.run(["-m", "nbgrader", "generate_assignment", ASSIGNMENT], cwd=course)
    usage = class_folder.run(["-m", "nbgrader", "autograde", ASSIGNMENT], cwd=course)

    graded = list((course / "autograded").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"))
    if len(graded) != len(paths):
        raise RuntimeError(f"nbgrader graded {len(graded)} of {len(paths)}.")
    return _row_per_submission(usage, len(graded))


def measure_otter(class_folder: ClassFolder) -> Row:
    """Run `otter run`, once per notebook."""
    folder = class_folder.path / "otter"
    folder.mkdir()
    tests = write_otter_tests(folder / "tests")
    options = ["-t", str(tests), "-o", "autograder.zip", "--no-requirements", "--no-environment"]
    class_folder.run(["-m", "otter", "generate", *options], cwd=folder)

    total = Usage(0.0, 0.0, 0.0)
    for path in class_folder.notebooks_for_others:
        command = ["-m", "otter", "run", str(path), "-a", "autograder.zip", "--no-logo"]
        total += class_folder.run(command, cwd=folder)
        (folder / "results.json").unlink()  # it must be written anew
    return _row_per_submission(total, len(class_folder.notebooks_for_others))


# The floor


def measure_floor(class_folder: ClassFolder) -> Row:
    """Run the cells alone, in forks of a process that has everything imported."""
    return _measure_floor(class_folder)


def measure_quiet_floor(class_folder: ClassFolder) -> Row:
    """Run the floor without tracebacks."""
    return _measure_floor(class_folder, "--quiet")


def _measure_floor(class_folder: ClassFolder, *options: str) -> Row:
    """Take the times of the cells, and the peak of the process and its fork."""
    before = class_folder.log.stat().st_size if class_folder.log.exists() else 0
    paths = map(str, class_folder.notebooks)
    usage = class_folder.run(["-m", "benchmarks.floor", *options, *paths])

    printed = class_folder.log.read_bytes()[before:].decode()
    results = json.loads(printed.strip().splitlines()[-1])
    wall_times = [result["wall_s"] for result in results]
    cpu_times = [result["cpu_s"] for result in results]
    return Row(
        wall_s=statistics.mean(wall_times),
        cpu_s=statistics.mean(cpu_times),
        peak_mib=usage.peak_mib,
        further_wall_s=statistics.mean(wall_times[SMALL:]),
        further_cpu_s=statistics.mean(cpu_times[SMALL:]),
    )


@dataclass(frozen=True)
class System:
    """A way to run a class, which has a row of its own."""

    title: str
    measure: Callable[[ClassFolder], Row]
    package: str | None = None
    """The package that it needs, where that is not one of the grader's own."""

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return self.package is None or importlib.util.find_spec(self.package) is not None


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
