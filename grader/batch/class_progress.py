"""Tell how far the grading of a class is, and when what seals its kernels is being started."""

from __future__ import annotations

from grader.job import Job
from grader.messages import Language, word
from grader.progress import Progress
from grader.report import SubmissionResult
from grader.running.kernels import KernelHost
from grader.running.sandbox.sandbox import Sandbox


class ClassProgress:
    """Counts submissions; also gives kernels their hosts, to tell when the sandbox opens."""

    def __init__(
        self, progress: Progress, language: Language, sandbox: Sandbox, submissions: int
    ) -> None:
        """Take what is told, in which language, the sandbox, and the number of submissions."""
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
        """Give a kernel its host; the first time, open the sandbox, which takes seconds."""
        if self._sandbox.sealed and not self._sandbox.ready:
            self._progress.stage(word("stage-starting", self._language), None)
            self._sandbox.open()
            self.begin("stage-grading")
        return self._sandbox.launch(job)

    def begin(self, stage: str) -> None:
        """Begin a stage over the submissions that remain."""
        self._progress.stage(word(stage, self._language), self._remaining)

    def waiting(self) -> None:
        """Tell that submissions wait for a worker of a cluster."""
        self._progress.stage(word("stage-waiting", self._language), None)

    def working(self) -> None:
        """Tell that there is a worker of a cluster."""
        self.begin("stage-grading")

    def note(self, key: str, **params: str) -> None:
        """Tell what happened, by a message of the screen."""
        self._progress.note(word(key, self._language, **params))

    def advance(self, result: SubmissionResult) -> None:
        """Count one submission as done."""
        self._remaining -= 1
        self._progress.advance(result.student)
