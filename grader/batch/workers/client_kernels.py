"""Give the reference its kernels on this machine, while submissions run on others."""

from __future__ import annotations

from types import TracebackType

from grader.errors import KernelUnavailable
from grader.job import Job
from grader.running.kernels import KernelHost
from grader.running.sandbox.sandbox import Sandbox, trusted_sandbox


class ClientKernels:
    """Kernels for the instructor's own code. Use them in a `with` statement."""

    def __init__(self, *, sealed: bool) -> None:
        """Initialise with whether submissions are sealed, where they run."""
        self._sealed = sealed
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> ClientKernels:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._sandbox is not None:
            self._sandbox.__exit__(kind, error, trace)

    @property
    def sealed(self) -> bool:
        """Whether submissions are sealed, where they run."""
        return self._sealed

    @property
    def tier(self) -> str:
        """How submissions are sealed: their workers say so."""
        return ""

    def launch(self, job: Job) -> KernelHost:
        """Give a kernel of the reference its host.

        SECURITY: nothing that was handed in runs here.
        """
        if not job.trusted:
            raise KernelUnavailable("a submission was about to run beside the workers")
        if self._sandbox is None:
            self._sandbox = trusted_sandbox()
        return self._sandbox.launch(job)
