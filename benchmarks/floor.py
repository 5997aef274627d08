"""The floor: notebooks in forks of a process that has imported everything, with nothing around their cells.

`python -m benchmarks.floor [--quiet] NOTEBOOK…` prints a JSON list with, per notebook, `wall_s` and `cpu_s` of its
cells in seconds and how many of them failed. Installs are skipped and weights random, as in the grader's own kernels.
With `--quiet` no traceback is made: IPython takes long over them, and a graph that is shown makes one where graphviz
has no `dot`.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import nbformat

from grader.kernel import offline
from grader.kernel.recorder import Recorder

IMPORTED = (
    "torch",
    "torch._dynamo",  # the first optimizer imports it
    "torchvision.models",
    "torchviz",
    "matplotlib.pyplot",
    "IPython.core.debugger",
    "IPython.core.interactiveshell",
    "IPython.core.logger",
    "stack_data",  # this and the next two: the first traceback imports them
    "pygments.formatters.terminal256",
    "pygments.lexers.python",
    "torch._subclasses.schema_check_mode",
)
"""What is imported before a notebook runs: what the cells of the samples import, and what IPython does for them."""


class Deaf(Recorder):
    """A recorder that records nothing, for who tells it of skipped downloads."""

    def __init__(self) -> None:
        """Hook nothing."""

    def note(self, *_: Any, **__: Any) -> None:
        """Called for each download that is left out."""


def main() -> None:
    """Import, then run each notebook in a fork."""
    for name in IMPORTED:
        importlib.import_module(name)
    quiet, names = "--quiet" in sys.argv, [name for name in sys.argv[1:] if name != "--quiet"]
    notebooks = [_sources(Path(name)) for name in names]
    gc.collect()
    gc.freeze()
    print(json.dumps([_in_a_fork(sources, quiet=quiet) for sources in notebooks]))


def _sources(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def _in_a_fork(sources: list[str], *, quiet: bool) -> dict[str, float]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run(sources, writing, quiet=quiet)
    os.close(writing)
    with os.fdopen(reading) as told:
        found: dict[str, float] = json.load(told)
    os.waitpid(child, 0)
    return found


def _run(sources: list[str], told: int, *, quiet: bool) -> NoReturn:
    """Run cells, tell what they took, and end the process."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    shell = _shell()
    if quiet:
        shell.showtraceback = lambda *_args, **_kwargs: None
    wall_s, cpu_s = time.perf_counter(), _cpu_s()
    results = [shell.run_cell(source, store_history=False) for source in sources]
    wall_s, cpu_s = time.perf_counter() - wall_s, _cpu_s() - cpu_s
    failed = sum(not result.success for result in results)
    os.write(told, json.dumps({"wall_s": wall_s, "cpu_s": cpu_s, "failed": failed}).encode())
    os._exit(0)


def _shell() -> Any:
    """IPython's shell, prepared as the grader's kernels are, but for the recorder."""
    import torch
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.input_transformers_cleanup.append(offline.skip_installs)
    offline.install(Deaf())
    setattr(builtins, offline.SKIP_NAME, lambda _command: None)
    return shell


def _cpu_s() -> float:
    """User and system time of this process and of those it waited for, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
