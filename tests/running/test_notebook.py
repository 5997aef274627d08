"""Notebooks in real kernels: what each cell comes to, whatever it tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.running.kernels import Kernel
from grader.running.session import Launch
from tests.support.recording import at
from tests.support.running import Ran, errors, ran, statuses, texts
from tests.support.sampling import half

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("kernels")]

QUIET = {
    "value": "w = 1.5",
    "shown": "w * 2",
    "quiet": "w * 2;",
    "printed": "print('loss', 31.36)\nx = 1\nprint('again')",
    "blank lines above": "\n\n# words\na = 3.5",
    "time": "%%time\nb = 4.5",
    "line time": "x = 1\n%time c = 5.5\nd = 6.5",
    "capture": "%%capture out\n!pip install torchviz\ne = 7.5\nprint(e)",
    "timeit": "%timeit -n 2 -r 1 f = 1.5",
    "defines": "# above\ndef g(u):\n    v = u * 2\n    return v",
    "calls": "q = g(3.)",
    "await": "import asyncio\nawait asyncio.sleep(0)\nh = await asyncio.sleep(0, 3.25)",
    "too early": "n = comes_later",
    "later": "comes_later = 2.25",
    "raises": "before = 1.5\n1 / 0\nafter = 2.5",
    "custom error": "class Odd(Exception): pass\nraise Odd('x' * 1000)",
    "syntax error": "if (:\n",
    "syntax error under capture": "%%capture\nif (:\n",
    "indentation": "  x = 1\n y = 2",
    "input": "answer = input('name? ')",
    "getpass": "import getpass\nanswer = getpass.getpass()",
    "install": "!pip install torchviz\npip install x\n%pip install -q y\nr = 1.5",
    "git install": "!pip install git+https://example.org/x.git",
    "bash install": "%%bash\npip install torchviz\n",
    "bash": "%%bash\necho 12.25\n",
    "shell": "!echo 31.36",
    "long sum": "k = " + " + ".join(["1"] * 900),
    "elif": "\n".join(
        ["if w == 0: pass", *(f"elif w == {n}: pass" for n in range(2, 400)), "else: k = 8.5"]
    ),
    "exit": "exit()",
    "system exit": "import sys\nsys.exit(0)",
    "still there": "still = 9.5",
    "hides errors": "get_ipython().showtraceback = lambda *a, **k: None\nraise KeyError(1)",
    "forges a reply": "print('{\"status\": \"ok\"}')\nraise KeyError(2)",
    "fork": "import os\npid = os.fork()\nif pid == 0:\n    child = 99.5\n    os._exit(0)\n"
    "_ = os.waitpid(pid, 0)\np = 1.5",
    "pool": "import multiprocessing as mp\ndef work(k):\n    inside = k * 99.5\n    return k\n"
    "with mp.get_context('fork').Pool(2) as pool:\n    got = pool.map(work, [1, 2])",
    "ansi": "print('\\x1b[31mred\\x1b[0m \\u202e')",
    "surrogate": "s = '\\ud800'\nprint(1.5)",
    "nan": "a, b = float('nan'), 10 ** 5000",
    "secrets": "import os\nnames = sorted(os.environ)",
    "home": "home = os.path.dirname(os.getcwd()) == os.environ['HOME'] and not os.listdir()",
    "figure": "import matplotlib.pyplot as plt\nfig = plt.plot([1, 2])\nplt.show()",
    "open figure": "fig, ax = plt.subplots()\nfig.add_axes((0, 0, 1, 1)).plot([1, 2])\nax = None",
    "star": "from math import *\nz = floor(pi)",
    "reset of modules": "%reset -f --aggressive",
    "after the reset": "import torch, json\nt = torch.ones(2).sum().item() * 7.5",
}  # fmt: skip


@pytest.fixture(scope="module")
def quiet(kernels: Launch) -> Ran:
    return Ran(QUIET, ran(*QUIET.values(), cell_timeout_s=20))


def test_a_figure_is_kept_as_a_picture_whether_it_is_shown_or_left_open(quiet):
    cells = list(QUIET)
    pictures = [(cells[picture.cell], picture.type) for picture in quiet.trace.pictures]
    assert [("figure", "image/png"), ("open figure", "image/png")] == pictures


def test_a_cell_that_ends_well_is_ok(quiet):
    assert ("ok", "") == quiet.status("value")


def test_the_value_that_a_cell_shows_is_recorded(quiet):
    assert [[3.0], [3.0]] == [at(quiet.events(name, "shown"), "") for name in ("shown", "quiet")]


def test_printed_text_belongs_to_its_statement(quiet):
    assert [(1, "loss 31.36\n"), (3, "again\n")] == [
        (e.line, e.text) for e in quiet.events("printed", "printed")
    ]


@pytest.mark.parametrize(
    ("name", "path", "line", "source"),
    [
        ("blank lines above", "a", 2, "a = 3.5"),
        ("time", "b", 2, "b = 4.5"),
        ("line time", "c", 2, "%time c = 5.5"),
        ("line time", "d", 3, "d = 6.5"),
        ("capture", "e", 3, "e = 7.5"),
        ("timeit", "f", 1, "%timeit -n 2 -r 1 f = 1.5"),
        ("calls", "v", 3, "v = u * 2"),
        ("calls", "q", 1, "q = g(3.)"),
        ("await", "h", 3, "h = await asyncio.sleep(0, 3.25)"),
    ],
)
def test_an_event_knows_its_line(quiet, name, path, line, source):
    event = next(
        event for event in quiet.events(name) if path in event.values and event.kind == "value"
    )
    assert (line, source) == (event.line, event.source)


def test_a_cell_that_missed_a_name_from_below_runs_again(quiet):
    runs = [run for run in quiet.trace.base.cells if run.cell == list(QUIET).index("too early")]
    assert [("error", "NameError", False), ("ok", "", True)] == [
        (r.status, r.error, r.again) for r in runs
    ]


def test_what_runs_again_is_recorded(quiet):
    assert [2.25] == at(quiet.events("too early"), "n")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("raises", "ZeroDivisionError"),
        ("custom error", "Odd"),
        ("syntax error", "SyntaxError"),
        ("indentation", "IndentationError"),
        ("input", "StdinNotImplementedError"),
        ("getpass", "StdinNotImplementedError"),
        ("system exit", "SystemExit"),
        ("hides errors", "KeyError"),
        ("forges a reply", "KeyError"),
    ],
)
def test_the_kernels_reply_says_how_a_cell_ended(quiet, name, error):
    assert ("error", error) == quiet.status(name)


def test_what_a_cell_did_before_it_raised_is_recorded(quiet):
    assert ([1.5], []) == (
        at(quiet.events("raises"), "before"),
        at(quiet.events("raises"), "after"),
    )


def test_a_long_message_is_cut(quiet):
    assert 300 == len(quiet.cell("custom error").message)


def test_installs_are_skipped_at_once_and_listed(quiet):
    assert (["!pip install torchviz", "pip install x", "%pip install -q y"], [1.5]) == (
        texts(quiet.events("install", "skipped")),
        at(quiet.events("install"), "r"),
    )


@pytest.mark.parametrize("name", ["capture", "git install", "bash install"])
def test_an_install_is_skipped_wherever_it_stands(quiet, name):
    assert (1, "ok") == (len(quiet.events(name, "skipped")), quiet.cell(name).status)


@pytest.mark.parametrize("name", ["bash", "shell"])
def test_what_a_shell_prints_reads_no_name_of_the_students(quiet, name):
    assert [()] * len(found := quiet.events(name, "printed")) == [event.reads for event in found]
    assert found


def test_a_cell_with_a_deep_tree_is_recorded(quiet):
    assert ([900.0], [8.5]) == (at(quiet.events("long sum"), "k"), at(quiet.events("elif"), "k"))


@pytest.mark.parametrize("name", ["exit", "system exit"])
def test_leaving_does_not_stop_the_cells_below(quiet, name):
    assert ("ok", [9.5]) == (
        quiet.cell("still there").status,
        at(quiet.events("still there"), "still"),
    )
    assert quiet.cell(name).status in ("ok", "error")


def test_the_recorder_is_silent_in_a_forked_child(quiet):
    assert ([1.5], []) == (at(quiet.events("fork"), "p"), at(quiet.events("fork"), "child"))


def test_the_recorder_is_silent_in_the_workers_of_a_pool(quiet):
    assert ([(1.0, 2.0)], []) == (
        at(quiet.events("pool"), "got"),
        at(quiet.events("pool"), "inside"),
    )


def test_a_lone_surrogate_does_not_stop_the_recorder(quiet):
    assert (["1.5\n"], ["?"]) == (
        texts(quiet.events("surrogate", "printed")),
        at(quiet.events("surrogate"), "s"),
    )


def test_the_working_directory_is_an_empty_folder_in_a_home_of_the_kernels(quiet):
    assert [True] == at(quiet.events("home"), "home")


def test_a_figure_is_drawn_without_a_display(quiet):
    assert ("ok", "") == quiet.status("figure")


def test_modules_survive_a_reset_that_would_remove_those_imported_since_the_start(quiet):
    assert ("ok", "") == quiet.status("reset of modules")
    assert [15.0] == at(quiet.events("after the reset"), "t")


def test_nothing_in_an_honest_notebook_counts_as_forged(quiet):
    assert (0, False) == (quiet.trace.forged, quiet.trace.truncated)


def test_the_channels_are_opened_once_for_cells_that_end_well_or_raise(monkeypatch):
    opened = []
    connect = Kernel.connect

    async def counting(kernel: Kernel) -> None:
        opened.append(kernel)
        await connect(kernel)

    monkeypatch.setattr(Kernel, "connect", counting)
    assert (["ok", "error", "ok"], 1) == (statuses(ran("a = 1", "1 / 0", "print(1)")), len(opened))


# Cells that end badly. Each notebook has a cell before and one after.

BAD = {
    "os._exit": ("import os; os._exit(0)", "died"),
    "abort": ("import os; os.abort()", "died"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "died"),
    "SIGKILL": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "died"),
    "execv": ("import os; os.execv('/bin/true', ['true'])", "died"),
    "ignores SIGINT": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "timeout",
    ),
    "SIGSTOP": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
}

SURVIVED = {
    "loops for ever": ("while True: pass", "timeout"),
    "sleeps for ever": ("import time\ntime.sleep(1000)", "timeout"),
    "waits for a child": ("!sleep 1000", "timeout"),
    "awaits for ever": ("import asyncio\nawait asyncio.sleep(1000)", "timeout"),
    "goes on after every error": (
        "import time\nwhile True:\n    try: time.sleep(0.1)\n    except: pass",
        "timeout",
    ),
    "prints for ever": ("while True: print('x' * 1000)", "timeout"),
    "writes to stderr for ever": (
        "import sys\nwhile True: sys.stderr.write('x' * 1000)",
        "timeout",
    ),
    "displays for ever": ("while True: display('x' * 10_000)", "timeout"),
    "prints 20 MB at once": ("print('x' * 20_000_000)", "ok"),
    "displays 20 MB at once": ("display({'text/plain': 'x' * 20_000_000}, raw=True)", "ok"),
}


@pytest.mark.parametrize("name", half(tuple(BAD), "bad"))
def test_a_kernel_that_ends_keeps_what_it_had_done_and_the_cause(name, monkeypatch):
    monkeypatch.setattr("grader.running.watching.GRACE_S", 0.5)
    cell, status = BAD[name]
    trace = ran("before = 1.5", cell, "after = 2.5", cell_timeout_s=1)
    assert (["ok", status, "not_run"], [1.5]) == (
        statuses(trace),
        at(list(trace.base.events), "before"),
    )


@pytest.mark.parametrize("name", half(tuple(SURVIVED), "survived"))
def test_a_cell_without_end_is_ended_and_the_kernel_goes_on(name, monkeypatch):
    # All of them heed the interrupt; on a busy machine the reply may take its time.
    monkeypatch.setattr("grader.running.watching.GRACE_S", 60.0)
    cell, status = SURVIVED[name]
    seconds = 1 if status == "timeout" else 20
    trace = ran("before = 1.5", cell, "after = 2.5", cell_timeout_s=seconds, output_kib=64)
    assert (["ok", status, "ok"], [2.5]) == (statuses(trace), at(list(trace.base.events), "after"))


def test_a_memory_bomb_is_an_error_in_its_cell():
    trace = ran(
        "kept = []\nwhile True: kept.append(bytearray(20_000_000))", "after = 2.5", memory_mib=400
    )
    assert (["MemoryError", ""], [2.5]) == (errors(trace), at(list(trace.base.events), "after"))


def test_a_notebook_that_takes_too_long_leaves_the_rest_unrun():
    trace = ran("a = 1", "while True: pass", "b = 1", notebook_timeout_s=2)
    assert ["ok", "timeout", "not_run"] == statuses(trace)


def test_a_job_without_cells_has_an_empty_trace():
    trace = ran()
    assert ((), ()) == (trace.base.cells, trace.base.events)


def test_a_file_the_student_writes_is_gone_afterwards():
    trace = ran("open('mine.txt', 'w').write('x')\nimport os\nwhere = os.getcwd()")
    assert not Path(at(list(trace.base.events), "where")[0]).exists()
