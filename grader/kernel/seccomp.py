"""The system calls a student's process may not make, as a BPF program. Standard library only.

A deny list: what is on it fails with EPERM, so that code which merely asks goes on. `clone3` fails with ENOSYS, since
its flags lie in memory that a filter cannot read; the C library then uses `clone`, whose flags are looked at. A
process that speaks another machine's call numbers is killed. See seccomp(2) and linux/filter.h.
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

NEW_NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of linux/sched.h."""

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, NETLINK_ROUTE = 1, 2, 10, 16, 0
TIOCSTI, TIOCLINUX, TIOCSETD = 0x5412, 0x541C, 0x5423

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ARCHITECTURE, NUMBER, FIRST, SECOND, THIRD = 4, 0, 16, 24, 32
"""Offsets in `struct seccomp_data`: of the architecture, the call's number, and the low halves of its arguments."""


@dataclass(frozen=True)
class _Step:
    code: int
    operand: int
    then: int = 0
    otherwise: int = 0


def program(machine: str | None = None) -> bytes:
    """The filter as the kernel takes it: an array of `struct sock_filter`.

    Raises:
        OSError: the calls of this machine are not known.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call filter for {machine}")
    column = list(ARCHITECTURES).index(machine)
    numbers = sorted({number for row in DENIED.values() if (number := row[column]) is not None})
    looked_at = {name: row[column] for name, row in LOOKED_AT.items()}
    steps = [
        _Step(LOAD, ARCHITECTURE),
        _Step(EQUAL, ARCHITECTURES[machine], then=1),
        _Step(RETURN, KILL),
        _Step(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        # SECURITY: the x32 calls have numbers of their own for the same things.
        steps += [_Step(AT_LEAST, 0x40000000, otherwise=1), _Step(RETURN, KILL)]
    for number in numbers:
        steps += [_Step(EQUAL, number, otherwise=1), _Step(RETURN, ERRNO | errno.EPERM)]
    steps += [_Step(EQUAL, looked_at["clone3"], otherwise=1), _Step(RETURN, ERRNO | errno.ENOSYS)]
    steps += _clone(looked_at["clone"]) + _ioctl(looked_at["ioctl"])
    # SECURITY: a pair of sockets is two sockets: it loads the code of a family as `socket` does.
    steps += _socket(looked_at["socket"]) + _socket(looked_at["socketpair"])
    steps.append(_Step(RETURN, ALLOW))
    return b"".join(
        struct.pack("HBBI", step.code, step.then, step.otherwise, step.operand) for step in steps
    )


def _clone(number: int) -> list[_Step]:
    """No new namespaces by way of `clone`."""
    return [
        _Step(EQUAL, number, otherwise=4),
        _Step(LOAD, FIRST),
        _Step(ANY_BIT, NEW_NAMESPACES, otherwise=1),
        _Step(RETURN, ERRNO | errno.EPERM),
        _Step(RETURN, ALLOW),
    ]


def _socket(number: int) -> list[_Step]:
    """Unix and internet sockets, and the one netlink family that libzmq aborts without."""
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
    """No typing into a terminal, and no other code of the system behind one."""
    return [
        _Step(EQUAL, number, otherwise=6),
        _Step(LOAD, SECOND),
        _Step(EQUAL, TIOCSTI, then=2),
        _Step(EQUAL, TIOCSETD, then=1),
        _Step(EQUAL, TIOCLINUX, otherwise=1),
        _Step(RETURN, ERRNO | errno.EPERM),
        _Step(RETURN, ALLOW),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(libc: ctypes.CDLL) -> None:
    """Apply the filter to this thread and all it starts. For good: nothing can take it off.

    Raises:
        OSError: the system has no seccomp, or `no_new_privileges` was not called before.
    """
    code = program()
    buffer = ctypes.create_string_buffer(code, len(code))
    of_kernel = _Program(len(code) // 8, ctypes.addressof(buffer))
    set_seccomp, filter_mode = 22, 2
    if libc.prctl(set_seccomp, ctypes.c_ulong(filter_mode), ctypes.byref(of_kernel), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
