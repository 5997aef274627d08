"""Make an assignment from a solved notebook: draft it, validate it, release it.

Entry points: `drafting.draft.draft` (`grade new`), `validation.validate.validate` and
`release.release`. Must not import `batch`: only the instructor's own code runs here, in trusted
kernels.
"""

__all__ = [
    "drafting",
    "release",
    "validation",
]
