"""Measure what recording costs: loops of 100,000 passes, recorded and not, side by side.

    python benchmarks/recording.py [--repeats N]

Prints, per loop, the median of both times and their ratio. The bar is 2.0. Thirty variables and a
resnet18 are alive, as in a student's notebook.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

import torch
import torchvision

from grader.kernel.recording import hooks
from grader.kernel.recording.recorder import Recorder

BAR = 2.0
PASSES = 100_000

SETUP = """
import torch
torch.manual_seed(0)
x = torch.tensor([0., 1., 2., 3.])
y = 2 * x
w = torch.tensor([1.], requires_grad=True)
opt = torch.optim.SGD([w], lr=1e-6)
s, t = 0, torch.tensor(0.)
"""

QUICK_REPEATS = 5
"""Loops of less than a second run this many times as often as the one that takes half a minute."""

SLOW = "one SGD step"
LOOPS = {
    "s += i": f"for i in range({PASSES}):\n    s += i\n",
    "t = t + 1.": f"for i in range({PASSES}):\n    t = t + 1.\n",
    SLOW: f"""
for i in range({PASSES}):
    J = ((x * w - y) ** 2).sum()
    J.backward()
    opt.step()
    opt.zero_grad()
""",
}


class PlainNamespace:
    """The names of a notebook, in which cells run as they are."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "resnet18": network}
        for index in range(30):
            self.names[f"variable_{index}"] = torch.randn(4)
        exec(SETUP, self.names)

    def measure(self, code: CodeType) -> float:
        """Run a cell, and return its time in seconds."""
        began = time.perf_counter()
        exec(code, self.names)
        return time.perf_counter() - began


class RecordedNamespace(PlainNamespace):
    """The names of a notebook, in which cells are recorded."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__(network)
        self.events = 0
        self.recorder = Recorder(self._count, self.names)

    def _count(self, _event: dict[str, Any]) -> None:
        self.events += 1

    def compile(self, source: str) -> CodeType:
        """Compile a cell with its probes."""
        self.recorder.begin_cell(0, source)
        tree = self.recorder.instrument(substitute=False).visit(ast.parse(source))
        return compile(tree, "<recorded>", "exec")

    def measure(self, code: CodeType) -> float:
        """Run a cell from a fresh start of its probes, and return its time in seconds."""
        self.recorder.begin_cell(0, "")
        seconds = super().measure(code)
        self.recorder.end_cell()
        return seconds


class HookSwitch:
    """Hooks torch for the recorded side, and puts its own functions back for the plain one."""

    def __init__(self, recorder: Recorder) -> None:
        """Take what torch has now, and what it has once it is hooked."""
        self._plain_functions = self._functions()
        self._plain_steps = dict(_step_hooks())
        hooks.install(recorder)
        self._hooked_functions = self._functions()
        self._hooked_steps = dict(_step_hooks())

    @staticmethod
    def _functions() -> dict[str, Callable[..., Any]]:
        return {name: getattr(torch.autograd, name) for name in ("backward", "grad")}

    def put(self, *, hooked: bool) -> None:
        """Hook torch, or not."""
        functions = self._hooked_functions if hooked else self._plain_functions
        for name, function in functions.items():
            setattr(torch.autograd, name, function)

        steps = _step_hooks()
        steps.clear()
        steps.update(self._hooked_steps if hooked else self._plain_steps)


def _step_hooks() -> dict[Any, Any]:
    return sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks


@dataclass(frozen=True)
class LoopTimes:
    """Median times of one loop, in seconds."""

    plain_s: float
    recorded_s: float

    @property
    def ratio(self) -> float:
        """How many times as long the recorded loop takes."""
        return self.recorded_s / self.plain_s


def measure_loops(repeats: int) -> dict[str, LoopTimes]:
    """Measure each loop plain and recorded; the two take turns."""
    network = torchvision.models.resnet18()
    plain = PlainNamespace(network)
    recorded = RecordedNamespace(network)
    switch = HookSwitch(recorded.recorder)

    times: dict[str, LoopTimes] = {}
    for name, source in LOOPS.items():
        plain_code = compile(source, "<plain>", "exec")
        recorded_code = recorded.compile(source)
        plain_times: list[float] = []
        recorded_times: list[float] = []
        for _ in range(repeats if name == SLOW else repeats * QUICK_REPEATS):
            switch.put(hooked=False)
            plain_times.append(plain.measure(plain_code))
            switch.put(hooked=True)
            recorded_times.append(recorded.measure(recorded_code))
        times[name] = LoopTimes(
            plain_s=statistics.median(plain_times),
            recorded_s=statistics.median(recorded_times),
        )

    if not recorded.events:
        raise SystemExit("Nothing was recorded: this measures nothing.")
    return times


def main() -> None:
    """Measure and print; exit code 1 if a loop misses the bar."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3, metavar="N")
    repeats = parser.parse_args().repeats

    torch.set_num_threads(1)
    times = measure_loops(repeats)
    print_times(times)

    missed = [name for name, loop in times.items() if loop.ratio > BAR]
    if missed:
        raise SystemExit(f"More than {BAR} times as slow: {', '.join(missed)}.")


def print_times(times: dict[str, LoopTimes]) -> None:
    """Print a row per loop."""
    python = sys.version.split()[0]
    print(f"{PASSES:,} passes, one thread, Python {python}, torch {torch.__version__}")
    print(f"{'body':<14}{'plain':>10}{'recorded':>11}{'ratio':>8}")
    for name, loop in times.items():
        print(f"{name:<14}{loop.plain_s:>8.3f} s{loop.recorded_s:>9.3f} s{loop.ratio:>8.2f}")


if __name__ == "__main__":
    main()
