"""From a solved notebook to an assignment that holds: draft, validate, release.

Entry points: `drafting.draft.draft` (`grade new`), `validation.validate.validate` and
`release.release`. Must not import `batch`: what runs here is the instructor's own code, in kernels
that are trusted.
"""

__all__ = [
    "drafting",
    "release",
    "validation",
]
