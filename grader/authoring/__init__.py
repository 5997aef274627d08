"""Make an assignment from a solved notebook: draft it, validate it, release it.

Entry points: `drafting.draft.draft` (`grade new`), `validation.validate.validate` and
`release.release`. Must not import `batch`: what runs here is the instructor's own code, in kernels
that are trusted.
"""

__all__ = [
    "drafting",
    "release",
    "validation",
]
