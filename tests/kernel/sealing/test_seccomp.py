"""The system call filter, run by a small interpreter: what it says to each call on each machine."""

from __future__ import annotations

import errno
import platform
import struct
from itertools import starmap

import pytest

from grader.kernel.sealing import seccomp
from grader.kernel.sealing.seccomp import (
    ALLOW,
    ARCHITECTURES,
    DENIED,
    ERRNO,
    KILL,
    LOOKED_AT,
    program,
)

EPERM, ENOSYS, NO_FAMILY = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS, ERRNO | errno.EAFNOSUPPORT
MACHINES = tuple(ARCHITECTURES)
NEW_FLAGS = {
    "mount": 0x20000,
    "cgroup": 0x2000000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
}
NEW_FLAGS |= {"pid": 0x20000000, "net": 0x40000000}
THREAD, FORK = 0x3D0F00, 0x1200011
"""Flags that the C library's `pthread_create` and `fork` give to `clone`."""

JUMPS = {seccomp.EQUAL: int.__eq__, seccomp.ANY_BIT: int.__and__, seccomp.AT_LEAST: int.__ge__}


def says(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter of a machine returns for a call."""
    speaks = ARCHITECTURES[machine] if architecture is None else architecture
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number, speaks, 0, *padded)
    steps = list(struct.iter_unpack("<HBBI", program(machine)))
    position = loaded = 0
    while True:
        code, then, otherwise, operand = steps[position]
        position += 1
        if code == seccomp.RETURN:
            return operand
        if code == seccomp.LOAD:
            (loaded,) = struct.unpack_from("<I", data, operand)
        else:
            position += then if JUMPS[code](loaded, operand) else otherwise


def number_of(machine: str, name: str) -> int:
    return LOOKED_AT[name][MACHINES.index(machine)]


def denied(machine: str) -> list[int]:
    """The numbers of the calls that a machine denies."""
    return [
        number for row in DENIED.values() if (number := row[MACHINES.index(machine)]) is not None
    ]


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    """Each machine whose calls are known."""
    name: str = request.param
    return name


def test_every_denied_call_fails(machine: str) -> None:
    assert {EPERM} == {says(machine, number) for number in denied(machine)}


def test_a_denied_call_fails_whatever_its_arguments(machine: str) -> None:
    arguments = [2**64 - 1] * 6
    assert {EPERM} == {says(machine, number, *arguments) for number in denied(machine)}


def test_every_other_call_is_allowed(machine: str) -> None:
    known = {*denied(machine), *(number_of(machine, name) for name in LOOKED_AT)}
    assert {ALLOW} == {says(machine, number) for number in range(600) if number not in known}


def test_no_number_stands_for_two_calls(machine: str) -> None:
    numbers = [*denied(machine), *(number_of(machine, name) for name in LOOKED_AT)]
    assert sorted(set(numbers)) == sorted(numbers)


@pytest.mark.parametrize("architecture", [0x40000003, 0x40000028, 0, 0xFFFFFFFF])
def test_a_call_by_another_machines_numbers_ends_the_process(
    machine: str, architecture: int
) -> None:
    assert KILL == says(machine, 1, architecture=architecture)


@pytest.mark.parametrize("number", [0x40000000, 0x40000000 + 101, 0x40000000 + 520, 0xFFFFFFFF])
def test_an_x32_call_ends_the_process(number: int) -> None:
    assert KILL == says("x86_64", number)


def test_clone3_is_not_there(machine: str) -> None:
    assert ENOSYS == says(machine, number_of(machine, "clone3"))


@pytest.mark.parametrize("flags", [THREAD, FORK, 0x11, 0x4111])
def test_threads_and_processes_can_be_started(machine: str, flags: int) -> None:
    assert ALLOW == says(machine, number_of(machine, "clone"), flags)


@pytest.mark.parametrize("name", NEW_FLAGS)
def test_no_process_starts_in_a_new_namespace(machine: str, name: str) -> None:
    flags = (NEW_FLAGS[name], NEW_FLAGS[name] | FORK, NEW_FLAGS[name] | 1 << 40)
    assert [EPERM] * 3 == [says(machine, number_of(machine, "clone"), flag) for flag in flags]


@pytest.mark.parametrize("name", ["socket", "socketpair"])
@pytest.mark.parametrize("family", [1, 2, 10])
def test_unix_and_internet_sockets_can_be_had(machine: str, name: str, family: int) -> None:
    assert ALLOW == says(machine, number_of(machine, name), family, 1, 0)


@pytest.mark.parametrize("name", ["socket", "socketpair"])
def test_sockets_of_no_other_family_can_be_had(machine: str, name: str) -> None:
    others = set(range(64)) - {1, 2, 10, 16}
    assert {NO_FAMILY} == {
        says(machine, number_of(machine, name), family, 3, 0) for family in others
    }


def test_of_netlink_only_routes_can_be_had(machine: str) -> None:
    asked = {
        protocol: says(machine, number_of(machine, "socket"), 16, 3, protocol)
        for protocol in range(32)
    }
    assert {0: ALLOW, **dict.fromkeys(range(1, 32), NO_FAMILY)} == asked


@pytest.mark.parametrize(
    ("request_code", "expected"),
    [(0x5412, EPERM), (0x541C, EPERM), (0x5401, ALLOW), (0x5413, ALLOW)],
)
def test_nothing_can_be_typed_into_a_terminal(
    machine: str, request_code: int, expected: int
) -> None:
    asked = (
        (number_of(machine, "ioctl"), 0, request_code),
        (number_of(machine, "ioctl"), 0, request_code | 1 << 40),
    )
    assert [expected] * 2 == list(starmap(says, ((machine, *arguments) for arguments in asked)))


def test_the_jumps_of_the_filter_stay_within_it(machine: str) -> None:
    steps = list(struct.iter_unpack("<HBBI", program(machine)))
    ends = [place + 1 + max(then, otherwise) for place, (_, then, otherwise, _) in enumerate(steps)]
    assert (True, seccomp.RETURN) == (max(ends) <= len(steps), steps[-1][0])


def test_the_filter_is_short_enough_for_the_kernel(machine: str) -> None:
    assert len(program(machine)) // 8 <= 4096


def test_a_machine_whose_calls_are_not_known_gets_no_filter() -> None:
    with pytest.raises(OSError, match="no system call filter for riscv64"):
        program("riscv64")


def test_the_filter_is_for_the_machine_it_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert program("aarch64") == program()
