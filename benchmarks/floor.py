"""Run the cells of notebooks with nothing around them, in forks of a process that has all imports.

python -m benchmarks.floor [--quiet] NOTEBOOK…

Prints a JSON list with, per notebook, `wall_s` and `cpu_s` of its cells in seconds and how many
of them failed. Installs are skipped and weights random, as in the grader's own kernels. With
`--quiet` no traceback is made: IPython takes long over them, and a graph that is shown makes one
where graphviz has no `dot`.
"""

from __future__ import annotations

import argparse
import builtins
import gc
import importlib
import json
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import nbformat

from grader.kernel.portability import offline
from grader.kernel.recording.recorder import Recorder

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
"""Modules to import first: those of the samples' cells, and those that IPython needs for them."""


class DeafRecorder(Recorder):
    """Records nothing, for code that notes skipped downloads."""

    def __init__(self) -> None:
        """Hook nothing."""

    def note(self, *_: Any, **__: Any) -> None:
        """Ignore a download that is left out."""


def main() -> None:
    """Import everything, then run each notebook in a fork."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quiet", action="store_true", help="make no tracebacks")
    parser.add_argument("notebooks", type=Path, nargs="+", metavar="NOTEBOOK")
    options = parser.parse_args()

    for name in IMPORTED:
        importlib.import_module(name)
    notebooks = [_code_sources(path) for path in options.notebooks]
    gc.collect()
    gc.freeze()

    results = [_run_in_fork(sources, quiet=options.quiet) for sources in notebooks]
    print(json.dumps(results))


def _code_sources(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def _run_in_fork(sources: Sequence[str], *, quiet: bool) -> dict[str, float]:
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child == 0:
        _run(sources, writing_end, quiet=quiet)

    os.close(writing_end)
    with os.fdopen(reading_end) as pipe:
        result: dict[str, float] = json.load(pipe)
    os.waitpid(child, 0)
    return result


def _run(sources: Sequence[str], result_fd: int, *, quiet: bool) -> NoReturn:
    """Run cells, write what they took, and end the process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    shell = _make_shell()
    if quiet:
        shell.showtraceback = lambda *_args, **_kwargs: None

    wall_before = time.perf_counter()
    cpu_before = _cpu_s()
    results = [shell.run_cell(source, store_history=False) for source in sources]
    wall_s = time.perf_counter() - wall_before
    cpu_s = _cpu_s() - cpu_before

    failed = sum(not result.success for result in results)
    result = json.dumps({"wall_s": wall_s, "cpu_s": cpu_s, "failed": failed})
    os.write(result_fd, result.encode())
    os._exit(0)


def _make_shell() -> Any:
    """Prepare IPython's shell as in the grader's kernels, but without the recorder."""
    import torch
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.input_transformers_cleanup.append(offline.skip_installs)
    offline.install(DeafRecorder())
    setattr(builtins, offline.SKIP_NAME, lambda _command: None)
    return shell


def _cpu_s() -> float:
    """Return the user and system time of this process and its ended children, in seconds."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    return total


if __name__ == "__main__":
    main()
