"""What the kernel notes becomes messages of the report."""

from __future__ import annotations

from grader.grading.kernel_notes import MAX_DETAILS, NOTED, messages_of_notes
from grader.messages import LANGUAGES, READERS, say


def test_details_of_one_topic_are_told_together_and_each_once():
    notes = ["random-weights resnet18", "random-weights vgg11", "random-weights resnet18"]
    [message] = messages_of_notes(notes)
    assert ("note.random-weights", {"what": "resnet18, vgg11"}) == (message.id, message.params)


def test_an_unknown_topic_is_no_message():
    assert [] == list(messages_of_notes(["recorder: KeyError", ""]))


def test_few_and_short_details_are_told():
    notes = [f"random-weights {number}{'x' * 1_000}" for number in range(100)]
    [message] = messages_of_notes(notes)
    assert len(str(message.params["what"])) <= MAX_DETAILS * 202


def test_each_topic_has_words_for_both_readers_in_both_languages():
    for topic in NOTED:
        for language in LANGUAGES:
            for reader in READERS:
                assert say(f"note.{topic}", {"what": "x"}, language=language, reader=reader)
