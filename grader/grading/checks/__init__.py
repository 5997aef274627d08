"""The checks, one module each: `value`, `series`, `function`, `graph`, `text`.

Entry points: `registry.check_of` (the check of an exercise) and `base.Check` (what a check is, and
how to add one). They must not import kernels, files or torch.
"""
