"""Functions that attack when they are called at the end.

Cells keep what they computed, and the other calls are made.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from grader.job import Question
from grader.running.session import Session
from grader.trace import Number, Other, Trace
from tests.support.recording import at
from tests.support.running import job
from tests.support.sampling import half
from tests.support.sealed import ATTEMPT, Sealed

pytestmark = pytest.mark.kernel

ASKED = Question(exercise="f", function="f", calls=("1", "2", "3"))

ENDINGS = {
    "os._exit": "os._exit(0)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
}
LEAVINGS = {
    "SystemExit": ("raise SystemExit(3)", "SystemExit"),
    "quit": ("quit()", "NoneType"),
    "an odd exception": ("class Odd(BaseException): pass\n        raise Odd", "Odd"),
    "a deep recursion": ("return f(2)", "RecursionError"),
}
ENDLESS = {
    "a loop": "while True: pass",
    "a loop that is deaf": (
        "while True:\n            try: time.sleep(.01)\n            except BaseException: pass"
    ),
    "a stop of itself": "os.kill(os.getpid(), signal.SIGSTOP)",
}


def attacking(attack: str) -> str:
    """A function that attacks in its second call."""
    return f"def f(number):\n    if number == 2:\n        {attack}\n    return number"


def ran(sealed: Sealed, attack: str, *, cell_timeout_s: float = 5.0) -> Trace:
    """The trace of a notebook with such a function, and of a variant that ran afterwards."""
    sealed.ran_since = True
    attacked = job(ATTEMPT, "before = 1.5", attacking(attack), cell_timeout_s=cell_timeout_s)

    async def run() -> Trace:
        async with Session(
            attacked.model_copy(update={"questions": (ASKED,)}), sealed.launch
        ) as session:
            await session.run_cells()
            await session.ask()
            await session.replay("variant-1", [(1, "before = 2.5")])
        return session.trace()

    return asyncio.run(run())


def gave(trace: Trace) -> dict[str, Any]:
    """What each call gave: a number, or the name of a type."""
    found = {}
    for label in ASKED.labels:
        called = trace.run(label)
        for event in called.events if called else ():
            value = event.values["f"]
            found[label] = (
                value.value
                if isinstance(value, Number)
                else value.type
                if isinstance(value, Other)
                else value
            )
    return found


def others(trace: Trace) -> tuple[list[Any], list[Any]]:
    """What a cell gave on the data, and in the variant that ran after the calls."""
    variant = trace.run("variant-1")
    return at(list(trace.base.events), "before"), at(
        list(variant.events) if variant else [], "before"
    )


@pytest.mark.parametrize("name", half(tuple(ENDINGS), "endings"))
def test_a_function_that_ends_the_kernel_costs_no_other_answer(sealed: Sealed, name: str) -> None:
    trace = ran(sealed, ENDINGS[name])
    assert ({"f(1)": 1.0}, ([1.5], [2.5])) == (gave(trace), others(trace))
    assert all(cell.status == "ok" for cell in trace.base.cells)


@pytest.mark.parametrize("name", LEAVINGS)
def test_a_function_that_leaves_is_told_and_called_again(sealed: Sealed, name: str) -> None:
    attack, error = LEAVINGS[name]
    trace = ran(sealed, attack)
    second = error if error != "NoneType" else 2.0
    assert ({"f(1)": 1.0, "f(2)": second, "f(3)": 3.0}, ([1.5], [2.5])) == (
        gave(trace),
        others(trace),
    )


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", half(tuple(ENDLESS), "endless"))
def test_a_function_without_end_is_ended(sealed: Sealed, name: str) -> None:
    trace = ran(sealed, ENDLESS[name], cell_timeout_s=1)
    assert (1.0, ([1.5], [2.5])) == (gave(trace)["f(1)"], others(trace))
    assert gave(trace).get("f(2)") in (None, "TimeoutError", "KeyboardInterrupt")
    assert "f(3)" not in gave(trace)


def test_a_child_that_a_function_forks_says_nothing(sealed: Sealed) -> None:
    trace = ran(sealed, "return 10 if os.fork() else 20")
    assert {"f(1)": 1.0, "f(2)": 10.0, "f(3)": 3.0} == gave(trace)
    assert 1 == len(trace.run("f(2)").events)
    assert ([1.5], [2.5]) == others(trace)


def test_what_a_function_prints_reaches_nobody(sealed: Sealed) -> None:
    trace = ran(sealed, "for _ in range(200): print('x' * 100_000)")
    assert {"f(1)": 1.0, "f(2)": 2.0, "f(3)": 3.0} == gave(trace)
    assert [] == [event for event in trace.base.events if event.kind == "printed"]


@pytest.mark.usefixtures("impatient")
def test_a_function_that_breaks_what_calls_it_earns_no_more_than_it_gives(sealed: Sealed) -> None:
    broken = (
        "import builtins; builtins.type = lambda *_: int; builtins.isinstance = lambda *_: True"
    )
    trace = ran(sealed, broken, cell_timeout_s=1)
    assert set(gave(trace).values()) <= {1.0, 2.0, 3.0}
    assert [1.5] == others(trace)[0]
