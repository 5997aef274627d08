"""Workers are looked at before anything is sent there, and those that do not fit are not used."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from grader.batch.workers import process_handle
from grader.batch.workers.cluster_file import AddressTable
from grader.batch.workers.cluster_workers import ClusterWorkers
from grader.batch.workers.facts import WorkerFacts, facts_here
from grader.batch.workers.parcels import Fault
from grader.errors import GraderError, SandboxUnavailable
from tests.support.dask_clients import FakeClient, connect_to

SEALED = replace(facts_here(), tier="bwrap", host="node")
UNSEALED = replace(SEALED, tier="none", problem="There is no bubblewrap here.")
OLDER = replace(SEALED, packages=SEALED.packages | {"torch": "1.0"})
TIMEOUT_S = 120


class Events:
    """What happened, in words."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def waiting(self) -> None:
        self.told.append("waiting")

    def working(self) -> None:
        self.told.append("working")

    def note(self, key: str, **params: str) -> None:
        self.told.append(" ".join([key, *params.values()]))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """A client of a cluster of no workers yet."""
    monkeypatch.setattr("grader.batch.workers.cluster_workers.POLL_S", 0.01)
    monkeypatch.setattr("grader.batch.workers.cluster_workers.PATIENCE_S", 0.05)
    client = FakeClient()
    connect_to(client, monkeypatch)
    return client


@pytest.fixture
def events() -> Iterator[Events]:
    return Events()


def force_of(events: Events, **given: object) -> ClusterWorkers:
    options = {"sandbox": "auto", "trust": False, "mixed": False} | given
    return ClusterWorkers(AddressTable(address="tcp://127.0.0.1:8786"), events, **options)


def tells(facts: WorkerFacts | Fault) -> Callable[..., object]:
    """Make a worker that tells this of itself."""
    return lambda function, *_: facts if function is process_handle.look else None


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_worker_like_this_machine_is_used(client: FakeClient, events: Events) -> None:
    client.workers["tcp://a:1"] = tells(SEALED)
    force = force_of(events)
    async with force.connected():
        await until(lambda: force.slots.workers)
        assert 2 == force.slots.workers["tcp://a:1"].threads
    assert ["note_run", "close"] == [name for name in client.broadcasts if name != "look"][:2]


@pytest.mark.parametrize(
    ("facts", "options", "is_used"),
    [
        (UNSEALED, {}, False),
        (UNSEALED, {"trust": True}, True),
        (UNSEALED, {"sandbox": "none"}, True),
        (UNSEALED, {"sandbox": "bwrap", "trust": True}, False),
        (OLDER, {}, False),
        (OLDER, {"mixed": True}, True),
        (OLDER, {"trust": True}, False),
        (Fault("ended", "the process ended"), {"trust": True, "mixed": True}, False),
    ],
)
async def test_which_workers_are_used(
    client: FakeClient,
    events: Events,
    facts: WorkerFacts | Fault,
    options: dict[str, object],
    is_used: bool,
) -> None:
    client.workers["tcp://a:1"] = tells(facts)
    force = force_of(events, **options)
    async with force.connected():
        await until(lambda: force.looked_at)
        assert is_used == ("tcp://a:1" in force.slots.workers)


async def test_what_differs_on_a_worker_is_known_where_that_was_allowed(
    client: FakeClient, events: Events
) -> None:
    client.workers["tcp://a:1"] = tells(OLDER)
    force = force_of(events, mixed=True)
    async with force.connected():
        await until(lambda: force.slots.workers)
        (differing,) = force.slots.workers["tcp://a:1"].mixed
    assert differing.startswith("torch 1.0 (here ")


async def test_a_run_ends_where_no_worker_can_be_used_and_each_was_named(
    client: FakeClient, events: Events
) -> None:
    client.workers["tcp://a:1"] = tells(UNSEALED)
    client.workers["tcp://b:1"] = tells(OLDER)
    force = force_of(events)
    async with force.connected():
        error = await asyncio.wait_for(force.lost, TIMEOUT_S)
    assert "No worker of the cluster can be used." == error.problem
    refused = [told for told in events.told if told.startswith("cluster-refused")]
    assert ["tcp://a:1", "tcp://b:1"] == sorted(told.split()[1] for told in refused)


