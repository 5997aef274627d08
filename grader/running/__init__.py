"""Run jobs and return traces: start a kernel, run cells, receive events.

Entry points: `notebook.run` (a job), `session.Session` (a kernel that answers questions) and
`local.LocalRun` (without Jupyter). Must not know answers: a job contains none.
"""

__all__ = [
    "local",
    "notebook",
    "session",
]
