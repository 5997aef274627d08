"""Assignments and submissions are packed whole, and unpacked as they were."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.batch.workers import packing
from grader.batch.workers.packing import (
    pack_assignment,
    pack_submission,
    unpack_files,
    unpack_submission,
)
from grader.batch.workers.parcels import AssignmentParcel
from grader.batch.workers.runner import RunRequest, request_for
from grader.errors import AssignmentError
from grader.reference.cache import ReferenceCache
from grader.reference.class_seed import ClassSeed
from grader.reference.files import ReferenceFiles
from grader.store.store import Store
from grader.submissions.snapshot import snapshot_of
from grader.submissions.submission import submission_at
from grader.trace import ModuleSource
from tests.support.courses import Course, write_notebook
from tests.support.mean_course import RIGHT_CELLS


class KnownReference(ReferenceCache):
    """A reference of which everything is known, so that nothing runs."""

    async def whole(self):
        return None


def reference_of(course: Course, store: Store | None = None) -> ReferenceCache:
    def launch(_job: object) -> None:
        raise AssertionError("nothing is to run")

    return KnownReference(course.reference_files("media"), store, launch, seed=ClassSeed("s" * 20))


async def packed(course: Course, out: Path) -> AssignmentParcel:
    with Store(out) as store:
        store.write_private_file("reference-media", b"{}")
        return await pack_assignment(reference_of(course, store), store, {"memory_mib": 512})


def with_data(course: Course, named: str) -> None:
    run = "[run]\n"
    course.edit("exercises/media/assignment.toml", run, f'{run}data = "{named}"\n')


async def test_an_assignment_is_read_on_a_worker_as_it_was_here(
    course: Course, out: Path, tmp_path: Path
) -> None:
    (course.exercises / "media/numbers").mkdir()
    (course.exercises / "media/numbers/n.csv").write_text("1,2")
    with_data(course, "numbers")
    parcel = await packed(course, out)

    unpack_files(parcel, tmp_path / "home")

    unpacked = load_assignment(tmp_path / "home/exercises/media")
    files = ReferenceFiles(unpacked, tmp_path / "home/solutions/media")
    assert course.reference_files("media").version == files.version
    assert {"reference-media": b"{}"} == parcel.records
    assert {"memory_mib": 512} == parcel.limits


async def test_data_that_lies_beside_the_assignment_goes_along(
    course: Course, out: Path, tmp_path: Path
) -> None:
    (course.exercises / "shared").mkdir()
    (course.exercises / "shared/n.csv").write_text("1,2")
    with_data(course, "../shared")
    parcel = await packed(course, out)

    unpack_files(parcel, tmp_path / "home")

    assert "1,2" == (tmp_path / "home/exercises/shared/n.csv").read_text()


async def test_hidden_files_and_what_python_leaves_stay_here(course: Course, out: Path) -> None:
    (course.solutions / "media/.git").mkdir()
    (course.solutions / "media/.git/HEAD").write_text("x")
    (course.solutions / "media/__pycache__").mkdir()
    (course.solutions / "media/__pycache__/probes.pyc").write_text("x")
    names = [file.name for file in (await packed(course, out)).files]
    assert [] == [name for name in names if ".git" in name or "__pycache__" in name]
    assert "solutions/media/media.ipynb" in names


async def test_an_assignment_that_is_too_large_is_refused_with_what_to_do(
    course: Course, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "MAX_PARCEL_MIB", 0)
    with pytest.raises(AssignmentError, match="too many to send to workers"):
        await packed(course, out)


async def test_another_course_is_another_parcel(course: Course, out: Path, tmp_path: Path) -> None:
    before = await packed(course, out)
    same = await packed(course, tmp_path / "other")
    course.edit("exercises/media/assignment.toml", "points = 3", "points = 4")
    after = await packed(course, tmp_path / "third")
    assert before.digest == same.digest
    assert before.digest != after.digest


def requested(course: Course, folder: Path) -> RunRequest:
    path = write_notebook(folder / "ana/ana.ipynb", ("open('n.csv')", *RIGHT_CELLS))
    (folder / "ana/n.csv").write_text("9,9")
    submission = submission_at(path)
    snapshot = snapshot_of(submission, "media", {"part": "hash"})

    async def key(sealed: bool) -> str:
        return f"key-{sealed}"

    return request_for(submission, 0.5, reference_of(course), key, snapshot.to_json())


def test_a_submission_comes_out_as_it_went_in_but_for_where_its_files_lie(
    course: Course, tmp_path: Path
) -> None:
    request = requested(course, tmp_path)
    parcel = pack_submission(request, "digest", {True: "a", False: "b"})
    home = tmp_path / "home"
    home.mkdir()

    submission = unpack_submission(parcel, home)

    (file,) = submission.files
    assert "9,9" == file.path.read_text()
    assert file.path.is_relative_to(home)
    assert hashlib.sha256(b"9,9").hexdigest() == file.sha256
    assert request.submission.cells == submission.cells
    assert (request.submission.id, request.submission.who) == (submission.id, submission.who)
    again = request_for(submission, 0.5, request.reference, request.key, parcel.snapshot)
    assert request.job.model_dump_json() == again.job.model_dump_json()


def test_a_module_that_was_handed_in_is_known_to_the_job_here_and_on_a_worker(
    course: Course, tmp_path: Path
) -> None:
    path = write_notebook(tmp_path / "ana/ana.ipynb", ("import mine", *RIGHT_CELLS))
    (tmp_path / "ana/mine.py").write_text("x = 1")
    submission = submission_at(path)
    snapshot = snapshot_of(submission, "media", {"part": "hash"})

    async def key(sealed: bool) -> str:
        return ""

    request = request_for(submission, 0.5, reference_of(course), key, snapshot.to_json())
    home = tmp_path / "home"
    home.mkdir()
    unpacked = unpack_submission(pack_submission(request, "digest", {}), home)
    again = request_for(unpacked, 0.5, request.reference, key, request.snapshot)
    expected = (ModuleSource(name="mine.py", source="x = 1"),)
    assert (expected, expected) == (request.job.modules, again.job.modules)


def test_files_keep_the_time_of_their_last_change(tmp_path: Path, course: Course) -> None:
    path = course.exercises / "media/assignment.toml"
    os.utime(path, ns=(10**18, 10**18))
    sent = packing._sent_file(path, "exercises/media", path.parent)
    parcel = AssignmentParcel("media", (sent,), {}, {}, seed="", digest="")
    unpack_files(parcel, tmp_path / "home")
    assert 10**18 == (tmp_path / "home/exercises/media/assignment.toml").stat().st_mtime_ns
