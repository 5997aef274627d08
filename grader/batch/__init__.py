"""Grade a class: collect, identify, run, grade, compare, settle, write.

Entry points: `run.ClassRun` (a run, as named steps), `regrade.StoredRun` (the same from stored
traces) and `self_check.check_notebook` (one notebook, for its student). Where notebooks run is up
to `workers`. Decides nothing by itself: `grading` does. Renders nothing: `outputs` does.
"""

__all__ = [
    "regrade",
    "run",
    "self_check",
    "workers",
]
