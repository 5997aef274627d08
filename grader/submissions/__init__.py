"""Find submissions, unpack them, and say whose each is and which file counts.

Entry points: `collect.collected_from` (paths → submissions), `identify.identify` (which assignment)
and `snapshot` (a submission as it is stored). Must not know answers.
"""

__all__ = [
    "collect",
    "identify",
    "snapshot",
]
