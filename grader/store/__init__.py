"""The `grades/` folder, and the only place for atomic writes, locks and temporary folders.

Entry points: `store.Store` and `atomic.write_file`. Knows the form of what it keeps, not its meaning.
"""

__all__ = ["atomic", "store"]
