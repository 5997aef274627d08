"""The kernel's own program: limits, seeds, recorder, then ipykernel. Runs inside the student's kernel.

`python -m grader.kernel.program SPEC` where SPEC is the path of a JSON file (see `Spec` in `kernels.py`). Nothing in it
is an answer.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import json
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.kernel import hooks, offline
from grader.kernel.calls import Caller, Definitions, by_exercise
from grader.kernel.instrument import SUBSTITUTE_NAME, Instrument
from grader.kernel.marks import Marks
from grader.kernel.recorder import Pipe, Recorder
from grader.kernel.substitution import Substitution

Spec = dict[str, Any]

OPEN_FILES = 1024
"""Most files that are open at a time."""

LIBRARIES_MIB = 1024
"""What torch, torchvision, matplotlib and ipykernel count towards RLIMIT_DATA: 890 MiB of torch 2.14."""

DEEPEST_TREE = 20_000
"""Recursion limit while a cell's tree is walked: a long sum or chain of `elif` is a deep tree."""


def main() -> None:
    """Read the specification, then be a kernel until the host ends it."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not needed in the kernel
        spec: Spec = json.load(file)
    limit(spec)
    seed(spec["seed"], spec["threads"])
    start(spec)


def limit(spec: Spec) -> None:
    """Bound what this process may use from here on, where the system can: memory, files, core dumps."""
    try:
        import resource
    except ImportError:
        return
    mib = 1 << 20
    # What the libraries take is not the notebook's doing: a fork has it already, another kernel is to get it.
    data = spec["memory_mib"] * mib + (_data_bytes() if spec["forked"] else LIBRARIES_MIB * mib)
    bounds = {
        "RLIMIT_DATA": data,
        "RLIMIT_FSIZE": spec["disk_mib"] * mib,
        "RLIMIT_NOFILE": OPEN_FILES,
        "RLIMIT_CORE": 0,
    }
    for name, most in bounds.items():
        _, hard = resource.getrlimit(getattr(resource, name))
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(getattr(resource, name), (bound, bound))


def _data_bytes() -> int:
    """What counts towards RLIMIT_DATA of this process now."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - as above
        return next((int(line.split()[1]) << 10 for line in file if line.startswith("VmData:")), 0)


def seed(number: int, threads: int) -> None:
    """Seed `random` now, numpy and torch as soon as they are imported; set torch's threads."""
    random.seed(number)
    hooks.when_imported("numpy", lambda numpy: numpy.random.seed(number))
    hooks.when_imported("torch", lambda torch: _prepare_torch(torch, number, threads))


def _prepare_torch(torch: types.ModuleType, number: int, threads: int) -> None:
    torch.default_generator.manual_seed(
        number
    )  # `torch.manual_seed` looks for other devices, which takes 3 ms
    torch.set_num_threads(threads)


def start(spec: Spec, ready: Callable[[], None] = lambda: None) -> None:
    """Make the kernel, put the recorder in, and serve.

    Args:
        spec: what the host said.
        ready: called once the kernel's sockets stand, before it runs anything.
    """
    # Nobody debugs here, and to import it takes 0.1 s.
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]
    from ipykernel import ipkernel
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    class App(IPKernelApp):  # type: ignore[misc]
        """Leaves out what nobody needs here, and what takes 15 ms of a fork's 40."""

        def _configure_logging(self) -> None:
            """No log is read. Setting one up touches every logger of every library."""

        def parse_command_line(self, argv: list[str] | None = None) -> None:
            """What there is to say has been said: a parser of all settings is not needed."""

    config = Config()
    config.HistoryManager.enabled = False
    # What was handed in lies at the end of the path, so that no file of it shadows a module.
    config.InteractiveShellApp.ignore_cwd = True
    sys.path.append(os.getcwd())  # noqa: PTH109
    # Who reads the notebook reads the student's line; frames of libraries in colour take 0.1 s per exception.
    config.InteractiveShell.xmode = "Plain"
    config.InteractiveShell.colors = "NoColor"
    config.IPKernelApp.log_level = 50
    sys.argv = ["ipykernel"]
    app = App.instance(connection_file=spec["connection_file"], config=config)
    with _modules_unseen(ipkernel):
        app.initialize([])
    _show_figures(app.shell)
    KernelProgram(app.shell, spec)
    ready()
    app.start()


