"""Stands between the grader's sockets and a kernel's, and lets through so many bytes and no more.

libzmq takes a message of any number of parts into memory before anybody can look at it. What a kernel sends passes here
first, so that the grader's memory is bounded whatever the message.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import stat
from pathlib import Path

from grader.errors import KernelUnavailable


class TrafficGate:
    """Passes on what is said between a kernel and the grader, until the kernel has said too much."""

    def __init__(self, folder: Path, kernel: str, most_bytes: int) -> None:
        """Take where the gate's own sockets go, and what is behind it.

        Args:
            folder: for the sockets, which nobody but the grader may write to.
            kernel: path of the kernel's sockets, up to the dash before their numbers.
            most_bytes: what the kernel may say until the next `renew`.
        """
        self.path = str(folder / "gate")
        self._kernel = kernel
        self._most = self._left = most_bytes
        self._servers: list[asyncio.Server] = []
        self._sides: list[_Side] = []
        self._held: list[int] = []

    @property
    def shut(self) -> bool:
        """Whether the kernel said too much, so that nothing passes any more."""
        return self._left < 0

    def renew(self) -> None:
        """Let the kernel say as much again."""
        self._left = self._most if self._left >= 0 else self._left

    async def open(self, *numbers: int, made: bool = False) -> None:
        """Open the sockets of some numbers, anew if they are open.

        Args:
            numbers: of the kernel's sockets.
            made: whether these are there already, as a sealed kernel's are.

        Raises:
            KernelUnavailable: what is there is no socket.
        """
        self.close()
        self._left = self._most
        loop = asyncio.get_running_loop()
        for number in numbers:
            end = functools.partial(
                _Grader, self, self._hold(f"{self._kernel}-{number}", made=made)
            )
            self._servers.append(await loop.create_unix_server(end, f"{self.path}-{number}"))

    def _hold(self, path: str, *, made: bool) -> str:
        """The path that a socket is reached by, whatever lies in its place later.

        SECURITY: a link in its place would have the grader speak with another program of the machine.
        """
        if not made or not hasattr(os, "O_PATH"):
            return path
        try:
            descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW)
        except OSError as error:
            raise KernelUnavailable("The kernel's sockets are not its own.") from error
        self._held.append(descriptor)
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            raise KernelUnavailable("The kernel's sockets are not its own.")
        return f"/proc/self/fd/{descriptor}"

    def close(self) -> None:
        """Let nothing pass any more."""
        while self._held:
            os.close(self._held.pop())
        for server in self._servers:
            server.close()
        for side in self._sides:
            side.end()
        self._servers.clear()
        self._sides.clear()
        for socket in Path(self.path).parent.glob("gate-*"):
            socket.unlink(missing_ok=True)

    def admit(self, side: _Side) -> None:
        """Know a connection, to end it with the gate; at once, if that was closed while it was made."""
        self._sides.append(side)
        if not self._servers:
            side.end()

    def count(self, size: int) -> None:
        """Count what the kernel says; called with the size of each piece before it is passed on."""
        self._left -= size
        if self.shut:
            for side in self._sides:
                side.end()


class _Side(asyncio.Protocol):
    """One end of a connection through the gate."""

    def __init__(self, gate: TrafficGate) -> None:
        self.gate = gate
        self.other: _Side | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the connection stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.gate.admit(self)
        for data in self._waiting:
            transport.write(data)
        self._waiting.clear()

    def pass_on(self, data: bytes) -> None:
        """Send what the other end received."""
        if self._transport is None:
            self._waiting.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: something was received."""
        if self.other is not None:
            self.other.pass_on(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: this end is closed, and so the other is."""
        if self.other is not None:
            self.other.end()

    def end(self) -> None:
        """Close this end."""
        if self._transport is not None:
            self._transport.abort()


class _Grader(_Side):
    """The end that the grader's socket connects to: it connects to the kernel's in turn."""

    def __init__(self, gate: TrafficGate, target: str) -> None:
        super().__init__(gate)
        self._target = target
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the grader has connected."""
        super().connection_made(transport)
        self.other = _Kernel(self.gate)
        self.other.other = self
        self._connecting = asyncio.ensure_future(self._connect(self.other))

    async def _connect(self, kernel: _Kernel) -> None:
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().create_unix_connection(lambda: kernel, self._target)
            return
        self.end()


class _Kernel(_Side):
    """The end that is connected to the kernel's socket: what comes from there is counted."""

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: the kernel said something."""
        self.gate.count(len(data))
        if not self.gate.shut:
            super().data_received(data)
