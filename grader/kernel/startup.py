"""Prepare the process that becomes a kernel: limits, seeds, and ipykernel's application.

Runs inside the student's kernel. Imports ipykernel only in a process that becomes one.
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import sys
import types
from collections.abc import Iterator
from typing import Any

from grader.kernel.recording.hooks import when_imported

Spec = dict[str, Any]
"""The host's description of a kernel: see `Spec` in `running/kernels.py`. It has no answers."""

OPEN_FILES = 1024
"""Most files that are open at a time."""

LIBRARIES_MIB = 1024
"""Memory that torch, torchvision, matplotlib and ipykernel add to RLIMIT_DATA: 890 MiB of torch
2.14.
"""

MIB = 1 << 20

INLINE = "matplotlib_inline.backend_inline"
"""Matplotlib's backend that shows figures in notebooks."""


def limit(spec: Spec) -> None:
    """Limit the resources of this process, where the system can: memory, files, core dumps."""
    try:
        import resource
    except ImportError:
        return

    # The memory of libraries does not count as the notebook's. A fork has them already; another
    # kernel has yet to load them.
    libraries_bytes = _data_bytes() if spec["forked"] else LIBRARIES_MIB * MIB
    limits = {
        resource.RLIMIT_DATA: spec["memory_mib"] * MIB + libraries_bytes,
        resource.RLIMIT_FSIZE: spec["disk_mib"] * MIB,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        bound = most
        if hard != resource.RLIM_INFINITY:
            bound = min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def _data_bytes() -> int:
    """Return how much of this process counts towards RLIMIT_DATA now."""
    path = "/proc/self/status"
    with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - as in `program`
        for line in file:
            if line.startswith("VmData:"):
                _, kib, *_unit = line.split()
                return int(kib) << 10
    return 0


def seed(number: int, threads: int) -> None:
    """Seed `random` now, and numpy and torch as soon as they are imported; set torch's threads."""

    def seed_numpy(numpy: types.ModuleType) -> None:
        numpy.random.seed(number)

    def prepare_torch(torch: types.ModuleType) -> None:
        # `torch.manual_seed` looks for other devices, which takes 3 ms.
        torch.default_generator.manual_seed(number)
        torch.set_num_threads(threads)

    random.seed(number)
    when_imported("numpy", seed_numpy)
    when_imported("torch", prepare_torch)


def reset_libraries(number: int) -> None:
    """Reset the state of libraries: seeds, default dtype, grad mode, open figures."""
    random.seed(number)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(number)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(number)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


def leave_out_debugger() -> None:
    """Make `import debugpy` fail: it takes 0.1 s, and is not needed here."""
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]


@functools.cache
def application_class() -> Any:
    """Create the class of ipykernel's application; a fork server does it once for all forks."""
    leave_out_debugger()
    from ipykernel.kernelapp import IPKernelApp

    class App(IPKernelApp):  # type: ignore[misc]
        """Skips features that are not needed here, and take 15 ms of a fork's 40."""

        def _configure_logging(self) -> None:
            """Skip logging: nobody reads it, and it touches every logger of every library."""

        def parse_command_line(self, argv: list[str] | None = None) -> None:
            """Skip the command line: parsing takes time, and there is nothing to parse."""

    return App


def make_application(connection_file: str) -> Any:
    """Create ipykernel's application, ready to serve.

    Args:
        connection_file: path of Jupyter's file with the kernel's sockets.
    """
    application = application_class()
    from ipykernel import ipkernel
    from IPython.core import shellapp

    config = _configuration()
    # The notebook's folder comes last on the path, so that no file of it shadows a module.
    sys.path.append(os.getcwd())  # noqa: PTH109
    sys.argv = ["ipykernel"]
    app = application.instance(connection_file=connection_file, config=config)
    with _modules_hidden(ipkernel), _modules_hidden(shellapp):
        app.initialize([])
    # With an empty list of modules, `%reset --aggressive` would remove all of them.
    del app.shell._sys_modules_keys
    _show_figures(app.shell)
    _keep_no_outputs(app.shell)
    return app


def _configuration() -> Any:
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShellApp.ignore_cwd = True
    # Readers want the student's line; library frames in colour take 0.1 s per exception.
    config.InteractiveShell.xmode = "Plain"
    config.InteractiveShell.colors = "NoColor"
    config.IPKernelApp.log_level = 50
    return config


def _keep_no_outputs(shell: Any) -> None:
    """Keep IPython from collecting all that cells print: millions of lines take time and memory."""

    def without_history(channel: str) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    shell._tee = without_history


def _show_figures(shell: Any) -> None:
    """Install matplotlib's inline backend, as importing it in a shell does.

    A fork has the backend from before there was a shell.
    """
    if backend := sys.modules.get(INLINE):
        backend.configure_inline_support(shell, f"module://{INLINE}")


@contextlib.contextmanager
def _modules_hidden(module: types.ModuleType) -> Iterator[None]:
    """Hide imported modules from a module of IPython or ipykernel while a kernel is created.

    It lists all of them, for a debugger or a command that is not there. In a fork that copies a
    page or two per module: 17 MB for 4,000 modules, and 10 ms.
    """
    plain = module.sys
    without_modules = types.ModuleType("sys")
    without_modules.__dict__.update(plain.__dict__, modules={})
    module.sys = without_modules  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.sys = plain  # type: ignore[attr-defined]
