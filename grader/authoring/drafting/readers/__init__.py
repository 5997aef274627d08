"""Readers of solved notebooks, one per way of marking answers.

Entry points: `detect.read_solved` picks a reader; `base.Reader` is what each of them looks like.
"""

__all__ = ["base", "detect"]
