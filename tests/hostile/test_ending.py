"""Notebooks that end, stop or attack their own processes.

What they did before is kept, and the cause is known.
"""

from __future__ import annotations

import pytest

from tests.support.recording import at
from tests.support.running import statuses
from tests.support.sampling import half
from tests.support.sealed import ATTEMPT, FORGE, Sealed, after

pytestmark = pytest.mark.kernel

ENDINGS = {
    "os._exit": "os._exit(0)",
    "abort": "os.abort()",
    "segfault": "ctypes.string_at(0)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "execv": "os.execv('/bin/true', ['true'])",
    "exec of another kernel": (
        "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(1000)'])"
    ),
    "end of the main thread": "libc.syscall(60 if os.uname().machine == 'x86_64' else 93, 0)",
    "closed files": "os.closerange(0, 1024)",
}

STOPS = {
    "SIGSTOP": "os.kill(os.getpid(), signal.SIGSTOP)",
    "SIGSTOP of all": "os.kill(0, signal.SIGSTOP)",
}

LEAVINGS = {
    "exit": "exit()",
    "quit": "quit()",
    "SystemExit": "raise SystemExit(3)",
    "%exit": "get_ipython().ask_exit()",
    "kills all others": "child = subprocess.Popen(['sleep', '100'])\nos.kill(-1, signal.SIGKILL)",
    "signals process 1": "for number in set(range(1, 65)) - {32, 33}: os.kill(1, number)",
    "an interrupt of its own": "os.kill(os.getpid(), signal.SIGINT)",
    "a chain of errors": "class Odd(BaseException): pass\nraise Odd from Odd(Odd())",
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", half(tuple(ENDINGS), "endings"))
def test_a_kernel_that_ends_itself_keeps_what_it_had_done(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(ATTEMPT, "before = 1.5", ENDINGS[name], "after = 2.5", cell_timeout_s=1)
    assert ([1.5], []) == (at(list(trace.base.events), "before"), after(trace))
    assert trace.base.cells[2].status in ("died", "timeout")


def test_a_cold_kernel_that_ends_itself_keeps_what_it_had_done(cold: Sealed) -> None:
    trace = cold.ran("before = 1.5", "import os\nos._exit(0)", "after = 2.5")
    assert (["ok", "died", "not_run"], [1.5]) == (
        statuses(trace),
        at(list(trace.base.events), "before"),
    )


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", half(tuple(STOPS), "stops"))
def test_a_kernel_that_stops_itself_is_ended(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(ATTEMPT, STOPS[name], cell_timeout_s=0.5)
    assert ["ok", "timeout"] == statuses(trace)


def test_cells_that_leave_do_not_stop_those_below(sealed: Sealed) -> None:
    trace = sealed.ran(ATTEMPT, *LEAVINGS.values(), "after = 2.5", cell_timeout_s=5)
    assert ("ok", [2.5]) == (statuses(trace)[-1], after(trace))


def test_a_signal_to_process_1_of_a_cold_kernel_ends_no_more_than_that_kernel(cold: Sealed) -> None:
    trace = cold.ran(ATTEMPT, LEAVINGS["signals process 1"], cell_timeout_s=5)
    assert "ok" == statuses(trace)[0]


def test_a_kernel_that_is_told_to_shut_down_ends_by_itself_only(sealed: Sealed) -> None:
    asks = "get_ipython().kernel.do_shutdown(False)"
    trace = sealed.ran(
        "before = 1.5", f"coroutine = {asks}\nif hasattr(coroutine, '__await__'): await coroutine"
    )
    assert [1.5] == at(list(trace.base.events), "before")


def test_a_forged_shutdown_reply_ends_nothing(sealed: Sealed) -> None:
    trace = sealed.ran(
        FORGE, "publish('shutdown_reply', {'status': 'ok', 'restart': False})", "after = 2.5"
    )
    assert (["ok"] * 3, [2.5]) == (statuses(trace), after(trace))


@pytest.mark.usefixtures("impatient")
def test_a_kernel_that_closes_its_sockets_is_ended(sealed: Sealed) -> None:
    close = (
        "for sock in (kernel.iopub_thread.socket, kernel.shell_stream): sock.close()\n"
        "time.sleep(100)"
    )
    trace = sealed.ran(FORGE, close, "after = 2.5", cell_timeout_s=0.5)
    assert ["ok", "timeout"] == statuses(trace)[:2]


BROKEN = {
    "recorder": """
        import gc
        for thing in gc.get_objects():
            if type(thing).__name__ == 'Recorder':
                thing.__dict__.clear()
        """,
    "error that cannot be shown": (
        "class Odd(Exception):\n    def __str__(self): raise Odd\nraise Odd"
    ),
    "modules": "import sys\nsys.modules.clear()",
    "builtins": "import builtins\nvars(builtins).clear()",
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", half(tuple(BROKEN), "broken"))
def test_a_kernel_that_breaks_its_own_program_is_ended(sealed: Sealed, name: str) -> None:
    trace = sealed.ran("before = 1.5", BROKEN[name], "1 / 0", cell_timeout_s=0.5)
    assert ([1.5], "ok") == (at(list(trace.base.events), "before"), statuses(trace)[0])
    assert "ok" != statuses(trace)[2]
