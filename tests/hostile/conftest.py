"""Sealed kernels for hostile notebooks; after each attack a fresh one answers, nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.errors import KernelUnavailable, SandboxUnavailable
from grader.running.sandbox.bwrap import find_bwrap
from grader.running.sandbox.cold import ColdStarter
from grader.running.sandbox.sandbox import Sandbox
from tests.support.sealed import MAX_GROWTH_MIB, Sealed, forget_peak, memory_mib, open_descriptors

SECRET = "a-token-of-the-graders"


@pytest.fixture(scope="session")
def secret() -> Iterator[str]:
    """Put a value into the grader's environment before any kernel is started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_TEST_TOKEN", SECRET)
        yield SECRET


@pytest.fixture(scope="session")
def sandbox(secret: str) -> Iterator[Sandbox]:
    """The fork server that all these tests share."""
    with Sandbox("bwrap") as opened:
        try:
            opened.open()
        except SandboxUnavailable as error:
            pytest.skip(error.problem)
        yield opened


@pytest.fixture(scope="session")
def sealed(sandbox: Sandbox) -> Sealed:
    """Kernels of the tier that is the default here."""
    assert sandbox._sealer is not None
    return Sealed(sandbox._sealer)


@pytest.fixture(scope="session")
def cold(secret: str) -> Iterator[Sealed]:
    """Kernels in a bubblewrap each."""
    program = find_bwrap()
    if program is None:
        pytest.skip("There is no bubblewrap here.")
    starter = ColdStarter(program)
    try:
        Sealed(starter).answer()
        yield Sealed(starter)
    except KernelUnavailable as error:
        pytest.skip(error.problem)
    finally:
        starter.close()


@pytest.fixture(params=["bwrap", "bwrap-cold"])
def either(request: pytest.FixtureRequest) -> Sealed:
    """Kernels of each tier in turn."""
    kernels: Sealed = request.getfixturevalue("sealed" if request.param == "bwrap" else "cold")
    return kernels


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the grader wait briefly for an interrupted cell, and for the end of its output."""
    monkeypatch.setattr("grader.running.watching.GRACE_S", 1.0)
    monkeypatch.setattr("grader.running.client.IOPUB_TIMEOUT_S", 1)


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check after each attack: a fresh kernel answers, nothing is left, memory stayed bounded."""
    used = [
        request.getfixturevalue(name)
        for name in ("sealed", "cold", "either")
        if name in request.fixturenames
    ]
    before, descriptors = memory_mib("VmRSS"), open_descriptors()
    forget_peak()
    yield
    growth = memory_mib("VmHWM") - before
    for kernels in used:
        if kernels.ran_since:
            assert ([1.5], []) == (kernels.answer(), kernels.left())
    assert growth < MAX_GROWTH_MIB
    assert open_descriptors() <= descriptors
