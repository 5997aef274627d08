"""Runs a submission in a grader's process of its own, after runs ended twice while it was in hand.

Whether it was the reason nobody knows: a machine that was switched off leaves the same trace. If it is, its own process
ends, and this one goes on with the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import KernelUnavailable
from grader.running.working_folder import lay_out
from grader.settings import Settings
from grader.store.store import Store, read_report
from grader.store.temporary import OwnFolder
from grader.submissions.submission import Submission
from grader.trace import Trace

PROGRAM = """
import sys
from pathlib import Path
from grader.batch.grade import grade_paths
from grader.settings import Settings

if sys.platform == "linux":
    from grader.kernel.seal import die_with_parent
    die_with_parent()

class Silent:
    def stage(self, text, total): pass
    def advance(self, text=""): pass

grade_paths([Path(sys.argv[1])], Settings.model_validate_json(sys.argv[2]), Silent())
"""


async def run_isolated(submission: Submission, assignment: Assignment, settings: Settings) -> Trace:
    """The trace of a submission, made by another process.

    Args:
        submission: what was handed in.
        assignment: what it belongs to.
        settings: those of this run.

    Raises:
        KernelUnavailable: the other process ended before it was done.
    """
    place = OwnFolder()
    out = place.path / "grades"
    theirs = settings.model_copy(
        update={
            "out": out,
            "assignment": assignment.name,
            "jobs": 1,
            "alone": True,
            "fresh": True,
            "roster": None,
        }
    )
    try:
        with Store(out), contextlib.suppress(OSError):
            shutil.copytree(settings.out / "private", out / "private", dirs_exist_ok=True)
        await _ended(_laid_out(submission, place.path / "in"), theirs)
        return _made(out)
    finally:
        place.remove()


def _laid_out(submission: Submission, folder: Path) -> Path:
    """A copy of a notebook with what came with it: elsewhere nobody else would know whose that is."""
    folder.mkdir()
    lay_out(submission.files, folder)
    shutil.copyfile(submission.path, notebook := folder / "notebook.ipynb")
    return notebook


async def _ended(notebook: Path, settings: Settings) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(notebook.absolute()),
        settings.model_dump_json(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        raise
    if process.returncode:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or [
            f"exit code {process.returncode}"
        ]
        raise KernelUnavailable(f"this notebook ended the grader's own process: {last[0]}")


def _made(out: Path) -> Trace:
    (result,) = read_report(out).submissions
    with Store(out) as store:
        stored = store.read_any_trace(result.id)
    if stored is None or not stored.trace.runs:
        raise KernelUnavailable("the process that ran this notebook left no trace of it")
    return stored.trace
