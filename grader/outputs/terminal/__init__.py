"""What is printed on a terminal: tables and views, one module per subject.

Entry points: `tables.class_table` and `student.submission_view`. Text of a student passes `safe_text` first.
"""

__all__ = ["student", "tables"]
