"""`grade review`: a local page to read answers, settle flags and override scores.

Entry points: `service.ReviewService` (queries and changes) and `server.ReviewServer`, which serves
it on loopback. `static/` has the page. Must not run notebooks.
"""

__all__ = [
    "server",
    "service",
]
