"""A class graded on the workers of a Dask cluster has the report of one graded on this machine.

GRADER_TEST_KILLS=12 makes the test of kills as long as the promise is.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.report import Report
from grader.store.store import read_report
from tests.support import forks
from tests.support.courses import Course, graded, write_notebook
from tests.support.dask_workers import Certificates, DaskCluster
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, RIGHT_CELLS, SPREAD_STEP
from tests.support.sampling import EVERYTHING, commit

pytestmark = pytest.mark.kernel

KILLS = int(os.environ.get("GRADER_TEST_KILLS", "12" if EVERYTHING else "1"))
SUBMISSIONS = 60
FEW = 12
"""Submissions of the tests that try something else than many of them."""
MAX_WAIT_S = 10.0
"""Longest time until a kill."""
RUN_TIMEOUT_S = 300
END_TIMEOUT_S = 120
POLL_S = 0.1

KINDS = (
    RIGHT_CELLS,
    (MEAN_DATA, "media = sum(dados)", SPREAD_STEP),
    (MEAN_DATA, MEAN_STEP, "amplitude = max(dados) - min(dados)"),
    (MEAN_DATA, MEAN_STEP, "1 / 0"),
)


@dataclass(frozen=True)
class Class:
    """What a class handed in, and its report from this machine."""

    folder: Path
    report: Report


def graded_here(course: Course, tmp_path: Path, count: int) -> Class:
    folder = tmp_path / "handed-in"
    for number in range(count):
        cells = KINDS[number % len(KINDS)]
        write_notebook(folder / f"s{number:02}.ipynb", (*cells, f"number = {number}"))
    report = graded(folder, course.settings(tmp_path / "grades"))
    return Class(folder, report)


@pytest.fixture(scope="module")
def small_class(mean_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Class:
    return graded_here(mean_course, tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path / "cluster") as cluster:
        yield cluster


@dataclass(frozen=True)
class TlsCluster:
    """A cluster and its certificates; without openssl there are none, and nothing is encrypted."""

    cluster: DaskCluster
    certificates: Certificates | None


@pytest.fixture
def tls_cluster(tmp_path: Path) -> Iterator[TlsCluster]:
    certificates = None
    if shutil.which("openssl"):
        certificates = Certificates(tmp_path / "certificates")
    with DaskCluster(tmp_path / "cluster", certificates) as cluster:
        yield TlsCluster(cluster, certificates)


class Client:
    """The command that grades the class on a cluster."""

    def __init__(
        self,
        course: Course,
        folder: Path,
        out: Path,
        where: str,
        certificates: Certificates | None = None,
    ) -> None:
        course.settings(out)  # puts the values of the reference there
        sandbox = "auto" if forks.shared().sealed else "none"
        self.out = out
        self._environment = dict(os.environ)
        if certificates:
            self._environment |= certificates.client_environment()
        self._command = [
            *(sys.executable, "-m", "grader", "run", str(folder), "--out", str(out)),
            *("--exercises", str(course.exercises), "--solutions", str(course.solutions)),
            *("--cluster", where, "--sandbox", sandbox),
        ]

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def finish(self) -> Report:
        """Grade to the end."""
        process = self.start()
        _, errors = process.communicate(timeout=RUN_TIMEOUT_S)
        assert 0 == process.returncode, errors.decode()
        return read_report(self.out)

    def results(self) -> int:
        return len(list((self.out / "results").glob("*.json")))


def left_behind(cluster_folder: Path) -> list[str]:
    """Name the folders of the grader's that lie in the homes of workers: each has a process."""
    return [str(path) for path in cluster_folder.glob("worker-*/grader-*")]


def wait_until_nothing_is_left(cluster_folder: Path) -> None:
    deadline = time.monotonic() + END_TIMEOUT_S
    while left_behind(cluster_folder) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    assert [] == left_behind(cluster_folder)


def test_a_worker_that_is_killed_and_one_that_comes_later_change_nothing(
    mean_course: Course, tls_cluster: TlsCluster, tmp_path: Path
) -> None:
    many = graded_here(mean_course, tmp_path / "here", SUBMISSIONS)
    cluster, certificates = tls_cluster.cluster, tls_cluster.certificates
    client = Client(mean_course, many.folder, tmp_path / "grades", cluster.address, certificates)
    first = cluster.start_worker()
    cluster.start_worker()
    process = client.start()
    try:
        while client.results() < SUBMISSIONS // 3:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(POLL_S)
        first.kill()
        cluster.start_worker()
        _, errors = process.communicate(timeout=RUN_TIMEOUT_S)
    finally:
        process.kill()
        process.wait()

    assert 0 == process.returncode, errors.decode()
    assert many.report.canonical() == read_report(client.out).canonical()
    wait_until_nothing_is_left(tmp_path / "cluster")


def test_after_kills_at_random_moments_a_run_ends_as_an_undisturbed_one_does(
    mean_course: Course, small_class: Class, cluster: DaskCluster, tmp_path: Path
) -> None:
    dice = random.Random(commit())
    client = Client(mean_course, small_class.folder, tmp_path / "grades", cluster.address)
    for _ in range(KILLS):
        keep_two_workers(cluster)
        process = client.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.5, MAX_WAIT_S))
        victim = dice.choice([process, cluster.scheduler, cluster.workers[0]])
        victim.send_signal(signal.SIGKILL)
        if victim is cluster.scheduler:
            assert process.wait(END_TIMEOUT_S) in (0, 3)
            cluster.start_scheduler()
        process.kill()
        process.communicate()

    keep_two_workers(cluster)
    assert small_class.report.canonical() == client.finish().canonical()


def keep_two_workers(cluster: DaskCluster) -> None:
    while len(cluster.workers) < 2:
        cluster.start_worker()


def test_a_cluster_of_this_machine_needs_no_more_than_a_file(
    mean_course: Course, small_class: Class, tmp_path: Path
) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text('kind = "local"\nworkers = 2\nthreads = 1\n')
    client = Client(mean_course, small_class.folder, tmp_path / "grades", str(file))
    assert small_class.report.canonical() == client.finish().canonical()
