"""HTML pages: the class, and one page per student. They load nothing and run nothing of a student's.

Entry point: `write.write_pages`. Templates are autoescaped; the content security policy allows hashes only.
"""

__all__ = ["write"]
