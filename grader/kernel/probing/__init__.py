"""Call the functions of a notebook and evaluate an author's expressions in it.

`calls` calls functions, `probes` evaluates expressions, `marks` reads the answers of a reference.
SECURITY: the objects measured here are hostile; see `originals` and `overrides`.
Imports `recording`, `variants` and `portability`.
"""
