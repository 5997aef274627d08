"""The kernel's main program: set limits and seeds, install the recorder, run ipykernel.

Runs inside the student's kernel, as `python -m grader.kernel.program SPEC`. SPEC is the path of a
JSON file (see `Spec` in `running/kernels.py`). Nothing in it is an answer.
"""

from __future__ import annotations

import builtins
import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

from grader.kernel.cells.cell_hooks import CellHooks
from grader.kernel.cells.event_loop import ReplayLoop
from grader.kernel.gpu import devices
from grader.kernel.portability import compiling, loader_workers, missing_packages, offline
from grader.kernel.portability.machine_changes import MachineChanges
from grader.kernel.portability.portability import Portability
from grader.kernel.probing.calls import Caller, by_exercise, names_of
from grader.kernel.probing.expression_names import GivenWatch
from grader.kernel.probing.marks import Marks
from grader.kernel.probing.originals import Originals
from grader.kernel.probing.overrides import OWN_MODULES
from grader.kernel.probing.probes import Prober
from grader.kernel.recording import hooks
from grader.kernel.recording.cell_lines import blank_lines as count_blank_lines
from grader.kernel.recording.cell_lines import is_part, line_breaks
from grader.kernel.recording.definitions import NOTE_NAME, Definitions
from grader.kernel.recording.namespaces import frame_in
from grader.kernel.recording.pipe import Pipe
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.training import Training
from grader.kernel.recording.values import Values
from grader.kernel.replay import ReplayScope, put_substitution
from grader.kernel.startup import Spec, limit, make_application, seed
from grader.kernel.variants import seed_hooks
from grader.kernel.variants.seeding import SeedPlan, Seeds
from grader.kernel.variants.variant import Variant

DEEPEST_TREE = 20_000
"""Recursion limit while a cell's tree is walked: a long sum or chain of `elif` is a deep tree."""

BASE = "base"
"""Label of the run on the original data."""

Cell = tuple[int, str]
"""Index in the notebook, and source."""

ReplayRequest = dict[str, Any]
"""The host's description of one replay: see `KernelProgram.replay`."""

REPLAY: list[Any] = []
"""Holds the kernel program's `replay` for the host's execute requests."""

ASK: list[Any] = []
"""Holds the kernel program's `ask` for the host's execute requests."""

LAY_CODE: list[Any] = []
LAY_IN: list[Any] = []
TAKE_OUT: list[Any] = []
"""Hold the functions that add and remove code and held-out files, for the host's requests."""


def main() -> None:
    """Read the specification, then serve as a kernel until the host ends it."""
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not needed in the kernel
        spec: Spec = json.load(file)
    limit(spec)
    seed(spec["seed"], spec["threads"])
    start(spec)


def start(spec: Spec, ready: Callable[[], None] = lambda: None) -> None:
    """Create the kernel, install the recorder, and serve.

    Args:
        spec: the host's description.
        ready: called once the kernel's sockets exist, before it runs anything.
    """
    app = make_application(spec["connection_file"])
    KernelProgram(app.shell, spec)
    ready()
    app.start()


