"""A notebook runs in a process of its own, without Jupyter: cells, limits, other numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.job import InputFile, Job, Question
from grader.running.local import LocalRun
from grader.settings import Limits
from grader.trace import BASE, CodeCell, Number, Trace
from tests.support.recording import at

pytestmark = pytest.mark.kernel

DATA = "dados = [2.0, 4.5, 7.25, 1.0]"
OTHER = [{"name": "dados", "original": [2.0, 4.5, 7.25, 1.0], "other": [1.0, 3.0, 2.0, 7.0]}]


def ran(
    *cells: str,
    variants: int = 0,
    timeout_s: float = 20,
    files: tuple[InputFile, ...] = (),
    questions: tuple[Question, ...] = (),
) -> Trace:
    code = tuple(CodeCell(cell=index, source=source) for index, source in enumerate(cells))
    limits = Limits(cell_timeout_s=timeout_s)
    job = Job(cells=code, files=files, limits=limits, questions=questions)
    return LocalRun(
        job, [(f"practice-{number + 1}", OTHER) for number in range(variants)], lambda: None
    ).trace()


def statuses(trace: Trace, label: str = BASE) -> list[str]:
    run = trace.run(label)
    return [cell.status for cell in run.cells] if run else []


def last(trace: Trace, name: str, label: str = BASE) -> float | None:
    run = trace.run(label)
    values = [event.values[name] for event in (run.events if run else ()) if name in event.values]
    return values[-1].value if values and isinstance(values[-1], Number) else None


def test_cells_run_in_order_and_what_they_compute_is_recorded():
    trace = ran("a = 2", "b = a * 3")
    assert (["ok", "ok"], 6.0) == (statuses(trace), last(trace, "b"))


def test_other_numbers_take_the_datas_place():
    trace = ran(DATA, "media = sum(dados) / len(dados)", variants=1)
    assert (3.6875, 3.25) == (last(trace, "media"), last(trace, "media", "practice-1"))


def test_whether_the_data_was_met_is_told():
    trace = ran("media = 3.6875", variants=1)
    assert [{}] == [run.carried for run in trace.runs if run.label != BASE]


def test_a_cell_that_raises_ends_neither_the_notebook_nor_its_runs_with_other_numbers():
    trace = ran(DATA, "1 / 0", "media = sum(dados) / 4", variants=1)
    assert ["ok", "error", "ok"] == statuses(trace) == statuses(trace, "practice-1")


def test_a_cell_that_missed_a_name_runs_again_once_the_name_is_there():
    trace = ran("b = a + 1", "a = 1", "a = 5")
    assert ([(0, False), (1, False), (0, True), (2, False)], 2.0) == (
        [(cell.cell, cell.again) for cell in trace.base.cells],
        last(trace, "b"),
    )


@pytest.mark.parametrize("endless", ["import time\ntime.sleep(600)", "while True:\n    pass"])
def test_an_endless_cell_is_interrupted_and_later_ones_go_on(endless):
    trace = ran(endless, "a = 1", timeout_s=1)
    assert (["timeout", "ok"], 1.0) == (statuses(trace), last(trace, "a"))


def test_a_cell_that_took_too_long_does_not_run_with_other_numbers():
    trace = ran(DATA, "while True: pass", "media = sum(dados) / 4", variants=1, timeout_s=1)
    assert ([0, 2], 3.25) == (
        [cell.cell for cell in trace.run("practice-1").cells],
        last(trace, "media", "practice-1"),
    )


def test_a_cell_that_resists_the_interrupt_ends_the_process_and_the_rest_runs_with_other_numbers():
    resisting = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    trace = ran(DATA, "media = sum(dados) / 4", resisting, "a = 1", variants=1, timeout_s=1)
    assert (["ok", "ok", "timeout", "not_run"], 3.25) == (
        statuses(trace),
        last(trace, "media", "practice-1"),
    )


def test_a_notebook_that_ends_its_process_has_done_what_it_did():
    trace = ran(DATA, "media = sum(dados) / 4", "import os\nos._exit(3)", "a = 1", variants=1)
    assert (["ok", "ok", "died", "not_run"], 3.25) == (
        statuses(trace),
        last(trace, "media", "practice-1"),
    )


def test_a_function_is_called_though_the_notebook_ended_its_process():
    asked = Question(exercise="f", function="f", calls=("1", "2"))
    cells = ("def f(a):\n    return a * 2", "import os\nos._exit(3)", "b = f(5)")
    trace = ran(*cells, questions=(asked,))
    calls = [trace.run(label) for label in asked.labels]
    assert ([2.0], [4.0]) == tuple(at(list(run.events), "f") for run in calls)
    assert ["base", "f(0)", "f(1)", "f(2)"] == [run.label for run in trace.runs]


def test_the_data_files_lie_in_the_working_directory(tmp_path: Path):
    path = tmp_path / "dados.csv"
    path.write_text("7\n", "utf-8")
    file = InputFile(
        name="dados.csv", path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
    )
    assert 7.0 == last(ran("a = float(open('dados.csv').read())", files=(file,)), "a")


def test_a_file_beside_the_notebook_shadows_no_module(tmp_path: Path):
    path = tmp_path / "json.py"
    path.write_text("raise RuntimeError('shadowed')\n", "utf-8")
    file = InputFile(
        name="json.py", path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
    )
    assert ["ok"] == statuses(ran("import json", files=(file,)))


def test_a_check_in_the_notebook_does_nothing_while_it_is_checked():
    trace = ran(
        "from grader import check\nfound = check()\na = 1 if found is None else 2",
        "%load_ext grader",
        "%grade",
    )
    assert (["ok", "ok", "ok"], 1.0) == (statuses(trace), last(trace, "a"))


def test_what_the_notebook_writes_stays_in_a_folder_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    ran("open('escrito.txt', 'w').write('x')")
    assert [] == list(tmp_path.iterdir())
