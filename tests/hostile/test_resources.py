"""What a notebook may use up: it meets a limit of its own, and the next one has all it needs."""

from __future__ import annotations

import asyncio

import pytest

from grader.trace import Trace
from tests.support.recording import at
from tests.support.running import errors, statuses
from tests.support.sampling import half
from tests.support.sealed import ATTEMPT, Sealed, after

pytestmark = pytest.mark.kernel

START = (
    ATTEMPT
    + """
def until_refused(act):
    kept = []
    while True:
        kept.append(act(len(kept)))
"""
)

FORK_BOMBS = {
    "fork": "while True:\n    with contextlib.suppress(OSError): os.fork()",
    "shell": "%%bash\nbomb() { bomb | bomb & }\nbomb\nsleep 100",
    "vfork": (
        "while True:\n    with contextlib.suppress(OSError): subprocess.Popen(['sleep', '1000'])"
    ),
}

MEMORY_BOMBS = {
    "lists": ("kept = [[0]]\nwhile True: kept.append(kept[-1] * 2)", "MemoryError"),
    "bytearrays": ("until_refused(lambda _: bytearray(20_000_000))", "MemoryError"),
    "text": ("text = 'x'\nwhile True: text *= 2", "MemoryError"),
    "a number": ("number = 1 << 10 ** 11", "MemoryError"),
    "tensors": ("import torch\nuntil_refused(lambda _: torch.ones(5_000_000))", "RuntimeError"),
    "one tensor": ("import torch\ntorch.zeros(10 ** 12)", "RuntimeError"),
}

SHARED_MEMORY = {
    "mapped": """
import mmap
def fill(_):
    shared = mmap.mmap(-1, 50_000_000)
    shared.write(b'x' * 50_000_000)
    return shared
until_refused(fill)
""",
    "unnamed files": """
def fill(_):
    file = os.fdopen(os.memfd_create('x'), 'wb')
    file.write(b'x' * 10_000_000)
    return file
until_refused(fill)
""",
}

DISKS = ("/tmp", "/home/student", "/dev/shm")

WRITE = """
def write(number):
    with open(f'{folder}/{{number}}', 'wb') as file:
        file.write(b'x' * 1_000_000)
until_refused(write)
"""


