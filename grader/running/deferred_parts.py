"""Build the code and files that a kernel receives after the cells have run. Knows no answers.

The author's code and held-out files measure the results of the cells. SECURITY: they may not be in
the kernel while a student's code runs.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from grader.job import Job, Question
from grader.running.working_folder import contents

TAKE_OUT = "TAKE_OUT[0]()"
"""Call in the kernel's program that takes out whatever was laid in."""


def questions_without_code(job: Job) -> list[dict[str, Any]]:
    """Return the questions in the form that a kernel receives at its start."""
    nothing = {"code": "", "asserts": "", "own_paths": {}}
    return [question.model_copy(update=nothing).model_dump() for question in job.questions]


def has_deferred_parts(job: Job) -> bool:
    """Return whether code or files have to be sent for the questions of a job."""
    if job.held_out:
        return True
    return any(map(_has_deferred_parts, job.questions))


def laying_calls(job: Job) -> Iterator[str]:
    """Yield the calls of the kernel program that store code and files.

    Raises:
        KernelUnavailable: a file has changed, or is gone, since the job was made.
    """
    for number, question in enumerate(job.questions):
        if _has_deferred_parts(question):
            parts = (number, question.code, question.asserts, question.own_paths)
            yield f"LAY_CODE[0]{parts!r}"
    for name, content in contents(job.held_out):
        text = base64.b64encode(content).decode("ascii")
        yield f"LAY_IN[0]({name!r}, {text!r})"


def _has_deferred_parts(question: Question) -> bool:
    return bool(question.code or question.asserts or question.own_paths)
