"""Build the zip for Gradescope: the assignment, its reference, and this grader.

Entry point: `build.write_autograder`.
"""

__all__ = ["build", "own_wheel"]
