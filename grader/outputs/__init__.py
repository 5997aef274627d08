"""Render a report: for the terminal, as pages, gradebooks, tables and CI results.

Entry points: `write.write_outputs`, `pages.write.write_pages` and the views in `terminal`. Must not
import `running` or `kernel`: a report is enough to render from.
"""

__all__ = [
    "pages",
    "terminal",
    "write",
]
