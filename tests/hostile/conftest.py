"""Sealed kernels for hostile notebooks; after each attack nothing is left of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.errors import KernelUnavailable
from grader.machine import find_bwrap
from grader.running.sandbox.cold import ColdStarter
from grader.running.sandbox.sandbox import Sandbox
from tests.support import forks
from tests.support.sampling import is_in_sample, leave_out_tests
from tests.support.sealed import MAX_GROWTH_MIB, Sealed, forget_peak, memory_mib, open_descriptors

COLD = "bwrap-cold"

ANSWERED = 4
"""After one attack of so many a fresh kernel is asked for an answer, and after the last of all.

The next attack needs a fresh kernel, too; this one tells which attack it was that broke something.
"""


COLD_SHARE = 3
"""A run of the tests makes one attack of so many in a cold kernel, too; all in the others."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the attacks in cold kernels that are not in the sample."""
    leave_out_tests(config, items, "either", COLD, COLD_SHARE)


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    """The fork server that these tests share with all others."""
    sandbox = forks.shared()
    if not sandbox.sealed:
        pytest.skip("Nothing is sealed off here.")
    return sandbox


@pytest.fixture(scope="session")
def sealed(sandbox: Sandbox) -> Iterator[Sealed]:
    """Kernels of the tier that is the default here."""
    assert sandbox._sealer is not None
    kernels = Sealed(sandbox._sealer)
    yield kernels
    assert [1.5] == kernels.answer()


@pytest.fixture(scope="session")
def cold() -> Iterator[Sealed]:
    """Kernels in a bubblewrap each."""
    program = find_bwrap()
    if program is None:
        pytest.skip("There is no bubblewrap here.")
    starter = ColdStarter(program)
    kernels = Sealed(starter)
    try:
        kernels.answer()
    except KernelUnavailable as error:
        starter.close()
        pytest.skip(error.problem)
    yield kernels
    assert [1.5] == kernels.answer()
    starter.close()


@pytest.fixture(params=["bwrap", COLD])
def either(request: pytest.FixtureRequest) -> Sealed:
    """Kernels of each tier in turn."""
    kernels: Sealed = request.getfixturevalue("sealed" if request.param == "bwrap" else "cold")
    return kernels


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the grader wait briefly for an interrupted cell, and for the end of its output."""
    monkeypatch.setattr("grader.running.watching.GRACE_S", 1.0)
    monkeypatch.setattr("grader.running.session.GRACE_S", 1.0)
    monkeypatch.setattr("grader.running.client.IOPUB_TIMEOUT_S", 1)


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check after each attack: nothing is left, memory stayed bounded, a fresh kernel answers."""
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
        if kernels.ran_since and is_in_sample(request.node.nodeid, ANSWERED):
            assert [1.5] == kernels.answer()
        assert [] == kernels.left()
    assert growth < MAX_GROWTH_MIB
    assert open_descriptors() <= descriptors
