"""`grade validate`: check that right answers earn their points and that wrong ones do not.

Entry points: `validate.validate` and `view.validation_view`. Right answers are equivalent rewrites
of the reference; wrong ones are mutants of it, which represent unforeseen mistakes.
"""

__all__ = [
    "validate",
    "view",
]
