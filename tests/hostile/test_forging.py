"""Messages and events that a notebook forges cost it its own cell at most, and decide nothing."""

from __future__ import annotations

import asyncio

import pytest

from grader.running.session import Session
from grader.trace import Trace
from tests.support.recording import at
from tests.support.running import errors, job, statuses
from tests.support.sealed import FORGE, Sealed, after, memory_mib

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("impatient")]

PUBLISHED = {
    "idle": "publish('status', {'execution_state': 'idle'})",
    "many idles": "for _ in range(500): publish('status', {'execution_state': 'idle'})",
    "dead": "publish('status', {'execution_state': 'dead'})",
    "unknown state": "publish('status', {'execution_state': {'a': [1]}})",
    "no state": "publish('status', {})",
    "reply on the wrong channel": (
        "publish('execute_reply', {'status': 'ok', 'execution_count': 'x'})"
    ),
    "stream of a number": "publish('stream', {'name': 1, 'text': 2})",
    "stream without text": "publish('stream', {})",
    "display without data": "publish('display_data', {})",
    "display of lists": "publish('display_data', {'data': [1], 'metadata': 3, 'transient': [[]]})",
    "update of nothing": (
        "publish('update_display_data', {'data': {}, 'transient': {'display_id': [1]}})"
    ),
    "error without names": "publish('error', {'traceback': 7})",
    "clearing": "publish('clear_output', {'wait': 'maybe'})",
    "widget": (
        "publish('comm_open', "
        "{'comm_id': 'x', 'target_name': 'jupyter.widget', 'data': {'state': 1}})"
    ),
    "widget message": (
        "publish('comm_msg', "
        "{'comm_id': 'nobody', 'data': {'method': 'update', 'buffer_paths': [[1]]}})"
    ),
    "unknown kind": "publish('verdict', {'points': 10})",
    "empty kind": "publish('', {})",
    "input request": "publish('input_request', {'prompt': 'password', 'password': True})",
    "execute input": "publish('execute_input', {'code': 7, 'execution_count': [[]]})",
    "a number too large": "publish('stream', {'name': 'stdout', 'text': 10 ** 4000})",
    "surrogates": 'publish(\'stream\', b\'{"name": "stdout", "text": "\\\\ud800"}\')',
    "not a number": (
        'publish(\'execute_result\', b\'{"execution_count": NaN, "data": {"a": -Infinity}}\')'
    ),
}
"""Messages that are of the right form on the wire."""

RAW = {
    "no delimiter": "publish_raw(b'x', b'y')",
    "nothing": "publish_raw(b'')",
    "bad signature": "publish_raw(b'stream', b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}')",
    "too few parts": "publish_raw(b'<IDS|MSG>', session.sign([b'{}']), b'{}')",
    "lists": "parts = [b'[]'] * 4\npublish_raw(b'<IDS|MSG>', session.sign(parts), *parts)",
    "null": "parts = [b'null'] * 4\npublish_raw(b'<IDS|MSG>', session.sign(parts), *parts)",
    "no JSON": (
        "parts = [b'\\xff{', b'{}', b'{}', b'{}']\n"
        "publish_raw(b'<IDS|MSG>', session.sign(parts), *parts)"
    ),
    "pickle": (
        "parts = [b'cos\\nsystem\\n.'] * 4\npublish_raw(b'<IDS|MSG>', session.sign(parts), *parts)"
    ),
    "deep": "deep = b'[' * 100_000\nparts = [b'{}', b'{}', b'{}', deep]\n"
    "publish_raw(b'<IDS|MSG>', session.sign(parts), *parts)",
    "duplicate": "parts = [b'{\"msg_id\": \"1\"}', b'{}', b'{}', b'{}']\n"
    "for _ in range(3): publish_raw(b'<IDS|MSG>', session.sign(parts), *parts)",
}
"""Messages that are not."""