def _show_figures(shell: Any) -> None:
    """Do what matplotlib's inline backend does when a shell imports it: a fork has it from before there was one."""
    if backend := sys.modules.get(INLINE):
        backend.configure_inline_support(shell, f"module://{INLINE}")


@contextlib.contextmanager
def _modules_unseen(ipkernel: types.ModuleType) -> Iterator[None]:
    """While a kernel is made: let it see no modules.

    It lists the files of all for its debugger, which is not there. In a fork that copies a page or two per module: of
    4,000 modules 17 MB, and 10 ms.
    """
    plain = ipkernel.sys
    seen = types.ModuleType("sys")
    seen.__dict__.update(plain.__dict__, modules={})
    ipkernel.sys = seen  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ipkernel.sys = plain  # type: ignore[attr-defined]


class KernelProgram:
    """Joins the recorder to IPython, and replays cells in namespaces of their own."""

    def __init__(self, shell: Any, spec: Spec) -> None:
        """Put the recorder into a shell.

        Args:
            shell: the kernel's IPython shell.
            spec: what the host said: `cells` (index and source, in the order they will run), `seed`, `questions`.
        """
        self.shell = shell
        self.spec = spec
        self.recorder = Recorder(Pipe(spec["events_fd"], spec["events_bytes"]).send, shell.user_ns)
        self._waiting: list[tuple[int, str]] = [(cell, source) for cell, source in spec["cells"]]
        self._depth: list[str] = []
        self._trees = 0
        self._written = 0
        self._instrument = self.recorder.instrument(substitute=False)
        shell.ast_transformers.append(self)
        shell.input_transformers_cleanup.append(offline.skip_installs)
        shell.events.register("pre_run_cell", self.before_cell)
        shell.events.register("post_run_cell", self.after_cell)
        offline.install(self.recorder)
        hooks.install(self.recorder)
        self._listen(sys.stdout, record=True)
        self._listen(sys.stderr, record=False)
        # `exit()` would end the kernel a moment later, in the midst of the next cell.
        shell.ask_exit = lambda: self.recorder.note("exit")
        setattr(builtins, SUBSTITUTE_NAME, lambda value: value)
        self.caller = Caller(self.recorder, spec["seed"])
        self.definitions = Definitions()
        if spec["trusted"]:
            self.marks = Marks(shell, self.recorder, self.caller, by_exercise(spec["questions"]))
        REPLAY.append(self.replay)
        ASK.append(self.ask)

    def visit(self, tree: Any) -> Any:
        """IPython calls this with each cell's tree, then with what `%%time` and the like compile by themselves."""
        self._trees += 1
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, DEEPEST_TREE))
        try:
            with (
                self.recorder.magic(self._magic_offset())
                if self._trees > 1
                else contextlib.nullcontext()
            ):
                return self._instrument.visit(tree)
        finally:
            sys.setrecursionlimit(limit)

    def _magic_offset(self) -> int:
        """How many lines of the cell stand above what a magic compiles: of `%%time` the body, of `%time` its line."""
        source = self._depth[0] if self._depth else ""
        above = _blank_lines(source)
        lines = source.split("\n")[above:]
        if lines and lines[0].startswith("%%"):
            return above + 1 + _blank_lines("\n".join(lines[1:]))
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals is not self.recorder.namespace:
            frame = frame.f_back
        return above + (frame.f_lineno - 1 if frame is not None else 0)

    def _listen(self, stream: Any, *, record: bool) -> None:
        """Hold what is printed; let through a little more than a cell may write, so that the host sees it did."""
        plain = stream.write
        most = self.spec["output_kib"] * 1024 + 1024
        pid = os.getpid()

        def write(text: str) -> Any:
            if type(text) is not str or os.getpid() != pid:
                return plain(text)
            if record:
                self.recorder.hold_printed(text)
            left = max(0, most - self._written)
            self._written += len(text)
            plain(text[:left])
            return len(text)

        stream.write = write

    def before_cell(self, info: Any) -> None:
        """IPython calls this before each cell, also before those that a cell runs by itself (`%%capture`)."""
        source = info.raw_cell or ""
        self._trees = 0
        if self._depth:
            # What a cell magic runs is the end of its cell, but for installs that are skipped already.
            outer = self._depth[0]
            above = outer.rstrip().count("\n") - source.rstrip().count("\n")
            self.recorder.begin_cell(
                self.recorder.cell, outer, max(0, above) + _blank_lines(source)
            )
        else:
            self._written = 0
            self.recorder.begin_cell(self._index(source), source, _blank_lines(source))
        self._depth.append(source)

    def after_cell(self, _result: Any) -> None:
        """IPython calls this after each cell."""
        if self._depth:
            self._depth.pop()
        self.recorder.end_cell()
        self.definitions.note(self.shell.user_ns, self.recorder)

    def ask(self, number: int, seconds: float, prefix: str = "") -> None:
        """Call what one question asks for; the host sends this as an execute request.

        Args:
            number: which of the job's questions.
            seconds: longest time for all its calls.
            prefix: begins the labels of the calls.
        """
        self.caller.ask(self.spec["questions"][number], self.definitions, prefix, seconds)

    def _index(self, source: str) -> int:
        """Which of the notebook's cells a source is: the next that is waiting, else one that runs again."""
        for place, (cell, waiting) in enumerate(self._waiting):
            if waiting == source:
                del self._waiting[: place + 1]
                return cell
        return next((cell for cell, known in self.spec["cells"] if known == source), -1)

    def replay(self, request: str) -> None:
        """Run cells again in a new namespace, reseeded; the host sends this as an execute request.

        Args:
            request: JSON: a list of replays: see `Replay`. Of each `label`, `cells` (index and source), `inputs` (a
                variant's numbers, or None), `narrow`, `marks_only`, `given` (elements), `cell_timeout_s`, `calls` (what
                begins the labels of the calls of its functions; None: they are not called).
        """
        for asked in json.loads(request):
            inputs = asked["inputs"]
            substitution = (
                Substitution(inputs, narrow=asked["narrow"]) if inputs is not None else None
            )
            with ReplayScope(self, substitution, asked["label"], marks_only=asked["marks_only"]):
                for cell, source in asked["cells"]:
                    error = (
                        self._evaluated(cell, source, asked)
                        if asked["marks_only"]
                        else self.run(cell, source)
                    )
                    self.say_ended(cell, error)
                    if isinstance(error, KeyboardInterrupt):
                        return
                for number in range(
                    len(self.spec["questions"]) if asked["calls"] is not None else 0
                ):
                    self.ask(number, asked["cell_timeout_s"], asked["calls"])
                self.say_carried(substitution)

    def run(self, cell: int, source: str) -> BaseException | None:
        """Run a cell as IPython does; what it raised."""
        self._waiting = [(cell, source)]
        result = self.shell.run_cell(source, store_history=False)
        return result.error_before_exec or result.error_in_exec  # type: ignore[no-any-return]

    def _evaluated(self, cell: int, source: str, asked: dict[str, Any]) -> BaseException | None:
        """Evaluate a cell of the reference for its marks alone; what it raised."""
        self.recorder.begin_cell(cell, source)
        self.marks.others = asked["given"]
        return self.marks.evaluate(source, self._instrument, asked["cell_timeout_s"])

    def say_ended(self, cell: int, error: BaseException | None) -> None:
        """Record how a cell of a replay ended."""
        self._say(
            "ended", cell, text=f"{type(error).__name__}: {str(error)[:300]}" if error else ""
        )

    def say_carried(self, substitution: Substitution | None) -> None:
        """Record which data a variant met."""
        if substitution is not None:
            carried = {
                name: {"kind": "bool", "value": value}
                for name, value in substitution.carried().items()
            }
            self._say("input", -1, values=carried)

    def _say(
        self, kind: str, cell: int, *, text: str = "", values: dict[str, Any] | None = None
    ) -> None:
        event = {"run": self.recorder.label, "kind": kind, "cell": cell, "turn": "1"}
        self.recorder.send(event | {"text": text, "values": values or {}})


