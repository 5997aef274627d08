"""Decide exercises: a trace and knowledge of the answers go in, results come out. Pure.

Pure means: no files, no kernels, no torch. Entry points: `grade.evaluate` (decides a submission;
read it first), `knowledge.Knowledge` (the expected answers) and `rerun_plan` (which cells have to
run again first). `checks/` has one module per check.
"""

__all__ = [
    "grade",
    "knowledge",
    "rerun_plan",
]
