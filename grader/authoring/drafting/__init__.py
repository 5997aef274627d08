"""`grade new`: read a solved notebook, propose exercises, variants and mistakes, write the assignment.

Entry points: `draft.draft` (does it all) and `view` (what is printed). `readers/` knows the marks that other tools
put into notebooks. Must not write anything before everything is known.
"""

__all__ = ["draft", "view"]
