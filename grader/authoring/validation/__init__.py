"""`grade validate`: check that right answers earn their points and that wrong ones do not.

Entry points: `validate.validate` and `view.validation_view`. Right answers are made by rewriting
the reference in other ways; wrong ones are mutants of it, which stand for unforeseen mistakes.
"""

__all__ = [
    "validate",
    "view",
]
