"""What recording costs: loops of 100,000 passes, recorded and not, side by side.

`python benchmarks/recording.py [--repeats N]` prints, per loop, the median of both times and their ratio. The bar is
2.0. Thirty variables and a resnet18 are alive, as in a student's notebook.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
import time
from collections.abc import Callable
from types import CodeType
from typing import Any

import torch
import torchvision

from grader.kernel import hooks
from grader.kernel.recorder import Recorder

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
"""Loops of less than a second are run this many times as often as the one that takes half a minute."""

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


class Namespace:
    """A cell's world: here cells run as they are."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "resnet18": network}
        self.names |= {f"variable_{index}": torch.randn(4) for index in range(30)}
        exec(SETUP, self.names)

    def seconds(self, code: CodeType) -> float:
        """How long a cell takes, in seconds."""
        began = time.perf_counter()
        exec(code, self.names)
        return time.perf_counter() - began


class Recorded(Namespace):
    """A namespace whose cells are recorded."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__(network)
        self.events = 0
        self.recorder = Recorder(self._count, self.names)

    def _count(self, _event: dict[str, Any]) -> None:
        self.events += 1

    def compiled(self, source: str) -> CodeType:
        """A cell's code with its probes."""
        self.recorder.begin_cell(0, source)
        tree = self.recorder.instrument(substitute=False).visit(ast.parse(source))
        return compile(tree, "<recorded>", "exec")

    def seconds(self, code: CodeType) -> float:
        """How long a cell takes, in seconds, from a fresh start of its probes."""
        self.recorder.begin_cell(0, "")
        taken = super().seconds(code)
        self.recorder.end_cell()
        return taken


class Hooks:
    """Puts torch's own functions back for the plain side, and the hooks in for the recorded one."""

    def __init__(self, recorder: Recorder) -> None:
        self._plain = self._now()
        self._steps = dict(_step_hooks())
        hooks.install(recorder)
        self._hooked = self._now()
        self._hooked_steps = dict(_step_hooks())

    @staticmethod
    def _now() -> dict[str, Callable[..., Any]]:
        return {name: getattr(torch.autograd, name) for name in ("backward", "grad")}

    def put(self, *, hooked: bool) -> None:
        """Hook torch, or not."""
        for name, function in (self._hooked if hooked else self._plain).items():
            setattr(torch.autograd, name, function)
        steps = _step_hooks()
        steps.clear()
        steps.update(self._hooked_steps if hooked else self._steps)


def _step_hooks() -> dict[Any, Any]:
    return sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks


def measure(repeats: int) -> dict[str, tuple[float, float]]:
    """Per loop the median time in seconds, plain and recorded; the two take turns."""
    network = torchvision.models.resnet18()
    plain, recorded = Namespace(network), Recorded(network)
    hooking = Hooks(recorded.recorder)
    found = {}
    for name, source in LOOPS.items():
        codes = compile(source, "<plain>", "exec"), recorded.compiled(source)
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(repeats if name == SLOW else repeats * QUICK_REPEATS):
            for world, code, taken, hooked in zip(
                (plain, recorded), codes, times, (False, True), strict=True
            ):
                hooking.put(hooked=hooked)
                taken.append(world.seconds(code))
        found[name] = (statistics.median(times[0]), statistics.median(times[1]))
    if not recorded.events:
        raise SystemExit("Nothing was recorded: this measures nothing.")
    return found


def main() -> None:
    """Measure and print; exit code 1 if a loop misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    torch.set_num_threads(1)
    found = measure(parser.parse_args().repeats)
    print(
        f"{PASSES:,} passes, one thread, Python {sys.version.split()[0]}, torch {torch.__version__}"
    )
    print(f"{'body':<14}{'plain':>10}{'recorded':>11}{'ratio':>8}")
    for name, (plain, recorded) in found.items():
        print(f"{name:<14}{plain:>8.3f} s{recorded:>9.3f} s{recorded / plain:>8.2f}")
    if missed := [name for name, (plain, recorded) in found.items() if recorded > BAR * plain]:
        raise SystemExit(f"More than {BAR} times as slow: {', '.join(missed)}.")


if __name__ == "__main__":
    main()
