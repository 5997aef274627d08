"""`grade validate`: try whether an assignment pays right answers and denies wrong ones.

Entry points: `validate.validate` and `view.validation_view`. Mutants of the reference stand for
mistakes that nobody thought of.
"""

__all__ = [
    "validate",
    "view",
]
