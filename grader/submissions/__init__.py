"""What was handed in: find it, unpack it, say whose it is and which file counts.

Entry points: `collect.collected_from` (paths → submissions), `identify.identify` (which assignment) and
`snapshot` (a submission as it is stored). Must not know answers.
"""

__all__ = ["collect", "identify", "snapshot"]