def _blank_lines(source: str) -> int:
    """How many blank lines a source begins with: IPython leaves them out and counts from the next."""
    lines = source.split("\n")
    return next((index for index, line in enumerate(lines) if line.strip()), 0)


class ReplayScope:
    """A namespace of its own for one replay, and the shell's own state back afterwards."""

    def __init__(
        self,
        conductor: KernelProgram,
        substitution: Substitution | None,
        label: str,
        *,
        marks_only: bool,
    ) -> None:
        self._conductor = conductor
        self._substitution = substitution
        self._label = label
        self._marks_only = marks_only

    def __enter__(self) -> None:
        conductor, shell = self._conductor, self._conductor.shell
        self._before = (
            shell.user_module,
            shell.user_ns,
            shell.showtraceback,
            shell.display_formatter.format,
            conductor._instrument,
            conductor._depth,
            conductor.definitions,
        )
        main = types.ModuleType("__main__")
        main.__dict__["__builtins__"] = builtins
        shell.user_module, shell.user_ns = main, main.__dict__
        sys.modules["__main__"] = main
        shell.init_user_ns()
        shell.showtraceback = lambda *_args, **_kwargs: None
        # Nobody sees a replay, and to draw a figure takes 0.1 s.
        shell.display_formatter.format = lambda *_args, **_kwargs: ({}, {})
        substitution = self._substitution
        recorder = conductor.recorder
        register = None if self._marks_only else recorder.register
        conductor._instrument = Instrument(register, substitute=substitution is not None)
        conductor._depth = []
        conductor.definitions = Definitions()
        recorder.substitution = substitution
        setattr(builtins, SUBSTITUTE_NAME, substitution or (lambda value: value))
        # Hooks record what is done in the run's namespace, so in none of it where only the marks are wanted.
        recorder.begin_run(self._label, {} if self._marks_only else main.__dict__)
        _reset_libraries(conductor.spec["seed"])

    def __exit__(self, *_error: object) -> None:
        conductor, shell = self._conductor, self._conductor.shell
        module, namespace, showtraceback, formatted, instrument, depth, definitions = self._before
        shell.user_module, shell.user_ns, shell.showtraceback = module, namespace, showtraceback
        shell.display_formatter.format = formatted
        conductor._instrument, conductor._depth, conductor.definitions = (
            instrument,
            depth,
            definitions,
        )
        sys.modules["__main__"] = module
        conductor.recorder.substitution = None
        setattr(builtins, SUBSTITUTE_NAME, lambda value: value)


def _reset_libraries(number: int) -> None:
    """Undo what a run leaves in libraries: seeds, default dtype, grad mode, open figures."""
    random.seed(number)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(number)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(number)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


INLINE = "matplotlib_inline.backend_inline"
"""Matplotlib's backend that shows figures in notebooks."""

REPLAY: list[Any] = []
ASK: list[Any] = []
"""Hold the conductor's `replay` and `ask` for the host's execute requests."""


if __name__ == "__main__":
    # As a module of its own name: the host's request for a replay imports it by that name.
    importlib.import_module("grader.kernel.program").main()
