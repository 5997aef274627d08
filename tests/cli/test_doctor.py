"""`grade doctor`: what it prints and exits with. A fake stands in for the look at the machine."""

from __future__ import annotations

import json

import pytest

from grader.batch.workers import survey
from grader.batch.workers.cluster_workers import SurveyedWorker, UnfitWorker
from grader.batch.workers.facts import WorkerFacts
from tests.support.commands import diagnosis, grade

FACTS = WorkerFacts(
    host="node1",
    grader="1.0",
    recorder="abc",
    python="3.11.7",
    packages={"torch": "2.6.0"},
    cores=8,
    tier="bwrap",
)
ADDRESS = "tcp://127.0.0.1:8786"


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


# The workers of a cluster


def look_at(monkeypatch, *workers):
    async def looked_at(_table):
        return list(workers)

    monkeypatch.setattr(survey, "_survey_workers", looked_at)


USED = SurveyedWorker("tcp://a:1", 4, FACTS, None)
UNUSED = SurveyedWorker("tcp://b:1", 4, FACTS, UnfitWorker("torch 2.5.0 (here 2.6.0)"))
SILENT = SurveyedWorker("tcp://c:1", 4, None, UnfitWorker("this grader is not there (ImportError)"))


def test_a_doctor_of_a_cluster_tells_of_each_worker_what_it_has_and_whether_it_is_used(monkeypatch):
    look_at(monkeypatch, USED, UNUSED, SILENT)
    result = grade("doctor", "--cluster", ADDRESS)
    text = " ".join(result.stdout.split())
    assert "✓ tcp://a:1 (node1) bwrap · 8 cores · 4 notebooks at a time · grader 1.0" in text
    assert "python 3.11.7 · torch 2.6.0 ✗ tcp://b:1 (node1) bwrap" in text
    assert "→ not used: torch 2.5.0 (here 2.6.0)" in text
    assert "→ not used: this grader is not there (ImportError)" in text
    assert "Notebooks can run on 1 of 3 workers." in text
    assert 0 == result.exit_code


def test_a_cluster_without_a_worker_that_can_be_used_exits_with_3(monkeypatch):
    look_at(monkeypatch, UNUSED)
    assert 3 == grade("doctor", "--cluster", ADDRESS).exit_code
    look_at(monkeypatch)
    result = grade("doctor", "--cluster", ADDRESS)
    assert 3 == result.exit_code
    assert "grade: The cluster has no worker." in result.stderr


def test_a_doctor_of_a_cluster_prints_json(monkeypatch):
    look_at(monkeypatch, USED, UNUSED)
    shown = json.loads(grade("doctor", "--cluster", ADDRESS, "--json").stdout)
    assert ["ok", "bad"] == [worker["state"] for worker in shown["workers"]]
