"""Events on the pipe: framed, bounded, and from the kernel's own process only."""

from __future__ import annotations

import json
import os
import struct

import pytest

from grader.kernel.recording.pipe import FRAME, MAX_EVENT_BYTES, Pipe
from grader.kernel.recording.recorder import Recorder


@pytest.fixture
def ends():
    read_end, write_end = os.pipe()
    yield read_end, write_end
    os.close(read_end)
    os.close(write_end)


PLENTY = 1 << 20


def frame(data: bytes) -> bytes:
    return FRAME + struct.pack(">I", len(data)) + data


def test_an_event_is_one_frame(ends):
    Pipe(ends[1], PLENTY).send({"kind": "note"})
    assert frame(b'{"kind":"note"}') == os.read(ends[0], 1000)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_a_lone_surrogate_arrives_as_something_else(ends, text):
    Pipe(ends[1], PLENTY).send({"text": text})
    assert (
        text.encode("utf-8", "replace").decode() == json.loads(os.read(ends[0], 1000)[6:])["text"]
    )


def test_a_frames_beginning_occurs_in_no_event(ends):
    Pipe(ends[1], PLENTY).send({"text": "\xff\xfe\ufffe\uffff\U0010ffff\udcff\udcfe"})
    assert FRAME not in os.read(ends[0], 1000)[1:]


def test_an_event_that_is_too_large_arrives_without_its_values(ends):
    Pipe(ends[1], PLENTY).send(
        {"values": {"x": "\ud800" * MAX_EVENT_BYTES}, "text": "", "kind": "value"}
    )
    assert {"values": {}, "text": "", "kind": "value"} == json.loads(os.read(ends[0], 1000)[6:])


def test_an_empty_frame_says_that_the_limit_is_reached_then_nothing_is_sent(ends):
    pipe = Pipe(ends[1], 10)
    for _ in range(3):
        pipe.send({"kind": "note"})
    assert frame(b"") == os.read(ends[0], 1000)


def test_the_recorder_is_silent_in_a_forked_child(ends):
    pipe = Pipe(ends[1], PLENTY)
    recorder = Recorder(pipe.send, {})
    pid = os.fork()
    if pid == 0:
        recorder.note("from the child")
        os._exit(0)
    os.waitpid(pid, 0)
    recorder.note("from the parent")
    assert b"from the parent" in (sent := os.read(ends[0], 10_000))
    assert b"from the child" not in sent


def test_a_program_that_the_student_starts_does_not_inherit_the_pipe(ends):
    os.set_inheritable(ends[1], True)
    Pipe(ends[1], PLENTY)
    assert not os.get_inheritable(ends[1])


def test_an_event_sent_while_another_is_written_does_not_hang(ends):
    pipe = Pipe(ends[1], PLENTY)
    with pipe._lock:
        pipe.send({"kind": "note"})
    assert os.read(ends[0], 100).startswith(FRAME)
