"""Joining memory into huge pages: which parts, and that nothing in them changes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.kernel.sealing.huge_pages import HUGE, STEP, regions

MAPS = """\
10000000-10a00000 r-xp 00000000 fe:00 123 /usr/bin/python3
20000000-20a00000 rw-p 00000000 00:00 0 [heap]
30000000-30a00000 rw-p 00000000 00:00 0
40000000-40a00000 rw-p 00000000 fe:00 124 /usr/lib/libtorch.so
50000000-50a00000 rw-s 00000000 00:00 5 /dev/shm/x
60000000-60a00000 rw-p 00000000 00:00 0 [stack]
70000000-70a00000 r--p 00000000 00:00 0
80100000-80700000 rw-p 00000000 00:00 0
90000000-90001000 rw-p 00000000 00:00 0
a0000000-a5000000 rw-p 00000000 00:00 0
"""


@pytest.fixture
def parts(tmp_path):
    (tmp_path / "maps").write_text(MAPS)
    return list(regions(tmp_path / "maps"))


def test_the_heap_and_anonymous_memory_are_joined_and_nothing_else(parts):
    assert [0x20000000, 0x30000000, 0x80200000, 0xA0000000] == [start for start, _ in parts][:4]


def test_parts_begin_and_end_at_huge_pages(parts):
    assert {0} == {address % HUGE for part in parts for address in part}


def test_a_large_part_is_joined_in_steps(parts):
    large = [(start, end) for start, end in parts if start >= 0xA0000000]
    assert (3, 0xA5000000, STEP) == (
        len(large),
        large[-1][1],
        max(end - start for start, end in large),
    )


WHOLE = """
from grader.kernel.sealing.huge_pages import collapse, regions
kept = [bytes([number % 256]) * 1_000_000 for number in range(40)]
for region in list(regions()):
    collapse(*region)
assert kept == [bytes([number % 256]) * 1_000_000 for number in range(40)]
"""


@pytest.mark.skipif(sys.platform != "linux", reason="huge pages are advised on Linux")
def test_what_is_in_memory_stays_the_same():
    assert 0 == subprocess.run([sys.executable, "-c", WHOLE], check=False).returncode
