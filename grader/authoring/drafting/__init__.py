"""`grade new`: draft an assignment from a solved notebook: exercises, variants and mistakes.

Entry points: `draft.draft` (does it all) and `view` (what is printed). `readers/` knows the marks
that other tools put into notebooks. Must not write anything before everything is known.
"""

__all__ = [
    "draft",
    "view",
]
