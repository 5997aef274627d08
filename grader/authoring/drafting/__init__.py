"""`grade new`: draft an assignment from a solved notebook: exercises, variants and mistakes.

Entry points: `draft.draft` (the whole process) and `view` (the printed output). `readers/` knows
the marks of other tools in notebooks. Must not write anything before everything is known.
"""

__all__ = [
    "draft",
    "view",
]
