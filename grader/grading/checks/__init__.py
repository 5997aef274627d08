"""The checks: one module for each name that `check` may have in `assignment.toml`.

Entry points: `registry.check_of` (the check of an exercise) and `base.Check` (what a check is, and
how to add one). They must not import kernels, files or torch.
"""
