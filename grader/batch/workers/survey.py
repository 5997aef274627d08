"""Examine the workers of a cluster, without grading anything."""

from __future__ import annotations

import asyncio

from grader.batch.workers.cluster_file import ClusterTable
from grader.batch.workers.cluster_workers import ClusterWorkers, SurveyedWorker
from grader.batch.workers.facts import WorkerFacts
from grader.errors import GraderError
from grader.messages import Language, word
from grader.running.doctor import Finding


class _NobodyIsTold:
    """Ignores the events of a cluster."""

    def waiting(self) -> None:
        """Tell nobody."""

    def working(self) -> None:
        """Tell nobody."""

    def note(self, key: str, **params: str) -> None:
        """Tell nobody."""


def survey(table: ClusterTable, language: Language) -> tuple[Finding, ...]:
    """Look at every worker; the sandbox is tried out on each, which takes seconds.

    Args:
        table: the cluster.
        language: language of the findings.

    Raises:
        GraderError: there is no cluster, or no worker on it.
    """
    looking = _survey_workers(table)
    workers = asyncio.run(looking)
    if not workers:
        problem = "The cluster has no worker."
        advice = "Start one: 'dask worker ADDRESS'."
        raise GraderError(problem, advice)
    findings = [_finding(worker, language) for worker in workers]
    return tuple(findings)


async def _survey_workers(table: ClusterTable) -> list[SurveyedWorker]:
    workers = ClusterWorkers(
        table,
        _NobodyIsTold(),
        sandbox="auto",
        trust=False,
        mixed=False,
    )
    async with workers.connected():
        return await workers.survey()


def _finding(worker: SurveyedWorker, language: Language) -> Finding:
    text = ""
    if worker.facts is not None:
        text = _text(worker.facts, worker.threads, language)
    finding = Finding(name=worker.name, state="ok", text=text)
    unfit = worker.unfit
    if unfit is None:
        return finding
    reason = word("doctor-worker-unused", language, reason=unfit.reason)
    return finding.model_copy(update={"state": "bad", "advice": (reason,)})


def _text(facts: WorkerFacts, threads: int, language: Language) -> str:
    """Describe a worker in one line."""
    cores = word("doctor-worker-cores", language, count=facts.cores)
    jobs = word("doctor-worker-jobs", language, count=threads)
    versions = {"grader": facts.grader, "python": facts.python}
    versions.update(facts.packages)
    parts = [facts.tier, cores, jobs]
    for name, version in versions.items():
        parts.append(f"{name} {version}")
    return " · ".join(parts)
