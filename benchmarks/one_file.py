"""Measure what one hostile file costs a class, and whether it changes what the others get.

    python -m benchmarks.one_file [--only NAME …] [--notebooks N]

Grades a class of ordinary notebooks, then the same class beside each hostile file in turn. Prints a
table, and exits with 1 if a result of the class differs, a traceback appears, or a bar is missed.
Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.notebooks import ASSIGNMENT, ROOT, write_class

NOTEBOOKS = 20
STUDENT = "zz-hostile"
"""Name of the student who hands in the file."""

MOST_MORE_S = 15.0
"""Longest that a file may hold a run up, in seconds."""
MOST_PEAK_MIB = 400.0
SAMPLE_S = 0.1

DATA = "import torch\nx = torch.arange(0., 4.)\ny = 2 * x\nw = torch.ones(1, requires_grad=True)"

Write = Callable[[Path], Path]
"""Writes a file into a folder of submissions, and returns its path."""


@dataclass(frozen=True)
class Measured:
    """What one run of the grader took and gave."""

    wall_s: float
    own_cpu_s: float
    """Processor time of the grader's own process."""
    peak_mib: float
    """Most memory of the grader's own process."""
    exit_code: int
    has_traceback: bool
    results: dict[str, Any]
    """Per student: status, points, and the status of each exercise."""


# The files


