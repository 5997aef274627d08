"""Grade a class from Python, for instance in an instructor's notebook: `grader.grade`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.errors import GraderError, NothingToGrade
from grader.report import Report
from grader.store.store import read_report

INTERRUPT_TIMEOUT_S = 30
PREFIX = "grade: "
"""Begins the line of an error."""


def grade_in_process(
    paths: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str], options: Sequence[str]
) -> Report:
    """Grade notebooks in a subprocess, and return the report.

    There no event loop is running, and torch is not imported yet: a notebook may have both.

    Args:
        paths: as `grade run` takes them.
        out: folder for report and traces.
        options: further options of `grade run`.

    Raises:
        NothingToGrade: there is no submission at these paths.
        GraderError: the run failed.
    """
    command = [sys.executable, "-m", "grader", "run", "--out", os.fspath(out), *options]
    command += ["--", *(os.fspath(path) for path in paths)]
    last_line = ""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr or ():
                last_line = line.strip() or last_line
                if not last_line.startswith(PREFIX):
                    print(line, end="", file=sys.stderr)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait(INTERRUPT_TIMEOUT_S)
            raise

    if process.returncode == NothingToGrade.exit_code:
        raise NothingToGrade(last_line.removeprefix(PREFIX))
    if process.returncode != 0:
        raise GraderError(last_line.removeprefix(PREFIX))
    return read_report(Path(out))
