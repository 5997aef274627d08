"""A batch survives the end of anything at any moment: run again, it says what an undisturbed one says.

GRADER_TEST_KILLS=50 makes the test as long as the promise is.
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

pytestmark = pytest.mark.kernel

KILLS = int(os.environ.get("GRADER_TEST_KILLS", "4"))
SEED = 20
LONGEST_S, RUN_TIMEOUT_S = 6.0, 180
"""Longest time until a kill: a little more than a run takes."""
SLOW = "import time\ntime.sleep(0.5)"
ENDS_ITSELF, ENDLESS = "import os\nos._exit(0)", "while True: pass"
CLASS = {
    "ana": (MEAN_DATA, MEAN_STEP, SPREAD_STEP),
    "bia": (MEAN_DATA, SLOW, MEAN_STEP, SPREAD_STEP),
    "caio": (MEAN_DATA, "media = sum(dados)", SPREAD_STEP),
    "davi": (MEAN_DATA, MEAN_STEP, ENDS_ITSELF, SPREAD_STEP),
    "enzo": (MEAN_DATA, MEAN_STEP, ENDLESS, SPREAD_STEP),
    "fabi": (MEAN_DATA, "media = 3.6875", "amplitude = 3.5625"),
    "gabi": (MEAN_DATA, SLOW, MEAN_STEP, "amplitude = max(dados) - min(dados)"),
}


@pytest.fixture(params=["bwrap", "none"])
def sandbox(request: pytest.FixtureRequest) -> str:
    if request.param == "bwrap" and not forks.shared().sealed:
        pytest.skip("Nothing is sealed off here.")
    return str(request.param)


@pytest.fixture
def command(mean_course: Course, tmp_path: Path, sandbox: str) -> list[str]:
    for name, cells in CLASS.items():
        write_notebook(tmp_path / f"in/{name}.ipynb", cells)
    course = ["--exercises", str(mean_course.exercises), "--solutions", str(mean_course.solutions)]
    limits = ["--cell-timeout", "2", "--sandbox", sandbox]
    return [sys.executable, "-m", "grader", "run", str(tmp_path / "in"), *course, *limits]


def started(command: list[str], out: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TMPDIR": str(out.parent)}
    nothing = subprocess.DEVNULL
    return subprocess.Popen(
        [*command, "--out", str(out)], stdout=nothing, stderr=nothing, env=environment
    )


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            parents[int(entry.name)] = int(
                (entry / "stat").read_text().rpartition(")")[2].split()[1]
            )
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def disturb(command: list[str], out: Path, dice: random.Random, kills: int) -> None:
    """Begin runs, and end something of theirs at random moments."""
    while kills:
        process = started(command, out)
        while process.poll() is None and kills:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(dice.uniform(0.1, LONGEST_S))
                break
            victims = family(process.pid)
            victim = process.pid if dice.random() < 0.5 else dice.choice(victims)
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                kills -= 1
        if process.poll() is None:
            process.kill()
        process.wait()


def abandoned() -> Iterator[Path]:
    """Folders of runs that have ended, and cgroups without a folder; those of other runs on the machine are theirs."""
    folders = {path.name: path for path in Path("/tmp").glob(f"{PREFIX}*")}
    for folder in folders.values():
        with contextlib.suppress(OSError), (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
    groups = [
        group
        for place in (ROOT, *(ROOT / name for name in CONTROLLERS))
        for group in place.glob(f"{PREFIX}*")
    ]
    yield from (group for group in groups if group.name not in folders)


def test_after_kills_at_random_moments_a_run_ends_as_an_undisturbed_one_does(
    command: list[str], tmp_path: Path
) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    disturb(command, disturbed, random.Random(SEED), KILLS)
    write_notebook(
        tmp_path / "in/zoe.ipynb", (MEAN_DATA, MEAN_STEP)
    )  # so that the last run has something to run
    assert 0 == started(command, undisturbed).wait(RUN_TIMEOUT_S)
    for path in disturbed.glob("**/*.json"):
        json.loads(path.read_bytes())
    assert 0 == started(command, disturbed).wait(RUN_TIMEOUT_S)

    assert read_report(undisturbed).canonical() == read_report(disturbed).canonical()
    assert [] == list(disturbed.glob(f"**/{TEMPORARY}*"))
    assert [] == list((disturbed / "attempts").iterdir())
    assert [] == list(abandoned())
    assert [] == list(tmp_path.glob(f"{PREFIX}*"))


def test_nothing_runs_on_when_the_grader_is_killed(command: list[str], tmp_path: Path) -> None:
    process = started(command, tmp_path / "out")
    deadline = time.monotonic() + 60
    while len(running := family(process.pid)) < 2 or not list(
        (tmp_path / "out/attempts").glob("*")
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 15
    while (
        any(Path(f"/proc/{pid}").exists() and not is_zombie(pid) for pid in running)
        and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    assert [] == [pid for pid in running if Path(f"/proc/{pid}").exists() and not is_zombie(pid)]


def is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True
