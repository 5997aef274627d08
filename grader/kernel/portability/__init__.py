"""Make files, packages and services of other machines available to a notebook.

`portability.Portability` combines the handling of paths, downloads and stubs; `offline` skips
installs; `missing_packages` puts placeholders in place of packages.
Imports `recording`, `variants` and `gpu`.
"""
