"""Code that runs in the process of a student's notebook. Knows no answers.

Entry points: `program` (the kernel), `sealing` (its fork server forks sealed kernels) and `shell`
(runs a notebook without Jupyter). At import, needs the standard library only, and nothing else of
the grader: of this package, the sandbox mounts only this folder and `grader/__init__.py`.
"""

__all__ = [
    "program",
    "sealing",
    "shell",
]
