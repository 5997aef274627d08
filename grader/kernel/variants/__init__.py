"""Replace data, files and seeds in a run on a variant.

`substitution` replaces numbers, `seed_hooks` seeds, `variant.Variant` holds all changes of a run.
Imports `recording` only.
"""
