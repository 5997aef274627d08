"""Find submissions, unpack them, and determine the student and the file of each.

Entry points: `collect.collected_from` (paths → submissions), `identify.identify` (which assignment)
and `snapshot` (a submission as it is stored). Must not know answers.
"""

__all__ = [
    "collect",
    "identify",
    "snapshot",
]
