"""Readers of solved notebooks, one per way of marking answers.

Entry points: `detect.read_solved` picks a reader; `base.SolvedReader` is the base of most of them.
"""

__all__ = [
    "base",
    "detect",
]
