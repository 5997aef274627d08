"""Files that are handed in with a notebook shadow no module and never run by themselves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.job import InputFile
from grader.kernel.sealing.sealed_kernel import WORK
from grader.trace import Trace
from tests.support.recording import at
from tests.support.sealed import Sealed, after

pytestmark = pytest.mark.kernel

RAN = "open('/tmp/ran', 'a').write(__file__ + ' ')\n"

SHADOWS = (
    "torch",
    "json",
    "os",
    "numpy",
    "IPython",
    "ipykernel",
    "matplotlib",
    "grader",
    "random",
    "math",
    "zmq",
)
STARTS = (
    "sitecustomize.py",
    "usercustomize.py",
    "ipython_config.py",
    "ipython_kernel_config.py",
    "jupyter_config.py",
    "profile_default/startup/00.py",
    "profile_default/ipython_kernel_config.py",
    "startup/00.py",
    "conftest.py",
    "evil.pth",
    "matplotlibrc",
    "pyvenv.cfg",
    "setup.py",
    "__init__.py",
    "__main__.py",
)


def input_file(path: Path, name: str, content: str) -> InputFile:
    """A file to hand in."""
    path.write_text(content)
    return InputFile(name=name, path=path, sha256=hashlib.sha256(content.encode()).hexdigest())


def handed_in(folder: Path, *names: str) -> list[InputFile]:
    """Files of these names, which tell when they are run."""
    return [input_file(folder / str(number), name, RAN) for number, name in enumerate(names)]


def told(trace: Trace) -> list[str]:
    """Which files were run."""
    return at(list(trace.base.events), "ran")


ASK = "import os\nran = open('/tmp/ran').read() if os.path.exists('/tmp/ran') else ''"


def test_a_file_named_as_a_module_does_not_take_its_place(either: Sealed, tmp_path: Path) -> None:
    files = handed_in(
        tmp_path, *(f"{name}.py" for name in SHADOWS), *(f"{name}/__init__.py" for name in SHADOWS)
    )
    imports = "import json, math, os, random, numpy, torch, matplotlib.pyplot, IPython, zmq"
    programs = "!python -P -c 'import json, random'"
    trace = either.ran(
        imports, "after = torch.ones(2).sum().item()", programs, ASK, files=files, cell_timeout_s=30
    )
    assert ([2.0], [""]) == (after(trace), told(trace))


def test_a_file_that_programs_run_as_they_start_is_not_run(either: Sealed, tmp_path: Path) -> None:
    files = handed_in(tmp_path, *STARTS)
    trace = either.ran(
        "import matplotlib.pyplot", "!python -c 'pass'", ASK, files=files, cell_timeout_s=30
    )
    assert [""] == told(trace)


def test_a_module_that_is_handed_in_can_be_imported(either: Sealed, tmp_path: Path) -> None:
    trace = either.ran("import mine", ASK, files=handed_in(tmp_path, "mine.py"))
    assert [f"{WORK}/mine.py "] == told(trace)


def test_a_script_that_is_handed_in_can_be_run(sealed: Sealed, tmp_path: Path) -> None:
    trace = sealed.ran("%run mine.py", ASK, files=handed_in(tmp_path, "mine.py"))
    assert 1 == told(trace)[0].count("mine.py")


def test_data_that_is_handed_in_can_be_read(either: Sealed, tmp_path: Path) -> None:
    file = input_file(tmp_path / "data", "data/values.csv", "1,2.5")
    trace = either.ran("after = float(open('data/values.csv').read().split(',')[1])", files=[file])
    assert [2.5] == after(trace)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", ".ipython/x", "a/../../x", "a\nb", "-rf", "a/.x", "~/x", "x\0y"]
)
def test_a_file_that_would_lie_elsewhere_is_not_laid_out(
    sealed: Sealed, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ValueError, match="not a name"):
        sealed.ran("x = 1", files=[input_file(tmp_path / "x", name, "x")])
