"""What a terminal shows whose encoding lacks some characters."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from grader.cli import stand_ins


def written(text: str, encoding: str) -> str:
    """Return what arrives from a stream of an encoding."""
    stand_ins.register()
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding, errors=stand_ins.ERRORS)
    stream.write(text)
    stream.flush()
    return content.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("✓ ✗ ◐ – …", "ascii", "v x ~ - ."),
        ("não há “J” · 2×3 → ½", "ascii", 'nao ha "J" | 2x3 > 1'),
        ("✓ não – “J”", "cp1252", "v não – “J”"),
        ("日本", "latin-1", "??"),
        ("✓ 日本", "utf-8", "✓ 日本"),
    ],
)
def test_each_missing_character_has_a_stand_in_of_its_width(text, encoding, expected):
    assert expected == written(text, encoding)


def test_the_program_uses_them():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "grader", "run", "“nowhere”"]
    process = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert b'grade: There is no "nowhere". Check the path.\n' == process.stderr
