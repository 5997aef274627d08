"""What is kept of a submission beside its trace: enough to grade it again, and to tell its story, without its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.notebook.cells import NotebookCell
from grader.report import Message, SubmissionResult, Who
from grader.store.store import Store
from grader.submissions.submission import Submission
from grader.trace import InputFile, Trace


def keep(submission: Submission, assignment: str, parts: Mapping[str, str]) -> dict[str, Any]:
    """What to keep of a submission, as JSON takes it.

    Args:
        submission: what was handed in.
        assignment: name of the assignment it belongs to.
        parts: hash of each part of the assignment that its run depends on, by the file it is in.
    """
    return {
        "student": submission.student,
        "who": submission.who.model_dump(mode="json"),
        "file": submission.file,
        "path": str(submission.path),
        "sha256": submission.sha256,
        "assignment": assignment,
        "cells": [cell.model_dump() for cell in submission.cells],
        "files": [{**file.model_dump(), "path": str(file.path)} for file in submission.files],
        "saved_outputs": list(submission.saved_outputs),
        "execution_counts": list(submission.execution_counts),
        "problem": submission.problem.model_dump() if submission.problem else None,
        "problem_status": submission.problem_status,
        "parts": dict(parts),
    }


def recall(submission_id: str, about: Mapping[str, Any]) -> Submission:
    """The submission of which something was kept."""
    return Submission(
        id=submission_id,
        student=about["student"],
        who=Who.model_validate(about.get("who", {})),  # not kept by earlier versions
        file=about["file"],
        path=Path(about["path"]),
        sha256=about["sha256"],
        cells=tuple(NotebookCell.model_validate(cell) for cell in about["cells"]),
        files=tuple(InputFile.model_validate(file) for file in about["files"]),
        saved_outputs=tuple(about["saved_outputs"]),
        execution_counts=tuple(about.get("execution_counts", ())),  # not kept by earlier versions
        problem=Message.model_validate(about["problem"]) if about["problem"] else None,
        problem_status=about["problem_status"],
    )


def is_of(about: Mapping[str, Any], submission: Submission) -> bool:
    """Whether what is kept is of these very bytes and this student, with all that earlier versions left out."""
    counts = about.get("execution_counts", [])
    same = about.get("sha256") == submission.sha256 and counts == list(submission.execution_counts)
    return same and about.get("who") == submission.who.model_dump(mode="json")


def read_run(folder: Path, result: SubmissionResult) -> tuple[Trace, Submission]:
    """The stored run of a submission of a report, and what was handed in.

    Args:
        folder: the output folder.
        result: how it was graded.

    Raises:
        GraderError: there is none, or it is of other contents than the result.
    """
    stored = Store(folder).read_any_trace(result.id)
    advice = "Grade it again: grade SUBMISSIONS --fresh."
    if stored is None or (result.status == "graded" and not stored.key):
        raise GraderError(f"There is no stored run of {result.student} in {folder}/.", advice)
    if stored.about.get("sha256") != result.sha256:
        raise GraderError(
            f"The stored run of {result.student} is of another file than the report.", advice
        )
    return stored.trace, recall(result.id, stored.about)
