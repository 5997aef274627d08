"""Seals a process: namespaces, mounts, capabilities, system calls, limits. Linux; standard library only.

Runs in the fork server and in what it forks, before a student's code does. Every step either succeeds or raises: there
is no half-sealed kernel.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import resource
import signal
import socket
import struct
from collections.abc import Iterable, Mapping

from grader.kernel import seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_lock = ctypes.PyDLL(None, use_errno=True)
"""Calls that keep the interpreter's lock: a fork must find it held by the thread that goes on."""

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000
EVERYTHING_NEW = NEW_USER | NEW_MOUNTS | NEW_PID | NEW_NET | NEW_IPC | NEW_UTS | NEW_CGROUP

READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, REMOUNT, BIND, RECURSIVE, PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
"""MS_* of linux/mount.h."""

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _DROP_BOUNDING = 1, 4, 24
_SET_NO_NEW_PRIVS, _AMBIENT, _CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _prctl(option: int, value: int = 0) -> None:
    none = ctypes.c_ulong(0)
    _check(_libc.prctl(option, ctypes.c_ulong(value), none, none, none), f"prctl {option}")


def fork_into_new_namespaces() -> int:
    """Fork a child that is process 1 of namespaces of its own, with all capabilities there and none outside.

    The system call itself, since `unshare` and a fork would copy the page tables of a large process twice. The handlers
    of `os.register_at_fork` do not run: the child forks with `os.fork` before it does anything that would need them.

    Returns:
        The child's pid; in the child, 0.
    """
    number = seccomp.LOOKED_AT["clone"][list(seccomp.ARCHITECTURES).index(platform.machine())]
    arguments = (
        ctypes.c_long(value) for value in (number, EVERYTHING_NEW | signal.SIGCHLD, 0, 0, 0, 0)
    )
    pid: int = _libc_with_lock.syscall(*arguments)
    _check(min(pid, 0), "clone")
    return pid


def be_user(inside: int, user: int, group: int) -> None:
    """In a new user namespace: be user and group `inside`, which stand for `user` and `group` of the one around it."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside} {user} 1"),
        ("gid_map", f"{inside} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - one write, unbuffered by name
            file.write(text)


def new_mounts() -> None:
    """Give this process mounts of its own."""
    _check(_libc.unshare(NEW_MOUNTS), "unshare")


def mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, options: str = ""
) -> None:
    """mount(2)."""
    encoded = [part.encode() if part else None for part in (source, target, kind, options)]
    result = _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    _check(result, f"mount {kind or source} on {target}")


def mount_empty(target: str, size_mib: int, inodes: int = 20_000, mode: str = "1777") -> None:
    """A file system in memory, of limited size and number of files."""
    options = f"size={size_mib}m,nr_inodes={inodes},mode={mode}"
    mount("tmpfs", target, "tmpfs", NO_SUID | NO_DEVICES, options)


def hide(target: str) -> None:
    """Put an empty file system that cannot be written over a directory."""
    mount(
        "tmpfs",
        target,
        "tmpfs",
        NO_SUID | NO_DEVICES | NO_EXEC | READ_ONLY,
        "size=4k,nr_inodes=2,mode=000",
    )


def bind(source: str, target: str, *, read_only: bool) -> None:
    """Show a directory at another place."""
    mount(source, target, flags=BIND)
    flags = BIND | REMOUNT | NO_SUID | NO_DEVICES | (READ_ONLY if read_only else 0)
    mount("none", target, flags=flags)


def keep_mounts_to_oneself() -> None:
    """Nothing mounted from here on is seen outside."""
    mount("none", "/", flags=RECURSIVE | PRIVATE)


def loopback_up() -> None:
    """Give the empty network namespace its own localhost, which DataLoader workers may use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        set_flags, up, running = 0x8914, 0x1, 0x40
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up | running))


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_up_privileges() -> None:
    """Drop every capability for good, and let no program give any back. Of this thread: before others exist."""
    _libc.prctl(
        _AMBIENT,
        ctypes.c_ulong(_CLEAR_ALL),
        ctypes.c_ulong(0),
        ctypes.c_ulong(0),
        ctypes.c_ulong(0),
    )
    for capability in range(64):
        if _libc.prctl(_DROP_BOUNDING, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), (_CapData * 2)()), "capset")
    _prctl(_SET_NO_NEW_PRIVS, 1)


def deny_system_calls() -> None:
    """Apply the system call filter."""
    seccomp.install(_libc)


def die_with_parent() -> None:
    """Be killed when the parent ends."""
    _prctl(_SET_DEATH_SIGNAL, 9)


def be_first_victim() -> None:
    """Where the machine's memory runs out, be ended before the grader and its fork server are."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - one write
        file.write("900")


def set_readable_by_others(readable: bool) -> None:
    """Whether processes of the same user may look into this one."""
    _prctl(_SET_DUMPABLE, int(readable))


def limit(limits: Mapping[str, int]) -> None:
    """Set resource limits, soft and hard: `{"NOFILE": 1024}`."""
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def close_all_but(kept: Iterable[int]) -> None:
    """Close every file descriptor from 3 on that is not named."""
    first = 3
    for descriptor in sorted(set(kept)):
        if descriptor >= first:
            os.closerange(first, descriptor)
            first = descriptor + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
