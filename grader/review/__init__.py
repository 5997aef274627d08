"""`grade review`: a page to read answers, settle flags and override scores on this machine.

Entry points: `service.ReviewService` (what may be asked and saved) and `server.ReviewServer`, which
serves it on loopback. `static/` holds the page. Must not run notebooks.
"""

__all__ = [
    "server",
    "service",
]
