"""Seal kernels: bubblewrap, fork server, control groups.

Entry point: `sandbox.Sandbox`, which picks the strongest tier that works on this machine.
Mounts: `bwrap` builds the command and the system's mounts, `cold` and `server` add those of a
single kernel and of the fork server, and `kernel.sealing.sealed_kernel` mounts the rest in a fork.
"""

__all__ = [
    "sandbox",
]
