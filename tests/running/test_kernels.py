"""Kernels and the recorder's pipe: what comes through, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import sys
import time
from pathlib import Path

import pytest

from grader.errors import KernelUnavailable
from grader.kernel.recording.pipe import FRAME
from grader.running.events import MAX_EVENT_BYTES, EventPipe
from grader.running.kernels import Kernel, PlainKernelHost
from grader.trace import Event
from tests.support.recording import at
from tests.support.running import job, ran, statuses

NOTE = b'{"run":"base","kind":"note","cell":0,"text":"%d"}'


def frame(data: bytes) -> bytes:
    return FRAME + struct.pack(">I", len(data)) + data


def note(number: int) -> bytes:
    return frame(NOTE % number)


@pytest.fixture
def pipe():
    pipe = EventPipe()
    yield pipe
    pipe.end()


def sent(pipe: EventPipe, *data: bytes) -> list[str]:
    """The texts of the events that arrive when these bytes are written."""
    for part in data:
        os.write(pipe.write_end, part)
    asyncio.run(pipe.settle())
    return [event.text for event in pipe.take()]


def test_events_arrive_in_their_order(pipe):
    assert ["1", "2", "3"] == sent(pipe, note(1), note(2) + note(3))


def test_an_event_is_taken_once(pipe):
    assert (["1"], ["2"]) == (sent(pipe, note(1)), sent(pipe, note(2)))


def test_an_event_that_comes_byte_by_byte_arrives(pipe):
    assert ["1"] == sent(pipe, *(bytes([byte]) for byte in note(1)))


def test_an_event_that_is_larger_than_the_pipe_does_not_hang_the_kernel(pipe):
    text = "x" * 15_000
    data = b'{"run":"base","kind":"note","cell":0,"text":"%s"}' % text.encode()
    assert [text] * 200 == sent(pipe, *([frame(data)] * 200))


def test_an_event_whose_length_looks_like_the_beginning_of_a_frame_arrives(pipe):
    empty = b'{"run":"base","kind":"printed","cell":0,"text":"%s"}'
    data = empty % (b"x" * 20_000)
    data += b" " * (0xFFFE - len(data))
    assert (["x" * 20_000], 0) == (sent(pipe, frame(data)), pipe.forged)


def test_what_was_written_is_there_once_the_pipe_has_settled_however_slow_the_thread(
    pipe, monkeypatch
):
    cut = pipe._cut

    def slowly(buffer: bytearray) -> None:
        time.sleep(0.2)
        cut(buffer)

    monkeypatch.setattr(pipe, "_cut", slowly)
    assert ["1"] == sent(pipe, note(1))


@pytest.mark.parametrize(
    "forged",
    [
        b"hello",
        b"\x00" * 100,
        b"\xff" * 100,
        FRAME + b"\xff\xff\xff\xff",
        FRAME + struct.pack(">I", MAX_EVENT_BYTES + 1),
        FRAME + struct.pack(">I", 1000) + b"short",
        frame(b"no json"),
        frame(b'{"run":"base"}'),
        frame(b'{"run":"base","kind":"verdict","cell":0}'),
        frame(b'{"run":"base","kind":"note","cell":0,"passed":true}'),
        frame(b'{"run":"base","kind":"note","cell":0,"text":"\\ud800"}'),
        frame(b"[" * 100_000),
        frame(b"1" * 5_000),
        frame(b"\x80\x81"),
        note(3)[:-5],
    ],
)
def test_forged_bytes_are_counted_and_the_events_around_them_arrive(pipe, forged):
    assert (["1", "2"], True) == (sent(pipe, note(1), forged, note(2)), pipe.forged > 0)


def test_forged_bytes_that_no_event_follows_are_counted(pipe):
    assert ([], True) == (sent(pipe, b"garbage" * 100), pipe.forged > 0)


def test_a_forged_pickle_is_never_loaded(pipe, tmp_path):
    payload = b"cos\nsystem\n(S'touch " + str(tmp_path / "owned").encode() + b"'\ntR."
    sent(pipe, frame(payload), payload)
    assert [] == list(tmp_path.iterdir())


def test_that_the_recorders_limit_was_reached_is_known(pipe):
    assert ([], True) == (sent(pipe, frame(b"")), pipe.truncated)


def test_a_flood_of_events_is_cut_and_the_host_goes_on_reading(pipe, monkeypatch):
    monkeypatch.setattr(pipe, "_most_bytes", 1_000)
    assert ([True], True) == ([len(sent(pipe, *([note(1)] * 5_000))) < 50], pipe.truncated)


def test_an_event_parses_to_what_was_recorded(pipe):
    os.write(pipe.write_end, note(7))
    asyncio.run(pipe.settle())
    assert [Event(run="base", kind="note", cell=0, text="7")] == pipe.take()


def test_the_reading_thread_ends_with_the_pipe():
    pipe = EventPipe()
    pipe.end()
    assert not pipe._thread.is_alive()


# Real kernels


def processes(folder: Path) -> list[int]:
    """The processes that have a kernel's folder in their command or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if (
                entry.name.isdigit()
                and str(folder).encode()
                in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            ):
                found.append(int(entry.name))
    return found


