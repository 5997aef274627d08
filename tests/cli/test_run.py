"""`grade run`: what it hands on, prints and exits with. Fakes stand in for what is heavy."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.batch.workers.cluster_file import AddressTable, ClusterChoice, LocalTable
from grader.errors import NothingToGrade
from grader.settings import Settings
from tests.support.commands import UNSEALED, fake_run, grade, run_gives
from tests.support.reports import not_graded, report, resnet34, submission

pytestmark = pytest.mark.usefixtures("pages")

EXERCISES = Path(__file__).parents[2] / "exercises"


def test_options_become_settings(calls):
    folders = ("--out", "o", "--exercises", "e", "--solutions", "s")
    grade("a", "--assignment", "autograd", "--jobs", "3", "--fresh", *folders)
    expected = Settings(
        assignment="autograd",
        out=Path("o"),
        jobs=3,
        fresh=True,
        exercises=Path("e"),
        solutions=Path("s"),
    )
    assert expected == calls.settings


def test_options_that_are_not_given_keep_their_defaults(calls):
    grade("a")
    assert Settings() == calls.settings


def test_a_run_ends_with_the_place_of_the_report_and_what_to_do_next(calls):
    lines = grade("a").stdout.strip().split("\n")
    expected = [
        "Relatório: grades/report.json",
        "9 respostas por ler: grade review grades",
        "Um aluno por inteiro: grade show grades NOME",
    ]
    assert lines[0].startswith("PyTorch")
    assert expected == lines[-3:]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a",), [("grades", None)]),
        (("a", "--out", "o", "--language", "en"), [("o", "en")]),
        (("regrade", "old"), [("old", None)]),
        (("a", "--json"), [("grades", None)]),
        (("show", "old/"), []),
    ],
)
def test_a_run_and_a_regrade_write_pages_and_nothing_else_does(calls, pages, arguments, expected):
    grade(*arguments)
    assert expected == pages


# JSON


def test_json_prints_the_report_and_nothing_else_on_stdout(calls):
    expected = json.loads(report().model_dump_json())
    assert expected == json.loads(grade("a", "--json").stdout)


def test_json_says_on_stderr_where_the_report_is(calls):
    assert "grades/report.json" in grade("a", "--json").stderr


def test_json_is_ascii_so_that_nothing_in_it_steers_a_terminal(monkeypatch):
    run_gives(monkeypatch, submission("Ana\u202e\x9b31m ção"))
    assert grade("a", "--json").stdout.isascii()


# --fail-under


@pytest.mark.parametrize(("percent", "code"), [("69", 0), ("70", 0), ("70.1", 1), ("100", 1)])
def test_fail_under_compares_points_with_the_points_to_be_had(monkeypatch, percent, code):
    run_gives(monkeypatch, resnet34())
    assert code == grade("a", "--fail-under", percent).exit_code


def test_fail_under_names_who_is_below(monkeypatch):
    run_gives(monkeypatch, resnet34(), not_graded("Bia", "unreadable", "unreadable.empty"))
    result = grade("a", "--fail-under", "80", "--json", "--language", "en")
    expected = "Below 80% of the points decided so far: João Exemplo (7/10), Bia (unreadable)."
    assert expected in " ".join(result.stderr.split())
    assert expected not in result.stdout


def test_a_wrong_path_is_said_before_anything_of_the_course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "submissions").mkdir()
    result = grade("submisions")
    assert 5 == result.exit_code
    assert "grade: There is no submisions. Did you mean submissions?\n" == result.stderr


def test_a_bad_grade_alone_fails_nothing(calls):
    assert 0 == grade("a").exit_code


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        ("unreadable", "unreadable.empty", 1),
        ("wrong_file", "wrong-file.no-cells", 1),
        ("ungradable", "x", 3),
    ],
)
def test_what_has_no_points_fails_unless_it_is_our_fault(monkeypatch, status, reason, code):
    run_gives(monkeypatch, not_graded("Ana", status, reason))
    assert code == grade("a", "--fail-under", "50").exit_code


def test_a_submission_whose_points_are_all_pending_is_not_below(monkeypatch):
    run_gives(monkeypatch, submission("Ana", points=0.0, max_points=0.0))
    assert 0 == grade("a", "--fail-under", "100").exit_code


# What ran unsealed


def test_an_unsealed_run_begins_with_a_warning(monkeypatch):
    fake_run(monkeypatch, lambda *_: report(sandbox="none"))
    lines = grade("a", "--sandbox", "none").stdout.split("\n")
    assert UNSEALED == lines[0]


def test_an_unsealed_run_has_its_warning_beside_the_json(monkeypatch):
    fake_run(monkeypatch, lambda *_: report(sandbox="none"))
    result = grade("a", "--json")
    assert UNSEALED in result.stderr
    assert UNSEALED not in result.stdout


# --dry-run


def test_a_dry_run_shows_which_file_counts_and_runs_nothing(calls, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    cell = {"cell_type": "code", "source": "w"}
    (folder / "ana.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [cell]}))
    result = grade(str(folder), "--dry-run", "--json", "--exercises", str(EXERCISES))
    (mapped,) = json.loads(result.stdout)["submissions"]
    assert [] == calls.names
    assert "ana.ipynb" == mapped["file"]
    assert mapped["status"] is None


# On a cluster


def test_a_cluster_is_read_from_its_address_and_from_a_file(tmp_path, monkeypatch):
    choices = []

    @contextmanager
    def note_choice(paths, settings, cluster):
        choices.append(cluster)
        raise NothingToGrade("There is nothing.")
        yield

    monkeypatch.setattr("grader.cli.run.open_run", note_choice)
    file = tmp_path / "cluster.toml"
    file.write_text('kind = "local"\nworkers = 3\n')
    grade("a", "--cluster", "tls://scheduler:8786", "--trust", "--allow-mixed")
    grade("a", "--cluster", str(file))
    grade("a")

    remote = ClusterChoice(AddressTable(address="tls://scheduler:8786"), True, True)
    assert [remote, ClusterChoice(LocalTable(workers=3)), None] == choices


def test_a_file_of_a_cluster_that_is_not_right_is_refused_before_anything_runs(calls, tmp_path):
    file = tmp_path / "cluster.toml"
    file.write_text('kind = "slurm"\nwalltme = "1:00"\n')
    result = grade("a", "--cluster", str(file))
    assert 3 == result.exit_code
    assert "walltme: there is no such field. Did you mean 'walltime'?" in result.stderr
    assert [] == calls.names


def test_mixed_workers_are_those_of_a_cluster(calls):
    result = grade("a", "--allow-mixed")
    assert 2 == result.exit_code
    assert [] == calls.names
