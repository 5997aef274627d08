"""Measure what it costs to grade a notebook beyond running its cells, where it trains a network.

    python -m benchmarks.training [--assignment NAME]

Prints processor seconds per notebook, and which are above the bar. Exit code 1 if the bar is
missed. Needs Linux. docs/benchmarks.md explains the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.notebooks import ROOT
from benchmarks.usage import cpu_source, measure

FIRST = 1
"""How many notebooks are graded to pay for what is paid once: the server and the reference."""
BAR_S = 3.0
"""Most processor time of one more submission beyond its own cells, in seconds."""


@dataclass(frozen=True)
class GradingCost:
    """Processor time of one more submission, in seconds."""

    notebooks: int
    """How many it was measured with."""
    grading_s: float
    cells_s: float
    """Its cells alone, run in IPython's shell in a process that has all imports."""

    @property
    def beyond_s(self) -> float:
        """What grading costs beyond the cells."""
        return self.grading_s - self.cells_s


def measure_costs(paths: Sequence[Path], folder: Path) -> GradingCost:
    """Measure what each notebook beyond the first costs, on average.

    Notebooks that do not run to their end without the grader are left out: one asks for a GPU.

    Args:
        paths: notebooks of one assignment.
        folder: a temporary folder.
    """
    cells_s = _cells_s(paths, folder / "cells")
    measured = list(cells_s)
    first_s = _grading_s(measured[:FIRST], folder / "first")
    all_s = _grading_s(measured, folder / "all")

    further = measured[FIRST:]
    total_cells_s = sum(cells_s[path] for path in further)
    return GradingCost(
        notebooks=len(further),
        grading_s=(all_s - first_s) / len(further),
        cells_s=total_cells_s / len(further),
    )


def _grading_s(paths: Sequence[Path], out: Path) -> float:
    options = ["--out", str(out), "--sandbox", "bwrap", "--fresh"]
    options += ["--exercises", str(ROOT / "exercises"), "--solutions", str(ROOT / "solutions")]
    return _run(["-m", "grader", *map(str, paths), *options], out.with_suffix(".log"))


def _cells_s(paths: Sequence[Path], out: Path) -> dict[Path, float]:
    """Return the processor time of each notebook's cells, of those that run to their end."""
    log = out.with_suffix(".log")
    _run(["-m", "benchmarks.floor", *map(str, paths)], log)
    results = json.loads(log.read_text("utf-8").splitlines()[-1])
    times: dict[Path, float] = {}
    for path, result in zip(paths, results, strict=True):
        if not result["failed"]:
            times[path] = result["cpu_s"]
    return times


def _run(command: Sequence[str], log: Path) -> float:
    """Run `python` with arguments; return the processor time of all that it started."""
    env = os.environ | {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    usage = measure([[sys.executable, *command]], cwd=ROOT, env=env, log=log)
    return usage.cpu_s


def main() -> None:
    """Measure and print; exit code 1 if the bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--assignment", default="moons-mlp", metavar="NAME")
    assignment = parser.parse_args().assignment
    paths = sorted((ROOT / "submissions" / assignment).glob("*.ipynb"))
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        cost = measure_costs(paths, Path(folder))

    print(f"{cost.notebooks} more notebooks of {assignment}; processor seconds for each")
    print(f"from {cpu_source()}")
    print(f"grading {cost.grading_s:.2f}, its cells {cost.cells_s:.2f}, beyond {cost.beyond_s:.2f}")
    met = cost.beyond_s <= BAR_S
    print(f"at most {BAR_S:g} s beyond the cells: {'met' if met else 'missed'}")
    sys.exit(not met)


if __name__ == "__main__":
    main()
