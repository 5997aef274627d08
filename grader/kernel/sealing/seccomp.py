"""Build the BPF program that denies some system calls to a student's process.

It is a deny list: calls on it fail with EPERM, so that code which only tries them continues.
`clone3` fails with ENOSYS, because a filter cannot read its flags, which are in memory; the C
library then uses `clone`, whose flags the filter sees. A process that uses the call numbers of
another architecture is killed. See seccomp(2) and linux/filter.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_* of linux/audit.h."""

DENIED = {
    # name: (x86_64, aarch64); None where the machine has no such call
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "acct": (163, 89),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "vmsplice": (278, 75),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "lookup_dcookie": (212, 18),
}

LOOKED_AT = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "ioctl": (16, 29),
}
"""Calls that are allowed or not by their arguments; columns as in `DENIED`."""

# CLONE_NEW* of linux/sched.h.
NEW_MOUNTS = 0x20000
NEW_CGROUP = 0x2000000
NEW_UTS = 0x4000000
NEW_IPC = 0x8000000
NEW_USER = 0x10000000
NEW_PID = 0x20000000
NEW_NET = 0x40000000

NEW_NAMESPACES = NEW_MOUNTS | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_USER | NEW_PID | NEW_NET
"""All kinds of namespaces: a kernel has its own of each, and may make no others."""

# Of linux/socket.h and linux/netlink.h.
AF_UNIX = 1
AF_INET = 2
AF_INET6 = 10
AF_NETLINK = 16
NETLINK_ROUTE = 0

# Of asm-generic/ioctls.h.
TIOCSTI = 0x5412
TIOCLINUX = 0x541C
TIOCSETD = 0x5423

# SECCOMP_RET_* of linux/seccomp.h.
ALLOW = 0x7FFF0000
KILL = 0x80000000
ERRNO = 0x00050000

# Instructions of linux/filter.h: load a word; jump if equal, if any bit is set, if at least.
LOAD = 0x20
EQUAL = 0x15
ANY_BIT = 0x45
AT_LEAST = 0x35
RETURN = 0x06

# Offsets in `struct seccomp_data`.
NUMBER = 0
"""The call's number."""
ARCHITECTURE = 4
FIRST = 16
"""The low half of the first argument, as are the next two of theirs."""
SECOND = 24
THIRD = 32

FIRST_X32_CALL = 0x40000000
"""The x32 calls have numbers from here on."""

STEP_BYTES = 8
"""Size of a `struct sock_filter`."""

_SET_SECCOMP = 22
"""PR_SET_SECCOMP of linux/prctl.h."""

_FILTER_MODE = 2
"""SECCOMP_MODE_FILTER of linux/seccomp.h."""


@dataclass(frozen=True)
class _Step:
    """A `struct sock_filter`: an instruction, and how many steps to skip after it."""

    code: int
    operand: int
    then: int = 0
    otherwise: int = 0

    def packed(self) -> bytes:
        """Encode the step for the operating system."""
        return struct.pack("HBBI", self.code, self.then, self.otherwise, self.operand)


