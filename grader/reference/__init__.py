"""The reference: the solved notebook, its marks and mistakes, and what they compute.

Entry points: `files.ReferenceFiles` (what the author wrote), `cache.ReferenceCache` (what it
computes) and `release.Release` (the part that students may have). Must not know submissions.
Answers leave this package only as `grading.knowledge.Knowledge`.
"""

__all__ = [
    "cache",
    "files",
    "release",
]
