"""Drive a kernel with nbclient: count its output as it arrives, and keep only pictures."""

from __future__ import annotations

import asyncio
from typing import Any

import nbformat
from nbclient import NotebookClient

from grader.running.kernels import Kernel
from grader.running.pictures import Pictures

IOPUB_TIMEOUT_S = 4

OUTPUTS = ("stream", "display_data", "execute_result", "update_display_data", "error")
"""Message types that count as output."""

MEDIA = ("image/", "audio/", "video/", "application/pdf")
"""Beginnings of the MIME types that count apart from text: see `kernel/cells/displays.py`."""

FORGIVEN = 4
"""Multiple of the limit that a cell may write. The kernel drops output beyond the limit, so only a
cell that bypasses the kernel's limit gets this far.
"""

MAX_MEDIA_CHARACTERS = 8_000_000
"""Most characters of the pictures of one cell."""

FLOW = ("status", "execute_input", "execute_reply")
"""Message types from which nbclient learns how far a cell is."""


class CountingClient(NotebookClient):  # type: ignore[misc]
    """An nbclient that counts the output of each cell, and drops output beyond the limit."""

    def __init__(self, limit_bytes: int, kernel: Kernel, pictures: Pictures) -> None:
        super().__init__(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()]),
            km=kernel.manager,
            allow_errors=True,
            timeout=None,
            store_widget_state=False,
            iopub_timeout=IOPUB_TIMEOUT_S,
            raise_on_iopub_timeout=True,
            on_cell_executed=self._keep_reply,
        )
        self.kc = kernel.client
        self.reset_execution_trackers()
        self._limit = limit_bytes
        self._pictures = pictures
        self._cell: int | None = None
        self.written = 0
        """Output of the current cell without its pictures, in characters."""
        self.shown = 0
        """Pictures of the current cell, in characters."""
        self.reply: dict[str, Any] | None = None
        """Content of the shell's reply to the current cell; None before it came."""

    @property
    def flooded(self) -> bool:
        """Whether the cell exceeded its output limit."""
        if self.written > FORGIVEN * self._limit:
            return True
        return self.shown > MAX_MEDIA_CHARACTERS

    def begin(self, cell: int | None) -> None:
        """Start counting for a cell; None for any other request to the kernel."""
        self.written = 0
        self.shown = 0
        self.reply = None
        self._cell = cell

    def _keep_reply(self, *, execute_reply: dict[str, Any], **_: Any) -> None:
        """Keep the shell's reply, which says how a cell ended; called by nbclient."""
        content = execute_reply.get("content")
        self.reply = content if isinstance(content, dict) else {}

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Count a message of a cell; called by nbclient for each.

        No text is kept, because the recorder has it.
        """
        if msg.get("msg_type") in FLOW:
            return super().process_message(msg, cell, cell_index)
        if msg.get("msg_type") in OUTPUTS:
            self._count(msg.get("content"))
        return None

    def _count(self, content: Any) -> None:
        if not isinstance(content, dict):
            return
        for name, part in content.items():
            if name == "data" and isinstance(part, dict):
                self._count_data(part)
            else:
                self.written += len(str(part))
        if self._cell is not None and not self.flooded:
            self._pictures.take(self._cell, content.get("data"))

    def _count_data(self, data: dict[Any, Any]) -> None:
        """Count the data of a display by MIME type."""
        for kind, value in data.items():
            size = len(str(value))
            if str(kind).startswith(MEDIA):
                self.shown += size
            else:
                self.written += size


async def send_and_wait(kernel: Kernel, code: str) -> None:
    """Send code and wait for the shell's reply; other messages are skipped."""
    message_id = kernel.client.execute(code, silent=True, store_history=False)
    while True:
        try:
            reply = await kernel.client.get_shell_msg()
            if reply["parent_header"]["msg_id"] == message_id:
                return
        except Exception:  # noqa: BLE001 - a hostile message breaks jupyter_client in many ways
            await asyncio.sleep(0.01)


def notebook_cell(source: str) -> nbformat.NotebookNode:
    """Create a code cell to execute."""
    # Not `new_code_cell`: it validates each cell against the format's schema, and this one is ours.
    return nbformat.NotebookNode(
        cell_type="code",
        source=source,
        metadata=nbformat.NotebookNode(),
        outputs=[],
        execution_count=None,
    )
