"""The limit that a cell met, named by what it raised or by how its kernel ended."""

from __future__ import annotations

import pytest

from grader.running.limits import limit_met
from tests.support.running import ran

RAISED = {
    "MemoryError: ": "memory",
    (
        "RuntimeError: [enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate "
        "memory: tried 8 GB"
    ): "memory",
    "OSError: [Errno 12] Cannot allocate memory": "memory",
    "OSError: [Errno 28] No space left on device: 'x'": "disk",
    "OSError: [Errno 27] File too large": "disk",
    "RuntimeError: [enforce fail at inline_container.cc:672] . unexpected pos 704 vs 598": "disk",
    "RuntimeError: PytorchStreamWriter failed writing file data/0: file write failed": "disk",
    "OSError: 8192 requested and 0 written": "disk",
    "BlockingIOError: [Errno 11] Resource temporarily unavailable": "processes",
    "RuntimeError: can't start new thread": "processes",
    "OSError: [Errno 24] Too many open files: 'x'": "open-files",
    "ValueError: too many values to unpack": "",
    "RuntimeError: The size of tensor a (4) must match the size of tensor b (3)": "",
    "FileNotFoundError: [Errno 2] No such file or directory: 'x11.csv'": "",
}


def never() -> bool:
    raise AssertionError("asked of a kernel that lives")


@pytest.mark.parametrize("raised", RAISED)
def test_an_exception_names_the_limit_it_comes_of(raised):
    error, _, message = raised.partition(": ")
    assert RAISED[raised] == limit_met("error", error, message, out_of_memory=never)


@pytest.mark.parametrize(("out_of_memory", "limit"), [(True, "memory"), (False, "")])
def test_a_kernel_that_died_was_ended_for_want_of_memory_if_the_system_says_so(
    out_of_memory, limit
):
    assert limit == limit_met("died", "", "", out_of_memory=lambda: out_of_memory)


CELLS = {
    "memory": "rows = [bytearray(50_000_000) for _ in range(100)]",
    "disk": (
        "with open('big', 'wb') as file:\n    for _ in range(100): file.write(bytes(1_000_000))"
    ),
    "open-files": "files = [open('x', 'w') for _ in range(5000)]",
}


@pytest.mark.kernel
@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("limit", CELLS)
def test_a_cell_that_meets_a_limit_is_told_of_it_and_the_next_one_runs(limit):
    trace = ran(CELLS[limit], "rows = files = None\nafter = 1.5", memory_mib=600, disk_mib=16)
    assert [("error", limit), ("ok", "")] == [
        (cell.status, cell.limit) for cell in trace.base.cells
    ]


@pytest.mark.kernel
def test_a_sealed_cell_that_starts_too_many_threads_is_told_of_it(sealed, monkeypatch):
    monkeypatch.setattr("tests.support.running.Kernels.launch", staticmethod(sealed))
    cell = (
        "import threading, time\n"
        "for _ in range(500): threading.Thread(target=time.sleep, args=(5,)).start()"
    )
    trace = ran(cell, "after = 1.5", processes=64)
    assert [("error", "processes"), ("ok", "")] == [
        (run.status, run.limit) for run in trace.base.cells
    ]
