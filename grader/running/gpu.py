"""Check whether notebooks can use a GPU here, for assignments with `[run] device = "cuda"`."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import FILE_NAME, Assignment
from grader.errors import AssignmentError
from grader.machine import find_bwrap
from grader.running.sandbox.bwrap import gpu_nodes

QUESTION = "import torch; print(torch.cuda.is_available())"

QUESTION_TIMEOUT_S = 120.0

ADVICE = 'Grade where there is one, or write device = "cpu".'


@functools.cache
def torch_sees_cuda() -> bool:
    """Ask torch, in a separate process: importing it here would cost every command seconds."""
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    try:
        answer = subprocess.run(
            [sys.executable, "-c", QUESTION],
            capture_output=True,
            text=True,
            timeout=QUESTION_TIMEOUT_S,
            check=False,
            env=environment,
            cwd=Path(sys.executable).parent,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == "True"


@dataclass(frozen=True)
class Gpus:
    """How to find out which GPUs there are."""

    sees_cuda: Callable[[], bool] = torch_sees_cuda
    """Tells whether torch sees a GPU."""
    nodes: Callable[[], Sequence[str]] = gpu_nodes
    """Lists their device files."""


HERE = Gpus()
"""Those of this machine."""


def require_devices(assignments: Iterable[Assignment], *, sealed: bool, gpus: Gpus = HERE) -> None:
    """Raise if an assignment's GPU is missing, before anything runs.

    Args:
        assignments: those that may be graded.
        sealed: whether notebooks may run in a sandbox, which has to show them the GPU.
        gpus: reports the GPUs of the machine.

    Raises:
        AssignmentError: one asks for a GPU, and its notebooks would not see any.
    """
    for assignment in assignments:
        problem = device_problem(assignment, sealed=sealed, gpus=gpus)
        if problem:
            where = assignment.folder / FILE_NAME
            raise AssignmentError(f'device = "cuda": {problem}', ADVICE, where=where)


def device_problem(assignment: Assignment, *, sealed: bool, gpus: Gpus = HERE) -> str:
    """Explain why the notebooks of an assignment would not see the GPU it asks for.

    Returns:
        Empty if they would, or if it asks for none.
    """
    if assignment.limits.device == "cpu":
        return ""
    if not gpus.sees_cuda():
        return "torch sees no CUDA device on this machine."
    if sealed and find_bwrap() is not None and not gpus.nodes():
        return "there are no /dev/nvidia* here that a sandbox could show to notebooks."
    return ""
