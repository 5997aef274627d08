"""Decide: trace + knowledge → results. Pure: no files, no kernels, no torch.

Entry points: `grade.evaluate` (the results of a submission; read it first), `knowledge.Knowledge`
(what is known of the answers) and `rerun_plan` (what has to run before it can be decided).
`checks/` holds one module per check.
"""

__all__ = [
    "grade",
    "knowledge",
    "rerun_plan",
]
