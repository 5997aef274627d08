"""Where submissions are graded: side by side on this machine, or one in a process of its own.

Entry points: `local.grade_side_by_side`, `admission.Admission` (how many kernels the memory allows)
and `isolated.run_isolated`. Must not decide anything about a submission.
"""

__all__ = [
    "admission",
    "isolated",
    "local",
]
