"""A time limit counts no time for which a busy machine kept the kernel waiting."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from grader.running.time_limit import PATIENCE, TimeLimit, processor_wait_s


@dataclass
class Machine:
    """A machine whose time, and the time that a kernel waited, a test sets."""

    now: float = 100.0
    waited: float = 7.0
    limit: TimeLimit = field(init=False)

    def __post_init__(self) -> None:
        self.limit = TimeLimit(30.0, lambda: self.waited, lambda: self.now)


def test_on_a_machine_with_nothing_else_to_do_all_time_counts() -> None:
    machine = Machine()
    machine.now += 20
    assert (20.0, 10.0, False) == (
        machine.limit.spent_s(),
        machine.limit.remaining_s(),
        machine.limit.is_over(),
    )
    machine.now += 11
    assert machine.limit.is_over()


def test_time_that_the_kernel_had_to_wait_does_not_count() -> None:
    machine = Machine()
    machine.now += 50
    machine.waited += 25
    assert (25.0, False) == (machine.limit.spent_s(), machine.limit.is_over())


def test_patience_has_an_end() -> None:
    machine = Machine()
    machine.now += 30 * PATIENCE + 1
    machine.waited += 30 * PATIENCE
    assert machine.limit.is_over()


def test_a_limit_that_is_used_up_leaves_nothing_though_a_wait_is_counted_later() -> None:
    machine = Machine()
    machine.now += 31
    machine.limit.use_up()
    machine.waited += 10
    assert 0.0 == machine.limit.remaining_s()


def test_a_new_kernel_that_has_waited_less_takes_no_time_away() -> None:
    machine = Machine()
    machine.now += 10
    machine.waited = 0.0
    assert 10.0 == machine.limit.spent_s()


def test_of_a_process_that_is_gone_or_unknown_nothing_is_said() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    assert (0.0, 0.0) == (processor_wait_s(process.pid), processor_wait_s(None))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no Linux")
def test_a_process_that_shares_its_processor_waits_for_it() -> None:
    processor = min(os.sched_getaffinity(0))
    code = (
        f"import os, time; os.sched_setaffinity(0, {{{processor}}}); end = time.monotonic() + .4\n"
        "while time.monotonic() < end: pass\n"
        "print(open('/proc/self/schedstat').read().split()[1], end='')"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)
    ]
    waited_ns = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert max(waited_ns) > 0
