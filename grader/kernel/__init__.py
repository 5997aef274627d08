"""What runs on the student's side of the wall, in the process of their code. Knows no answers.

Entry points: `program` (the kernel), `forkserver` (makes sealed ones) and `shell` (without Jupyter).
Imports the standard library only, and nothing else of the grader: it is all that the sandbox mounts.
"""

__all__ = ["forkserver", "program", "shell"]
