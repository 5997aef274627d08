"""What made a cell fail: the student's code, the machine, or the order of the cells."""

from __future__ import annotations

import pytest

from grader.grading.causes import Causes, causes_of
from grader.trace import CellRun, CodeCell, Run, Trace
from tests.support.traces import happens

Ended = tuple[str, str, str]
"""Status, error and message of a cell."""

OK: Ended = ("ok", "", "")


def failed(error: str, message: str = "") -> Ended:
    return ("error", error, message)


def undefined(name: str) -> Ended:
    return failed("NameError", f"name '{name}' is not defined")


NO_PACKAGE = failed("ModuleNotFoundError", "No module named 'wandbx'")


def causes(*cells: tuple[str, Ended], limit: str = "") -> Causes:
    """The causes in a notebook: the source of each cell, and how it ended."""
    sources = []
    runs = []
    for index, (source, (status, error, message)) in enumerate(cells):
        sources.append(CodeCell(cell=index, source=source))
        runs.append(
            CellRun(cell=index, status=status, error=error, message=message, limit=limit)  # type: ignore[arg-type]
        )
        limit = ""
    return causes_of(Trace(cells=tuple(sources), runs=(Run(label="base", cells=tuple(runs)),)))


@pytest.mark.parametrize(
    ("ended", "reason", "what"),
    [
        (NO_PACKAGE, "package", "wandbx"),
        (failed("ModuleNotFoundError", "No module named 'a.b'"), "package", "a.b"),
        (
            failed("ImportError", "libGL.so.1: cannot open shared object file: No such file"),
            "package",
            "libGL.so.1",
        ),
        (failed("AssertionError", "Torch not compiled with CUDA enabled"), "device", "CUDA"),
        (failed("RuntimeError", "Found no NVIDIA driver on your system."), "device", ""),
        (failed("OperationalError", "no such table: cars"), "path", ""),
        (failed("RuntimeError", "No CUDA GPUs are available"), "device", ""),
        (
            failed("RuntimeError", "PyTorch is not linked with support for mps devices"),
            "device",
            "mps",
        ),
        (
            failed("NotImplementedError", "Could not run 'aten::x' with arguments from the 'XPU'"),
            "device",
            "XPU",
        ),
        (
            failed("AttributeError", "module 'ctypes' has no attribute 'windll'"),
            "version",
            "windll",
        ),
        (
            failed(
                "AttributeError",
                "module 'asyncio' has no attribute 'WindowsSelectorEventLoopPolicy'",
            ),
            "version",
            "WindowsSelectorEventLoopPolicy",
        ),
        (failed("URLError", "<urlopen error [Errno -3] x>"), "network", ""),
        (failed("gaierror", "[Errno -3] Temporary failure in name resolution"), "network", ""),
        (failed("ConnectionError", "HTTPSConnectionPool: Max retries exceeded"), "network", ""),
        (
            failed("FileNotFoundError", "[Errno 2] No such file or directory: '/content/a.csv'"),
            "path",
            "/content/a.csv",
        ),
        (failed("FileNotFoundError", "a.csv not found."), "path", "a.csv"),
        (
            failed("OSError", "[Errno 30] Read-only file system: '/content'"),
            "path",
            "/content",
        ),
        (
            failed("AttributeError", "`np.find_common_type` was removed in the NumPy 2.0 release."),
            "version",
            "np.find_common_type",
        ),
        (
            failed("AttributeError", "'DataFrame' object has no attribute 'append'"),
            "version",
            "append",
        ),
        (
            failed(
                "RuntimeError", "This function was deprecated since version 1.9 and is now removed."
            ),
            "version",
            "",
        ),
        (
            failed("AttributeError", "'numpy.ndarray' object has no attribute 'ptp'"),
            "version",
            "ptp",
        ),
        (
            failed("TypeError", "read_csv() got an unexpected keyword argument 'squeeze'"),
            "version",
            "squeeze",
        ),
        (failed("TypeError", "got an unexpected keyword argument 'squared'"), "version", "squared"),
        (
            failed("ImportError", "`load_boston` has been removed from scikit-learn since 1.2"),
            "version",
            "load_boston",
        ),
        (
            failed(
                "ImportError",
                "cannot import name 'plot_confusion_matrix' from 'sklearn.metrics'"
                " (/usr/lib/python3/site-packages/sklearn/metrics/__init__.py)",
            ),
            "version",
            "plot_confusion_matrix",
        ),
        (failed("OperationalError", "unable to open database file"), "path", ""),
        (failed("RuntimeError", "Dataset not found. You can use download=True"), "path", ""),
        (
            failed("ExecutableNotFound", "failed to execute PosixPath('dot'), make sure"),
            "path",
            "dot",
        ),
        (failed("ImportError", "Cannot load backend 'TkAgg' which requires"), "backend", "TkAgg"),
        (failed("TclError", "couldn't connect to display ':0'"), "backend", ""),
        (failed("StdinNotImplementedError", "raw_input was called"), "input", ""),
        (("timeout", "KeyboardInterrupt", ""), "time", ""),
        (("flooded", "KeyboardInterrupt", ""), "output", ""),
        (("not_run", "notebook-timeout", ""), "notebook-time", ""),
    ],
)
def test_an_error_tells_what_the_machine_lacks(ended: Ended, reason: str, what: str) -> None:
    cause = causes(("x = 1", ended)).failed[0]
    assert ("machine", reason, what, 0) == (cause.kind, cause.reason, cause.what, cause.cell)


