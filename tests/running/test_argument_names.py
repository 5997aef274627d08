"""Functions that the kernel replaces take their arguments by the names that libraries give them."""

from __future__ import annotations

import pytest

from tests.support.running import ran

LOOK = """
import importlib.util, inspect, os, pathlib, runpy, shutil, sqlite3, subprocess, sys, types
import pandas, torch, torchvision


def is_ours(value):
    if not isinstance(value, types.FunctionType) or not hasattr(value, "__wrapped__"):
        return False
    return os.sep + "grader" + os.sep in value.__code__.co_filename


def other_names(function):
    try:
        names = inspect.signature(function.__wrapped__).parameters
    except ValueError:  # a function in C that tells no names
        return []
    code = function.__code__
    named = code.co_varnames[code.co_posonlyargcount : code.co_argcount]
    if next(iter(names), "self") in ("self", "args"):
        named = named[1:]
    return [name for name in named if name not in names]


def replaced():
    for module_name, module in list(sys.modules.items()):
        for name, value in list(vars(module or types).items()):
            yield f"{module_name}.{name}", value
            if isinstance(value, type):
                for method, inner in list(vars(value).items()):
                    yield f"{module_name}.{name}.{method}", inner


ours = {name: value for name, value in replaced() if is_ours(value)}
wrong = {name: other_names(value) for name, value in ours.items()}
wrong = {name: names for name, names in wrong.items() if names}
print("enough", len(ours) > 50)
print("wrong", sorted(wrong.items()))
"""

CALLS = """
import importlib.util, os, runpy, shutil, sqlite3
import torch
torch.save(obj=torch.ones(2), f="w.pt")
torch.load(f="w.pt")
torch.load(f="w.pt", map_location="cuda:0", weights_only=True)
torch.jit.save(m=torch.jit.script(torch.nn.Linear(1, 1)), f="s.pt")
torch.jit.load(f="s.pt")
torch.from_file(filename="w.pt", size=2, dtype=torch.uint8)
os.rename(src="w.pt", dst="v.pt")
shutil.copyfile(src="v.pt", dst="u.pt")
os.replace(src="u.pt", dst="t.pt")
open(file="m.py", mode="w", encoding="utf-8").close()
importlib.util.spec_from_file_location(name="m", location="m.py")
runpy.run_path(path_name="m.py")
sqlite3.connect(database=":memory:")
torch.set_default_device(device="cpu")
torch.nn.Linear(1, 1).load_state_dict(state_dict=torch.nn.Linear(1, 1).state_dict())
""".strip()


@pytest.mark.kernel
def test_replaced_functions_have_the_argument_names_of_those_they_replace():
    trace = ran(LOOK)
    printed = [event.text for event in trace.base.events if event.kind == "printed"]
    assert ["enough True\n", "wrong []\n"] == printed


@pytest.mark.kernel
def test_arguments_may_be_given_by_name():
    calls = CALLS.split("\n")
    trace = ran(*calls)
    assert [] == [call for call, run in zip(calls, trace.base.cells, strict=True) if run.error]
