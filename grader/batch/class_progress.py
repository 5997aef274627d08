"""Report the progress of grading a class, including the time that the sandbox takes to start."""

from __future__ import annotations

from grader.job import Job
from grader.messages import Language, word
from grader.progress import Progress
from grader.report import SubmissionResult
from grader.running.kernels import KernelHost
from grader.running.sandbox.sandbox import Sandbox


class ClassProgress:
    """Counts submissions; wraps the sandbox, to report when it opens."""

    def __init__(
        self, progress: Progress, language: Language, sandbox: Sandbox, submissions: int
    ) -> None:
        """Initialise with the progress, the language, the sandbox and the number of submissions."""
        self._progress = progress
        self._language = language
        self._sandbox = sandbox
        self._remaining = submissions

    @property
    def sealed(self) -> bool:
        """Whether kernels are sealed."""
        return self._sandbox.sealed

    @property
    def tier(self) -> str:
        """How kernels are sealed, as the report says it."""
        return self._sandbox.tier

    def launch(self, job: Job) -> KernelHost:
        """Launch a kernel; the first call opens the sandbox, which takes seconds."""
        if self._sandbox.sealed and not self._sandbox.ready:
            self._progress.stage(word("stage-starting", self._language), None)
            self._sandbox.open()
            self.begin("stage-grading")
        return self._sandbox.launch(job)

    def begin(self, stage: str) -> None:
        """Begin a stage over the remaining submissions."""
        self._progress.stage(word(stage, self._language), self._remaining)

    def waiting(self) -> None:
        """Report that submissions wait for a worker of a cluster."""
        self._progress.stage(word("stage-waiting", self._language), None)

    def working(self) -> None:
        """Report that a worker of a cluster is available again."""
        self.begin("stage-grading")

    def note(self, key: str, **params: str) -> None:
        """Print a message of the screen above the bar."""
        self._progress.note(word(key, self._language, **params))

    def advance(self, result: SubmissionResult) -> None:
        """Count one submission as done."""
        self._remaining -= 1
        self._progress.advance(result.student)
