"""Find pairs of submissions with similar work that few others have. It changes no points.

Entry point: `compare.similar_work`. Pure: it reads cells, no files and no kernels.
"""

__all__ = [
    "compare",
]
