"""Find pairs of submissions that share what others do not have. It changes no points.

Entry point: `compare.similar_work`. Pure: it reads cells, no files and no kernels.
"""

__all__ = [
    "compare",
]
