"""A run over a class: collect, identify, run, grade, compare, settle, write.

Entry points: `grade.grade_paths`, `regrade.regrade` and `self_check.check_notebook`.
Decides nothing by itself: `grading` does. Renders nothing: `outputs` does.
"""

__all__ = [
    "grade",
    "regrade",
    "self_check",
]
