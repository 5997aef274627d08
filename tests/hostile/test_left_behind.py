"""Nothing of a kernel outlives it, whatever it does; and it can destroy nothing but its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.recording import at
from tests.support.running import errors, statuses
from tests.support.sealed import ATTEMPT, FORGE, Sealed, after

pytestmark = pytest.mark.kernel

LASTING = {
    "a child": "if os.fork() == 0: time.sleep(1000)",
    "a daemon": (
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n"
        "    os._exit(0)"
    ),
    "a program": "subprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "a shell's child": "get_ipython().system('setsid nohup sleep 1000 >/dev/null 2>&1 &')",
    "a child that holds every file": "if os.fork() == 0:\n"
    "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
    "    while True: time.sleep(1000)",
    "a stopped child": (
        "child = subprocess.Popen(['sleep', '1000'])\nchild.send_signal(signal.SIGSTOP)"
    ),
    "a child of its parent's death": (
        "libc.prctl(1, 0, 0, 0, 0)\nif os.fork() == 0: time.sleep(1000)"
    ),
    "a timer": "if os.fork() == 0:\n    signal.signal(signal.SIGALRM, lambda *_: os.fork())\n"
    "    signal.setitimer(signal.ITIMER_REAL, .05, .05)\n    while True: time.sleep(1000)",
}


def test_what_a_kernel_started_ends_with_it(either: Sealed) -> None:
    trace = either.ran(ATTEMPT, *LASTING.values(), "after = 2.5", cell_timeout_s=5)
    assert [2.5] == after(trace)


@pytest.mark.parametrize("name", ["a daemon", "a child that holds every file"])
def test_what_a_kernel_started_ends_also_where_it_ended_itself(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(ATTEMPT, LASTING[name], "os._exit(0)", cell_timeout_s=5)
    assert "died" == statuses(trace)[2]


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A file of this machine's that has to be there afterwards."""
    file = tmp_path / "canary"
    file.write_text("untouched")
    yield file
    assert "untouched" == file.read_text()


@pytest.mark.usefixtures("canary")
def test_a_kernel_that_removes_everything_removes_its_own_files_only(either: Sealed) -> None:
    everything = "!rm -rf --no-preserve-root / 2>/dev/null"
    # It walks through all that is mounted, which takes long on a busy machine.
    trace = either.ran("!rm -rf ~", everything, cell_timeout_s=60)
    assert ["ok", "ok"] == statuses(trace)


def test_a_notebook_cannot_change_what_was_handed_in_beside_it(sealed: Sealed) -> None:
    answers = sealed.answers(
        {
            "write": "found = attempt(open, '/run/in/x', 'w')",
            "mode": "found = attempt(os.chmod, '/run/in', 0)",
        }
    )
    assert ("EROFS", "EROFS") == (answers.found("write"), answers.found("mode"))


SOCKETS = {
    "removing": "found = attempt(os.unlink, glob.glob('/run/k/*-ipc-1')[0])",
    "a link": "found = attempt(os.symlink, '/etc/passwd', '/run/k/host-ipc-9')",
    "moving": "found = attempt(os.rename, glob.glob('/run/k/*-ipc-1')[0], '/run/k/gone')",
    "another socket": "found = attempt(socket.socket(socket.AF_UNIX).bind, '/run/k/mine')",
    "a mode": "found = attempt(os.chmod, '/run/k', 0)",
    "an attribute": "found = attempt(os.setxattr, '/run/k', 'user.x', b'x')",
    "the connection": "found = attempt(open, '/run/k/host.json', 'w')",
}


def test_a_kernels_sockets_cannot_be_replaced(sealed: Sealed) -> None:
    answers = sealed.answers(SOCKETS)
    assert {"EROFS"} == {answers.found(name) for name in SOCKETS}


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A program of this machine that listens where a link may point."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        listening.setblocking(False)
        yield listening


def callers(listener: socket.socket) -> list[str]:
    """Who has called."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return []
    return ["somebody"]


SWAP = """
import glob
for path in glob.glob('/run/k/*-ipc-*'):
    os.unlink(path)
    os.symlink({target!r}, path)
publish_raw(b'x', b'y')
time.sleep(.2)
"""


def test_a_socket_swapped_for_a_link_is_not_followed(cold: Sealed, listener: socket.socket) -> None:
    trace = cold.ran(
        FORGE,
        "before = 1.5",
        SWAP.format(target=listener.getsockname()),
        "after = 2.5",
        cell_timeout_s=2,
    )
    assert ([], [1.5], []) == (
        callers(listener),
        at(list(trace.base.events), "before"),
        after(trace),
    )


HANG_UP = """
import glob, socket
for path in glob.glob('/run/k/*-ipc-*'):
    os.unlink(path)
    os.symlink({target!r}, path)
for number in map(int, os.listdir('/proc/self/fd')):
    try:
        met = socket.socket(fileno=os.dup(number))
        listens = met.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if '-ipc-' in met.getsockname() and listens == 0:
            met.shutdown(socket.SHUT_RDWR)
    except (OSError, TypeError):
        pass
time.sleep(1)
"""


def test_a_socket_swapped_for_a_link_is_not_followed_when_a_connection_ends(
    cold: Sealed, listener: socket.socket
) -> None:
    cold.ran(FORGE, HANG_UP.format(target=listener.getsockname()), "after = 2.5", cell_timeout_s=2)
    assert [] == callers(listener)


LOCKED = (
    "os.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', 0)\n"
    "os.chmod('a', 0)\nos.chmod('.', 0)"
)


def test_a_folder_that_a_notebook_locked_is_removed(either: Sealed) -> None:
    assert ["ok", "ok"] == statuses(either.ran(ATTEMPT, LOCKED))


DEEP = """
for number in range(3000):
    os.mkdir('d')
    os.chdir('d')
"""


def test_folders_of_any_depth_are_removed(sealed: Sealed) -> None:
    assert ["ok", "ok", "ok"] == statuses(sealed.ran(ATTEMPT, DEEP, "os.chdir('/')"))


def test_a_notebook_whose_folder_is_gone_goes_on(sealed: Sealed) -> None:
    trace = sealed.ran(
        "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)", "after = 2.5"
    )
    assert ("", [2.5]) == (errors(trace)[1], after(trace))


SEMAPHORES = """
import multiprocessing as mp
kept = [mp.Semaphore() for _ in range(20)]
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory('grader-test', create=True, size=1_000_000)
"""


def test_shared_memory_does_not_outlive_its_kernel(sealed: Sealed) -> None:
    before = {path.name for path in Path("/dev/shm").iterdir()}
    trace = sealed.ran(SEMAPHORES, "import os\nafter = len(os.listdir('/dev/shm'))")
    assert [1.0] == after(trace)
    assert not {
        name
        for name in {path.name for path in Path("/dev/shm").iterdir()} - before
        if "grader" in name
    }