REPLIES = {
    "no names": "reply({'status': 'error'})",
    "names that are lists": "reply({'status': 'error', 'ename': [1], 'evalue': {'a': [1]}})",
    "names that are null": (
        "reply({'status': 'error', 'ename': None, 'evalue': None, 'traceback': None})"
    ),
    "long names": "reply({'status': 'error', 'ename': 'x' * 10 ** 6, 'evalue': 'y' * 10 ** 6})",
    "unknown status": "reply({'status': 'splendid'})",
    "payload": (
        "reply({'status': 'ok', 'execution_count': 'x',"
        " 'payload': [{'source': 'set_next_input', 'text': 1}]})"
    ),
    "twice": "reply({'status': 'ok'})\nreply({'status': 'error', 'ename': 'X', 'evalue': 'x'})",
    "no header": "reply_raw(b'{}', b'{}', b'{}', b'{}')",
    "header that is a list": "reply_raw(b'[]', b'[]', b'[]', b'[]')",
    "parent that is a list": (
        "reply_raw(b'{\"msg_id\": \"x\", \"msg_type\": \"execute_reply\"}', b'[]', b'{}', b'{}')"
    ),
    "content that is null": "reply(b'null')",
}

CONTENTS = {
    "text": "reply(b'\"ok\"')",
    "list": "reply(b'[1]')",
    "number": "reply(b'3')",
    "true": "reply(b'true')",
}


def forged(sealed: Sealed, cell: str) -> Trace:
    """The trace of a notebook that forges something between a cell and another."""
    return sealed.ran(
        FORGE, "before = 1.5", f"{cell}\ntime.sleep(.1)", "after = 2.5", cell_timeout_s=2
    )


def test_messages_that_say_something_else_do_not_disturb_the_cells_below(sealed: Sealed) -> None:
    trace = sealed.ran(FORGE, *PUBLISHED.values(), "after = 2.5", cell_timeout_s=5)
    assert [2.5] == after(trace)


def test_messages_that_say_something_else_hide_no_error(sealed: Sealed) -> None:
    cells = [f"{cell}\n1 / 0" for cell in PUBLISHED.values()]
    trace = sealed.ran(FORGE, *cells, cell_timeout_s=5)
    assert set() == {"ok"} & set(statuses(trace)[1:])


@pytest.mark.parametrize("kind", [RAW, REPLIES], ids=["messages", "replies"])
def test_malformed_messages_disturb_no_more_than_their_cells(
    sealed: Sealed, kind: dict[str, str]
) -> None:
    """Guarantee: whatever a cell says on the kernel's channels, each cell after it runs."""
    cells = [
        (f"{cell}\ntime.sleep(.05)", f"after = {number}")
        for number, cell in enumerate(kind.values())
    ]
    sources = [FORGE, *(source for pair in cells for source in pair)]
    trace = sealed.ran(*sources, cell_timeout_s=5)
    assert [float(number) for number in range(len(kind))] == after(trace)


def test_a_flood_of_replies_to_one_cell_disturbs_no_other(sealed: Sealed) -> None:
    trace = forged(sealed, "for _ in range(300): reply({'status': 'ok'})")
    assert ([1.5], [2.5], ()) == (
        at(list(trace.base.events), "before"),
        after(trace),
        trace.ended,
    )


@pytest.mark.parametrize("name", CONTENTS)
def test_a_reply_whose_content_is_no_object_disturbs_no_more_than_its_cell(
    sealed: Sealed, name: str
) -> None:
    trace = forged(sealed, CONTENTS[name])
    assert ([1.5], [2.5]) == (at(list(trace.base.events), "before"), after(trace))


def test_a_malformed_message_in_a_cold_kernel_disturbs_no_more_than_its_cell(cold: Sealed) -> None:
    trace = forged(cold, RAW["no delimiter"])
    assert ([1.5], [2.5]) == (at(list(trace.base.events), "before"), after(trace))


def test_a_message_that_never_ends_disturbs_no_more_than_its_cell(sealed: Sealed) -> None:
    trace = forged(
        sealed, "kernel.iopub_thread.schedule(lambda: kernel.iopub_thread.socket.send(b'x', 2))"
    )
    assert ([1.5], [2.5]) == (at(list(trace.base.events), "before"), after(trace))


def test_a_forged_output_does_not_say_how_a_cell_ended(sealed: Sealed) -> None:
    trace = sealed.ran(FORGE, "publish('status', {'execution_state': 'idle'})\nraise KeyError(1)")
    assert ["", "KeyError"] == errors(trace)


HIDDEN = {
    "showtraceback": "get_ipython().showtraceback = lambda *names, **more: None\nraise KeyError(1)",
    "custom handler": (
        "get_ipython().set_custom_exc((BaseException,), lambda *names, **more: None)\n"
        "raise KeyError(1)"
    ),
    "stderr": "import io, sys\nsys.stderr = sys.stdout = io.StringIO()\nraise KeyError(1)",
    "excepthook": "import sys\nsys.excepthook = lambda *names: None\nraise KeyError(1)",
    "display": "get_ipython().display_pub.publish = lambda *names, **more: None\nraise KeyError(1)",
}


