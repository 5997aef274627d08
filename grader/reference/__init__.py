"""The reference: the solved notebook, its marks and mistakes, and their stored results.

Entry points: `files.ReferenceFiles` (the author's files), `cache.ReferenceCache` (their results)
and `release.Release` (the part that students may have). Must not know submissions. Answers leave
this package only as `grading.knowledge.Knowledge`.
"""

__all__ = [
    "cache",
    "files",
    "release",
]
