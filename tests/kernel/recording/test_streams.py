"""What a cell prints is bounded, and the cell goes on."""

from __future__ import annotations

from grader.kernel.recording.streams import MAX_FLUSHES, MAX_MESSAGES, OutputLimit, listen
from tests.support.recording import Recording, of_kind


def notes(recording: Recording) -> list[str]:
    return [event.text for event in of_kind(recording.events(), "note")]


def test_text_is_granted_up_to_the_limit():
    limit = OutputLimit(Recording().recorder, kib=1)
    assert [1000, 24, 0] == [limit.grant(1000), limit.grant(1000), limit.grant(1000)]


def test_what_is_left_out_is_noted_once():
    recording = Recording()
    limit = OutputLimit(recording.recorder, kib=1)
    for _ in range(3):
        limit.grant(1000)
    assert ["output 1 KiB"] == notes(recording)


def test_the_next_cell_may_print_again():
    limit = OutputLimit(Recording().recorder, kib=1)
    limit.grant(2000)
    limit.begin()
    assert 1000 == limit.grant(1000)


def test_hidden_output_is_left_out_without_a_note():
    recording = Recording()
    limit = OutputLimit(recording.recorder, kib=1)
    limit.hidden = True
    assert (0, False, []) == (limit.grant(5000), limit.grants_message(), notes(recording))


def test_displays_without_end_are_left_out():
    limit = OutputLimit(Recording().recorder, kib=1)
    granted = [limit.grants_message() for _ in range(MAX_MESSAGES + 5)]
    assert MAX_MESSAGES == sum(granted)


def test_flushes_without_end_send_no_message_each():
    limit = OutputLimit(Recording().recorder, kib=1)
    granted = [limit.grants_flush() for _ in range(MAX_FLUSHES + 5)]
    assert MAX_FLUSHES == sum(granted)


class Stream:
    """Counts the characters that reach it."""

    def __init__(self) -> None:
        self.written = 0

    def write(self, text: str) -> int:
        self.written += len(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


def test_a_stream_that_was_full_is_open_again_in_the_next_cell(monkeypatch):
    stream = Stream()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", Stream())
    recorder = Recording().recorder
    limit = OutputLimit(recorder, kib=1)
    listen(recorder, limit)
    for _ in range(40):
        stream.write("x" * 1000)
    limit.begin()
    assert (1024, 7, 1031) == (stream.written, stream.write("seventy"), stream.written)


def test_text_after_a_full_stream_is_recorded_once_there_is_room(monkeypatch):
    recording = Recording()
    stream = Stream()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", Stream())
    listen(recording.recorder, OutputLimit(recording.recorder, kib=1))
    for _ in range(40):
        stream.write("x" * 1000)
    recording.recorder.end_part()
    stream.write("the answer")
    recording.recorder.end_part()
    printed = [event.text for event in of_kind(recording.events(), "printed")]
    assert [16_000, 10] == list(map(len, printed))
