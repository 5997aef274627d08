"""A notebook's code cannot read the files that its model is measured by."""

from __future__ import annotations

from typing import Any

import pytest

from grader.kernel.probing.calls import Caller
from grader.kernel.probing.probes import Prober
from tests.support.recording import Recording

READ = "def read_it(): return (DATA / 'x.txt').read_text()"

WAYS = {
    "by its folder": "import os\ndef f(p): return os.listdir(str(p))",
    "by its name": "def f(p): return open(str(p) + '/x.txt').read()",
    "as bytes": "import os\ndef f(p): return os.open(os.fsencode(str(p)) + b'/x.txt', 0)",
    "by pathlib": "def f(p): return (p / 'x.txt').read_text()",
    "by a link": "import os\ndef f(p): os.symlink(str(p), '/tmp/a-link-to-it')",
    "by moving it": "import os\ndef f(p): os.rename(str(p), str(p) + '2')",
    "from inside": "import os\ndef f(p): os.chdir(str(p))",
    "by a library": "import numpy\ndef f(p): return numpy.loadtxt(str(p) + '/x.txt')",
    "by another program": "import os\ndef f(p): return os.system(f'cat {p}/x.txt')",
    "by what its caller reads": "import sys\ndef f(p): return sys._getframe(1).f_locals",
    "by the stack": "import inspect\ndef f(p): return inspect.stack()",
    "by a walk": "import traceback\ndef f(p): return list(traceback.walk_stack(None))",
    "by a name in two parts": "import sys\ndef f(p): return getattr(sys, '_get' + 'frame')(1)",
    "by an error's frame": """
        def f(p):
            try: 1 / 0
            except ZeroDivisionError as error: return error.__traceback__.tb_frame.f_back
    """,
    "by what refers to it": "import gc\ndef f(p): return gc.get_referrers(p)",
    "by the frames of all threads": "import sys\ndef f(p): return sys._current_frames()",
    "by a profile": "import sys\ndef f(p): return sys.setprofile(lambda *_: None)",
    "in a timer": """
        import shutil, threading
        def f(p):
            failed = []
            threading.excepthook = lambda args: failed.append(args.exc_type)
            timer = threading.Timer(0, shutil.copyfile, (str(p) + '/x.txt', '/tmp/a-copy-of-it'))
            timer.start()
            timer.join()
            if failed: raise failed[0]
    """,
}


def asked(expression: str, cell: str) -> Any:
    """Ask a notebook of one cell for an expression; return what it raised, or gave."""
    recording = Recording()
    prober = Prober(recording.recorder, Caller(recording.recorder, seed=3))
    recording.run(cell)
    prober.lay_in("x.txt", "NS41")
    question = {
        "exercise": "q",
        "function": "",
        "calls": [expression],
        "names": ["f"],
        "code": READ,
    }
    before = len(recording.sent)
    prober.ask(question, recording.names, "", seconds=20.0)
    prober.take_out()
    event = recording.events(before)[-1]
    return event.text or event.values["result"]


@pytest.mark.parametrize("cell", WAYS.values(), ids=WAYS)
def test_a_held_out_file_is_not_read_by_the_notebook(cell):
    assert "PermissionError" == asked("f(DATA)", cell)


def test_the_folder_is_not_found_where_it_lies():
    cell = "import os\ndef f(p): return oct(os.stat(os.path.dirname(str(p))).st_mode & 0o777)"
    assert "0o300" == asked("f(DATA)", cell).value


def test_a_library_looks_at_its_callers_frame():
    cell = "import collections\ndef f(p): return collections.namedtuple('P', 'a b')(1, 2).b"
    assert 2 == asked("f(DATA)", cell).value


def test_it_is_read_by_the_author():
    assert "5.5" == asked("read_it()", "f = 1").value


def test_the_notebook_reads_its_own_files_meanwhile(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("1.5")
    cell = "import pathlib\ndef f(p): return float(pathlib.Path(p).read_text())"
    assert 1.5 == asked(f"f('{path}')", cell).value
