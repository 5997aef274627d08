"""The kinds of kernel: tests that use `kernels` run in each, and must not tell them apart.

All run in sealed kernels, and a sample in plain ones, which take seconds to start.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.running.kernels import PlainKernelHost
from grader.running.session import Launch
from tests.support import forks
from tests.support.running import Kernels
from tests.support.sampling import leave_out_tests

PLAIN_SHARE = 3
"""A run of the tests tries one file of so many in plain kernels; all with GRADER_TEST_ALL=1."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the files in plain kernels that are not in the sample."""
    leave_out_tests(config, items, "kernels", "plain", PLAIN_SHARE, whole_files=True)


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
