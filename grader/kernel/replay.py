"""Run each replay of cells in its own namespace. Runs inside the student's kernel."""

from __future__ import annotations

import builtins
import sys
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.kernel.cells.event_loop import ReplayLoop
from grader.kernel.probing.expression_names import ExpressionNames
from grader.kernel.recording.definitions import Definitions
from grader.kernel.recording.instrument import SUBSTITUTE_NAME, Instrument
from grader.kernel.startup import reset_libraries
from grader.kernel.variants.seeding import UNCHANGED, SeedPlan
from grader.kernel.variants.substitution import Substitution
from grader.kernel.variants.variant import Variant

if TYPE_CHECKING:
    from grader.kernel.program import KernelProgram


def put_substitution(substitution: Substitution | None) -> None:
    """Route the expressions of a variant through a substitution; None for no change.

    SECURITY: it is among the builtins, and none of its attributes gives access to the numbers.
    """
    if substitution is None:
        setattr(builtins, SUBSTITUTE_NAME, _unchanged)
        return

    def with_other_numbers(value: Any) -> Any:
        return substitution(value)

    setattr(builtins, SUBSTITUTE_NAME, with_other_numbers)


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class _SavedState:
    """The state of the shell and the kernel program before a replay."""

    module: types.ModuleType
    namespace: dict[str, Any]
    showtraceback: Any
    format: Any
    instrument: Instrument
    running_sources: list[str]
    definitions: Definitions
    expression_names: ExpressionNames


class ReplayScope:
    """A namespace for one replay; restores the shell's state afterwards."""

    def __init__(
        self,
        program: KernelProgram,
        variant: Variant | None,
        label: str,
        *,
        marks_only: bool,
        seed_plan: SeedPlan = UNCHANGED,
    ) -> None:
        """Initialise with the settings of a replay.

        Args:
            program: the kernel program.
            variant: replacements of the data; None: the original data.
            label: name of the run.
            marks_only: record the marks of a reference, and nothing else.
            seed_plan: changes of the seeds that the cells set.
        """
        self._program = program
        self._variant = variant
        self._label = label
        self._marks_only = marks_only
        self._seed_plan = seed_plan
        if variant is not None:
            self._seed_plan = variant.seed_plan(seed_plan)
        self._loop = ReplayLoop(program.shell)

    def __enter__(self) -> None:
        program = self._program
        self._before = _saved_state(program)

        namespace = _enter_namespace(program.shell)
        program.portability.begin_run(self._variant)
        _hide_outputs(program.shell)
        self._put_instrument()
        program.running_sources = []
        program.definitions = program.new_definitions()
        program.caller.expression_names = ExpressionNames()

        program.cell_hooks.output.hidden = True
        program.replay_loop = self._loop
        self._loop.__enter__()

        # Hooks record operations in the run's namespace; for marks alone there is none.
        recorded = {} if self._marks_only else namespace
        program.recorder.begin_run(self._label, recorded)
        program.training.clear()
        own_seed = program.begin_seeds(self._seed_plan)
        reset_libraries(own_seed)
        program.seeds.start()

    def _put_instrument(self) -> None:
        recorder = self._program.recorder
        register = None if self._marks_only else recorder.register
        substitution = self._variant.substitution if self._variant else None
        is_variant = substitution is not None
        self._program.instrument = Instrument(register, substitute=is_variant)
        recorder.substitution = substitution
        put_substitution(substitution)

    def __exit__(self, *_error: object) -> None:
        before = self._before
        program = self._program
        shell = program.shell

        self._loop.__exit__()
        program.cell_hooks.output.hidden = False
        shell.user_module = before.module
        shell.user_ns = before.namespace
        shell.showtraceback = before.showtraceback
        shell.display_formatter.format = before.format
        program.instrument = before.instrument
        program.running_sources = before.running_sources
        program.definitions = before.definitions
        program.caller.expression_names = before.expression_names

        sys.modules["__main__"] = before.module
        program.begin_seeds(UNCHANGED)
        program.recorder.substitution = None
        put_substitution(None)


def _saved_state(program: KernelProgram) -> _SavedState:
    shell = program.shell
    return _SavedState(
        module=shell.user_module,
        namespace=shell.user_ns,
        showtraceback=shell.showtraceback,
        format=shell.display_formatter.format,
        instrument=program.instrument,
        running_sources=program.running_sources,
        definitions=program.definitions,
        expression_names=program.caller.expression_names,
    )


def _enter_namespace(shell: Any) -> dict[str, Any]:
    """Set a new `__main__` in the shell; return its namespace."""
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    shell.user_module = main
    shell.user_ns = main.__dict__
    sys.modules["__main__"] = main
    shell.init_user_ns()
    return main.__dict__


def _hide_outputs(shell: Any) -> None:
    """Show neither errors nor values: replays are not shown, and drawing a figure takes 0.1 s."""

    def show_nothing(*_args: Any, **_kwargs: Any) -> None:
        return None

    def format_nothing(*_args: Any, **_kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {}, {}

    shell.showtraceback = show_nothing
    shell.display_formatter.format = format_nothing
