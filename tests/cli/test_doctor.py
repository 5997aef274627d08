"""`grade doctor`: what it prints and exits with. A fake stands in for the look at the machine."""

from __future__ import annotations

import json

import pytest

from tests.support.commands import diagnosis, grade


@pytest.mark.parametrize(("tier", "code"), [("bwrap", 0), ("bwrap-cold", 0), ("none", 3)])
def test_a_doctor_that_finds_nothing_to_seal_with_exits_with_3(monkeypatch, tier, code):
    monkeypatch.setattr("grader.cli.doctor.look_at_machine", lambda settings: diagnosis(tier))
    assert code == grade("doctor").exit_code


def test_a_doctor_prints_what_was_found(calls):
    lines = [line.rstrip() for line in grade("doctor").stdout.split("\n")]
    assert ["✓ sandbox tried  out", "", "Notebooks can be sandboxed here.", ""] == lines


def test_a_doctor_prints_what_was_found_as_json(calls):
    output = grade("doctor", "--json").stdout
    assert output.isascii()
    shown = json.loads(output)
    assert "bwrap" == shown["tier"]
    assert shown["sealed"]
    assert "sandbox" == shown["findings"][0]["name"]
