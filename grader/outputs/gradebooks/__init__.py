"""Fill in gradebooks of Canvas and Moodle.

Entry points: `canvas`, `moodle` and `feedback_zip`; `matching` finds the row of each student.
"""

__all__ = [
    "canvas",
    "feedback_zip",
    "moodle",
]
