"""Submissions go to workers, and elsewhere when one ends; three times, and they are given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.workers import process_handle
from grader.batch.workers.cluster_file import AddressTable, ClusterChoice
from grader.batch.workers.cluster_runner import MAX_ENDS, ClusterRunner
from grader.batch.workers.facts import facts_here
from grader.batch.workers.parcels import Fault, OutcomeParcel, SubmissionParcel
from grader.batch.workers.runner import RunOutcome, RunRequest, request_for
from grader.errors import GraderError, KernelUnavailable
from grader.job import InputFile
from grader.notebook.deadline import WorkTooLong
from grader.reference.cache import ReferenceCache
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.snapshot import snapshot_of
from grader.submissions.submission import submission_at
from tests.support.courses import Course, write_notebook
from tests.support.dask_clients import FakeClient, connect_to
from tests.support.mean_course import RIGHT_CELLS
from tests.support.reports import submission

FACTS = replace(facts_here(), tier="bwrap", host="node")
OLDER = replace(FACTS, packages=FACTS.packages | {"torch": "1.0"})
TIMEOUT_S = 120
RESULT = submission("Ana")


class Nobody:
    """Is told nothing."""

    def waiting(self) -> None:
        pass

    def working(self) -> None:
        pass

    def note(self, key: str, **params: str) -> None:
        pass


class KnownReference(ReferenceCache):
    """A reference of which everything is known, so that nothing runs."""

    async def whole(self):
        return None


class Worker:
    """A worker that is told how often it ends, and keeps what it was sent."""

    def __init__(self, answer: Callable[[SubmissionParcel], object], facts=FACTS) -> None:
        self.facts = facts
        self.answer = answer
        self.prepared = 0
        self.sent: list[SubmissionParcel] = []

    def __call__(self, function: object, _choice: object, *parcels: object) -> object:
        if function is process_handle.look:
            return self.facts
        if function is process_handle.prepare:
            self.prepared += 1
            return None
        self.sent.append(parcels[0])
        return self.answer(parcels[0])


def graded(_parcel: SubmissionParcel) -> OutcomeParcel:
    return OutcomeParcel(RESULT.model_dump_json().encode(), b"trace")


def ended(_parcel: SubmissionParcel) -> Fault:
    return Fault("ended", "the process ended")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    monkeypatch.setattr("grader.batch.workers.cluster_workers.POLL_S", 0.01)
    client = FakeClient()
    connect_to(client, monkeypatch)
    return client


@pytest.fixture
def request_to_run(course: Course, tmp_path: Path) -> RunRequest:
    submission = submission_at(write_notebook(tmp_path / "in/ana.ipynb", RIGHT_CELLS))
    snapshot = snapshot_of(submission, "media", {})
    reference = KnownReference(course.reference_files("media"), None, lambda job: None)

    async def key(sealed: bool) -> str:
        return "sealed" if sealed else "plain"

    return request_for(submission, 1.0, reference, key, snapshot.to_json())


async def ran(request: RunRequest, out: Path, **choice: bool) -> RunOutcome:
    table = AddressTable(address="tcp://127.0.0.1:8786")
    with Store(out) as store:
        runner = ClusterRunner(ClusterChoice(table, **choice), Settings(out=out), store, Nobody())
        async with asyncio.timeout(TIMEOUT_S), runner.connected():
            return await runner.run(request)


async def test_a_result_and_its_trace_come_back_as_the_worker_made_them(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    worker = Worker(graded)
    client.workers["tcp://a:1"] = worker
    outcome = await ran(request_to_run, out)
    assert RunOutcome(RESULT, b"trace") == outcome
    assert {True: "sealed", False: "plain"} == worker.sent[0].keys


async def test_a_submission_goes_elsewhere_when_its_worker_ends(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    async def end(_parcel: SubmissionParcel) -> None:
        del client.workers["tcp://a:1"]
        client.workers["tcp://b:1"] = Worker(graded)
        await asyncio.Event().wait()  # Dask never says what became of it

    client.workers["tcp://a:1"] = Worker(end)
    outcome = await ran(request_to_run, out)
    assert RESULT == outcome.result


async def test_what_dask_fails_at_counts_as_an_end_of_the_worker(
    client: FakeClient,
    request_to_run: RunRequest,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_parcel: SubmissionParcel) -> object:
        client.workers["tcp://a:1"] = worker
        raise OSError("connection lost")

    monkeypatch.setattr("grader.batch.workers.cluster_runner.GONE_S", 0.01)
    worker = Worker(graded)
    client.workers["tcp://a:1"] = Worker(fail)
    assert RESULT == (await ran(request_to_run, out)).result


async def test_a_submission_during_which_three_workers_ended_is_given_up_and_they_are_named(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    worker = Worker(ended)
    client.workers["tcp://a:1"] = worker
    with pytest.raises(KernelUnavailable, match="3 workers ended while it was there: tcp://a:1"):
        await ran(request_to_run, out)
    assert MAX_ENDS == len(worker.sent)
    assert MAX_ENDS == worker.prepared  # a new process knows nothing


async def test_a_worker_that_has_forgotten_the_assignment_is_sent_it_again(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    answers = [None, None, graded(None)]
    worker = Worker(lambda _parcel: answers.pop(0))
    client.workers["tcp://a:1"] = worker
    assert RESULT == (await ran(request_to_run, out)).result
    assert 3 == worker.prepared


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("kernel", "no memory"), KernelUnavailable("no memory")),
        (Fault("costly", "", seconds=5), WorkTooLong(5)),
        (Fault("course", "wrong", "Mend it."), GraderError("wrong", "Mend it.")),
    ],
)
async def test_what_goes_wrong_there_is_raised_as_it_would_be_here(
    client: FakeClient, request_to_run: RunRequest, out: Path, fault: Fault, error: Exception
) -> None:
    client.workers["tcp://a:1"] = Worker(lambda _parcel: fault)
    with pytest.raises(type(error)) as raised:
        await ran(request_to_run, out)
    assert vars(error) == vars(raised.value)


async def test_a_worker_that_cannot_take_the_assignment_is_refused_and_another_used(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    def no_data(function: object, *_: object) -> object:
        return (
            FACTS
            if function is process_handle.look
            else Fault("course", "there is no folder /data.")
        )

    client.workers["tcp://a:1"] = no_data
    client.workers["tcp://b:1"] = Worker(graded)
    assert RESULT == (await ran(request_to_run, out)).result


async def test_a_submission_that_ran_under_other_versions_has_a_note_and_a_key_of_its_own(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    worker = Worker(graded, facts=OLDER)
    client.workers["tcp://a:1"] = worker
    outcome = await ran(request_to_run, out, allow_mixed=True)
    (note,) = outcome.result.execution.notes
    assert "note.other-versions" == note.id
    assert str(note.params["what"]).startswith("torch 1.0 (here ")
    assert {True: "sealed-mixed", False: "plain-mixed"} == worker.sent[0].keys


async def test_a_scheduler_that_ends_ends_what_waits_for_it(
    client: FakeClient, request_to_run: RunRequest, out: Path
) -> None:
    async def end(_parcel: SubmissionParcel) -> None:
        client.status = "closed"
        await asyncio.Event().wait()

    client.workers["tcp://a:1"] = Worker(end)
    with pytest.raises(GraderError, match="is gone"):
        await ran(request_to_run, out)


@pytest.mark.parametrize(
    ("sandbox", "trust", "ways"),
    [
        ("auto", False, (True,)),
        ("auto", True, (True, False)),
        ("bwrap", True, (True,)),
        ("none", False, (False,)),
    ],
)
def test_traces_of_workers_that_cannot_seal_serve_only_where_those_are_used(
    out: Path, sandbox: str, trust: bool, ways: tuple[bool, ...]
) -> None:
    choice = ClusterChoice(AddressTable(address="tcp://a:1"), trust=trust)
    settings = Settings(out=out, sandbox=sandbox)
    with Store(out) as store:
        assert ways == ClusterRunner(choice, settings, store, Nobody()).ways


def test_no_expected_value_is_in_what_a_kernel_on_a_worker_is_given(
    request_to_run: RunRequest,
) -> None:
    job = request_to_run.job.model_dump_json()
    assert "3.6875" not in job
    assert "3.5625" not in job
    assert not request_to_run.job.trusted
    assert all(isinstance(file, InputFile) for file in request_to_run.job.files)
