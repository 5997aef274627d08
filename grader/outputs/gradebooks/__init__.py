"""Gradebooks of Canvas and Moodle, filled in.

Entry points: `canvas`, `moodle` and `feedback_zip`; `matching` says which row is whose.
"""

__all__ = [
    "canvas",
    "feedback_zip",
    "moodle",
]
