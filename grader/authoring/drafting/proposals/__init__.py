"""Propose how to decide exercises, from their code and from the results of running it. Pure.

Entry points, in `choose`: `requests_for` (values that runs have to record for an exercise),
`trials_for`, and `proposals_for` (the ways to decide it, the best first). One module per kind of
answer, each with a function `propose`. Must not run anything.
"""

__all__ = [
    "choose",
]