@pytest.mark.parametrize("limit", ["memory", "disk", "processes", "open-files"])
def test_a_limit_is_the_machines(limit: str) -> None:
    assert limit == causes(("x = 1", failed("OSError")), limit=limit).failed[0].reason


@pytest.mark.parametrize(
    "ended",
    [
        failed("TypeError", "unsupported operand"),
        failed("ZeroDivisionError", "division by zero"),
        failed("AttributeError", "module 'torch' has no attribute 'sums'"),
        failed("AttributeError", "'DataFrame' object has no attribute 'sepal'"),
        failed("RuntimeError", "Invalid device string: 'cuda:first'"),
        failed(
            "ImportError",
            "cannot import name 'lineer' from 'torch.nn' (/usr/lib/site-packages/torch/nn/x.py)",
        ),
        failed("ImportError", "cannot import name 'helper' from 'utils' (/home/student/utils.py)"),
        failed("TypeError", "train() got an unexpected keyword argument 'squared'"),
        failed("SyntaxError", "invalid syntax"),
        failed("AssertionError", ""),
        undefined("y"),
    ],
)
def test_other_errors_are_the_students(ended: Ended) -> None:
    found = causes(("x = 1", ended))
    assert ("student", {}) == (found.failed[0].kind, found.waiting)


def test_a_name_that_comes_later_is_a_matter_of_order() -> None:
    assert "order" == causes(("y = x", undefined("x")), ("x = 1", OK)).failed[0].kind


def test_a_cell_that_needs_what_did_not_run_fails_for_the_same_reason() -> None:
    found = causes(
        ("import wandbx\nx = 1", NO_PACKAGE), ("y = x", undefined("x")), ("z = y", undefined("y"))
    )
    assert ["wandbx"] * 3 == [found.failed[cell].what for cell in range(3)]
    assert [0] * 3 == [found.failed[cell].cell for cell in range(3)]


def test_a_cell_that_needs_what_an_import_did_not_give_fails_for_the_same_reason() -> None:
    found = causes(
        ("import wandbx\nimport numpy as np", NO_PACKAGE), ("np.ones(3)", undefined("np"))
    )
    assert "wandbx" == found.failed[1].what


def test_a_cell_that_ran_on_what_was_left_from_before_is_doubtful() -> None:
    found = causes(
        ("w = 0", OK),
        ("w = open('/content/w').read()", failed("FileNotFoundError", "No such file or directory")),
        ("print(w)", OK),
        ("w = 3", OK),
        ("print(w)", OK),
    )
    assert {1, 2} == set(found.waiting)


def test_a_cell_that_needs_nothing_of_it_is_not() -> None:
    found = causes(("import wandbx\nx = 1", NO_PACKAGE), ("import math\ny = math.pi", OK))
    assert {0} == set(found.waiting)


def test_a_students_error_stays_theirs_after_a_machines() -> None:
    found = causes(("import wandbx", NO_PACKAGE), ("y = 1 / 0", failed("ZeroDivisionError")))
    assert "student" == found.failed[1].kind


def test_cells_after_the_kernel_ran_out_of_memory_wait_for_the_same_reason() -> None:
    found = causes(
        ("x = [0] * 10**12", ("died", "", "")), ("y = 1", ("not_run", "", "")), limit="memory"
    )
    assert "memory" == found.failed[1].reason


def test_nothing_tells_why_a_kernel_ended() -> None:
    found = causes(("import os\nos.abort()", ("died", "", "")), ("y = 1", ("not_run", "", "")))
    assert ["unknown", "unknown"] == [cause.kind for cause in found.failed.values()]


