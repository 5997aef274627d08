"""Validate assignments: right answers earn their points; wrong ones and the handout do not.

The reference, its mistakes, mutants of its answers, equivalent rewrites, typed-in answers and the
handout are graded like notebooks of students.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.assignment import Assignment, load_assignments
from grader.authoring.validation.findings import Validation, ValidationFinding
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.known_reference import KnownReference
from grader.authoring.validation.trial_run import TrialRun
from grader.errors import GraderError
from grader.messages import Language
from grader.progress import Progress
from grader.reference.cache import ReferenceCache
from grader.reference.class_seed import class_seed
from grader.reference.files import ReferenceFiles
from grader.running.gpu import require_devices
from grader.running.session import Launch
from grader.settings import Settings
from grader.store.store import Store

Show = Callable[[str, ValidationFinding], None]
"""Called with the name of the assignment and each finding, as they come."""


def show_nobody(name: str, finding: ValidationFinding) -> None:
    """Ignore a finding."""


def validate(
    name: str | None,
    settings: Settings,
    progress: Progress,
    launch: Launch,
    show: Show = show_nobody,
) -> tuple[Validation, ...]:
    """Validate one assignment, or all of them.

    Args:
        name: the assignment; None: all.
        settings: the folders of assignments and references, where results are kept, how much is
            tried, and the language.
        progress: told of each thing that has been checked.
        launch: creates the host of each kernel.
        show: told of each finding.

    Raises:
        AssignmentError: an assignment cannot even be read or run.
    """
    work = _Work(settings, progress, launch)
    validations = []
    assignments = load_assignments(settings.exercises, name)
    require_devices(assignments, sealed=True)
    with _store(settings) as store:
        for assignment in assignments:
            findings = _Findings(assignment, show)
            solution = ReferenceFiles(assignment, settings.solutions / assignment.name)
            asyncio.run(_validate(solution, work, store, findings))
            validation = Validation(assignment.name, assignment.language, tuple(findings))
            validations.append(validation)
    return tuple(validations)


@dataclass(frozen=True)
class _Work:
    """How assignments are validated."""

    settings: Settings
    progress: Progress
    launch: Launch


@contextlib.contextmanager
def _store(settings: Settings) -> Iterator[Store | None]:
    """Open the output folder; None if another run holds it, or it cannot be used."""
    with contextlib.ExitStack() as stack:
        store: Store | None = None
        with contextlib.suppress(GraderError):
            store = stack.enter_context(Store(settings.out))
        yield store


class _Findings:
    """The findings of one assignment."""

    def __init__(self, assignment: Assignment, show: Show) -> None:
        self._name = assignment.name
        self._show = show
        self._findings: list[ValidationFinding] = []

    def __iter__(self) -> Iterator[ValidationFinding]:
        return iter(self._findings)

    def add(self, findings: Iterable[ValidationFinding]) -> None:
        """Add findings, and show them."""
        for finding in findings:
            self._findings.append(finding)
            self._show(self._name, finding)


async def _validate(
    solution: ReferenceFiles,
    work: _Work,
    store: Store | None,
    findings: _Findings,
) -> None:
    settings = work.settings
    seed = class_seed(store, settings.out) if solution.variants.are_drawn else None
    cache = ReferenceCache(solution, store, work.launch, seed=seed)
    language: Language = settings.language or solution.assignment.language
    reference = await KnownReference.known(cache)
    numbers = await cache.numbers()
    kept = KeptTrials(solution, store, numbers)
    run = TrialRun(reference, kept, work.launch, work.progress, language)
    try:
        await _try_everything(run, findings, settings)
    finally:
        kept.save()


async def _try_everything(run: TrialRun, findings: _Findings, settings: Settings) -> None:
    """Run the trials. Constants, rewrites and mutants run beside the others, in a second kernel.

    Their findings come after the others, whichever ends first.
    """
    async with run.session() as session:
        run.begin(settings.effort)
        earns_all = await run.reference(session)
        findings.add(earns_all)
        if not all(finding.ok for finding in earns_all):
            return
        findings.add(await run.variants())
        if settings.effort == "quick":
            await _try_known(run, session, findings)
            return

        running = asyncio.create_task(run.right(session))
        beside = asyncio.create_task(run.beside(running))
        try:
            right = await running
            await _try_known(run, session, findings)
            findings.add(await run.other_classes(settings.effort))
            findings.add(await run.other_ways(session))
            tried = await beside
        finally:
            await _end(beside)
        findings.add(tried.constants)
        findings.add(tried.rewrites)
        findings.add(await run.judge(session, right, tried.mutants))


async def _try_known(run: TrialRun, session: Any, findings: _Findings) -> None:
    for name in run.mistakes:
        findings.add(await run.mistake(session, name))
    findings.add(await run.handout(session))
    findings.add(run.leaks())


async def _end(task: asyncio.Task[Any]) -> None:
    """Wait for a task to end, so that its kernel ends too.

    Its exception has been raised already, or is raised afterwards.
    """
    task.cancel()
    await asyncio.wait({task})
