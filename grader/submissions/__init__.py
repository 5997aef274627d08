"""Find submissions, unpack them, and tell for each its student and the file that counts.

Entry points: `collect.collected_from` (paths → submissions), `identify.identify` (which assignment)
and `snapshot` (a submission as it is stored). Must not know answers.
"""

__all__ = [
    "collect",
    "identify",
    "snapshot",
]
