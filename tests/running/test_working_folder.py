"""The files of a working directory: laid out as they were when the job was made, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.errors import KernelUnavailable
from grader.job import InputFile
from grader.running.working_folder import lay_out
from tests.support.recording import at
from tests.support.running import ran


def given(path: Path, name: str, text: str = "1") -> InputFile:
    path.write_text(text)
    return InputFile(name=name, path=path, sha256=hashlib.sha256(text.encode()).hexdigest())


def test_files_are_copied_under_their_names(tmp_path):
    lay_out([given(tmp_path / "x", "dados/x.csv", "7")], tmp_path / "work")
    assert "7" == (tmp_path / "work/dados/x.csv").read_text()


def test_of_two_of_one_name_the_later_one_stays(tmp_path):
    lay_out(
        [given(tmp_path / "x", "x.csv", "1"), given(tmp_path / "y", "x.csv", "2")],
        tmp_path / "work",
    )
    assert "2" == (tmp_path / "work/x.csv").read_text()


def test_a_name_that_leads_elsewhere_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not a name"):
        lay_out([given(tmp_path / "x", "../x.csv")], tmp_path / "work")


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("other")])
def test_a_file_that_has_changed_since_is_not_laid_out(tmp_path, change):
    file = given(tmp_path / "x", "x.csv")
    change(file.path)
    with pytest.raises(KernelUnavailable, match=r"'x\.csv' has changed, or is gone"):
        lay_out([file], tmp_path / "work")


@pytest.mark.kernel
@pytest.mark.usefixtures("kernels")
def test_a_notebook_finds_its_files_and_none_of_them_shadows_a_module(tmp_path):
    files = (
        given(tmp_path / "a", "dados.csv", "7"),
        given(tmp_path / "b", "ajuda.py", "SETE = 7"),
        given(tmp_path / "c", "torch.py", "shadowed = True"),
        given(tmp_path / "d", "json.py", "shadowed = True"),
    )
    trace = ran(
        "n = int(open('dados.csv').read())\nfrom ajuda import SETE",
        "import json, torch\nshadowed = hasattr(torch, 'shadowed') or hasattr(json, 'shadowed')",
        files=files,
    )
    events = list(trace.base.events)
    assert ([7], [False], ("dados.csv", "ajuda.py", "torch.py", "json.py")) == (
        at(events, "n"),
        at(events, "shadowed"),
        trace.files,
    )
