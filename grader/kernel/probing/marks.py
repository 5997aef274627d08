"""Record the answers that a reference marks, and evaluate its cells for the marks alone.

Runs in trusted kernels only.
"""

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

from grader.kernel.portability.machine_changes import MachineChanges
from grader.kernel.probing.calls import Caller, QuestionData, within
from grader.kernel.probing.expression_names import GivenWatch
from grader.kernel.probing.probes import Prober, described, expressions_of
from grader.kernel.recording.instrument import Instrument
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.values import describe


class Marks:
    """The functions that a kernel calls for `# grade:` and `# tell:` comments."""

    def __init__(
        self,
        shell: Any,
        recorder: Recorder,
        caller: Caller,
        prober: Prober,
        *,
        given_watch: GivenWatch,
        machine_changes: MachineChanges,
        questions: Mapping[str, QuestionData],
    ) -> None:
        """Add the functions for marks to a reference's kernel.

        Args:
            shell: the kernel's IPython shell.
            recorder: the recorder.
            caller: calls functions that are marked.
            prober: evaluates expressions.
            given_watch: keeps the results of given statements.
            machine_changes: changes each cell for this machine.
            questions: the questions, by exercise.
        """
        self._shell = shell
        self._recorder = recorder
        self._caller = caller
        self._prober = prober
        self._given_watch = given_watch
        self._machine_changes = machine_changes
        self._questions = questions
        self._codes: dict[tuple[str, bool], types.CodeType] = {}
        self.others: Sequence[float] = ()
        """Elements of the value that takes the place of one of the reference's own."""
        builtins._grader_mark = self.mark  # type: ignore[attr-defined]
        builtins._grader_given = self.given  # type: ignore[attr-defined]

    def mark(self, exercise: str, alternative: int, credit: float, value: Any) -> None:
        """Record an answer of the reference. Each `# grade:` comment becomes a call of this.

        For a function the answer is what each call returns, under the label of the call; for
        expressions, what each gives.

        Args:
            exercise: id of the exercise.
            alternative: number of the mark among those of the exercise.
            credit: share of the points that the answer earns.
            value: the answer, or the function; not looked at for expressions.
        """
        question = self._questions.get(exercise)
        if question is None:
            if alternative == 0:
                self._keep_for_others(exercise, value)
            values = self._value(exercise, value)
        elif question["function"]:
            values = self._call_results(question, value)
        else:
            values = self._expression_results(question)

        event = {
            "run": self._recorder.label,
            "kind": "mark",
            "cell": self._recorder.cell,
            "turn": "1",
            "values": values,
            "alternative": alternative,
            "credit": credit,
        }
        self._recorder.send(event)

    def _keep_for_others(self, exercise: str, value: Any) -> None:
        """Keep an answer to which other exercises refer as the student's own."""
        asking = [question.get("own", ()) for question in self._questions.values()]
        if any(exercise in own for own in asking):
            self._caller.expression_names.keep_marked(exercise, value)

    def _value(self, exercise: str, value: Any) -> dict[str, Any]:
        if value is None:
            return {exercise: describe(None)}
        values: dict[str, Any] = {}
        self._recorder.add_value(values, exercise, value)
        if type(value).__module__.startswith("matplotlib."):
            values[exercise] = {"kind": "text", "value": "figure"}
        if exercise not in values:
            return {}
        return {exercise: values[exercise]}

    def _call_results(self, question: QuestionData, function: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        exercise = question["exercise"]

        namespace = self._shell.user_ns
        for number, _ in enumerate(question["calls"], start=1):
            result, error = self._caller.outcome(question, number, function, namespace)
            if isinstance(error, (TimeoutError, KeyboardInterrupt)):
                raise error  # the time of the whole cell is over
            if result["kind"] != "other":
                values[f"{exercise}({number})"] = result
        return values

    def _expression_results(self, question: QuestionData) -> dict[str, Any]:
        """Return the result of each expression, and the values of the names it reads."""
        values: dict[str, Any] = {}
        exercise = question["exercise"]
        namespace = self._shell.user_ns
        objects = {name: namespace[name] for name in question["names"]}
        kinds = described(objects)
        for name, value in kinds.items():
            path = f"{exercise}(0).{name}"
            values[path] = value

        if question.get("asserts"):
            results = self._prober.assertion_results(question, objects, namespace)
            for number, each in enumerate(results, start=1):
                values[f"{exercise}({number})"] = describe(each.holds)
            return values

        objects |= self._caller.expression_names.of(question, namespace)
        for suffix, expression in expressions_of(question).items():
            result, error = self._prober.outcome(question, expression, objects)
            if error is not None:
                raise error
            values[exercise + suffix] = result
        return values

    def given(self, own: Any) -> Any:
        """Convert a value to the kind and shape of the reference's value that it replaces."""
        if not hasattr(own, "detach"):
            kind = type(own)
            return kind(self.others[0])

        torch = sys.modules["torch"]
        other = torch.tensor(self.others, dtype=own.dtype)
        other = other.reshape(own.shape)
        return other.requires_grad_(own.requires_grad)

    def evaluate(self, source: str, instrument: Instrument, seconds: float) -> BaseException | None:
        """Evaluate a cell without recording its statements.

        It shows nothing, and takes a tenth of the time.

        Args:
            source: the cell.
            instrument: passes expressions through the substitution, if there is one.
            seconds: longest time it may take.

        Returns:
            Its exception; None if there is none.
        """
        try:
            with contextlib.redirect_stdout(io.StringIO()), within(seconds):
                code = self._compiled(source, instrument)
                result = eval(code, self._shell.user_ns)
                if inspect.iscoroutine(result):
                    with ThreadPoolExecutor(1) as thread:  # the kernel's own loop is running
                        future = thread.submit(asyncio.run, result)
                        future.result()
        except BaseException as error:  # noqa: BLE001 - as IPython does
            return error
        return None

    def _compiled(self, source: str, instrument: Instrument) -> types.CodeType:
        key = (source, instrument.substitute)
        if key not in self._codes:
            plain_source = self._shell.transform_cell(source)
            plain_tree = ast.parse(plain_source)
            given = self._given_watch.find_in(plain_tree)
            own_tree = self._machine_changes.apply(plain_tree)
            tree: ast.Module = instrument.visit(own_tree)
            self._given_watch.put_into(tree, given)
            self._codes[key] = compile(
                tree, "<reference>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
            )
        return self._codes[key]
