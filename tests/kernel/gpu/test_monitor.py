"""`nvidia-smi` ends no cell where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.kernel.gpu import monitor as gpu_monitor


@pytest.mark.skipif(os.name != "posix", reason="scripts are run by the system")
def test_the_command_says_that_there_is_no_gpu(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    if shutil.which(gpu_monitor.COMMAND) is not None:
        pytest.skip("there is a real one")

    gpu_monitor.put_on_path()
    output = subprocess.check_output([gpu_monitor.COMMAND], text=True)
    assert "No devices were found\n" == output
    shutil.rmtree(os.environ["PATH"].rpartition(os.pathsep)[2])


def test_a_real_one_stays(monkeypatch, tmp_path: Path):
    script = tmp_path / gpu_monitor.COMMAND
    script.write_text("#!/bin/sh\n", encoding="ascii")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    gpu_monitor.put_on_path()
    assert str(tmp_path) == os.environ["PATH"]
