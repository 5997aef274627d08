"""`grade validate`: what it hands on, prints and exits with. A fake stands in for validation."""

from __future__ import annotations

from grader.authoring.validation.findings import Validation, ValidationFinding
from grader.report import Message
from tests.support.commands import grade


def test_a_validation_without_findings_against_it_exits_with_0(calls):
    result = grade("validate", "autograd")
    assert 0 == result.exit_code
    assert "autograd" == calls.subject
    assert result.stdout.endswith("autograd: all right (1 check)\n")


def test_a_validation_that_fails_exits_with_1(calls, monkeypatch):
    finding = ValidationFinding(False, Message(id="validate.handout-earns"))
    failed = Validation("autograd", "en", (finding,))
    monkeypatch.setattr("grader.cli.validate.validate_assignments", lambda *_: (failed,))
    assert 1 == grade("validate").exit_code


def test_validate_without_a_name_validates_all(calls):
    grade("validate")
    assert ["validate_assignments"] == calls.names
    assert calls.subject is None
