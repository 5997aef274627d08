"""Clusters of each kind: what is asked of Dask, and what is said where it is missing."""

from __future__ import annotations

import signal

import pytest

from grader.batch.workers import dask_clusters
from grader.batch.workers.cluster_file import AddressTable, SlurmTable
from grader.batch.workers.dask_clusters import connected, slurm_options, travels_in_the_open
from grader.errors import GraderError


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("tcp://127.0.0.1:8786", False),
        ("tcp://[::1]:8786", False),
        ("tcp://localhost:8786", False),
        ("tls://10.0.0.3:8786", False),
        ("tcp://10.0.0.3:8786", True),
        ("tcp://scheduler:8786", True),
        ("tcp://localhost.evil.example:8786", True),
    ],
)
def test_only_what_leaves_this_machine_unencrypted_travels_in_the_open(
    address: str, is_open: bool
) -> None:
    assert is_open == travels_in_the_open(address)


async def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(dask_clusters.importlib, "import_module", missing)
    with pytest.raises(GraderError, match="needs distributed") as raised:
        async with connected(AddressTable(address="tcp://127.0.0.1:1")):
            pass
    assert "-m pip install distributed" in raised.value.advice


async def test_a_package_that_is_imported_does_not_take_the_interrupt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def taking(name: str) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise ImportError(name)

    monkeypatch.setattr(dask_clusters.importlib, "import_module", taking)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(GraderError):
        async with connected(AddressTable(address="tcp://127.0.0.1:1")):
            pass
    assert before is signal.getsignal(signal.SIGINT)


def test_slurm_is_asked_for_one_worker_per_job() -> None:
    table = SlurmTable(workers=20, threads=8, memory="24GiB", queue="gpu", prologue=("module x",))
    options = slurm_options(table)
    assert 1 == options["processes"]
    assert 8 == options["cores"]
    assert ["module x"] == options["job_script_prologue"]
    assert "python" not in options
