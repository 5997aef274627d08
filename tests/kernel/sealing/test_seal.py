"""The steps that seal a process, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("Processes can be sealed on Linux only.", allow_module_level=True)

START = """
import ctypes, errno, json, os, resource, signal, sys
from grader.kernel.sealing import seal

def attempt(act, *args, **named):
    try:
        return str(act(*args, **named))
    except OSError as error:
        return errno.errorcode[error.errno]

def status(*names):
    with open('/proc/self/status') as file:
        lines = dict(line.rstrip('\\n').split(':\\t') for line in file if ':\\t' in line)
    return [lines[name] for name in names]

def tell(result):
    print(json.dumps(result), flush=True)
"""

IN_NAMESPACES = """
user, group = os.getuid(), os.getgid()
reading, writing = os.pipe()
try:
    child = seal.fork_into_new_namespaces()
except OSError as error:
    tell('unavailable: ' + str(error))
    os._exit(0)
if child:
    os.waitpid(child, 0)
    os._exit(0)
seal.be_user(1000, user, group)
seal.keep_mounts_to_oneself()
"""


def ran(code: str) -> Any:
    """What a process of its own tells that runs this code."""
    command = [sys.executable, "-c", START + dedent(code)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "" == result.stderr
    return json.loads(result.stdout)


def ran_in_namespaces(code: str) -> Any:
    """What process 1 of new namespaces tells that runs this code."""
    result = ran(IN_NAMESPACES + dedent(code) + "\nos._exit(0)")
    if isinstance(result, str) and result.startswith("unavailable"):
        pytest.skip(result)
    return result


def test_a_process_in_new_namespaces_is_process_1_and_the_user_it_says() -> None:
    assert [1, 1000, 1000] == ran_in_namespaces("tell([os.getpid(), os.getuid(), os.getgid()])")


def test_a_process_in_new_namespaces_sees_no_network() -> None:
    assert ["lo"] == ran_in_namespaces(
        "import socket\ntell([name for _, name in socket.if_nameindex()])"
    )


def test_the_loopback_of_new_namespaces_can_be_used() -> None:
    assert "True" == ran_in_namespaces(
        """
        import socket
        seal.loopback_up()
        server = socket.create_server(('127.0.0.1', 0))
        tell(attempt(lambda: bool(socket.create_connection(server.getsockname()))))
        """
    )


def test_an_empty_file_system_holds_no_more_than_its_size() -> None:
    assert [str(2**20), "ENOSPC"] == ran_in_namespaces(
        """
        seal.mount_empty('/tmp', 1)
        write = open('/tmp/x', 'ab', buffering=0).write
        tell([attempt(write, b'x' * size) for size in (2 ** 20, 1)])
        """
    )


def test_an_empty_file_system_holds_no_more_than_its_number_of_files() -> None:
    assert ["None", "ENOSPC"] == ran_in_namespaces(
        """
        seal.mount_empty('/tmp', 1, inodes=2)
        tell([attempt(os.mknod, f'/tmp/{number}') for number in range(2)])
        """
    )


def test_what_is_hidden_cannot_be_written_over() -> None:
    assert "EROFS" == ran_in_namespaces("seal.hide('/tmp')\ntell(attempt(os.mknod, '/tmp/x'))")


def test_a_directory_that_is_bound_read_only_cannot_be_written_to() -> None:
    assert ["None", "EROFS"] == ran_in_namespaces(
        """
        seal.mount_empty('/tmp', 1)
        os.mkdir('/tmp/a'), os.mkdir('/tmp/b')
        seal.bind('/tmp/a', '/tmp/b', read_only=True)
        tell([attempt(os.mknod, f'/tmp/{name}') for name in ('a/x', 'b/y')])
        """
    )


def test_mounts_of_ones_own_are_not_seen_outside() -> None:
    same, ended = ran(
        """
        before = open('/proc/self/mountinfo').read()
        child = os.fork()
        if child == 0:
            allowed = attempt(seal.new_mounts) == 'None'
            if allowed:
                seal.keep_mounts_to_oneself()
                seal.mount_empty('/tmp', 1)
            os._exit(0 if allowed else 9)
        ended = os.waitpid(child, 0)[1]
        tell([before == open('/proc/self/mountinfo').read(), ended])
        """
    )
    if ended:
        pytest.skip("Mounts of its own are root's here.")
    assert same


def test_capabilities_that_are_given_up_are_gone() -> None:
    assert ["0" * 16] * 5 + ["1"] == ran_in_namespaces(
        """
        seal.give_up_privileges()
        tell(status('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs'))
        """
    )


def test_capabilities_that_are_given_up_do_not_come_back_with_a_program() -> None:
    assert "0" * 16 == ran_in_namespaces(
        """
        import subprocess
        seal.give_up_privileges()
        command = ['grep', 'CapEff', '/proc/self/status']
        result = subprocess.run(command, capture_output=True, text=True)
        tell(result.stdout.split()[1])
        """
    )


def test_denied_system_calls_fail() -> None:
    code = "seal.give_up_privileges()\nseal.deny_system_calls()\n"
    code += "tell([status('Seccomp'), attempt(seal.new_mounts)])"
    assert [["2"], "EPERM"] == ran_in_namespaces(code)


def test_limits_are_soft_and_hard() -> None:
    assert [20, 20] == ran(
        "seal.limit({'NOFILE': 20})\ntell(list(resource.getrlimit(resource.RLIMIT_NOFILE)))"
    )


def test_every_descriptor_but_those_named_is_closed() -> None:
    assert [0, 1, 2, 10, 12] == ran(
        """
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number in range(4, 40):
            os.dup2(nothing, number)
        seal.close_all_but([12, 10, 12])
        tell([number for number in range(100) if attempt(os.fstat, number) != 'EBADF'])
        """
    )


def test_a_process_is_killed_when_its_parent_ends() -> None:
    assert "killed" == ran(
        """
        reading, writing = os.pipe()
        parent = os.fork()
        if parent == 0:
            if os.fork() == 0:
                seal.die_with_parent()
                os.write(writing, b'x')
                signal.pause()
            os.read(reading, 1)
            os._exit(0)
        os.close(writing)
        os.waitpid(parent, 0)
        tell('killed' if os.read(reading, 1) == b'' else 'alive')
        """
    )


def test_the_first_victim_of_a_lack_of_memory_is_chosen() -> None:
    assert "900" == ran(
        "seal.be_first_victim()\ntell(open('/proc/self/oom_score_adj').read().strip())"
    )


def test_what_failed_is_named() -> None:
    message = ran_in_namespaces(
        """
        try:
            seal.mount('/nowhere', '/nowhere')
        except OSError as error:
            tell(str(error))
        """
    )
    assert "mount /nowhere on /nowhere" in message
