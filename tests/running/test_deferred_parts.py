"""The author's code and held-out files are in a kernel only while its questions are asked."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from grader.job import InputFile, Job, Question
from grader.kernel.recording.aliases import DATA
from grader.running.deferred_parts import has_deferred_parts, laying_calls, questions_without_code
from grader.running.replays import Replay
from grader.running.session import Session
from grader.trace import Run
from tests.support import forks
from tests.support.running import job

LOOKS = """
import grader.kernel.program as program
spec = program.ASK[0].__self__.spec
told = repr(spec)
seen = "-".join(["a", "word", "of", "the", "author"]) in told
"""

CODE = "MARKER = 'a-word-of-the-author'"


def asking(folder: Path) -> Job:
    """A job with code and a held-out file, whose cell looks at what its kernel was told."""
    path = folder / "held.txt"
    path.write_text("8142", "utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    question = Question(
        exercise="q",
        calls=("MARKER in told", "len(MARKER) > 3", f"({DATA} / 'held.txt').read_text()"),
        names=("told",),
        code=CODE,
    )
    held_out = (InputFile(name="held.txt", path=path, sha256=digest),)
    return job(LOOKS).model_copy(update={"questions": (question,), "held_out": held_out})


def test_a_kernel_is_told_no_code_at_its_start(tmp_path: Path) -> None:
    asked = asking(tmp_path)
    assert [""] == [question["code"] for question in questions_without_code(asked)]
    assert has_deferred_parts(asked)
    assert ["LAY_CODE", "LAY_IN"] == [call.partition("[")[0] for call in laying_calls(asked)]


def test_a_job_without_either_has_nothing_to_lay_in() -> None:
    asked = job("a = 1")
    assert (False, []) == (has_deferred_parts(asked), list(laying_calls(asked)))


@pytest.mark.kernel
def test_a_cell_sees_the_code_neither_when_it_runs_nor_when_it_runs_again(tmp_path: Path) -> None:
    async def run() -> list[Run]:
        async with Session(asking(tmp_path), forks.shared().launch) as session:
            await session.run_cells()
            await session.ask()
            again = Replay("again", [(0, LOOKS)])
            await session.replay_all([again])
            labels = ["q(1)", "q(2)", "q(3)", "again"]
            return [session.run_of(label) for label in labels]

    *asked, again = asyncio.run(run())
    given = [run.events[-1].values["result"].value for run in asked]
    assert [False, True, "8142"] == given
    seen = [event.values["seen"].value for event in again.events if "seen" in event.values]
    assert seen
    assert not any(seen)
