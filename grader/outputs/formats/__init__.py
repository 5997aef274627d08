"""Formats that other programs read: CSV, JUnit, Gradescope, GitHub.

One module per format; each turns a report into text.
"""

__all__ = [
    "csv",
    "github",
    "gradescope",
    "junit",
]
