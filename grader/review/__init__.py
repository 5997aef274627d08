"""`grade review`: a page on this machine where a person reads answers, settles flags and overrides scores.

Entry points: `service.ReviewService` (what may be asked and saved) and `server.Reviewing` (serves it on loopback).
`static/` is the page. Must not run notebooks.
"""

__all__ = ["server", "service"]
