"""`grade review`: a local page to read answers, settle flags and override scores.

Entry points: `service.ReviewService` (what can be queried and saved) and `server.ReviewServer`,
which serves it on loopback. `static/` has the page. Must not run notebooks.
"""

__all__ = [
    "server",
    "service",
]
