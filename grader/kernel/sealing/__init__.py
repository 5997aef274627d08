"""Start kernels that are sealed off. Linux only.

`forkserver` imports everything once and forks; `sealed_kernel` is a fork; `seal` and `seccomp` take
its rights away; `staging` drops root before bubblewrap starts.
Runs before any notebook, and imports `program`.
"""