def test_an_error_where_a_missing_package_was_called_is_the_machines() -> None:
    note = happens("note", {}, text="missing-used wandbx", cell=0)
    cell = CodeCell(cell=0, source="loss = wandbx.loss(1)")
    ended = CellRun(cell=0, status="error", error="TypeError")
    run = Run(label="base", cells=(ended,), events=(note,))
    assert "wandbx" == causes_of(Trace(cells=(cell,), runs=(run,))).failed[0].what


@pytest.mark.parametrize("used", [("wandb", "plotly"), ("plotly", "wandb")])
def test_a_cell_needs_what_draws_rather_than_what_logs(used: tuple[str, str]) -> None:
    notes = [happens("note", {}, text=f"missing-used {package}", cell=0) for package in used]
    base = Run(label="base", cells=(), events=tuple(notes))
    assert {0: "plotly"} == causes_of(Trace(cells=(), runs=(base,))).stand_ins


def test_an_error_about_what_an_earlier_cell_got_of_a_missing_package_is_the_machines() -> None:
    note = happens("note", {}, text="missing-used torch_xla", cell=0)
    cells = (
        CodeCell(cell=0, source="device = torch_xla.device()"),
        CodeCell(cell=1, source="x = x.to(device)"),
        CodeCell(cell=2, source="y = x + 1"),
    )
    runs = (
        CellRun(cell=0, status="ok"),
        CellRun(cell=1, status="error", error="TypeError", message="to() got (_MissingPackage)"),
        CellRun(cell=2, status="error", error="NameError", message="name 'x' is not defined"),
    )
    trace = Trace(cells=cells, runs=(Run(label="base", cells=runs, events=(note,)),))
    failed = causes_of(trace).failed
    assert ["torch_xla"] * 2 == [failed[cell].what for cell in (1, 2)]


@pytest.mark.parametrize(
    ("imports", "name", "kind"),
    [
        ("from fastai.vision.all import *", "set_seed", "machine"),
        ("if True:\n    from fastai import *", "set_seed", "machine"),
        ("from fastai.vision import all", "set_seed", "student"),
        ("from math import *", "set_seed", "student"),
        ("from fastai.vision.all import *", "loss", "student"),
    ],
)
def test_a_name_that_all_of_a_missing_package_may_have_had_is_no_fault_of_the_students(
    imports: str, name: str, kind: str
) -> None:
    note = happens("note", {}, text="missing fastai", cell=0)
    cells = (
        CodeCell(cell=0, source=imports),
        CodeCell(cell=1, source="loss = 1 / 0"),
        CodeCell(cell=2, source=f"print({name})"),
    )
    runs = (
        CellRun(cell=0, status="ok"),
        CellRun(cell=1, status="error", error="ZeroDivisionError"),
        CellRun(cell=2, status="error", error="NameError", message=f"name '{name}' is not defined"),
    )
    trace = Trace(cells=cells, runs=(Run(label="base", cells=runs, events=(note,)),))
    assert kind == causes_of(trace).failed[2].kind


@pytest.mark.parametrize(("message", "kind"), [("'KEY_OF_ANA'", "machine"), ("'sepal'", "student")])
def test_a_variable_of_another_machine_is_no_fault_of_the_students(message: str, kind: str) -> None:
    note = happens("note", {}, text="missing-variable KEY_OF_ANA", cell=0)
    cell = CodeCell(cell=0, source="key = os.environ['KEY_OF_ANA']")
    ended = CellRun(cell=0, status="error", error="KeyError", message=message)
    run = Run(label="base", cells=(ended,), events=(note,))
    assert kind == causes_of(Trace(cells=(cell,), runs=(run,))).failed[0].kind


def test_a_forged_message_does_not_grow() -> None:
    huge = failed("ModuleNotFoundError", f"No module named '{'x' * 10_000}'")
    assert len(causes(("x = 1", huge)).failed[0].what) <= 100


NOT_THERE = failed("FileNotFoundError", "[Errno 2] No such file or directory: 'best.pt'")


def test_a_file_is_missing_for_the_reason_for_which_it_was_not_written():
    found = causes(
        ("train(net)\ntorch.save(net.state_dict(), 'best.pt')", undefined("train")),
        ("best = torch.load('best.pt')", NOT_THERE),
    )
    assert ("student", {}) == (found.failed[1].kind, found.waiting)


def test_a_file_that_no_cell_writes_is_the_machines_however_others_fail():
    found = causes(
        ("checkpoint = load(net, 'best.pt')", undefined("load")),
        ("best = torch.load('best.pt')", NOT_THERE),
    )
    assert ("student", "machine") == (found.failed[0].kind, found.failed[1].kind)
