"""The story of a submission: its lines of code, with the effects of each.

Entry points: `story.tell` (plain data) and `wording` (the same in words).
"""

__all__ = [
    "story",
    "wording",
]
