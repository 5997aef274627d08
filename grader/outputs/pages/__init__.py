"""HTML pages: the class, and one page per student. They load nothing and run no student's code.

Entry point: `write.write_pages`. Templates escape every text; the content security policy allows
scripts and styles by their hashes only.
"""

__all__ = [
    "write",
]
