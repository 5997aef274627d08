"""What `--cluster` is given: an address, or a file with the fields of one kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.workers.cluster_file import AddressTable, LocalTable, SlurmTable, read_cluster
from grader.errors import AssignmentError, GraderError


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "cluster.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("address", ["tcp://scheduler:8786", "tls://10.0.0.3:8786"])
def test_an_address_is_that_of_a_scheduler(address: str) -> None:
    assert AddressTable(address=address) == read_cluster(address)


def test_a_file_names_the_kind_and_its_fields(tmp_path: Path) -> None:
    text = 'kind = "slurm"\nworkers = 20\nmemory = "8GiB"\nwalltime = "01:00:00"\nqueue = "short"'
    table = read_cluster(written(tmp_path, text))
    expected = SlurmTable(workers=20, memory="8GiB", walltime="01:00:00", queue="short")
    assert expected == table


def test_what_a_file_leaves_out_has_defaults(tmp_path: Path) -> None:
    assert LocalTable() == read_cluster(written(tmp_path, 'kind = "local"'))


def test_a_misspelt_field_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    path = written(tmp_path, 'kind = "slurm"\nworkrs = 20')
    with pytest.raises(AssignmentError, match="workrs: there is no such field") as raised:
        read_cluster(path)
    assert "Did you mean 'workers'?" == raised.value.advice


def test_a_field_of_another_kind_is_no_field_of_this_one(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="queue: there is no such field"):
        read_cluster(written(tmp_path, 'kind = "local"\nqueue = "short"'))


@pytest.mark.parametrize("text", ["", 'kind = "pbs"', "kind = 3"])
def test_a_kind_that_is_not_known_is_refused_with_those_that_are(tmp_path: Path, text: str) -> None:
    with pytest.raises(AssignmentError, match="kind") as raised:
        read_cluster(written(tmp_path, text))
    assert "address, local, slurm, kubernetes" in raised.value.advice


def test_a_number_of_workers_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="workers: "):
        read_cluster(written(tmp_path, 'kind = "local"\nworkers = 0'))


def test_a_file_that_is_not_there_is_refused_with_what_to_give() -> None:
    with pytest.raises(GraderError, match="there is no such file") as raised:
        read_cluster("cluster.tml")
    assert "tcp://HOST:8786" in raised.value.advice
