"""Run submissions on this machine, or on the workers of a Dask cluster.

Entry points: `runner.Runner` (the common interface), `local_runner.LocalRunner` and
`local.grade_side_by_side`. Must not decide anything about a submission, and must not import Dask
before a cluster is asked for.
"""

__all__ = [
    "here",
    "local",
    "runner",
]
