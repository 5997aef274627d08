"""Seal kernels off: bubblewrap, fork server, control groups.

Entry point: `sandbox.Sandbox`, which picks the strongest tier that this machine has. `bwrap` says
what is mounted.
"""

__all__ = [
    "sandbox",
]
