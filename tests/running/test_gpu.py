"""Assignments that need a GPU, on machines with one and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.job import Job
from grader.machine import find_bwrap
from grader.running.gpu import Gpus, device_problem, require_devices
from grader.running.job_key import job_key
from grader.running.sandbox import bwrap
from grader.settings import Limits
from tests.support.small_course import COURSE

NONE = Gpus(lambda: False, list)
SEEN = Gpus(lambda: True, lambda: ["/dev/nvidia0"])
SEEN_OTHERWISE = Gpus(lambda: True, list)

seals = pytest.mark.skipif(find_bwrap() is None, reason="nothing seals here")


def on(device: str) -> Assignment:
    limits = Limits.model_validate({"device": device})
    return COURSE.model_copy(update={"limits": limits, "folder": Path("exercises/small")})


def test_the_processor_is_the_default_and_needs_nothing():
    assert "cpu" == Limits().device
    assert "" == device_problem(on("cpu"), sealed=True, gpus=NONE)


def test_a_gpu_that_torch_sees_is_enough_for_plain_kernels():
    assert "" == device_problem(on("cuda"), sealed=False, gpus=SEEN_OTHERWISE)


def test_a_gpu_with_device_files_is_shown_to_sealed_kernels():
    assert "" == device_problem(on("cuda"), sealed=True, gpus=SEEN)


@seals
def test_a_sandbox_has_to_have_something_to_show():
    assert "/dev/nvidia*" in device_problem(on("cuda"), sealed=True, gpus=SEEN_OTHERWISE)


def test_without_a_gpu_a_run_does_not_begin():
    with pytest.raises(AssignmentError) as raised:
        require_devices([on("cpu"), on("cuda")], sealed=True, gpus=NONE)
    assert (
        'exercises/small/assignment.toml: device = "cuda": torch sees no CUDA device on this '
        'machine. Grade where there is one, or write device = "cpu".'
    ) == str(raised.value)


def test_kernels_for_the_processor_see_no_gpu(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert "" == bwrap.environment(1)["CUDA_VISIBLE_DEVICES"]


def test_kernels_for_a_gpu_see_those_that_the_grader_sees(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert "1" == bwrap.environment(1, "cuda")["CUDA_VISIBLE_DEVICES"]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert "CUDA_VISIBLE_DEVICES" not in bwrap.environment(1, "cuda")


def test_a_trace_of_another_device_is_not_used_again():
    jobs = [Job(cells=(), limits=on(device).limits) for device in ("cpu", "cuda")]
    keys = {job_key(each, sealed=True) for each in jobs}
    assert 2 == len(keys)