def _notebook(folder: Path, sources: Sequence[str]) -> Path:
    cells = []
    for source in sources:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
        cells.append(cell | {"execution_count": None})
    path = folder / f"{STUDENT}.ipynb"
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def _beside_handout(folder: Path, *sources: str, copies: int = 1) -> Path:
    """Write a notebook that begins with copies of the handout's code."""
    handout = json.loads((ROOT / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    code = [cell for cell in handout["cells"] if cell["cell_type"] == "code"]
    own = ["".join(cell["source"]) for cell in code]
    return _notebook(folder, [*own * copies, *sources])


def empty_cells(folder: Path) -> Path:
    """48 MB with 16 million empty cells."""
    path = folder / f"{STUDENT}.ipynb"
    cells = "{},\n" * 4_000_000
    empty = "[],"
    text = f'{{"nbformat": 4, "cells": [{cells}{empty * 10_600_000}[]]}}'
    path.write_text(text, "utf-8")
    return path


def zip_of_many(folder: Path) -> Path:
    """A zip of 100,000 entries."""
    path = folder / f"{STUDENT}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(100_000):
            archive.writestr(f"{STUDENT}/{index}.csv", "1")
    return path


def many_cells(folder: Path) -> Path:
    """10,000 cells of code."""
    return _beside_handout(folder, *[f"a{index} = {index}" for index in range(10_000)])


def most_cells(folder: Path) -> Path:
    """As many cells of code as are read."""
    return _beside_handout(folder, *[f"a{index} = x + {index}" for index in range(950)])


def copies_of_handout(folder: Path) -> Path:
    """So many copies of the handout as are read."""
    return _beside_handout(folder, copies=100)


def passes_of_run_cell(folder: Path) -> Path:
    """5,000 passes of `run_cell`."""
    loop = "for n in range(5000):\n    get_ipython().run_cell('v = 3.8 + n * x.sum()')"
    return _beside_handout(folder, DATA, loop)


def lists_of_numbers(folder: Path) -> Path:
    """9,000 lists of 64 numbers, and 6,000 more."""
    lines = [f"v{n} = [x[1].item() + {n} + k for k in range(64)]" for n in range(9_000)]
    more = [f"u{n} = x * {n}" for n in range(6_000)]
    return _beside_handout(folder, DATA, "\n".join(lines), "\n".join(more))


def lists_near_mistakes(folder: Path) -> Path:
    """7,200 lists of numbers near those of known mistakes."""
    lines = [f"v{n} = [45.36 + {n} * 1e-7 + k * 1e-9 for k in range(64)]" for n in range(7_200)]
    return _beside_handout(folder, DATA, "\n".join(lines))


def printed_lines(folder: Path) -> Path:
    """5 million printed lines."""
    return _beside_handout(folder, "for n in range(5_000_000):\n    print(n)")


def many_names(folder: Path) -> Path:
    """400,000 names."""
    return _beside_handout(folder, "for n in range(400_000):\n    globals()[f'n{n}'] = n + .5\nn")


def named_pipe(folder: Path) -> Path:
    """A named pipe that is called like a zip."""
    path = folder / f"{STUDENT}.zip"
    os.mkfifo(path)
    return path


def link(folder: Path) -> Path:
    """A link to another student's notebook, which sorts first."""
    path = folder / "aa-hostile.ipynb"
    path.symlink_to(folder / "student-001.ipynb")
    return path


FILES: dict[str, Write] = {
    "16 million empty cells": empty_cells,
    "zip of 100,000 entries": zip_of_many,
    "10,000 cells of code": many_cells,
    "950 cells of code": most_cells,
    "100 copies of the handout": copies_of_handout,
    "5,000 passes of run_cell": passes_of_run_cell,
    "15,000 lists and values": lists_of_numbers,
    "7,200 lists near mistakes": lists_near_mistakes,
    "5 million printed lines": printed_lines,
    "400,000 names": many_names,
    "named pipe": named_pipe,
    "link to another's work": link,
}


# A run


def _run(submissions: Path, out: Path) -> Measured:
    """Grade a folder with all that is written beside the report, and watch the grader's process."""
    command = [sys.executable, "-m", "grader", "run", str(submissions), "--fresh"]
    command += ["--out", str(out), "--csv", f"{out}.csv", "--junit", f"{out}.xml"]
    command += ["--feedback", f"{out}-feedback", "--exercises", str(ROOT / "exercises")]
    command += ["--solutions", str(ROOT / "solutions")]
    log = Path(f"{out}.log")
    began = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        peak_mib = own_cpu_s = 0.0
        while process.poll() is None:
            peak_mib = max(peak_mib, _peak_mib(process.pid))
            own_cpu_s = max(own_cpu_s, _own_cpu_s(process.pid))
            time.sleep(SAMPLE_S)
    wall_s = time.monotonic() - began
    return Measured(
        wall_s=wall_s,
        own_cpu_s=own_cpu_s,
        peak_mib=peak_mib,
        exit_code=process.returncode,
        has_traceback="Traceback" in log.read_text("utf-8", "replace"),
        results=_results(out / "report.json"),
    )


def _more_s(measured: Measured, alone: Measured) -> float:
    """Return how much longer a run took, as far as other work does not explain it."""
    more_wall_s = measured.wall_s - alone.wall_s
    more_cpu_s = measured.own_cpu_s - alone.own_cpu_s
    return min(more_wall_s, more_cpu_s)


def _peak_mib(pid: int) -> float:
    """Return the most memory that a process has had; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            _, kibibytes, _ = line.split()
            return int(kibibytes) / 1024
    return 0.0


def _own_cpu_s(pid: int) -> float:
    """Return the processor time of a process without its children; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    _, _, fields = text.rpartition(")")
    user, system = fields.split()[11:13]
    ticks = int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


def _results(path: Path) -> dict[str, Any]:
    """Read per student what an honest one must get whoever else hands in."""
    if not path.exists():
        return {}
    report = json.loads(path.read_text("utf-8"))
    results = {}
    for submission in report["submissions"]:
        statuses = [exercise["status"] for exercise in submission["exercises"]]
        result = (submission["status"], submission["points"], statuses)
        results[submission["student"]] = result
    return results


def _without_hostile(results: dict[str, Any]) -> dict[str, Any]:
    return {name: result for name, result in results.items() if "hostile" not in name}


def _outcome(results: dict[str, Any]) -> str:
    for name, (status, _, statuses) in results.items():
        if "hostile" in name:
            pending = statuses.count("pending")
            return f"{status}, {pending} pending" if pending else status
    return "not opened"


def _problems(measured: Measured, alone: Measured) -> list[str]:
    """List what is not as it has to be."""
    problems = []
    if _without_hostile(measured.results) != alone.results:
        problems.append("results of others differ")
    if measured.exit_code != alone.exit_code:
        problems.append(f"exit code {measured.exit_code}")
    if measured.has_traceback:
        problems.append("traceback")
    if _more_s(measured, alone) > MOST_MORE_S:
        problems.append("too slow")
    if measured.peak_mib > MOST_PEAK_MIB:
        problems.append("too much memory")
    return problems


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=FILES, default=FILES, metavar="NAME")
    parser.add_argument("--notebooks", type=int, default=NOTEBOOKS, metavar="N")
    options = parser.parse_args()

    has_problems = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        submissions = folder / "class"
        write_class(submissions, options.notebooks)
        _run(submissions, folder / "first")  # what follows has the reference's values
        alone = _run_anew(submissions, folder, "alone")
        print(
            f"{options.notebooks} notebooks alone: {alone.wall_s:.1f} s, own CPU "
            f"{alone.own_cpu_s:.1f} s, peak {alone.peak_mib:.0f} MiB"
        )
        print(f"{'file':<28}{'outcome':<22}{'more wall':>10}{'more CPU':>10}{'peak':>10}")
        for index, file in enumerate(options.only):
            path = FILES[file](submissions)
            measured = _run_anew(submissions, folder, f"beside-{index}")
            path.unlink()
            problems = _problems(measured, alone)
            has_problems |= bool(problems)
            more_wall_s = measured.wall_s - alone.wall_s
            more_cpu_s = measured.own_cpu_s - alone.own_cpu_s
            times = f"{more_wall_s:>8.1f} s{more_cpu_s:>8.1f} s"
            outcome = _outcome(measured.results)
            peak = f"{measured.peak_mib:>6.0f} MiB"
            print(f"{file:<28}{outcome:<22}{times}{peak}   {', '.join(problems)}", flush=True)
    sys.exit(has_problems)


def _run_anew(submissions: Path, folder: Path, name: str) -> Measured:
    """Grade into a new folder that has the values of the reference already."""
    out = folder / name
    shutil.copytree(folder / "first", out)
    (out / "report.json").unlink()
    measured = _run(submissions, out)
    if not measured.results:
        raise SystemExit(f"no report: {Path(f'{out}.log').read_text('utf-8')}")
    return measured


if __name__ == "__main__":
    main()
