"""Cores and memory, told by made-up `/proc` and `/sys` trees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.machine import available_memory_mib, cores, names_own_file

GIB = 1 << 30


@pytest.fixture(autouse=True)
def four_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)


@pytest.fixture
def tree(tmp_path):
    """Writes files below a made-up root, and gives the root."""

    def write(**files: str) -> Path:
        for name, text in {
            "proc/meminfo": "MemTotal: 9 kB\nMemAvailable: 8388608 kB\n",
            **files,
        }.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        return tmp_path

    return write


def version_2(path="/", **files):
    """A tree of version 2: files by their place below the mount."""
    below = {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    return {
        "proc/self/cgroup": f"0::{path}",
        "sys/fs/cgroup/cgroup.controllers": "cpu memory pids",
        **below,
    }


def version_1(path="/", **files):
    """A tree of version 1, with the empty group of version 2 that many systems have beside it."""
    below = {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    return {"proc/self/cgroup": f"9:cpu,cpuacct:{path}\n4:memory:{path}\n0::/", **below}


# Cores


def test_without_a_quota_the_processors_it_may_run_on_count(tree):
    assert 4 == cores(tree())


@pytest.mark.parametrize(
    ("quota", "expected"), [("150000 100000", 2), ("10000 100000", 1), ("max 100000", 4)]
)
def test_the_quota_of_version_2_is_rounded_up(tree, quota, expected):
    assert expected == cores(tree(**version_2(**{"cpu.max": quota})))


@pytest.mark.parametrize(
    ("quota", "expected"), [("150000", 2), ("10000", 1), ("-1", 4), ("900000", 4)]
)
def test_the_quota_of_version_1_is_rounded_up(tree, quota, expected):
    files = {"cpu/cpu.cfs_quota_us": quota, "cpu/cpu.cfs_period_us": "100000"}
    assert expected == cores(tree(**version_1(**files)))


def test_the_tightest_quota_above_counts(tree):
    files = {"a/cpu.max": "200000 100000", "a/b/cpu.max": "300000 100000"}
    assert 2 == cores(tree(**version_2("/a/b", **files)))


def test_a_group_of_others_does_not_count(tree):
    assert 4 == cores(tree(**version_2("/a", **{"c/cpu.max": "100000 100000"})))


def test_a_container_that_is_told_the_path_of_its_host_finds_its_own_group_at_the_mount(tree):
    files = {"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}
    assert 1 == cores(tree(**version_1("/docker/abc", **files)))


def test_a_path_out_of_the_namespace_leads_nowhere_else(tree, tmp_path):
    tree(**version_2("/../../../x"))
    (tmp_path / "x").mkdir()
    (tmp_path / "x/cpu.max").write_text("100000 100000")
    assert 4 == cores(tmp_path)


@pytest.mark.parametrize("quota", ["", "nonsense", "1 2 3", "100000 0"])
def test_a_quota_that_is_not_understood_is_none(tree, quota):
    assert 4 == cores(tree(**version_2(**{"cpu.max": quota})))


def test_where_nothing_says_which_processors_the_machine_has_one_core_is_usable(
    tmp_path, monkeypatch
):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert 1 == cores(tmp_path)


# Memory


def test_without_a_limit_the_system_says_what_can_be_had(tree):
    assert 8192 == available_memory_mib(tree())


def test_where_the_system_does_not_say_nothing_is_known(tmp_path):
    assert available_memory_mib(tmp_path) is None


def test_a_limit_of_version_2_leaves_what_is_not_used(tree):
    files = {"memory.max": str(2 * GIB), "memory.current": str(GIB)}
    assert 1024 == available_memory_mib(tree(**version_2(**files)))


def test_what_files_were_read_can_be_had_again(tree):
    files = {
        "memory.max": str(2 * GIB),
        "memory.current": str(GIB),
        "memory.stat": f"anon 1\ninactive_file {GIB // 2}",
    }
    assert 1536 == available_memory_mib(tree(**version_2(**files)))


def test_a_limit_of_version_1_leaves_what_is_not_used(tree):
    files = {
        "memory/memory.limit_in_bytes": str(2 * GIB),
        "memory/memory.usage_in_bytes": str(GIB),
        "memory/memory.stat": f"inactive_file 0\ntotal_inactive_file {GIB // 4}",
    }
    assert 1280 == available_memory_mib(tree(**version_1(**files)))


@pytest.mark.parametrize(
    "files",
    [
        version_2(**{"memory.max": "max", "memory.current": "5"}),
        version_1(
            **{
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "memory/memory.usage_in_bytes": "5",
            }
        ),
        version_2(**{"memory.max": str(GIB)}),
    ],
)
def test_a_group_without_a_limit_or_without_a_count_bounds_nothing(tree, files):
    assert 8192 == available_memory_mib(tree(**files))


def test_the_tightest_group_above_counts(tree):
    files = {
        "a/memory.max": str(GIB),
        "a/memory.current": "0",
        "a/b/memory.max": "max",
        "a/b/memory.current": "0",
    }
    assert 1024 == available_memory_mib(tree(**version_2("/a/b", **files)))


def test_a_group_beyond_its_limit_leaves_nothing(tree):
    files = {"memory.max": str(GIB), "memory.current": str(2 * GIB)}
    assert 0 == available_memory_mib(tree(**version_2(**files)))


def test_this_machine_has_a_core():
    assert cores() >= 1


@pytest.mark.parametrize(
    ("module", "is_file"),
    [
        *((name, True) for name in ("utils", "my_losses", "dl_lab", "helpers", "hw3", "src")),
        *((name, False) for name in ("seaborn", "d2l", "mysql", "nltk", "torchmetrics", "sklearn")),
    ],
)
def test_a_module_with_the_name_of_a_file_is_no_package(module: str, is_file: bool) -> None:
    assert is_file == names_own_file(module)
