"""The same notebook ends the same way each time, wherever an interrupt lands."""

from __future__ import annotations

import asyncio
import os

import pytest

from grader.running.session import Session
from tests.support import forks
from tests.support.running import errors, job, statuses

pytestmark = pytest.mark.kernel

REPEATS = 10 if os.environ.get("GRADER_TEST_ALL") else 3

CELLS = (
    "while True:\n    try: n = int(input('n? ')); break\n    except: print('again')",
    "import time\nwhile True:\n    try: time.sleep(0.01)\n    except: print('again')",
    "print('x' * 3_000_000)",
    "import asyncio\nawait asyncio.sleep(1000)",
    "after = 1",
)


async def _ends() -> list[tuple[str, str]]:
    async with Session(job(*CELLS, cell_timeout_s=1), forks.shared().launch) as session:
        await session.run_cells()
    trace = session.trace()
    return list(zip(statuses(trace), errors(trace), strict=True))


def test_cells_end_the_same_way_each_time():
    expected = [
        ("error", "StdinNotImplementedError"),
        ("timeout", "KeyboardInterrupt"),
        ("ok", ""),
        ("timeout", "CancelledError"),
        ("ok", ""),
    ]
    assert [expected] * REPEATS == [asyncio.run(_ends()) for _ in range(REPEATS)]
