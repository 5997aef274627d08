"""A batch survives the kill of any of its processes: run again, it reports as if undisturbed.

The commit chooses the moments. GRADER_TEST_KILLS=50 makes the test as long as the promise is.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.running.sandbox.cgroups import CONTROLLERS, ROOT
from grader.store.atomic import TEMPORARY
from grader.store.store import read_report
from grader.store.temporary import LOCK, PREFIX
from tests.support import forks
from tests.support.courses import Course, write_notebook
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, SPREAD_STEP
from tests.support.sampling import EVERYTHING, commit, sample

pytestmark = pytest.mark.kernel

KILLS = int(os.environ.get("GRADER_TEST_KILLS", "5" if EVERYTHING else "1"))
MAX_WAIT_S = 6.0
"""Longest time until a kill: a little more than a run takes."""
RUN_TIMEOUT_S = 180
START_TIMEOUT_S = 60
END_TIMEOUT_S = 15
POLL_S = 0.05

SLOW = "import time\ntime.sleep(0.5)"
ENDS_ITSELF = "import os\nos._exit(0)"
ENDLESS = "while True: pass"
CLASS = {
    "ana": (MEAN_DATA, MEAN_STEP, SPREAD_STEP),
    "bia": (MEAN_DATA, SLOW, MEAN_STEP, SPREAD_STEP),
    "caio": (MEAN_DATA, "media = sum(dados)", SPREAD_STEP),
    "davi": (MEAN_DATA, MEAN_STEP, ENDS_ITSELF, SPREAD_STEP),
    "enzo": (MEAN_DATA, MEAN_STEP, ENDLESS, SPREAD_STEP),
    "fabi": (MEAN_DATA, "media = 3.6875", "amplitude = 3.5625"),
    "gabi": (MEAN_DATA, SLOW, MEAN_STEP, "amplitude = max(dados) - min(dados)"),
}


@pytest.fixture(params=sample(("bwrap", "none"), 1, "recovery"))
def sandbox(request: pytest.FixtureRequest) -> str:
    if request.param == "bwrap" and not forks.shared().sealed:
        pytest.skip("Nothing is sealed off here.")
    return str(request.param)


@pytest.fixture
def command(mean_course: Course, tmp_path: Path, sandbox: str) -> list[str]:
    """The command that grades the class, but for its output folder."""
    for name, cells in CLASS.items():
        write_notebook(tmp_path / f"in/{name}.ipynb", cells)
    course = ["--exercises", str(mean_course.exercises), "--solutions", str(mean_course.solutions)]
    limits = ["--cell-timeout", "2", "--sandbox", sandbox]
    return [sys.executable, "-m", "grader", "run", str(tmp_path / "in"), *course, *limits]


def start(command: list[str], out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*command, "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(out.parent)},
    )


# Processes


def stat_fields(pid: int) -> list[str]:
    """Return the fields of `/proc/<pid>/stat` after the command: its state, its parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def find_family(pid: int) -> list[int]:
    """List a process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            parents[int(entry.name)] = int(stat_fields(int(entry.name))[1])

    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def is_running(pid: int) -> bool:
    try:
        return stat_fields(pid)[0] != "Z"
    except OSError:
        return False


def disturb(command: list[str], out: Path, dice: random.Random, kills: int) -> None:
    """Start runs, and kill one of their processes at random moments."""
    while kills:
        process = start(command, out)
        while process.poll() is None and kills:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(dice.uniform(0.1, MAX_WAIT_S))
                break
            family = find_family(process.pid)
            victim = process.pid if dice.random() < 0.5 else dice.choice(family)
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                kills -= 1
        if process.poll() is None:
            process.kill()
        process.wait()


# What a run leaves behind


def temporary_folders(parent: Path) -> dict[str, list[str]]:
    """Find temporary folders of runs, and list what is in each."""
    contents: dict[str, list[str]] = {}
    for folder in parent.glob(f"{PREFIX}*"):
        contents[folder.name] = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    return contents


def abandoned_folders() -> Iterator[Path]:
    """Find folders of runs that have ended: nobody locks them."""
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder


def abandoned_groups() -> Iterator[Path]:
    """Find cgroups without a folder; those with one belong to other runs on the machine."""
    folders = {path.name for path in Path("/tmp").glob(f"{PREFIX}*")}
    for root in (ROOT, *(ROOT / name for name in CONTROLLERS)):
        for group in root.glob(f"{PREFIX}*"):
            if group.name not in folders:
                yield group


def test_after_kills_at_random_moments_a_run_ends_as_an_undisturbed_one_does(
    command: list[str], tmp_path: Path
) -> None:
    groups_before = set(abandoned_groups())
    undisturbed = tmp_path / "undisturbed"
    disturbed = tmp_path / "disturbed"
    disturb(command, disturbed, random.Random(commit()), KILLS)
    for path in disturbed.glob("**/*.json"):
        json.loads(path.read_bytes())

    # One more submission, so that the last run has something to run.
    write_notebook(tmp_path / "in/zoe.ipynb", (MEAN_DATA, MEAN_STEP))
    assert 0 == start(command, undisturbed).wait(RUN_TIMEOUT_S)
    assert 0 == start(command, disturbed).wait(RUN_TIMEOUT_S)

    assert read_report(undisturbed).canonical() == read_report(disturbed).canonical()
    assert [] == list(disturbed.glob(f"**/{TEMPORARY}*"))
    assert [] == list((disturbed / "attempts").iterdir())
    assert [] == list(abandoned_folders())
    assert set() == set(abandoned_groups()) - groups_before
    assert {} == temporary_folders(tmp_path)


def test_nothing_runs_on_when_the_grader_is_killed(command: list[str], tmp_path: Path) -> None:
    attempts = tmp_path / "out/attempts"
    process = start(command, tmp_path / "out")
    family = find_family(process.pid)
    deadline = time.monotonic() + START_TIMEOUT_S
    while len(family) < 2 or not list(attempts.glob("*")):
        assert time.monotonic() < deadline
        time.sleep(POLL_S)
        family = find_family(process.pid)

    process.kill()
    process.wait()

    deadline = time.monotonic() + END_TIMEOUT_S
    while any(map(is_running, family)) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    assert [] == [pid for pid in family if is_running(pid)]