async def test_where_none_can_seal_that_is_the_reason(client: FakeClient, events: Events) -> None:
    client.workers["tcp://a:1"] = tells(UNSEALED)
    force = force_of(events)
    async with force.connected():
        error = await asyncio.wait_for(force.lost, TIMEOUT_S)
    assert isinstance(error, SandboxUnavailable)


async def test_one_worker_that_cannot_be_used_keeps_no_other_from_working(
    client: FakeClient, events: Events
) -> None:
    client.workers["tcp://a:1"] = tells(UNSEALED)
    client.workers["tcp://b:1"] = tells(SEALED)
    force = force_of(events)
    async with force.connected():
        await until(lambda: len(force.looked_at) == 2)
        await asyncio.sleep(0.2)
        assert not force.lost.done()


async def test_a_worker_that_ends_is_given_to_nobody_and_one_at_its_address_is_looked_at_again(
    client: FakeClient, events: Events
) -> None:
    client.workers["tcp://a:1"] = tells(SEALED)
    force = force_of(events)
    async with force.connected():
        await until(lambda: events.told == ["waiting", "working"])
        first = force.slots.workers["tcp://a:1"]
        del client.workers["tcp://a:1"]
        await until(lambda: events.told[2:] == ["waiting"])
        assert first.gone.is_set()

        client.workers["tcp://a:1"] = tells(SEALED)
        await until(lambda: events.told[3:] == ["working"])


async def test_a_scheduler_that_is_gone_ends_the_run_in_one_line(
    client: FakeClient, events: Events
) -> None:
    force = force_of(events)
    async with force.connected():
        client.status = "connecting"
        error = await asyncio.wait_for(force.lost, TIMEOUT_S)
    assert isinstance(error, GraderError)
    assert "The scheduler at tcp://127.0.0.1:8786 is gone." == error.problem
    assert "What was graded is kept" in error.advice


async def test_a_scheduler_that_does_not_answer_once_loses_no_worker(
    client: FakeClient, events: Events
) -> None:
    client.workers["tcp://a:1"] = tells(SEALED)
    force = force_of(events)
    async with force.connected():
        await until(lambda: force.slots.workers)
        client.failures = 3
        await until(lambda: not client.failures)
        assert force.slots.workers


async def test_a_call_of_dask_that_swallows_its_cancellation_keeps_no_run_from_ending(
    client: FakeClient, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def swallow() -> dict[str, int]:
        asked.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        return {}

    monkeypatch.setattr(client, "nthreads", swallow)
    async with asyncio.timeout(TIMEOUT_S):
        async with force_of(events).connected():
            await asked.wait()


async def test_answers_that_travel_in_the_open_are_told_of(
    client: FakeClient, events: Events
) -> None:
    client.scheduler.address = "tcp://10.0.0.3:8786"
    async with force_of(events).connected():
        pass
    assert "cluster-in-the-open tcp://10.0.0.3:8786" in events.told


@pytest.mark.parametrize("link", ["", "http://127.0.0.1:8787/status"])
async def test_the_address_of_a_dashboard_is_told_where_there_is_one(
    client: FakeClient, events: Events, link: str
) -> None:
    client.dashboard_link = link
    async with force_of(events).connected():
        pass
    told = [each for each in events.told if each.startswith("cluster-dashboard")]
    assert told == ([f"cluster-dashboard {link}"] if link else [])


async def test_a_survey_tells_of_every_worker_whether_it_is_used_and_why_not(
    client: FakeClient, events: Events
) -> None:
    client.workers["tcp://b:1"] = tells(UNSEALED)
    client.workers["tcp://a:1"] = tells(SEALED)
    force = force_of(events)
    async with force.connected():
        usable, unused = await force.survey()
    assert ("tcp://a:1 (node)", None) == (usable.name, usable.unfit)
    assert unused.unfit is not None
    assert "There is no bubblewrap here" == unused.unfit.reason
