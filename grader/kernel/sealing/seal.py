"""Seal a process: namespaces, mounts, capabilities, system calls, limits. Linux only.

Runs in the fork server and its children, before a student's code does. Every step either succeeds
or raises: there is no half-sealed kernel.
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

from grader.kernel.sealing import seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_lock = ctypes.PyDLL(None, use_errno=True)
"""Calls that keep the interpreter's lock: a fork must find it held by the thread that goes on."""


# MS_* of linux/mount.h.
READ_ONLY = 1
NO_SUID = 2
NO_DEVICES = 4
NO_EXEC = 8
REMOUNT = 32
BIND = 4096
RECURSIVE = 16384
PRIVATE = 1 << 18

# PR_* of linux/prctl.h.
_SET_DEATH_SIGNAL = 1
_SET_DUMPABLE = 4
_DROP_BOUNDING = 24
_SET_NO_NEW_PRIVS = 38
_AMBIENT = 47
_CLEAR_ALL = 4

_CAPABILITY_VERSION_3 = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3 of linux/capability.h."""

_MAX_CAPABILITIES = 64

_SET_INTERFACE_FLAGS = 0x8914
"""SIOCSIFFLAGS of linux/sockios.h."""

_INTERFACE_UP = 0x1 | 0x40
"""IFF_UP and IFF_RUNNING of linux/if.h."""

_FIRST_DESCRIPTOR = 3
"""The descriptors below are standard input, output and error."""


def _check(result: int, call: str) -> None:
    """Raise OSError for a failed call of the C library."""
    if result != 0:
        number = ctypes.get_errno()
        reason = os.strerror(number)
        raise OSError(number, f"{call}: {reason}")


def _prctl(option: int, value: int = 0) -> None:
    argument = ctypes.c_ulong(value)
    none = ctypes.c_ulong(0)
    result = _libc.prctl(option, argument, none, none, none)
    _check(result, f"prctl {option}")


def fork_into_new_namespaces() -> int:
    """Fork a child that is process 1 of namespaces of its own.

    It has all capabilities there and none outside. The system call itself, since `unshare` and a
    fork would copy the page tables of a large process twice. The handlers of `os.register_at_fork`
    do not run: the child forks with `os.fork` before it does anything that would need them.

    Returns:
        The child's pid; in the child, 0.
    """
    machine = platform.machine()
    number = ctypes.c_long(seccomp.call_number("clone", machine))
    flags = ctypes.c_long(seccomp.NEW_NAMESPACES | signal.SIGCHLD)
    none = ctypes.c_long(0)

    pid: int = _libc_with_lock.syscall(number, flags, none, none, none, none)
    failure = min(pid, 0)
    _check(failure, "clone")
    return pid


def be_user(inside: int, user: int, group: int) -> None:
    """Become user and group `inside` in a new user namespace.

    They are mapped to `user` and `group` in the outer namespace.
    """
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{inside} {user} 1")
    _write("/proc/self/gid_map", f"{inside} {group} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123 - one write
        file.write(text)


def new_mounts() -> None:
    """Move this process to a new mount namespace."""
    result = _libc.unshare(seccomp.NEW_MOUNTS)
    _check(result, "unshare")


def mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, options: str = ""
) -> None:
    """Mount a file system, as mount(2) does.

    Args:
        source: the device or directory, or any name for a file system without one.
        target: where it is seen.
        kind: type of the file system; None for a bind.
        flags: constants of this module.
        options: options of the file system; empty: none.
    """
    result = _libc.mount(
        _encoded(source),
        _encoded(target),
        _encoded(kind),
        ctypes.c_ulong(flags),
        _encoded(options),
    )
    _check(result, f"mount {kind or source} on {target}")


def _encoded(text: str | None) -> bytes | None:
    if not text:
        return None
    return text.encode()


def mount_empty(target: str, size_mib: int, inodes: int = 20_000, mode: str = "1777") -> None:
    """Mount a file system in memory, of limited size and number of files."""
    options = f"size={size_mib}m,nr_inodes={inodes},mode={mode}"
    flags = NO_SUID | NO_DEVICES
    mount("tmpfs", target, "tmpfs", flags, options)


def hide(target: str) -> None:
    """Mount an empty read-only file system over a directory."""
    flags = NO_SUID | NO_DEVICES | NO_EXEC | READ_ONLY
    mount("tmpfs", target, "tmpfs", flags, "size=4k,nr_inodes=2,mode=000")


def bind(source: str, target: str, *, read_only: bool) -> None:
    """Bind a directory to another path."""
    mount(source, target, flags=BIND)

    flags = BIND | REMOUNT | NO_SUID | NO_DEVICES
    if read_only:
        flags |= READ_ONLY
    mount("none", target, flags=flags)


def keep_mounts_to_oneself() -> None:
    """Hide later mounts from other processes."""
    mount("none", "/", flags=RECURSIVE | PRIVATE)


def loopback_up() -> None:
    """Bring up localhost in the empty network namespace, for DataLoader workers."""
    request = struct.pack("16sh14x", b"lo", _INTERFACE_UP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, request)


class _CapHeader(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_uint32),
        ("pid", ctypes.c_int),
    )


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_up_privileges() -> None:
    """Drop every capability for good, and let no program regain any.

    It counts for this thread: call it before there are others.
    """
    none = ctypes.c_ulong(0)
    clear_all = ctypes.c_ulong(_CLEAR_ALL)
    # A system without ambient capabilities has none to clear.
    _libc.prctl(_AMBIENT, clear_all, none, none, none)
    for number in range(_MAX_CAPABILITIES):
        capability = ctypes.c_ulong(number)
        result = _libc.prctl(_DROP_BOUNDING, capability, 0, 0, 0)
        if result != 0:  # the system knows no more
            break

    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    two_words = _CapData * 2
    no_capabilities = two_words()
    result = _libc.capset(ctypes.byref(header), no_capabilities)
    _check(result, "capset")
    _prctl(_SET_NO_NEW_PRIVS, 1)


def deny_system_calls() -> None:
    """Apply the system call filter."""
    seccomp.install(_libc)


def die_with_parent() -> None:
    """Let the system kill this process when its parent ends."""
    _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)


def be_first_victim() -> None:
    """Let the out-of-memory killer choose this process before the grader and its fork server."""
    _write("/proc/self/oom_score_adj", "900")


def set_readable_by_others(readable: bool) -> None:
    """Allow or forbid processes of the same user to inspect this one."""
    _prctl(_SET_DUMPABLE, int(readable))


def limit(limits: Mapping[str, int]) -> None:
    """Set resource limits, soft and hard: `{"NOFILE": 1024}`."""
    for name, most in limits.items():
        kind: int = getattr(resource, f"RLIMIT_{name}")
        resource.setrlimit(kind, (most, most))


def close_all_but(kept: Iterable[int]) -> None:
    """Close every file descriptor from 3 on, except the given ones."""
    first = _FIRST_DESCRIPTOR
    for descriptor in sorted(set(kept)):
        if descriptor >= first:
            os.closerange(first, descriptor)
            first = descriptor + 1

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(first, most)
