"""Grade a class: collect, identify, run, grade, compare, settle, write.

Entry points: `run.ClassRun` (a run, as named steps), `regrade.StoredRun` (the same from stored
traces) and `self_check.check_notebook` (one notebook, for its student). `workers/` decides where
notebooks run, `grading` decides about their answers, and `outputs` renders the results.
"""

__all__ = [
    "regrade",
    "run",
    "self_check",
    "workers",
]
