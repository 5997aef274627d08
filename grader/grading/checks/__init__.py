"""The checks: one module for each name that `check` may have in `assignment.toml`.

Entry points: `registry.check_of` (the check of an exercise) and `base.Check` (the interface of a
check, and how to add one). They must not import kernels, files or torch.
"""
