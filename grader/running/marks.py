"""Records the answers that a reference marks, and evaluates its cells for them alone. Runs in trusted kernels only."""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import signal
import sys
import types
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from grader.running.instrument import Instrument
from grader.running.recorder import Recorder


class Marks:
    """What `# grade:` and `# tell:` become in a kernel."""

    def __init__(self, shell: Any, recorder: Recorder) -> None:
        """Give the reference the functions that its marks call."""
        self._shell = shell
        self._recorder = recorder
        self._codes: dict[tuple[str, bool], types.CodeType] = {}
        self.others: Sequence[float] = ()
        """Elements of the value that takes the place of one of the reference's own."""
        builtins._grader_mark = self.mark  # type: ignore[attr-defined]
        builtins._grader_given = self.given  # type: ignore[attr-defined]

    def mark(self, exercise: str, alternative: int, credit: float, value: Any) -> None:
        """Record an answer of the reference: what a `# grade:` comment becomes."""
        values: dict[str, Any] = {}
        self._recorder._add(values, exercise, value)
        event = {"run": self._recorder.label, "kind": "mark", "cell": self._recorder.cell, "turn": "1"}
        kept = {exercise: values[exercise]} if exercise in values else {}
        self._recorder.send(event | {"values": kept, "alternative": alternative, "credit": credit})

    def given(self, own: Any) -> Any:
        """Another value in place of one of the reference's own, of the same kind and shape."""
        if not hasattr(own, "detach"):
            return type(own)(self.others[0])
        other = sys.modules["torch"].tensor(self.others, dtype=own.dtype).reshape(own.shape)
        return other.requires_grad_(own.requires_grad)

    def evaluate(self, source: str, instrument: Instrument, seconds: float) -> BaseException | None:
        """Evaluate a cell without recording what its statements do. It shows nothing, and takes a tenth of the time.

        Args:
            source: the cell.
            instrument: passes expressions through the substitution, if there is one.
            seconds: longest time it may take.

        Returns:
            What it raised; None if nothing.
        """
        try:
            with contextlib.redirect_stdout(io.StringIO()), _within(seconds):
                result = eval(self._compiled(source, instrument), self._shell.user_ns)
                if inspect.iscoroutine(result):
                    with ThreadPoolExecutor(1) as thread:  # the kernel's own loop is running
                        thread.submit(asyncio.run, result).result()
        except BaseException as error:  # noqa: BLE001 - as IPython does
            return error
        return None

    def _compiled(self, source: str, instrument: Instrument) -> types.CodeType:
        key = (source, instrument.substitute)
        if key not in self._codes:
            tree: ast.Module = instrument.visit(ast.parse(self._shell.transform_cell(source)))
            self._codes[key] = compile(tree, "<reference>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        return self._codes[key]


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """End what takes longer with an exception: a mistake in a loop may be one without end."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError(f"it took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
