"""The reference: the solved notebook, its marks and mistakes, and what they compute.

Entry points: `files.ReferenceFiles` (what the author wrote), `cache.ReferenceCache` (what it
computes) and `release.Release` (what a student may have of it). Must not know submissions. Answers
leave this room only as `grading.knowledge.Knowledge`.
"""

__all__ = [
    "cache",
    "files",
    "release",
]
