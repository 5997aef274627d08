"""Pack assignments and submissions for workers, and unpack them there.

SECURITY: a parcel of an assignment contains its answers and the seed of the class. It goes to the
grader's own process on a worker, and never into a kernel that runs a submission.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from grader.assignment import FILE_NAME, Assignment
from grader.batch.workers.parcels import AssignmentParcel, SentFile, SubmissionParcel
from grader.batch.workers.runner import RunRequest
from grader.errors import AssignmentError
from grader.job import InputFile
from grader.reference.cache import ReferenceCache
from grader.reference.data_folders import data_path
from grader.reference.files import ReferenceFiles
from grader.store.store import Store
from grader.submissions.snapshot import read_snapshot, submission_from
from grader.submissions.submission import Submission

EXERCISES = "exercises"
SOLUTIONS = "solutions"
"""The folders of assignments and references, in the home of a worker."""

MAX_PARCEL_MIB = 256
"""Most MiB of the files of an assignment: each worker is sent them once."""

_PASSED_OVER = ("__pycache__", ".")
"""How the names of files and folders begin that no assignment needs."""


async def pack_assignment(
    reference: ReferenceCache, store: Store, limits: Mapping[str, float]
) -> AssignmentParcel:
    """Pack an assignment; its reference and mistakes run first unless their results are stored.

    Args:
        reference: its expected answers.
        store: keeps the results of references.
        limits: limits in place of the assignment's.

    Raises:
        AssignmentError: its files are too large to be sent.
    """
    await reference.whole()
    solution = reference.solution
    records: dict[str, bytes] = {}
    for name in reference.record_names:
        content = store.private_file(name)
        if content is not None:
            records[name] = content
    seed = ""
    if reference.seed is not None:
        seed = reference.seed.secret
    parcel = AssignmentParcel(
        name=solution.assignment.name,
        files=tuple(_files_to_send(solution)),
        records=records,
        limits=dict(limits),
        seed=seed,
        digest="",
    )
    content = pickle.dumps(parcel)
    digest = hashlib.sha256(content)
    return replace(parcel, digest=digest.hexdigest())


def _files_to_send(solution: ReferenceFiles) -> Iterator[SentFile]:
    assignment = solution.assignment
    name = assignment.name
    sources = {
        f"{EXERCISES}/{name}": assignment.folder,
        f"{SOLUTIONS}/{name}": solution.folder,
    }
    sources.update(_data_outside(assignment))
    size_bytes = 0
    for prefix, folder in sources.items():
        for path in _files_below(folder):
            size_bytes += path.stat().st_size
            if size_bytes > MAX_PARCEL_MIB << 20:
                raise AssignmentError(
                    f"its files have more than {MAX_PARCEL_MIB} MiB, too many to send to workers.",
                    "Have the data in a folder that every worker has, and name it by its whole "
                    "path.",
                    where=assignment.folder / FILE_NAME,
                )
            yield _sent_file(path, prefix, folder)


def _data_outside(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """Yield the data folder if it has a relative path that leads out of the assignment's folder."""
    named = assignment.limits.data
    if not named or Path(named).expanduser().is_absolute():
        return
    folder = data_path(assignment)
    if folder.is_relative_to(assignment.folder.resolve()):
        return
    prefix = os.path.normpath(f"{EXERCISES}/{assignment.name}/{named}")
    if prefix.startswith(".."):
        raise AssignmentError(
            f"data: {named} lies outside the course, so workers cannot be sent it.",
            "Name it by its whole path, and have it there on every worker.",
            where=assignment.folder / FILE_NAME,
        )
    yield prefix, folder


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(_PASSED_OVER):
            continue
        if path.is_dir():
            yield from _files_below(path)
        elif path.is_file():
            yield path


def _sent_file(path: Path, prefix: str, folder: Path) -> SentFile:
    name = path.relative_to(folder).as_posix()
    modified_ns = path.stat().st_mtime_ns
    return SentFile(f"{prefix}/{name}", path.read_bytes(), modified_ns)


def unpack_files(parcel: AssignmentParcel, home: Path) -> None:
    """Write the files of an assignment into the home of a worker."""
    for file in parcel.files:
        path = home / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        os.utime(path, ns=(file.modified_ns, file.modified_ns))


def pack_submission(
    request: RunRequest, assignment: str, keys: Mapping[bool, str]
) -> SubmissionParcel:
    """Pack a submission, with the bytes of its files.

    Args:
        request: the requested run.
        assignment: digest of the parcel of its assignment.
        keys: keys to store its trace with, for a sandboxed kernel and for a plain one.
    """
    submission = request.submission
    contents = {file.sha256: file.path.read_bytes() for file in submission.files}
    return SubmissionParcel(
        id=submission.id,
        assignment=assignment,
        similarity=request.similarity,
        release=submission.release,
        keys=dict(keys),
        snapshot=request.snapshot,
        contents=contents,
    )


def unpack_submission(parcel: SubmissionParcel, folder: Path) -> Submission:
    """Restore a submission, with its files in a folder.

    Raises:
        ValueError: the parcel is not one of this version.
    """
    snapshot = read_snapshot(parcel.snapshot)
    if snapshot is None:
        raise ValueError("the submission was packed by another version")
    submission = submission_from(parcel.id, snapshot)
    files: list[InputFile] = []
    for file in submission.files:
        path = folder / file.sha256
        path.write_bytes(parcel.contents[file.sha256])
        files.append(file.model_copy(update={"path": path}))
    return replace(submission, files=tuple(files), release=parcel.release)