def program(machine: str | None = None) -> bytes:
    """Build the filter as an array of `struct sock_filter`.

    Args:
        machine: name of the machine's architecture; None: this machine's.

    Raises:
        OSError: the calls of this machine are not known.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call filter for {machine}")

    clone = call_number("clone", machine)
    clone3 = call_number("clone3", machine)
    ioctl = call_number("ioctl", machine)
    socket = call_number("socket", machine)
    socketpair = call_number("socketpair", machine)

    steps = _same_architecture(machine)
    for number in _denied_numbers(machine):
        steps += _deny(number, errno.EPERM)
    steps += _deny(clone3, errno.ENOSYS)
    steps += _clone(clone)
    steps += _ioctl(ioctl)
    # SECURITY: a pair of sockets is two sockets: it loads the code of a family as `socket` does.
    steps += _socket(socket)
    steps += _socket(socketpair)
    steps.append(_Step(RETURN, ALLOW))
    return b"".join(step.packed() for step in steps)


def call_number(name: str, machine: str) -> int:
    """Return the number of a system call in `LOOKED_AT`."""
    numbers = LOOKED_AT[name]
    return numbers[_column(machine)]


def _column(machine: str) -> int:
    machines = list(ARCHITECTURES)
    return machines.index(machine)


def _denied_numbers(machine: str) -> list[int]:
    column = _column(machine)
    numbers: set[int] = set()
    for row in DENIED.values():
        number = row[column]
        if number is not None:
            numbers.add(number)
    return sorted(numbers)


def _same_architecture(machine: str) -> list[_Step]:
    """Kill a process with call numbers of another architecture; load the call's number."""
    steps = [
        _Step(LOAD, ARCHITECTURE),
        _Step(EQUAL, ARCHITECTURES[machine], then=1),
        _Step(RETURN, KILL),
        _Step(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        # SECURITY: the x32 calls have numbers of their own for the same things.
        steps.append(_Step(AT_LEAST, FIRST_X32_CALL, otherwise=1))
        steps.append(_Step(RETURN, KILL))
    return steps


def _deny(number: int, error: int) -> list[_Step]:
    """Make a call fail with an error."""
    return [
        _Step(EQUAL, number, otherwise=1),
        _Step(RETURN, ERRNO | error),
    ]


def _clone(number: int) -> list[_Step]:
    """Deny new namespaces created with `clone`."""
    return [
        _Step(EQUAL, number, otherwise=4),
        _Step(LOAD, FIRST),
        _Step(ANY_BIT, NEW_NAMESPACES, otherwise=1),
        _Step(RETURN, ERRNO | errno.EPERM),
        _Step(RETURN, ALLOW),
    ]


def _socket(number: int) -> list[_Step]:
    """Allow Unix and internet sockets, and the one netlink family that libzmq aborts without."""
    return [
        _Step(EQUAL, number, otherwise=9),
        _Step(LOAD, FIRST),
        _Step(EQUAL, AF_UNIX, then=6),
        _Step(EQUAL, AF_INET, then=5),
        _Step(EQUAL, AF_INET6, then=4),
        _Step(EQUAL, AF_NETLINK, otherwise=2),
        _Step(LOAD, THIRD),
        _Step(EQUAL, NETLINK_ROUTE, then=1),
        _Step(RETURN, ERRNO | errno.EAFNOSUPPORT),
        _Step(RETURN, ALLOW),
    ]


def _ioctl(number: int) -> list[_Step]:
    """Deny typing into a terminal, and setting its line discipline."""
    return [
        _Step(EQUAL, number, otherwise=6),
        _Step(LOAD, SECOND),
        _Step(EQUAL, TIOCSTI, then=2),
        _Step(EQUAL, TIOCSETD, then=1),
        _Step(EQUAL, TIOCLINUX, otherwise=1),
        _Step(RETURN, ERRNO | errno.EPERM),
        _Step(RETURN, ALLOW),
    ]


class _FilterProgram(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (
        ("length", ctypes.c_ushort),
        ("filter", ctypes.c_void_p),
    )


def install(libc: ctypes.CDLL) -> None:
    """Apply the filter to this thread and its descendants; it cannot be removed.

    Raises:
        OSError: the system has no seccomp, or `NO_NEW_PRIVS` was not set before.
    """
    code = program()
    size = len(code)
    buffer = ctypes.create_string_buffer(code, size)
    address = ctypes.addressof(buffer)
    filter_program = _FilterProgram(size // STEP_BYTES, address)

    mode = ctypes.c_ulong(_FILTER_MODE)
    pointer = ctypes.byref(filter_program)
    result = libc.prctl(_SET_SECCOMP, mode, pointer, 0, 0)
    if result != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
