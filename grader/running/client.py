"""nbclient, with output counted as it comes and none of it kept but some pictures."""

from __future__ import annotations

from typing import Any

import nbformat
from nbclient import NotebookClient

from grader.running.kernels import Kernel
from grader.running.pictures import Pictures

IOPUB_TIMEOUT_S = 4


class CountingClient(NotebookClient):  # type: ignore[misc]
    """nbclient, with output counted as it comes: what is over the limit is dropped, and told."""

    def __init__(self, limit_bytes: int, kernel: Kernel, pictures: Pictures) -> None:
        super().__init__(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()]),
            km=kernel.manager,
            allow_errors=True,
            timeout=None,
            store_widget_state=False,
            iopub_timeout=IOPUB_TIMEOUT_S,
            raise_on_iopub_timeout=True,
            on_cell_executed=self._executed,
        )
        self.kc = kernel.client
        self.reset_execution_trackers()
        self._limit = limit_bytes
        self._pictures = pictures
        self._cell: int | None = None
        self.written = 0
        self.reply: dict[str, Any] | None = None

    @property
    def flooded(self) -> bool:
        """Whether the cell wrote more than it may."""
        return self.written > self._limit

    def begin(self, cell: int | None) -> None:
        """Start counting for a cell, or for something else that the kernel is asked."""
        self.written, self.reply, self._cell = 0, None, cell

    def _executed(self, *, execute_reply: dict[str, Any], **_: Any) -> None:
        """Called by nbclient with the shell's reply, which alone says how a cell ended."""
        content = execute_reply.get("content")
        self.reply = content if isinstance(content, dict) else {}

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Count a message; nbclient calls this for each. No text is kept: the recorder has what matters."""
        content = msg.get("content")
        content = content if isinstance(content, dict) else {}
        if msg.get("msg_type") in (
            "stream",
            "display_data",
            "execute_result",
            "update_display_data",
            "error",
        ):
            self.written += sum(len(str(part)) for part in content.values())
            if self._cell is not None and not self.flooded:
                self._pictures.take(self._cell, content.get("data"))
            return None
        if msg.get("msg_type") in ("status", "execute_input", "execute_reply"):
            return super().process_message(msg, cell, cell_index)
        return None
