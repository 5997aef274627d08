"""Propose how exercises are decided, from their code and from what runs of it gave. Pure.

Entry points, in `choose`: `requests_for` (what runs have to tell of an exercise), `trials_for`,
and `proposals_for` (the ways to decide it, the best one first). One module per kind of answer,
each with a function `propose`. Must not run anything.
"""

__all__ = [
    "choose",
]
