"""Measure how fast a class is graded on workers of a Dask cluster on this machine."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.dask_workers import DaskCluster

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "linear-regression"
TIMEOUT_S = 1_800

WARM_UP_PER_WORKER = 4
"""First results that are not counted: workers and their fork servers start until then."""


@dataclass(frozen=True)
class Throughput:
    """How fast a class was graded."""

    workers: int
    counted: int
    """Submissions that were done after the first ones."""
    seconds: float
    """Time between the last of the first ones and the very last."""
    client_cpu_s: float
    """Processor time of the command itself and its reference, for the whole class."""

    @property
    def per_minute(self) -> float:
        """Submissions a minute."""
        return 60 * self.counted / self.seconds


def measure_throughput(workers: int, submissions: int, private: Path) -> Throughput:
    """Grade a class on some workers, each of which has a core to itself.

    Args:
        workers: number of workers.
        submissions: size of the class.
        private: what the reference gives, so that only submissions are run.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        handed_in = folder / "handed-in"
        write_class(handed_in, submissions)
        out = folder / "grades"
        shutil.copytree(private, out / "private")
        (out / "traces").mkdir()
        with DaskCluster(folder / "cluster") as cluster:
            for number in range(workers):
                cluster.start_worker(core=number % (os.cpu_count() or 1))
            client_cpu_s = grade(handed_in, out, cluster.address)
        return throughput_of(out, workers, client_cpu_s)


def write_class(folder: Path, submissions: int) -> None:
    """Write copies of the samples, each of which differs from the others in one cell."""
    folder.mkdir()
    samples = sorted((ROOT / "submissions" / ASSIGNMENT).glob("*.ipynb"))
    for number in range(submissions):
        sample = samples[number % len(samples)]
        notebook = json.loads(sample.read_text("utf-8"))
        own_cell = {
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"own_number = {number}",
        }
        notebook["cells"].append(own_cell)
        file = folder / f"student-{number}.ipynb"
        file.write_text(json.dumps(notebook), "utf-8")


def grade(handed_in: Path, out: Path, address: str) -> float:
    """Grade a class on a cluster; return the processor time of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "grader", "run", str(handed_in), "--out", str(out)]
    command += ["--cluster", address, "--assignment", ASSIGNMENT]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=TIMEOUT_S)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def throughput_of(out: Path, workers: int, client_cpu_s: float) -> Throughput:
    """Read from the times of the results how fast they came."""
    files = (out / "results").glob("*.json")
    times = sorted(file.stat().st_mtime for file in files)
    counted = times[WARM_UP_PER_WORKER * workers :]
    return Throughput(
        workers=workers,
        counted=len(counted) - 1,
        seconds=counted[-1] - counted[0],
        client_cpu_s=client_cpu_s,
    )