async def started(*cells: str, **limits: object) -> Kernel:
    cells_job = job(*cells, **limits)
    kernel = Kernel(cells_job, PlainKernelHost(cells_job))
    try:
        await kernel.start()
    except BaseException:
        await kernel.close()
        raise
    return kernel


async def executed(kernel: Kernel, code: str) -> None:
    """Run code in a kernel and wait for its end."""
    await kernel.client._async_execute_interactive(code, timeout=20, output_hook=lambda _: None)


@pytest.mark.kernel
async def test_nothing_is_left_of_a_kernel():
    kernel = await started()
    folder = kernel.host.folder
    before = processes(folder)
    await kernel.close()
    assert (True, [], False) == (bool(before), processes(folder), folder.exists())


@pytest.mark.kernel
async def test_the_programs_a_student_started_end_with_the_kernel():
    kernel = await started()
    folder = kernel.host.folder
    await executed(
        kernel,
        (
            "import subprocess, os\nsubprocess.Popen(['sleep', '60'])\nif os.fork() == 0:\n"
            "    while True: pass"
        ),
    )
    before = processes(folder)
    await kernel.close()
    await asyncio.sleep(0.1)
    assert (True, []) == (len(before) >= 3, processes(folder))


@pytest.mark.kernel
async def test_the_programs_a_student_started_end_also_where_the_kernel_ended_itself():
    kernel = await started()
    folder = kernel.host.folder
    later = "threading.Timer(.1, os._exit, [0]).start()"
    code = f"import subprocess, os, threading\nsubprocess.Popen(['sleep', '60'])\n{later}"
    await executed(kernel, code)
    while await kernel.alive():
        await asyncio.sleep(0.05)
    await kernel.close()
    await asyncio.sleep(0.1)
    assert [] == processes(folder)


@pytest.mark.kernel
async def test_a_daemon_that_holds_the_pipe_open_does_not_hang_the_host():
    kernel = await started()
    folder = kernel.host.folder
    await executed(
        kernel,
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\n    os._exit(0)",
    )
    await kernel.close()
    remaining = processes(folder)
    for pid in remaining:
        os.kill(pid, signal.SIGKILL)
    kernel.events._thread.join()
    assert 1 == len(remaining)


@pytest.mark.kernel
async def test_a_folder_that_the_student_locked_is_removed():
    kernel = await started()
    await executed(
        kernel,
        (
            "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', 0)\n"
            "os.chmod('a', 0)"
        ),
    )
    await kernel.close()
    assert not kernel.host.folder.exists()


@pytest.mark.kernel
async def test_a_students_code_finds_none_of_the_graders_environment(monkeypatch):
    monkeypatch.setenv("GRADER_TEST_TOKEN", "secret")
    kernel = await started()
    (pid,) = (pid for pid in processes(kernel.host.folder))
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    await kernel.close()
    assert b"secret" not in environment


@pytest.mark.kernel
async def test_the_kernels_folder_is_its_owners_alone():
    kernel = await started()
    mode = kernel.host.folder.stat().st_mode & 0o777
    await kernel.close()
    assert 0o700 == mode


@pytest.mark.kernel
async def test_most_memory_used_is_known_while_the_kernel_lives():
    kernel = await started()
    used = kernel.host.peak_mib()
    await kernel.close()
    assert used is not None
    assert used > 10


@pytest.mark.kernel
async def test_a_kernel_that_cannot_start_says_why_in_one_line(monkeypatch):
    command = [sys.executable, "-c", "raise SystemExit('no such thing')"]
    monkeypatch.setattr(PlainKernelHost, "command", lambda _: command)
    with pytest.raises(KernelUnavailable, match=r"^No kernel could be started: no such thing$"):
        await started()


@pytest.mark.kernel
def test_forged_bytes_on_every_descriptor_neither_end_the_host_nor_hide_later_events():
    trace = ran(
        "before = 1.5",
        """
        import os
        for fd in range(3, 64):
            try:
                if 'pipe:' in os.readlink(f'/proc/self/fd/{fd}'):
                    os.write(fd, b'garbage!' * 20)
            except OSError:
                pass
        """,
        "after = 2.5",
    )
    assert ([1.5], [2.5], True) == (
        at(list(trace.base.events), "before"),
        at(list(trace.base.events), "after"),
        trace.forged > 0,
    )


@pytest.mark.kernel
def test_closing_every_descriptor_ends_no_more_than_the_students_own_kernel():
    trace = ran("before = 1.5", "import os\nos.closerange(3, 256)", "after = 2.5", cell_timeout_s=2)
    assert ([1.5], "ok") == (at(list(trace.base.events), "before"), statuses(trace)[0])
