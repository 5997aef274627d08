"""Code that reaches for the grader's parts is shown to a person; what honest code does is not."""

from __future__ import annotations

import pytest

from grader.grading.tampering import find_in_module, find_tampering
from grader.trace import CodeCell, ModuleSource

REACHES = {
    "a probe among the builtins": "import builtins\nfor k, v in vars(builtins).items(): pass",
    "a probe by its name": "p = getattr(__import__('builtins'), '_grader_probe_1')",
    "the names of builtins": "[n for n in dir(__builtins__)]",
    "builtins that are imported in place": "vars(__import__('builtins'))",
    "the module of a builtin": "vars(print.__self__)",
    "their dictionary": "import builtins\nbuiltins.__dict__['print']",
    "our own package": "from grader.kernel import recorder",
    "the package": "import grader.kernel.program as p",
    "a module of ours": "import sys\nsys.modules['grader.kernel.program']",
    "the frame of a caller": "import sys\nf = sys._getframe(1).f_back",
    "a frame by name": "import sys\ngetattr(sys, '_getframe')(1)",
    "a frame by a name in parts": "import sys\ngetattr(sys, '_get' + 'frame')(1)",
    "what a caller has": "names = getattr(frame, f\"f_{'locals'}\")",
    "a module by a name in parts": "import sys\nsys.modules['.'.join(['grader', 'kernel'])]",
    "a name that is written backwards": "getattr(frame, 'kcab_f'[::-1])",
    "frames of threads": "from sys import _current_frames",
    "all objects": "import gc\ngc.get_objects()",
    "who refers to one": "import gc\ngc.get_referrers(x)",
    "every class": "object.__subclasses__()",
    "a closure": "f.__closure__[0].cell_contents",
    "its own files": "open('/proc/self/maps').read()",
    "its memory": "open('/proc/self/mem', 'wb')",
    "a descriptor": "import os\nos.write(5, b'x')",
    "a descriptor as a file": "open(5, 'wb').write(b'x')",
    "a descriptor by import": "from os import fdopen",
    "foreign code": "import ctypes",
    "a frame in code that is executed": "exec('import sys\\nf = sys._getframe()')",
    "a frame in code that is written": "open('h.py', 'w').write('import sys; sys._getframe()')",
    "a frame by a getter": "import operator\noperator.attrgetter('f_back')(frame)",
    "what a frame holds": "import inspect\ninspect.getargvalues(inspect.currentframe())",
    "the builtins under another name": "b = __builtins__\nvars(b)",
    "behind very much code": f"{'#' * 300_000}\nimport sys; sys._getframe()",
    "the transformers of cells": "get_ipython().ast_transformers.clear()",
    "those of text": "get_ipython().input_transformers_post.append(f)",
    "a tracer": "import sys\nsys.settrace(f)",
    "an audit hook": "import sys\nsys.addaudithook(f)",
    "packed code": "import base64\nexec(base64.b64decode('cHJpbnQoMSk='))",
    "pressed code": "import zlib\nexec(zlib.decompress(data))",
    "marshalled code": "import marshal\nexec(marshal.loads(code))",
    "code in figures": "eval(bytes.fromhex('31'))",
}

HONEST = {
    "collecting": "import gc\ngc.collect()",
    "tracing that is switched off": "import sys\nsys.settrace(None)\nsys.setprofile(None)",
    "a text that is executed": "exec('y = 2 * x')",
    "a text that is evaluated": "eval('x + 1')",
    "compiling a model": "model = torch.compile(model)\nmodel.eval()",
    "loading weights": "model.load_state_dict(torch.load('w.pt'))",
    "loading data": "import json, pickle\njson.loads(text)\npickle.load(f)",
    "globals": "if 'w' in globals(): del w\nvars(model)\ndir(torch)",
    "a decorator": "@torch.no_grad()\ndef f(x): return x",
    "a text in parts": "name = 'f_' + 'loss'\ntext = f'{x} of {y}'\n', '.join(['a', b])",
    "a signature": "import inspect\ninspect.signature(f)",
    "reading a file": "open('data.csv').read()\nopen('/proc/cpuinfo').read()",
    "how much memory it uses": "open('/proc/self/status').read()\nopen('/proc/self/statm')",
    "folders": "import os\nos.makedirs('out', exist_ok=True)\nos.path.join('a', 'b')",
    "writing a file": "f.write('x')",
    "a hook of torch": "model.register_forward_hook(f)\nw.register_hook(print)",
    "the shell": "get_ipython().run_line_magic('matplotlib', 'inline')",
    "showing every line": (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.ast_node_interactivity = 'all'"
    ),
    "a name that has it inside": "upgrader = 1\ngrader_notes = 'by the grader'",
    "a word of its own": "print('it sets path_hooks and f_locals of the frame')\nname = 'frame'",
    "no Python": "this is no Python (",
}


def found(source: str, *, handout: bool = False):
    return list(find_tampering(CodeCell(cell=4, source=source, handout=handout)))


@pytest.mark.parametrize("source", REACHES.values(), ids=REACHES)
def test_code_that_reaches_for_the_graders_parts_is_shown(source):
    suspicions = found(source)
    assert suspicions
    assert {4} == {one.cell for one in suspicions}
    assert all(1 <= one.line <= source.count("\n") + 1 and one.what for one in suspicions)


LESSONS = {
    "a closure": "f.__closure__[0].cell_contents",
    "what a function sees": "f.__globals__['x']\nimport inspect\ninspect.getclosurevars(f)",
    "the classes below one": "Shape.__subclasses__()",
    "memory": "import ctypes\nctypes.c_int(1)",
    "a module of the course": "from grader import Grader\nimport grader.tools",
}


@pytest.mark.parametrize("source", LESSONS.values(), ids=LESSONS)
def test_for_what_lessons_use_too_nothing_waits(source):
    suspicions = found(source)
    assert suspicions
    assert not any(suspicion.is_strong for suspicion in suspicions)


@pytest.mark.parametrize(
    "source",
    [
        "import grader.kernel.recording.recorder",
        "from grader import kernel",
        "import gc\ngc.get_objects()",
        "exec('c = f.__closure__; import gc; gc.get_objects()')",
    ],
)
def test_what_leads_to_the_recorder_lets_a_person_decide(source):
    assert any(suspicion.is_strong for suspicion in found(source))


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_what_honest_notebooks_do_is_not_shown(source):
    assert [] == found(source)


def test_the_handouts_own_cells_are_not_looked_at():
    assert [] == found("import ctypes", handout=True)


def in_module(source: str):
    return [one.what for one in find_in_module(ModuleSource(name="helper.py", source=source))]


@pytest.mark.parametrize(
    "source",
    [
        "import gc\ndef f(): return gc.get_objects()",
        "import grader.kernel.recording.recorder",
        "import sys\nsys.settrace(f)",
        "open('/proc/self/mem')",
        "import base64\nexec(base64.b64decode(text))",
    ],
)
def test_a_module_that_is_handed_in_and_reaches_is_shown_with_its_file_and_line(source):
    (what,) = in_module(source)
    assert what.endswith(f"(helper.py:{source.count(chr(10)) + 1})")


@pytest.mark.parametrize("source", [*HONEST.values(), *LESSONS.values()])
def test_what_modules_of_courses_do_is_not_shown(source):
    assert [] == in_module(source)


def test_a_module_may_read_the_arguments_of_its_caller():
    code = "import inspect\nnames = inspect.getargvalues(inspect.currentframe().f_back)"
    assert [] == in_module(code)
