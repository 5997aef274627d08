"""Keep the `grades/` folder; the only place for atomic writes, locks and temporary folders.

Entry points: `store.Store`, `reviews.save_reviews` and `atomic.write_file`. It reads and writes
files and makes no decisions. Must not import `running` or anything above it.
"""

__all__ = [
    "atomic",
    "reviews",
    "store",
]
