"""The kinds of kernel: tests that use `kernels` run in each, and must not tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.running.kernels import PlainKernelHost
from grader.running.session import Launch
from tests.support import forks
from tests.support.running import Kernels


@pytest.fixture(scope="session")
def sealed() -> Launch:
    """Gives sealed kernels."""
    if not forks.shared().sealed:
        pytest.skip("Nothing is sealed off here.")
    return forks.shared().launch


@pytest.fixture(scope="module", params=["plain", "sealed"])
def kernels(request: pytest.FixtureRequest) -> Iterator[Launch]:
    """Gives kernels of each kind in turn, also to the helpers of `running.py`."""
    launch: Launch = (
        PlainKernelHost if request.param == "plain" else request.getfixturevalue("sealed")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Kernels, "launch", staticmethod(launch))
        yield launch
