"""Run a submission in a separate grader process, after runs ended twice while it was running.

Whether the submission was the reason is unknown: a machine that was switched off looks the same. If
it was, only the separate process ends, and this one continues with the others.

    python -m grader.batch.workers.isolated NOTEBOOK SETTINGS
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import sys
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import KernelUnavailable
from grader.progress import SilentProgress
from grader.running.working_folder import lay_out
from grader.settings import Settings
from grader.store.store import Store, read_report
from grader.store.temporary import OwnFolder
from grader.submissions.submission import Submission
from grader.trace import Trace

COMMAND = (sys.executable, "-m", "grader.batch.workers.isolated")
"""The other process; its arguments follow."""


async def run_isolated(submission: Submission, assignment: Assignment, settings: Settings) -> Trace:
    """Run a submission in another process and return its trace.

    Args:
        submission: what was handed in.
        assignment: the assignment it belongs to.
        settings: those of this run.

    Raises:
        KernelUnavailable: the other process ended before it was done.
    """
    folder = OwnFolder()
    out = folder.path / "grades"
    changes = {
        "out": out,
        "assignment": assignment.name,
        "jobs": 1,
        "isolated": True,
        "fresh": True,
        "roster": None,
    }
    try:
        with Store(out), contextlib.suppress(OSError):
            shutil.copytree(settings.out / "private", out / "private", dirs_exist_ok=True)
        notebook = _copy_submission(submission, folder.path / "in")
        await _run_process(notebook, settings.model_copy(update=changes))
        return _read_trace(out)
    finally:
        folder.remove()


def _copy_submission(submission: Submission, folder: Path) -> Path:
    """Copy a notebook with its companion files, which could not be assigned to it elsewhere."""
    folder.mkdir()
    lay_out(submission.files, folder)
    notebook = folder / "notebook.ipynb"
    if submission.joined:
        notebook.write_text(_joined_notebook(submission), "utf-8")
    else:
        shutil.copyfile(submission.path, notebook)
    return notebook


def _joined_notebook(submission: Submission) -> str:
    """Write the cells of several files as one notebook."""
    cells: list[dict[str, object]] = []
    for cell in submission.cells:
        cells.append({"cell_type": cell.kind, "source": cell.source})
    return json.dumps({"nbformat": 4, "cells": cells})


async def _run_process(notebook: Path, settings: Settings) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        str(notebook.absolute()),
        settings.model_dump_json(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        raise
    if process.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit code {process.returncode}"
        raise KernelUnavailable(f"this notebook ended the grader's own process: {reason}")


def _read_trace(out: Path) -> Trace:
    (result,) = read_report(out).submissions
    with Store(out) as store:
        stored = store.read_trace(result.id)
    if stored is None or not stored.trace.runs:
        raise KernelUnavailable("the process that ran this notebook left no trace of it")
    return stored.trace


def main(notebook: Path, settings: Settings) -> None:
    """Grade one notebook; runs in the other process."""
    from grader.batch.run import open_run
    from grader.running.sandbox.sandbox import Sandbox

    if sys.platform == "linux":
        from grader.kernel.sealing.seal import die_with_parent

        die_with_parent()
    with Sandbox(settings.sandbox) as sandbox, open_run([notebook], settings, sandbox) as run:
        run.grade(SilentProgress())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Settings.model_validate_json(sys.argv[2]))
