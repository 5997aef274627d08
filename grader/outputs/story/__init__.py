"""The story of a submission: its lines of code, and beside each what it left behind.

Entry points: `story.tell` (plain data) and `wording` (the same in words).
"""

__all__ = [
    "story",
    "wording",
]
