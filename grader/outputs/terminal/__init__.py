"""Print on a terminal: tables and views, one module per subject.

Entry points: `tables.class_table` and `student.submission_view`. Students' text passes `safe_text`.
"""

__all__ = [
    "student",
    "tables",
]