class KernelProgram:
    """Connects the recorder to IPython, and replays cells in namespaces of their own."""

    def __init__(self, shell: Any, spec: Spec) -> None:
        """Install the recorder in a shell.

        Args:
            shell: the kernel's IPython shell.
            spec: the host's description: `cells` (index and source, in the order they will run),
                `seed`, `questions`.
        """
        self.shell = shell
        self.spec = spec
        pipe = Pipe(
            descriptor=spec["events_fd"],
            max_bytes=spec["events_bytes"],
        )
        self.recorder = Recorder(pipe.send, shell.user_ns)
        self.instrument = self.recorder.instrument(substitute=False)
        self.running_sources: list[str] = []
        """Sources of the cells that run now: a cell magic runs a cell within its own."""
        self.replay_loop: ReplayLoop
        self._waiting: list[Cell] = list(spec["cells"])
        sources = [source for _, source in spec["cells"]]
        self.machine_changes = MachineChanges(sources)
        self._trees = 0
        self._join_shell()
        put_substitution(None)

        self.caller = Caller(self.recorder, spec["seed"])
        OWN_MODULES.update(spec.get("own_modules", ()))
        originals = Originals()
        if any(not question["function"] for question in spec["questions"]):
            originals.install()
        self.prober = Prober(
            self.recorder, self.caller, self.training, originals, spec["questions"]
        )
        self.given_watch = GivenWatch(spec["questions"], lambda: self.caller.expression_names)
        self.given_watch.install(lambda: self.shell.user_ns)
        self.definitions = self.new_definitions()
        setattr(builtins, NOTE_NAME, self.note_definitions)
        if spec["trusted"]:
            self.prober.guard.trusts_notebook = True
            self.marks = self._marks()
        REPLAY.append(self.replay)
        ASK.append(self.ask)
        LAY_CODE.append(self.prober.lay_code)
        LAY_IN.append(self.prober.lay_in)
        TAKE_OUT.append(self.prober.take_out)

    def _marks(self) -> Marks:
        return Marks(
            shell=self.shell,
            recorder=self.recorder,
            caller=self.caller,
            prober=self.prober,
            given_watch=self.given_watch,
            machine_changes=self.machine_changes,
            questions=by_exercise(self.spec["questions"]),
        )

    def _join_shell(self) -> None:
        shell = self.shell
        shell.ast_transformers.append(self)
        shell.input_transformers_cleanup.append(offline.skip_installs)
        events = shell.events
        events.register("pre_run_cell", self.before_cell)
        events.register("post_run_cell", self.after_cell)
        self.portability = Portability(shell, self.recorder, self.spec)
        offline.install(self.recorder)
        self.seeds = Seeds(self._note_seed, watches_draws=self.spec["trusted"])
        seed_hooks.install(self.seeds)  # before `torch.Generator` takes any device
        sources = [source for _, source in self.spec["cells"]]
        if self.spec.get("device", "cpu") == "cpu":
            devices.install(self.recorder, sources)
            loader_workers.install(self.recorder)
        compiling.install(self.recorder)
        missing_packages.install(self.recorder)
        self.training = Training()
        self.training.install()
        hooks.install(self.recorder, self.training.note_reached)
        self.cell_hooks = CellHooks(
            self.recorder,
            shell,
            self.spec["output_kib"],
            records_figures=self.spec["figures"],
        )
        # `exit()` would end the kernel a moment later, in the midst of the next cell, and so would
        # a restart that a cell asks for.
        shell.ask_exit = lambda: self.recorder.note("exit")
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            kernel.do_shutdown = self._do_not_shut_down

    def _note_seed(self, seed: str) -> None:
        """Record a seed that the notebook sets in its run on the original data."""
        if self.recorder.label == BASE:
            self._say("seed", self.recorder.cell, seed, {})

    def begin_seeds(self, plan: SeedPlan) -> int:
        """Begin a run under a seed plan; return the grader's own seed in it."""
        # Questions draw the same numbers in every run: their seed is not one that cells set.
        return self.seeds.begin_run(plan, self.spec["seed"])

    def _do_not_shut_down(self, restart: bool) -> dict[str, Any]:
        self.recorder.note("exit")
        return {"status": "ok", "restart": restart}

    def visit(self, tree: Any) -> Any:
        """Instrument a tree.

        IPython calls this with each cell's tree, then with the code that `%%time` and the like
        compile.
        """
        self._trees += 1
        instrument = self.instrument
        limit = sys.getrecursionlimit()
        raised_limit = max(limit, DEEPEST_TREE)
        sys.setrecursionlimit(raised_limit)
        try:
            found = self.given_watch.find_in(tree)
            tree = self.machine_changes.apply(tree)
            if self._trees == 1:
                self.definitions.note_rebindings(tree)
                tree = instrument.visit(tree)
            else:
                with self.recorder.magic_lines(self._magic_offset()):
                    tree = instrument.visit(tree)
            self.given_watch.put_into(tree, found)
            return tree
        finally:
            sys.setrecursionlimit(limit)

    def _magic_offset(self) -> int:
        """Count the lines of the cell above the code that a magic compiles.

        `%%time` compiles its body, `%time` its line.
        """
        source = ""
        if self.running_sources:
            source = self.running_sources[0]
        above = count_blank_lines(source)
        lines = source.split("\n")
        first, *others = lines[above:]
        if first.startswith("%%"):
            body = "\n".join(others)
            return above + 1 + count_blank_lines(body)

        frame = frame_in(self.recorder.namespace, sys._getframe(1))
        if frame is None:
            return above
        return above + frame.f_lineno - 1

    def before_cell(self, info: Any) -> None:
        """Begin a cell.

        IPython calls this before each cell, also before those that a cell runs by itself
        (`%%capture`).
        """
        source = info.raw_cell or ""
        blank_lines = count_blank_lines(source)
        self._trees = 0

        if self.running_sources:
            # The code that a cell magic runs is the end of its cell, without skipped installs.
            outer = self.running_sources[0]
            above = line_breaks(outer) - line_breaks(source)
            offset = max(0, above) + blank_lines
            self.recorder.begin_part(offset)
        else:
            cell = self._index(source)
            self.recorder.begin_cell(cell, source, blank_lines)
            self.cell_hooks.begin_cell()
        self.running_sources.append(source)

    def after_cell(self, result: Any) -> None:
        """End a cell. IPython calls this after each."""
        if self.running_sources:
            self.running_sources.pop()
        if not self.running_sources:
            self.cell_hooks.finish_cell()
        self.portability.end_cell(failed=not result.success)
        if self.running_sources:
            self.recorder.end_part()
        else:
            self.recorder.end_cell()
        self.note_definitions()

    def note_definitions(self) -> None:
        """Record what the running cell has defined so far."""
        self.definitions.note(self.shell.user_ns, self.recorder)

    def new_definitions(self) -> Definitions:
        """Begin to record the callables of a namespace."""
        names = names_of(self.spec["questions"])
        return Definitions(names)

    def ask(self, number: int, seconds: float, prefix: str = "", own: str = "{}") -> None:
        """Answer one question by calls or evaluations; the host sends this as an execute request.

        Args:
            number: index of the question among the job's.
            seconds: time limit of all of it.
            prefix: begins the labels of the runs.
            own: JSON: the notebook's own answers that the host found, by exercise.
        """
        self.caller.expression_names.told = json.loads(own)
        question = self.spec["questions"][number]
        namespace = self.shell.user_ns
        if question["function"]:
            self.caller.ask(question, self.definitions, namespace, prefix, seconds)
        else:
            self.prober.ask(question, namespace, prefix, seconds)

    def ask_all(self, seconds: float, prefix: str = "", own: str = "{}") -> None:
        """Answer each question.

        Args:
            seconds: time limit of all calls of one question.
            prefix: begins the labels of the calls.
            own: as in `ask`.
        """
        count = len(self.spec["questions"])
        for number in range(count):
            self.ask(number, seconds, prefix, own)

    def _index(self, source: str) -> int:
        """Find a source's index in the notebook: the next cell to run, or one that runs again."""
        for position, (index, waiting) in enumerate(self._waiting):
            if waiting == source:
                passed = position + 1
                del self._waiting[:passed]
                return index

        cells: list[Cell] = self.spec["cells"]
        for index, known in cells:
            if known == source:
                return index
        for index, known in cells:
            if is_part(source, known):
                return index
        return -1

    def replay(self, request: str) -> None:
        """Run cells again in new namespaces, reseeded; the host sends this as an execute request.

        Args:
            request: JSON: a list of replays (see `Replay` in `running/session.py`). Each has
                `label`, `cells` (index and source), `inputs` (a variant's numbers, or None),
                `narrow`, `marks_only`, `given` (elements), `cell_timeout_s`, `seeding` (see
                `SeedPlan`), and `calls` (what
                begins the labels of the calls of its functions; None: they are not called).
        """
        for replay in json.loads(request):
            interrupted = self._replay(replay)
            if interrupted:
                return

    def _replay(self, replay: ReplayRequest) -> bool:
        """Run cells again in a new namespace; return whether the host interrupted it."""
        inputs = replay["inputs"]
        variant = None
        if inputs is not None:
            variant = Variant(inputs, narrow=replay["narrow"])

        label = replay["label"]
        marks_only = replay["marks_only"]
        plan = SeedPlan(**replay["seeding"])
        with ReplayScope(self, variant, label, marks_only=marks_only, seed_plan=plan):
            interrupted = self._replay_cells(replay)
            if interrupted:
                return True

            prefix = replay["calls"]
            if prefix is not None:
                self.ask_all(replay["cell_timeout_s"], prefix, replay["own"])
            self.say_carried(variant)
        return False

    def _replay_cells(self, replay: ReplayRequest) -> bool:
        """Run cells again; return whether the host interrupted one."""
        for cell, source in replay["cells"]:
            error = self._replay_cell(cell, source, replay)
            self.say_ended(cell, error)
            if self.seeds.have_drawn():
                self._say("seed", cell, "drawn", {})
            if isinstance(error, KeyboardInterrupt):
                return True
        return False

    def run(self, cell: int, source: str) -> BaseException | None:
        """Run a cell in a `ReplayScope` as IPython does; return the exception it raised."""
        self._waiting = [(cell, source)]
        result = self.shell.run_cell(source, store_history=False)
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        if error is not None:
            return error
        try:
            self.replay_loop.turn()
        except KeyboardInterrupt as interrupt:  # from the host, while the cell's tasks ran
            return interrupt
        return None

    def _replay_cell(self, cell: int, source: str, replay: ReplayRequest) -> BaseException | None:
        """Run a cell, or evaluate one of the reference for its marks alone.

        Returns:
            Its exception; None if there is none.
        """
        if not replay["marks_only"]:
            return self.run(cell, source)

        seconds = replay["cell_timeout_s"]
        self.recorder.begin_cell(cell, source)
        self.marks.others = replay["given"]
        return self.marks.evaluate(source, self.instrument, seconds)

    def say_ended(self, cell: int, error: BaseException | None) -> None:
        """Record how a cell of a replay ended."""
        text = ""
        if error is not None:
            name = type(error).__name__
            message = str(error)
            text = f"{name}: {message[:300]}"
        self._say("ended", cell, text, {})

    def say_carried(self, variant: Variant | None) -> None:
        """Record which data a variant met."""
        if variant is None:
            return
        values: Values = {}
        carried_by_name = variant.carried(sets_seeds=self.seeds.are_set)
        for name, carried in carried_by_name.items():
            values[name] = {"kind": "bool", "value": carried}
        self._say("input", -1, variant.substitution.problem(), values)

    def _say(self, kind: str, cell: int, text: str, values: Values) -> None:
        event = {
            "run": self.recorder.label,
            "kind": kind,
            "cell": cell,
            "turn": "1",
            "text": text,
            "values": values,
        }
        self.recorder.send(event)


if __name__ == "__main__":
    # As a module of its own name: the host's request for a replay imports it by that name.
    importlib.import_module("grader.kernel.program").main()
