"""Output without end: it is counted, the cell is ended, and the grader's memory stays bounded."""

from __future__ import annotations

import pytest

from tests.support.recording import at
from tests.support.running import statuses
from tests.support.sampling import half
from tests.support.sealed import ATTEMPT, FORGE, MAX_GROWTH_MIB, Sealed, after, memory_mib

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("impatient")]

FLOODS = {
    "print": "while True: print('x' * 1000)",
    "print short": "while True: print(1)",
    "standard error": "while True: sys.stderr.write('x' * 1000)",
    "display": "while True: display('x' * 10_000)",
    "display of much": "while True: display({'text/plain': 'x' * 5_000_000}, raw=True)",
    "html": (
        "from IPython.display import HTML\n"
        "while True: display(HTML('<script>alert(1)</script>' * 1000))"
    ),
    "updates": "shown = display('x', display_id=True)\nwhile True: shown.update('x' * 10_000)",
    "descriptor 1": "while True: os.write(1, b'x' * 10_000)",
    "descriptor 2": "while True: os.write(2, b'x' * 10_000)",
    "a program": "subprocess.run(['yes', 'x' * 1000])",
    "a shell": "!yes",
    "a thread": "threading.Thread(target=lambda: [print('x' * 1000) for _ in iter(int, 1)], "
    "daemon=True).start()\n"
    "time.sleep(1000)",
    "figures": "import matplotlib.pyplot as plt\nwhile True:\n    plt.plot([1, 2])\n    plt.show()",
}

OVERSIZED = {
    "one display": "display({'text/plain': 'x' * 20_000_000}, raw=True)",
    "one print": "print('x' * 50_000_000)",
    "one value": "'x' * 50_000_000",
    "many lists": "publish('stream', b'{\"text\":[' + b'[],' * 500_000 + b'[]]}')",
}


@pytest.mark.parametrize("name", half(tuple(FLOODS), "floods"))
def test_output_without_end_ends_its_cell(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(ATTEMPT, "before = 1.5", FLOODS[name], output_kib=64, cell_timeout_s=1)
    assert (True, [1.5]) == (
        statuses(trace)[2] in ("flooded", "timeout"),
        at(list(trace.base.events), "before"),
    )


def test_output_without_end_in_a_cold_kernel_ends_its_cell(cold: Sealed) -> None:
    trace = cold.ran("while True: print('x' * 1000)", output_kib=64, cell_timeout_s=2)
    assert ["timeout"] == statuses(trace)


def test_output_past_the_kernels_own_limit_ends_its_cell(sealed: Sealed) -> None:
    trace = sealed.ran(
        FORGE, "while True: publish('stream', {'name': 'stdout', 'text': 'x' * 1000})", "after = 1"
    )
    assert "flooded" == statuses(trace)[1]


@pytest.mark.parametrize("name", half(tuple(OVERSIZED), "oversized"))
def test_output_that_is_too_large_leaves_the_cells_below_running(sealed: Sealed, name: str) -> None:
    trace = sealed.ran(FORGE, OVERSIZED[name], "after = 2.5", output_kib=64, cell_timeout_s=5)
    assert [2.5] == after(trace)


def test_an_error_that_is_too_large_to_be_told_ends_with_its_cells_time(sealed: Sealed) -> None:
    trace = sealed.ran("before = 1.5", "raise ValueError('x' * 20_000_000)", cell_timeout_s=1)
    assert (["ok", "timeout"], [1.5]) == (statuses(trace), at(list(trace.base.events), "before"))


def test_one_flood_leaves_room_for_the_output_of_the_next_cell(sealed: Sealed) -> None:
    trace = sealed.ran(
        "print('x' * 100_000)", "print('x' * 50_000)", output_kib=64, cell_timeout_s=3
    )
    assert ["ok", "ok"] == statuses(trace)
    assert 1 == len([event for event in trace.base.events if event.text.startswith("output ")])


def test_what_a_flood_says_is_kept_up_to_a_limit(sealed: Sealed) -> None:
    trace = sealed.ran("print('x' * 10_000_000)", cell_timeout_s=3)
    assert all(len(event.text) <= 20_000 for event in trace.base.events)


def test_what_is_printed_is_not_collected_in_the_kernel(sealed: Sealed) -> None:
    kept = "kept = len(get_ipython().history_manager.outputs)"
    trace = sealed.ran("for n in range(9): print(n)", kept)
    assert [0] == at(list(trace.base.events), "kept")


MANY_PARTS = """
sock, part = kernel.iopub_thread.socket, b'x' * 1_000_000
def flood():
    for _ in range(300):
        sock.send(part, 2)
    sock.send(part)
kernel.iopub_thread.schedule(flood)
time.sleep(2)
"""

WORDS_BEFORE_THE_END = """
import glob
log = next(path for path in glob.glob('/proc/self/fd/*') if os.path.realpath(path).endswith('log'))
for _ in range(30): os.write(int(log.rpartition('/')[2]), b'ab\\n' * 330_000)
__import__('threading').Timer(1.2, os._exit, [0]).start()
publish_raw(b'x', b'y')
reply({'status': 'ok'})
time.sleep(3)
"""


def growth_of(sealed: Sealed, *cells: str) -> int:
    """Most memory that the grader used for a notebook, in MiB."""
    before = memory_mib("VmRSS")
    sealed.ran(*cells, cell_timeout_s=5)
    return memory_mib("VmHWM") - before


def test_a_message_of_many_parts_stays_within_the_graders_memory(sealed: Sealed) -> None:
    assert growth_of(sealed, FORGE, MANY_PARTS) < MAX_GROWTH_MIB


def test_what_a_kernel_wrote_to_its_log_stays_within_the_graders_memory(sealed: Sealed) -> None:
    assert growth_of(sealed, FORGE, WORDS_BEFORE_THE_END) < MAX_GROWTH_MIB
