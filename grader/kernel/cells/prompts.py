"""Answer a notebook's requests for input: there is nobody to type. Runs in the student's kernel.

`input()` raises Jupyter's own error. A debugger continues at once.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import io
import sys
import types
from typing import Any, NoReturn

from grader.kernel.cells.cell_end import CellEnd
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder

MAX_ASKED = 100
"""Most times that a cell may ask for input: one that asks until it likes the answer would never
end."""

MAX_PROMPT = 80

MESSAGE = "The cell asks for input, and nobody is there to answer."


class InputAskedAgain(BaseException):
    """A cell keeps asking for input. Not an `Exception`, since the cell catches those."""


# Cells that end in either way have one cause, by one name.
InputAskedAgain.__name__ = "StdinNotImplementedError"
InputAskedAgain.__qualname__ = "StdinNotImplementedError"


class Prompts:
    """Answers requests for input."""

    def __init__(self, recorder: Recorder, cell_end: CellEnd) -> None:
        """Initialise with the recorder, and the object that ends cells."""
        self._recorder = recorder
        self._cell_end = cell_end
        self._asked = 0

    def install(self, shell: Any) -> None:
        """Answer `input`, `getpass`, standard input and the debuggers."""
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            # ipykernel puts these in place of Python's while it runs a cell.
            kernel.raw_input = self.ask
            kernel.getpass = self.ask
        else:
            builtins.input = self.ask
            getpass.getpass = self.ask
        sys.stdin = _EmptyInput(self)
        sys.breakpointhook = self._go_on
        when_imported("pdb", self._pass_debugger)

    def begin_cell(self) -> None:
        """Reset the count for the next cell."""
        self._asked = 0

    def ask(self, prompt: object = "", *_args: object, **_named: object) -> NoReturn:
        """Refuse, as a frontend without input does."""
        from IPython.core.error import StdinNotImplementedError

        with contextlib.suppress(Exception):
            self.count(str(prompt) or "input()")
        raise StdinNotImplementedError(MESSAGE)

    def count(self, prompt: str) -> None:
        """Count a request, and end a cell with too many of them.

        Args:
            prompt: the question, as the student words it.
        """
        self._asked += 1
        if self._asked == 1:
            self._recorder.note(f"input {prompt.strip()[:MAX_PROMPT]}")
        if self._asked > MAX_ASKED and self._cell_end.running:
            self._cell_end.end(lambda: InputAskedAgain(MESSAGE))

    def _go_on(self, *_args: object, **_named: object) -> None:
        """Continue: the replacement for `breakpoint()` and `pdb.set_trace()`."""
        self._recorder.note("debugger breakpoint()")

    def _pass_debugger(self, pdb: types.ModuleType) -> None:
        def interaction(debugger: Any, *_args: object) -> None:
            """Make a debugger continue instead of prompting."""
            self._go_on()
            with contextlib.suppress(AttributeError):  # nothing runs, as in `pdb.pm()`
                debugger.set_continue()

        for name in ("set_trace", "pm", "post_mortem"):
            setattr(pdb, name, self._go_on)
        setattr(pdb.Pdb, "interaction", interaction)  # noqa: B010 - as above


class _EmptyInput(io.TextIOBase):
    """An empty standard input, which counts its reads."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def readable(self) -> bool:
        """Return True: it can be read, and is at its end."""
        return True

    def read(self, size: int | None = -1, /) -> str:
        """Return nothing."""
        self._prompts.count("sys.stdin")
        return ""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        """Return nothing."""
        return self.read(size)

    def fileno(self) -> int:
        """Return the descriptor of the standard input, which is empty too."""
        return 0
