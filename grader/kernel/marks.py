"""Records the answers that a reference marks, and evaluates its cells for them alone. Runs in trusted kernels only."""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import sys
import types
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from grader.kernel.calls import Asked, Caller, within
from grader.kernel.instrument import Instrument
from grader.kernel.recorder import Recorder


class Marks:
    """What `# grade:` and `# tell:` become in a kernel."""

    def __init__(
        self, shell: Any, recorder: Recorder, caller: Caller, questions: Mapping[str, Asked]
    ) -> None:
        """Give the reference the functions that its marks call.

        Args:
            shell: the kernel's IPython shell.
            recorder: what records.
            caller: calls functions that are marked.
            questions: what they are called with, by exercise.
        """
        self._shell = shell
        self._recorder = recorder
        self._caller = caller
        self._questions = questions
        self._codes: dict[tuple[str, bool], types.CodeType] = {}
        self.others: Sequence[float] = ()
        """Elements of the value that takes the place of one of the reference's own."""
        builtins._grader_mark = self.mark  # type: ignore[attr-defined]
        builtins._grader_given = self.given  # type: ignore[attr-defined]

    def mark(self, exercise: str, alternative: int, credit: float, value: Any) -> None:
        """Record an answer of the reference: what a `# grade:` comment becomes.

        Of a function it is what each call gives, under the call's label.
        """
        values: dict[str, Any] = {}
        if exercise in self._questions:
            values = self._called(self._questions[exercise], value)
        else:
            self._recorder._add(values, exercise, value)
            values = {exercise: values[exercise]} if exercise in values else {}
        event = {
            "run": self._recorder.label,
            "kind": "mark",
            "cell": self._recorder.cell,
            "turn": "1",
        }
        self._recorder.send(
            event | {"values": values, "alternative": alternative, "credit": credit}
        )

    def _called(self, asked: Asked, function: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for number, call in enumerate(asked["calls"], start=1):
            given, error = self._caller.outcome(function, call)
            if isinstance(
                error, (TimeoutError, KeyboardInterrupt)
            ):  # the time of the whole cell is over
                raise error
            if given["kind"] != "other":
                values[f"{asked['exercise']}({number})"] = given
        return values

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
            with contextlib.redirect_stdout(io.StringIO()), within(seconds):
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
            self._codes[key] = compile(
                tree, "<reference>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
            )
        return self._codes[key]
