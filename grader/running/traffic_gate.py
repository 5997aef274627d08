"""Forward a limited number of bytes from a kernel's sockets to the grader.

libzmq reads a message of any number of parts into memory before anybody can inspect it. A kernel's
messages go through this gate first, which bounds the grader's memory.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import stat
from pathlib import Path

from grader.errors import KernelUnavailable


class TrafficGate:
    """Forwards traffic between a kernel and the grader until the kernel has sent too much."""

    def __init__(self, folder: Path, kernel: str, most_bytes: int) -> None:
        """Initialise with the two sides of the gate.

        Args:
            folder: folder for the gate's own sockets, which only the grader may write to.
            kernel: path of the kernel's sockets, up to the dash before their numbers.
            most_bytes: most that the kernel may send until the next `renew`.
        """
        self.path = str(folder / "gate")
        """Path of the gate's sockets, up to the dash before their numbers."""
        self._kernel = kernel
        self._most_bytes = most_bytes
        self._remaining_bytes = most_bytes
        self._loop: asyncio.AbstractEventLoop
        self._listeners: list[socket.socket] = []
        self._ends: list[_ConnectionEnd] = []
        self._descriptors: list[int] = []

    @property
    def shut(self) -> bool:
        """Whether the kernel sent too much, so that nothing is forwarded any more."""
        return self._remaining_bytes < 0

    def renew(self) -> None:
        """Reset the count, unless the gate is shut."""
        if not self.shut:
            self._remaining_bytes = self._most_bytes

    def open(self, *numbers: int, existing: bool = False) -> None:
        """Open sockets with some numbers, again if they are open; this loop serves them.

        Args:
            numbers: the numbers of the kernel's sockets.
            existing: whether the kernel's sockets are there already, as a sealed kernel's are.

        Raises:
            KernelUnavailable: the kernel's side is no socket.
        """
        self.close()
        self._loop = asyncio.get_running_loop()
        self._remaining_bytes = self._most_bytes
        for number in numbers:
            target = f"{self._kernel}-{number}"
            if existing and hasattr(os, "O_PATH"):
                target = self._pinned(target)
            self._listen(f"{self.path}-{number}", target)

    def _listen(self, path: str, target: str) -> None:
        """Accept connections at a path, each to be connected to the kernel's socket.

        A server of asyncio would lose the connections that it takes while it is closed: up to
        Python 3.12 it gives them an owner that is gone, and their sockets stay open.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listeners.append(listener)
        listener.setblocking(False)
        listener.bind(path)
        listener.listen()
        self._loop.add_reader(listener, self._accept, listener, target)

    def _accept(self, listener: socket.socket, target: str) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # whoever connected is gone
            return
        end = _GraderEnd(self, target)
        task = self._loop.create_task(_attach(end, connection))
        task.add_done_callback(functools.partial(_close_unattached, end, connection))

    def _pinned(self, path: str) -> str:
        """Return a path to this socket that stays valid if its name is reused.

        SECURITY: a link in its place would have the grader speak with another program.
        """
        try:
            descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW)
        except OSError as error:
            raise KernelUnavailable("The kernel's sockets are not its own.") from error
        self._descriptors.append(descriptor)
        state = os.fstat(descriptor)
        if not stat.S_ISSOCK(state.st_mode):
            raise KernelUnavailable("The kernel's sockets are not its own.")
        return f"/proc/self/fd/{descriptor}"

    def close(self) -> None:
        """Forward nothing any more."""
        while self._descriptors:
            descriptor = self._descriptors.pop()
            os.close(descriptor)
        for listener in self._listeners:
            self._loop.remove_reader(listener)
            listener.close()
        for end in self._ends:
            end.close()
        self._listeners.clear()
        self._ends.clear()
        folder = Path(self.path).parent
        for path in folder.glob("gate-*"):
            path.unlink(missing_ok=True)

    def admit(self, end: _ConnectionEnd) -> None:
        """Register a connection, to close it with the gate.

        It is closed at once if the gate was closed while the connection was made.
        """
        self._ends.append(end)
        if not self._listeners:
            end.close()

    def count(self, size: int) -> None:
        """Count bytes from the kernel, before they are forwarded."""
        self._remaining_bytes -= size
        if self.shut:
            for end in self._ends:
                end.close()


class _ConnectionEnd(asyncio.Protocol):
    """One end of a connection through the gate."""

    def __init__(self, gate: TrafficGate) -> None:
        self.gate = gate
        self.other: _ConnectionEnd | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to send; called by asyncio when the connection is made."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.gate.admit(self)
        for data in self._waiting:
            transport.write(data)
        self._waiting.clear()

    @property
    def attached(self) -> bool:
        """Whether a transport owns the socket of this end."""
        return self._transport is not None

    def pass_on(self, data: bytes) -> None:
        """Send the data that the other end received."""
        if self._transport is None:
            self._waiting.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Hand data to the other end; called by asyncio."""
        if self.other is not None:
            self.other.pass_on(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other end too; called by asyncio."""
        if self.other is not None:
            self.other.close()

    def close(self) -> None:
        """Close this end."""
        if self._transport is not None:
            self._transport.abort()


class _GraderEnd(_ConnectionEnd):
    """The end that the grader's socket connects to; it then connects to the kernel's."""

    def __init__(self, gate: TrafficGate, target: str) -> None:
        super().__init__(gate)
        self._target = target
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the kernel; called by asyncio when the grader has connected."""
        super().connection_made(transport)
        kernel_end = _KernelEnd(self.gate)
        kernel_end.other = self
        self.other = kernel_end
        connecting = self._connect(kernel_end)
        self._connecting = asyncio.ensure_future(connecting)

    async def _connect(self, kernel_end: _KernelEnd) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_unix_connection(lambda: kernel_end, self._target)
        except OSError:
            self.close()


async def _attach(end: _GraderEnd, connection: socket.socket) -> None:
    """Let an end of the gate serve an accepted connection."""
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: end, connection)


def _close_unattached(end: _GraderEnd, connection: socket.socket, task: asyncio.Task[None]) -> None:
    """Close a connection that the loop ended before serving."""
    if not end.attached:
        connection.close()


class _KernelEnd(_ConnectionEnd):
    """The end that is connected to the kernel's socket; it counts what it receives."""

    def data_received(self, data: bytes) -> None:
        """Count data from the kernel before it is handed on; called by asyncio."""
        size = len(data)
        self.gate.count(size)
        if not self.gate.shut:
            super().data_received(data)
