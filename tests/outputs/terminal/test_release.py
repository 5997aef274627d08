"""What is shown of a release."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.outputs.terminal.release import release_view
from grader.outputs.terminal.tables import make_console


def shown(undecided: tuple[str, ...] = (), language: str = "en") -> str:
    exercises = [
        SimpleNamespace(id=name, automatic=name != "why") for name in ("mean", "spread", "why")
    ]
    release = SimpleNamespace(exercises=exercises, undecided=undecided, numbers=lambda: [[], []])
    stream = io.StringIO()
    make_console(stream).print(
        release_view(Path("media.zip"), ["media.ipynb", "check.json"], release, language)
    )
    return " ".join(stream.getvalue().split())


def test_what_was_written_is_told():
    assert shown().startswith("media.zip: media.ipynb, check.json")


def test_the_exercises_that_students_check_are_told_without_those_a_person_reads():
    assert "on 2 practice variants: mean, spread." in shown()


def test_what_is_checked_only_once_handed_in_is_told():
    assert "on 2 practice variants: mean. Only checked when handed in" in shown(
        undecided=("spread",)
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Give students media.zip."), ("pt", "Entregue media.zip aos alunos.")],
)
def test_what_to_do_next_is_told(language, words):
    assert words in shown(language=language)
