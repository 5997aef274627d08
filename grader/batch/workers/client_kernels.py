"""Run the reference in kernels of this machine, while submissions run on others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from grader.errors import KernelUnavailable
from grader.job import Job
from grader.running.kernels import KernelHost
from grader.running.sandbox.sandbox import Sandbox, trusted_sandbox


class ClientKernels:
    """Launches kernels for the instructor's own code, in a sandbox that opens on first use."""

    def __init__(self, stack: ExitStack, *, sealed: bool) -> None:
        """Initialise with a stack that closes the sandbox, and whether submissions are sealed."""
        self._stack = stack
        self._sealed = sealed
        self._sandbox: Sandbox | None = None

    @property
    def sealed(self) -> bool:
        """Whether submissions run in a sandbox on the workers."""
        return self._sealed

    @property
    def tier(self) -> str:
        """How submissions are sealed: their workers report it."""
        return ""

    def launch(self, job: Job) -> KernelHost:
        """Launch a kernel of the reference.

        SECURITY: no submission ever runs here.
        """
        if not job.trusted:
            raise KernelUnavailable("a submission was about to run beside the workers")
        if self._sandbox is None:
            self._sandbox = self._stack.enter_context(trusted_sandbox())
        return self._sandbox.launch(job)


@contextmanager
def client_kernels(*, sealed: bool) -> Iterator[ClientKernels]:
    """Provide kernels for the instructor's own code, for a `with` statement."""
    with ExitStack() as stack:
        yield ClientKernels(stack, sealed=sealed)
