"""The student's side of the wall: what runs in the process of their code. Knows no answers.

Entry points: `program` (the kernel), `forkserver` (makes sealed kernels) and `shell` (runs a
notebook without Jupyter). Imports the standard library only, and nothing else of the grader: this
folder is all that the sandbox mounts.
"""

__all__ = [
    "forkserver",
    "program",
    "shell",
]
