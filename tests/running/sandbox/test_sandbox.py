"""How the sandbox of a run is chosen, and when it is opened."""

from __future__ import annotations

import pytest

from grader.errors import SandboxUnavailable
from grader.running.sandbox import sandbox
from grader.running.sandbox.sandbox import Sandbox, trusted_sandbox


@pytest.fixture
def without_bwrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "find_bwrap", lambda: None)


@pytest.mark.usefixtures("without_bwrap")
def test_the_instructors_own_code_runs_in_plain_kernels_where_none_can_be_sealed():
    with trusted_sandbox() as trusted:
        trusted.open()
        assert (False, "none", True) == (trusted.sealed, trusted.tier, trusted.ready)


@pytest.mark.usefixtures("without_bwrap")
def test_guarantee_submissions_run_in_no_plain_kernel_that_nobody_asked_for():
    with Sandbox("auto") as asked, pytest.raises(SandboxUnavailable):
        asked.open()


def test_a_command_waits_for_no_sandbox_before_its_first_kernel(monkeypatch):
    monkeypatch.setattr(sandbox, "ForkServer", lambda program: pytest.fail("it was waited for"))
    monkeypatch.setattr(Sandbox, "begin", lambda self: None)
    with trusted_sandbox() as trusted:
        assert not trusted.ready