@pytest.mark.parametrize("name", half(tuple(FORK_BOMBS), "fork bombs"))
def test_a_fork_bomb_ends_with_its_cells_time(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(START, FORK_BOMBS[name], processes=40, cell_timeout_s=1)
    assert ["ok", "timeout"] == statuses(trace)


def test_a_fork_bomb_in_a_cold_kernel_ends_with_its_cells_time(cold: Sealed) -> None:
    if not cold.pool.cgroups.available:
        pytest.skip("There are no cgroups here.")
    trace = cold.ran(START, FORK_BOMBS["vfork"], processes=40, cell_timeout_s=1)
    assert ["ok", "timeout"] == statuses(trace)


def test_a_fork_bomb_leaves_a_kernel_that_runs_beside_it_working(sealed: Sealed) -> None:
    cells = (
        "import time\ntime.sleep(.5)",
        "import subprocess\nafter = subprocess.run(['true']).returncode",
    )

    async def both() -> Trace:
        bomb = asyncio.ensure_future(
            sealed.running(START, FORK_BOMBS["fork"], processes=40, cell_timeout_s=1)
        )
        beside = await sealed.running(*cells)
        await bomb
        return beside

    trace = asyncio.run(both())
    assert (["ok", "ok"], [0.0]) == (statuses(trace), after(trace))


def test_a_thread_bomb_is_an_error_in_its_cell(either: Sealed) -> None:
    endless = (
        "until_refused(lambda _: threading.Thread(target=time.sleep, args=(1000,), "
        "daemon=True).start())"
    )
    trace = either.ran(START, endless, "after = 2.5", processes=64)
    assert ("RuntimeError", "processes", [2.5]) == (
        errors(trace)[1],
        trace.base.cells[1].limit,
        after(trace),
    )


@pytest.mark.parametrize("name", half(tuple(MEMORY_BOMBS), "memory bombs"))
def test_a_memory_bomb_is_an_error_in_its_cell(sealed: Sealed, name: str) -> None:
    cell, error = MEMORY_BOMBS[name]
    trace = sealed.ran(START, cell, "kept = text = None\nafter = 2.5", memory_mib=1300)
    assert (error, "memory", [2.5]) == (errors(trace)[1], trace.base.cells[1].limit, after(trace))


def test_a_memory_bomb_in_a_cold_kernel_is_an_error_in_its_cell(cold: Sealed) -> None:
    trace = cold.ran(START, MEMORY_BOMBS["bytearrays"][0], "after = 2.5", memory_mib=400)
    assert ("MemoryError", [2.5]) == (errors(trace)[1], after(trace))


@pytest.mark.parametrize("name", half(tuple(SHARED_MEMORY), "shared memory"))
def test_a_bomb_of_shared_memory_ends_its_own_kernel(sealed: Sealed, name: str) -> None:
    if not sealed.pool.cgroups.available:
        pytest.skip("There are no cgroups here.")
    trace = sealed.ran(START, SHARED_MEMORY[name], memory_mib=1000, cell_timeout_s=30)
    assert ("died", "memory") == (trace.base.cells[1].status, trace.base.cells[1].limit)


def test_children_that_allocate_together_do_not_exceed_what_a_kernel_may(sealed: Sealed) -> None:
    if not sealed.pool.cgroups.available:
        pytest.skip("There are no cgroups here.")
    each = (
        "for _ in range(8):\n    if os.fork() == 0:\n"
        "        kept = bytearray(400_000_000)\n        time.sleep(1000)"
    )
    trace = sealed.ran(START, f"{each}\ntime.sleep(1000)", memory_mib=1200, cell_timeout_s=2)
    assert (True, True) == (
        trace.base.cells[1].status in ("timeout", "died"),
        (trace.peak_mib or 0) <= 1200 + 512,
    )


def test_the_memory_a_kernel_may_allocate_is_its_own_to_use(sealed: Sealed) -> None:
    trace = sealed.ran("kept = bytearray(200_000_000)\nafter = 2.5", memory_mib=1000)
    assert [2.5] == after(trace)


def test_the_least_memory_that_can_be_asked_for_is_enough_to_begin(sealed: Sealed) -> None:
    assert [2.5] == after(sealed.ran("after = 2.5", memory_mib=256))


def test_a_disk_that_is_filled_is_an_error_in_its_cell(either: Sealed) -> None:
    fill = (WRITE.format(folder=folder) for folder in DISKS)
    trace = either.ran(START, *fill, "after = 2.5", disk_mib=16)
    met = [(run.error, run.limit) for run in trace.base.cells[1:4]]
    assert ([("OSError", "disk")] * 3, [2.5]) == (met, after(trace))


TOGETHER = """
written = 0
for folder in ('/tmp', '/home/student', '/dev/shm'):
    with contextlib.suppress(OSError):
        while True:
            with open(f'{folder}/{written}', 'wb') as file:
                written += file.write(b'x' * 1_000_000)
found = str(written <= 24 * 2 ** 20)
"""

LOG = """
outcomes = set()
for name in os.listdir('/proc/self/fd'):
    number = int(name)
    with contextlib.suppress(OSError):
        if stat.S_ISREG(os.fstat(number).st_mode):
            on_disk = not os.readlink(f'/proc/self/fd/{name}').startswith('/memfd:')
            outcomes.add(f"{on_disk} {attempt(os.pwrite, number, b'x', 2 ** 24)}")
found = str(sorted(outcomes))
"""

FIRST_VICTIM = """
before = open('/proc/self/oom_score_adj').read().strip()
found = before + ' ' + attempt(lambda: open('/proc/self/oom_score_adj', 'w').write('0'))
"""


def test_a_kernel_writes_to_no_disk_and_is_the_first_to_end_where_memory_runs_out(
    either: Sealed,
) -> None:
    cells = {"disk": TOGETHER, "log": LOG, "victim": FIRST_VICTIM}
    answers = either.answers(cells, disk_mib=24)
    outcomes = {name: answers.found(name) for name in cells}
    assert {"disk": "True", "log": "['False EPERM']", "victim": "900 EROFS"} == outcomes


def test_one_large_file_is_an_error_in_its_cell(sealed: Sealed) -> None:
    trace = sealed.ran(
        "with open('big', 'wb') as file: file.truncate(10 ** 12)", "after = 2.5", disk_mib=16
    )
    assert ("OSError", [2.5]) == (errors(trace)[0], after(trace))


def test_files_without_number_are_an_error_in_their_cell(sealed: Sealed) -> None:
    trace = sealed.ran(START, "until_refused(lambda number: os.mknod(str(number)))", "after = 2.5")
    assert ("OSError", "disk", [2.5]) == (errors(trace)[1], trace.base.cells[1].limit, after(trace))


def test_open_files_without_number_are_an_error_in_their_cell(sealed: Sealed) -> None:
    trace = sealed.ran(
        START, "until_refused(lambda _: os.open('/dev/null', os.O_RDONLY))", "after = 2.5"
    )
    assert ("OSError", "open-files") == (errors(trace)[1], trace.base.cells[1].limit)


def test_the_folder_of_a_kernels_sockets_takes_no_files(sealed: Sealed) -> None:
    answers = sealed.answers({"file": "found = attempt(os.mknod, '/run/k/mine')"})
    assert "EROFS" == answers.found("file")


def test_the_folder_of_a_cold_kernels_sockets_takes_no_more_than_its_disk(cold: Sealed) -> None:
    cells = (
        "until_refused(lambda number: open(f'/run/k/{number}', "
        "'wb').write(b'x' * 10_000_000) and number > 4 and 1 / 0)"
    )
    trace = cold.ran(START, cells, disk_mib=16)
    assert "OSError" == errors(trace)[1]


def test_processes_are_limited_also_where_there_are_no_cgroups(sealed: Sealed) -> None:
    answers = sealed.answers(
        {"limit": "found = str(resource.getrlimit(resource.RLIMIT_NPROC))"}, processes=50
    )
    assert "(50, 50)" == answers.found("limit")


def test_processes_of_a_cold_kernel_are_limited_also_where_there_are_no_cgroups(
    cold: Sealed,
) -> None:
    answers = cold.answers(
        {"limit": "found = str(resource.getrlimit(resource.RLIMIT_NPROC))"}, processes=50
    )
    assert "(50, 50)" == answers.found("limit")


RAISE = """
most = resource.getrlimit(resource.RLIMIT_{name})[1]
try:
    resource.setrlimit(resource.RLIMIT_{name}, (most + 1, most + 1))
    found = 'raised'
except ValueError:
    found = 'refused'
"""


def test_no_limit_can_be_raised(either: Sealed) -> None:
    names = ["NOFILE", "FSIZE", "DATA", "CORE", "STACK"]
    answers = either.answers({name: RAISE.format(name=name) for name in names})
    assert ["refused"] * len(names) == [answers.found(name) for name in names]


LOOPS = {
    "a loop that ignores the interrupt": (
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    ),
    "a loop that catches the interrupt": (
        "while True:\n    with contextlib.suppress(BaseException): time.sleep(9)"
    ),
    "a blocked signal": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
    "a sleep in C": "libc.sleep(1000)",
    "a lock held for ever": "lock = threading.Lock()\nlock.acquire()\nlock.acquire(timeout=1000)",
    "a number that is never done": "9 ** 9 ** 9",
}
"""Some answer an interrupt, some are ended."""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", half(tuple(LOOPS), "loops"))
def test_what_does_not_end_is_ended(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(START, "before = 1.5", LOOPS[name], cell_timeout_s=0.5)
    assert (["ok", "ok", "timeout"], [1.5]) == (
        statuses(trace),
        at(list(trace.base.events), "before"),
    )


def test_a_pattern_that_backtracks_for_ever_is_interrupted(sealed: Sealed) -> None:
    trace = sealed.ran(
        "import re\nre.match('(a+)+$', 'a' * 40 + 'b')", "after = 2.5", cell_timeout_s=0.5
    )
    assert (["timeout", "ok"], [2.5]) == (statuses(trace), after(trace))


def test_endless_recursion_ends_no_more_than_its_own_kernel(sealed: Sealed) -> None:
    deep = (
        "sys.setrecursionlimit(10 ** 9)\n"
        "def again(*names): return again(*map(again, names), 1)\nagain(1)"
    )
    trace = sealed.ran(START, deep, cell_timeout_s=5)
    assert trace.base.cells[1].status in ("died", "error")