def test_errors_that_a_notebook_hides_from_its_reader_are_reported(sealed: Sealed) -> None:
    assert ["KeyError"] * len(HIDDEN) == errors(sealed.ran(*HIDDEN.values()))


async def replayed(sealed: Sealed, cell: str) -> Trace:
    """The trace of a notebook that forges messages while it is run again with other numbers."""
    cells = [FORGE, cell, "last = 2.5"]
    sealed.ran_since = True
    async with Session(
        job(*cells, cell_timeout_s=2, notebook_timeout_s=4), sealed.launch
    ) as session:
        await session.run_cells()
        await session.replay("variant-1", list(enumerate(cells)))
    return session.trace()


def test_messages_that_are_forged_in_a_replay_do_not_end_it(sealed: Sealed) -> None:
    trace = asyncio.run(replayed(sealed, PUBLISHED["many idles"]))
    assert [2.5, 2.5] == [value for run in trace.runs for value in at(list(run.events), "last")]


def test_a_malformed_reply_to_a_replay_costs_its_run_only(sealed: Sealed) -> None:
    trace = asyncio.run(replayed(sealed, REPLIES["parent that is a list"]))
    assert [2.5] == at(list(trace.base.events), "last")


EVENTS = {
    "pickles": "b'cos\\nsystem\\n(S\"touch /tmp/owned\"\\ntR.' * 10",
    "frames without end": "b'\\xff\\xfe\\x00\\x00\\xff\\xff'",
    "verdicts": 'frame(b\'{"run": "base", "kind": "verdict", "cell": 0, "points": 10}\')',
    "unknown fields": 'frame(b\'{"run": "base", "kind": "value", "cell": 0, "passed": true}\')',
    "numbers that are none": 'frame(b\'{"run": "base", "kind": "value", "cell": NaN}\')',
    "huge numbers": (
        'frame(b\'{"run": "base", "kind": "value", "cell": \' + b\'9\' * 10_000 + b\'}\')'
    ),
    "surrogates": 'frame(b\'{"run": "base", "kind": "note", "cell": 0, "text": "\\\\ud800"}\')',
    "deep lists": "frame(b'[' * 200_000)",
    "deep objects": "frame(b'{\"values\":' * 50_000)",
    "half a frame": "frame(b'{}' * 100)[:50]",
}


def test_forged_events_are_counted_and_those_around_them_arrive(sealed: Sealed) -> None:
    frame = (
        "import os, struct\n"
        "def frame(data): return b'\\xff\\xfe' + struct.pack('>I', len(data)) + data"
    )
    cells = [
        f"os.write(pipe_of_events(), {event})\nafter = {number}"
        for number, event in enumerate(EVENTS.values())
    ]
    trace = sealed.ran(FORGE, frame, *cells)
    assert ([float(number) for number in range(len(EVENTS))], True) == (
        after(trace),
        trace.forged >= len(EVENTS) - 1,
    )


def test_a_mark_that_a_student_forges_is_in_the_trace_as_a_claim_only(sealed: Sealed) -> None:
    trace = sealed.ran("_grader_mark('w', 0, 1.0, 3.5)\nafter = 2.5")
    assert ["NameError"] * 2 == errors(trace)


FLOODS_OF_EVENTS = {
    "small frames": "chunk = b'\\xff\\xfe\\x00\\x00\\x00\\x02{}' * 100_000\ncount = 24",
    "large graphs": """
graph = '{"kind":"graph","labels":["a"],"edges":[%s]}' % ','.join(['[0,0]'] * 59_000)
event = '{"run":"base","kind":"value","cell":0,"values":{"a":%s,"b":%s}}' % (graph, graph)
chunk, count = b'\\xff\\xfe' + struct.pack('>I', len(event)) + event.encode(), 30
""",
}


@pytest.mark.parametrize("name", FLOODS_OF_EVENTS)
def test_a_flood_of_forged_events_stays_within_the_graders_memory(
    sealed: Sealed, name: str
) -> None:
    before = memory_mib("VmRSS")
    write = "end = pipe_of_events()\nfor _ in range(count): os.write(end, chunk)"
    sealed.ran(FORGE, f"import struct\n{FLOODS_OF_EVENTS[name]}\n{write}", cell_timeout_s=20)
    assert memory_mib("VmHWM") - before < 100
