"""Cgroups, on made-up trees of both versions: what is written, read and removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.running.sandbox.cgroups import CONTROLLERS, Bounds, Cgroups

BOUNDS = Bounds(memory_mib=100, processes=50, cores=1.5)


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    for controller in CONTROLLERS:
        (tmp_path / controller).mkdir()
    return tmp_path


@pytest.fixture
def version_2(tmp_path: Path) -> Path:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    return tmp_path


def put(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_of_version_1_each_controller_gets_its_limits(version_1):
    groups = Cgroups("grader-1", version_1)
    put(version_1 / "memory/grader-1/k", memory__limit_in_bytes="")
    put(version_1 / "pids/grader-1/k", pids__max="")
    put(version_1 / "cpu/grader-1/k", cpu__cfs_quota_us="", cpu__cfs_period_us="")
    groups.add("k", 4711, BOUNDS)
    assert str(100 << 20) == (version_1 / "memory/grader-1/k/memory.limit_in_bytes").read_text()
    assert "50" == (version_1 / "pids/grader-1/k/pids.max").read_text()
    assert "150000" == (version_1 / "cpu/grader-1/k/cpu.cfs_quota_us").read_text()
    assert ["4711"] * 3 == [
        (version_1 / controller / "grader-1/k/cgroup.procs").read_text()
        for controller in CONTROLLERS
    ]


def test_of_version_2_one_group_gets_all_limits(version_2):
    groups = Cgroups("grader-1", version_2)
    put(version_2 / "grader-1/k", memory__max="", pids__max="", cpu__max="")
    groups.add("k", 4711, BOUNDS)
    texts = [
        (version_2 / "grader-1/k" / name).read_text()
        for name in ("memory.max", "pids.max", "cpu.max")
    ]
    assert [str(100 << 20), "50", "150000 100000"] == texts
    assert "+memory +pids +cpu" == (version_2 / "grader-1/cgroup.subtree_control").read_text()


@pytest.mark.parametrize(
    ("version", "folder", "peak", "events"),
    [
        (
            "version_1",
            "memory/grader-1/k",
            "memory.max_usage_in_bytes",
            ("memory.oom_control", "under_oom 0\noom_kill 1"),
        ),
        ("version_2", "grader-1/k", "memory.peak", ("memory.events", "low 0\noom_kill 1")),
    ],
)
def test_memory_that_was_used_and_its_end_are_read(version, folder, peak, events, request):
    root = request.getfixturevalue(version)
    groups = Cgroups("grader-1", root)
    assert (None, False) == (groups.peak_mib("k"), groups.out_of_memory("k"))
    put(
        root / folder,
        **{peak.replace(".", "__"): str(70 << 20), events[0].replace(".", "__"): events[1]},
    )
    assert (70, True) == (groups.peak_mib("k"), groups.out_of_memory("k"))


@pytest.mark.parametrize("version", ["version_1", "version_2"])
def test_groups_of_a_run_that_was_killed_are_swept(version, request):
    root = request.getfixturevalue(version)
    Cgroups("grader-1", root)
    for folder in root.glob("**/grader-1"):
        (folder / "k").mkdir()
        for file in folder.glob("cgroup.*"):  # the system's own, which go with their group
            file.unlink()
    assert Cgroups.sweep("grader-1", root)
    assert [] == list(root.glob("**/grader-1"))


def test_where_no_group_may_be_made_nothing_is_bounded_and_nothing_raises(tmp_path):
    groups = Cgroups("grader-1", tmp_path / "nothing-here")
    groups.add("k", os.getpid(), BOUNDS)
    groups.remove("k")
    groups.close()
    assert (False, None, False) == (
        groups.available,
        groups.peak_mib("k"),
        groups.out_of_memory("k"),
    )
