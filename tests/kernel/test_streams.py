"""What a cell prints is bounded, and the cell goes on."""

from __future__ import annotations

from grader.kernel.streams import MAX_FLUSHES, MAX_MESSAGES, OutputLimit
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
