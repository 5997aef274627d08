"""A student's process reads the data of the assignment, and changes nothing of it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from grader.job import DataFolder
from grader.running.session import Session
from grader.trace import Trace
from tests.support.running import job
from tests.support.sealed import ATTEMPT, Answers, Sealed

pytestmark = pytest.mark.kernel

CELLS = {
    "": ATTEMPT,
    "reads": "found = open('pictures/a.txt').read()",
    "reads by another path": "found = open('/content/drive/MyDrive/pictures/a.txt').read()",
    "writes": "found = attempt(open, '/run/data/pictures/a.txt', 'w')",
    "writes through the link": "found = attempt(os.truncate, 'pictures/a.txt', 0)",
    "adds": "found = attempt(os.mkdir, '/run/data/pictures/b')",
    "removes": "found = attempt(os.remove, 'pictures/a.txt')",
    "opens to others": "found = attempt(os.chmod, '/run/data/pictures/a.txt', 0o777)",
    "mounts again": "found = call(165, 0, 0, 0, 32 | 4096, 0)",
    "lists": "found = ' '.join(os.listdir('/run/data'))",
    "pool": "found = attempt(os.listdir, '/run/pool')",
}
CHANGES = ("writes", "writes through the link", "adds", "removes", "opens to others")


async def _run(sealed: Sealed, data: DataFolder) -> Trace:
    sealed.ran_since = True
    asked = job(*CELLS.values()).model_copy(update={"data": (data,)})
    async with Session(asked, sealed.launch) as session:
        await session.run_cells()
    return session.trace()


def test_folders_of_data_can_be_read_and_not_written_to(either: Sealed, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.txt").write_text("a picture")
    data = DataFolder(name="pictures", path=tmp_path / "pictures", digest="1")
    try:
        answers = Answers(CELLS, asyncio.run(_run(either, data)))
    finally:
        shutil.rmtree(either.pool.kernels / either.pool.data_folder([data]))
    assert ["a picture"] * 2 == [answers.found(name) for name in ("reads", "reads by another path")]
    denials = {answers.found(name) for name in CHANGES}
    assert denials == {"EROFS", "EACCES"}
    assert "EPERM" == answers.found("mounts again")
    assert "pictures" == answers.found("lists")
    assert answers.found("pool") in ("EACCES", "ENOENT")
    assert "a picture" == (tmp_path / "pictures" / "a.txt").read_text()
