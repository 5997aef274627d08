"""The gate between the grader's sockets and a kernel's: so many bytes pass, and no more."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from grader.running.traffic_gate import TrafficGate

MOST = 1000


class Kernel:
    """Listens as a kernel does: sends back what it hears, or so many bytes if that is a number."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "kernel")
        self.connections = 0

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, f"{self.path}-1")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while data := await reader.read(1000):
            writer.write(b"x" * int(data) if data.isdigit() else data)
        writer.close()


@pytest.fixture
async def kernel(tmp_path: Path) -> AsyncIterator[Kernel]:
    fake = Kernel(tmp_path)
    server = await fake.listen()
    yield fake
    server.close()


@pytest.fixture
async def gate(tmp_path: Path, kernel: Kernel) -> AsyncIterator[TrafficGate]:
    opened = TrafficGate(tmp_path, kernel.path, MOST)
    opened.open(1)
    yield opened
    opened.close()


async def asked(gate: TrafficGate, what: bytes, size: int) -> bytes:
    """What comes back through the gate, up to a size or its end."""
    reader, writer = await asyncio.open_unix_connection(f"{gate.path}-1")
    writer.write(what)
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        return error.partial
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_what_is_said_passes_both_ways(gate):
    assert b"hello" == await asked(gate, b"hello", 5)


async def test_a_kernel_that_says_too_much_is_cut_off(gate):
    heard = await asked(gate, str(10 * MOST).encode(), 10 * MOST)
    assert (True, True) == (len(heard) <= MOST, gate.shut)


async def test_a_gate_that_is_shut_stays_shut(gate):
    await asked(gate, str(10 * MOST).encode(), 10 * MOST)
    gate.renew()
    assert gate.shut


async def test_once_renewed_a_kernel_may_say_as_much_again(gate):
    for _ in range(5):
        assert 900 == len(await asked(gate, b"900", 900))
        gate.renew()


async def test_without_being_renewed_it_may_not(gate):
    assert 900 == len(await asked(gate, b"900", 900))
    assert 900 > len(await asked(gate, b"900", 900))


async def test_opened_anew_the_gate_lets_through_again(gate):
    await asked(gate, str(10 * MOST).encode(), 10 * MOST)
    gate.open(1)
    assert (b"hello", False) == (await asked(gate, b"hello", 5), gate.shut)


async def test_where_no_kernel_listens_the_connection_ends(tmp_path):
    gate = TrafficGate(tmp_path, str(tmp_path / "nobody"), MOST)
    gate.open(1)
    assert b"" == await asked(gate, b"hello", 5)
    gate.close()


async def test_a_closed_gate_leaves_no_socket(gate, tmp_path):
    gate.close()
    assert [] == list(tmp_path.glob("gate-*"))


class FakeEnd:
    """A connection that says whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_connection_that_stands_only_once_the_gate_is_closed_is_closed(tmp_path: Path) -> None:
    end = FakeEnd()
    TrafficGate(tmp_path, "kernel", MOST).admit(end)  # type: ignore[arg-type]
    assert end.closed


async def connect_and_end(folder: Path, turns: int) -> None:
    """Connect to a gate, and end the loop after so many turns of it."""
    gate = TrafficGate(folder, str(folder / "kernel"), MOST)
    gate.open(1)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{gate.path}-1")
        for _ in range(turns):
            await asyncio.sleep(0)
        gate.close()


def test_a_connection_leaves_no_socket_wherever_the_loop_ends(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for turns in range(5):
            asyncio.run(connect_and_end(tmp_path, turns))
        gc.collect(1)
    assert [] == [str(warning.message) for warning in seen]
