"""Seal kernels: bubblewrap, fork server, control groups.

Entry point: `sandbox.Sandbox`, which picks the strongest tier that works on this machine. `bwrap`
defines the mounts.
"""

__all__ = [
    "sandbox",
]
