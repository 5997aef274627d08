"""Store a submission beside its trace, so that it can be graded again without its file.

The JSON form is kept in `grades/`: fields may be added here, but never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, field_serializer

from grader.errors import GraderError
from grader.job import InputFile
from grader.notebook.cells import NotebookCell
from grader.report import Message, SubmissionResult, Who
from grader.store.store import Store
from grader.submissions.submission import ProblemStatus, Submission
from grader.trace import Trace

GRADE_AGAIN = "Grade it again: grade SUBMISSIONS --fresh."


class Snapshot(BaseModel):
    """A submission as it is stored with its trace."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    student: str
    """Name to show for the student; see `Submission.student`."""
    who: Who = Who()
    """The student; older traces were stored without it."""
    file: str
    """Path relative to the folder that was graded, safe to show."""
    path: Path
    """Where the file lay when it was graded."""
    sha256: str
    """Hash of the file's bytes; empty if they could not be read."""
    assignment: str
    """Name of the assignment that it belongs to."""
    cells: tuple[NotebookCell, ...]
    """All cells in order."""
    files: tuple[InputFile, ...]
    """Files handed in beside the notebook."""
    saved_outputs: tuple[str, ...]
    """Plain text of the saved outputs, one for each cell."""
    execution_counts: tuple[int | None, ...] = ()
    """Saved execution counts, one for each cell; older traces were stored without them."""
    joined: tuple[str, ...] = ()
    """The files that the cells are from; see `Submission.joined`."""
    rival: str = ""
    """Another file that may be the one meant; see `Submission.rival`."""
    problem: Message | None
    """Why it could not be graded; None if it could."""
    problem_status: ProblemStatus | None
    """Its status according to the problem."""
    parts: dict[str, str]
    """Hash of each part of the assignment that the run depends on, by the file it is in."""

    @field_serializer("files")
    def _files_with_paths(self, files: tuple[InputFile, ...]) -> list[dict[str, str]]:
        # `InputFile` leaves its path out of JSON; a rerun needs the path of the file.
        data: list[dict[str, str]] = []
        for file in files:
            fields = file.model_dump()
            data.append({**fields, "path": str(file.path)})
        return data

    def to_json(self) -> dict[str, JsonValue]:
        """Return the snapshot as stored; fields with default values are omitted."""
        data: dict[str, JsonValue] = self.model_dump(mode="json")
        for rare in ("joined", "rival"):
            if not data[rare]:
                del data[rare]
        return data

    def is_of(self, submission: Submission) -> bool:
        """Return whether a submission has the same bytes, execution counts, student and rival."""
        return (
            self.sha256 == submission.sha256
            and self.execution_counts == submission.execution_counts
            and self.who == submission.who
            and self.rival == submission.rival
        )


def snapshot_of(submission: Submission, assignment: str, parts: Mapping[str, str]) -> Snapshot:
    """Create the snapshot of a submission.

    Args:
        submission: the submission that is graded.
        assignment: name of the assignment it belongs to.
        parts: hash of each part of the assignment that its run depends on, by the file it is in.
    """
    return Snapshot(
        student=submission.student,
        who=submission.who,
        file=submission.file,
        path=submission.path,
        sha256=submission.sha256,
        assignment=assignment,
        cells=submission.cells,
        files=submission.files,
        saved_outputs=submission.saved_outputs,
        execution_counts=submission.execution_counts,
        joined=submission.joined,
        rival=submission.rival,
        problem=submission.problem,
        problem_status=submission.problem_status,
        parts=dict(parts),
    )


def read_snapshot(about: Mapping[str, JsonValue]) -> Snapshot | None:
    """Read a snapshot from the JSON of a stored trace; None if it is incomplete."""
    try:
        return Snapshot.model_validate(about)
    except ValidationError:
        return None


def submission_from(submission_id: str, snapshot: Snapshot) -> Submission:
    """Restore the submission from a snapshot."""
    return Submission(
        id=submission_id,
        student=snapshot.student,
        who=snapshot.who,
        file=snapshot.file,
        path=snapshot.path,
        sha256=snapshot.sha256,
        cells=snapshot.cells,
        files=snapshot.files,
        saved_outputs=snapshot.saved_outputs,
        execution_counts=snapshot.execution_counts,
        joined=snapshot.joined,
        rival=snapshot.rival,
        problem=snapshot.problem,
        problem_status=snapshot.problem_status,
    )


def read_run(store: Store, result: SubmissionResult) -> tuple[Trace, Submission]:
    """Read the stored trace and the submission of a result.

    Args:
        store: the output folder, open or not: reading takes no lock.
        result: the result of the submission.

    Raises:
        GraderError: nothing is stored, or the file was another one than the result's.
    """
    stored = store.read_trace(result.id)
    if stored is None or (result.status == "graded" and not stored.key):
        raise GraderError(
            f"There is no stored run of {result.student} in {store.folder}/.",
            GRADE_AGAIN,
        )

    snapshot = read_snapshot(stored.about)
    if snapshot is None or snapshot.sha256 != result.sha256:
        raise GraderError(
            f"The stored run of {result.student} is of another file than the report.",
            GRADE_AGAIN,
        )

    return stored.trace, submission_from(result.id, snapshot)
