"""Run jobs and bring back traces, on the grader's side: start a kernel, run cells, take events.

Entry points: `notebook.run` (a job), `session.Session` (a kernel to ask things of) and
`local.LocalRun` (without Jupyter). Must not know answers: a job holds none.
"""

__all__ = [
    "local",
    "notebook",
    "session",
]
