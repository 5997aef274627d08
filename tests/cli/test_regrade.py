"""`grade regrade`: what it hands on and prints. Fakes stand in for what is heavy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import UNSEALED, FakeRegraded, fake_regrade, grade
from tests.support.reports import report

pytestmark = pytest.mark.usefixtures("pages")


def test_regrade_takes_the_default_folder(calls):
    grade("regrade")
    assert Path("grades") == calls.subject
    assert Path("grades") == calls.settings.out


def test_regrade_shows_changes_and_where_the_report_is(calls):
    shown = grade("regrade", "old/").stdout
    lines = [line.strip() for line in shown.strip().split("\n")]
    assert ["Bia  Passo  3 → 1,5  −1,5", "", "Relatório: old/report.json"] == lines[-5:-2]


def test_regrade_warns_of_an_unsealed_run(monkeypatch):
    fake_regrade(monkeypatch, lambda *_: FakeRegraded(report(sandbox="none")))
    assert UNSEALED == grade("regrade").stdout.split("\n")[0]
