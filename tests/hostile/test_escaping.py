"""What a student's process may not do: leave its namespaces, gain rights, look into process 1."""

from __future__ import annotations

import platform

import pytest

from grader.kernel.sealing.seccomp import ARCHITECTURES, DENIED, LOOKED_AT
from tests.support.sealed import Answers, Sealed

pytestmark = pytest.mark.kernel

if platform.machine() not in ARCHITECTURES:
    pytest.skip("The system calls of this machine are not known.", allow_module_level=True)

COLUMN = list(ARCHITECTURES).index(platform.machine())
CALLS = {name: number for name, row in DENIED.items() if (number := row[COLUMN]) is not None}
CLONE, CLONE3 = LOOKED_AT["clone"][COLUMN], LOOKED_AT["clone3"][COLUMN]
PERSONALITY = CALLS["personality"]

NAMESPACES = {
    "mount": 0x20000,
    "cgroup": 0x2000000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}

NO_WAY = """
OF_NAMESPACES = tuple('/proc/sys/' + name for name in (
    'fs/mqueue/', 'kernel/auto_msgmni', 'kernel/msg', 'kernel/sem', 'kernel/shm',
    'kernel/ns_last_pid', 'kernel/pid_max'
))
def cannot_write(*patterns):
    opened = []
    for pattern in patterns:
        for path in glob.iglob(pattern, recursive=True):
            if os.path.isfile(path):
                with contextlib.suppress(OSError):
                    os.close(os.open(path, os.O_WRONLY))
                    opened += [path] if not path.startswith(OF_NAMESPACES) else []
    return str(opened)
"""

ASKS = {
    "helper": NO_WAY,
    "denied": (
        f"found = str({{name: call(number, 0, 0, 0, 0, 0, 0) for name, number in {CALLS}.items()}})"
    ),
    "clone3": f"found = call({CLONE3}, 0, 0)",
    "clones": (
        f"found = str({{name: call({CLONE}, flag | 17, 0, 0, 0, 0)"
        f" for name, flag in {NAMESPACES}.items()}})"
    ),
    "clones with high bits": f"found = call({CLONE}, 0x10000000 | 17 | 1 << 40, 0, 0, 0, 0)",
    "unshare": "found = said('unshare', '--user', 'true')",
    "mount": (
        "os.mkdir('m')\nfound = said('mount', '-t', 'tmpfs', 'none', "
        "'m') and str(os.path.ismount('m'))"
    ),
    "umount": "said('umount', '/run/pool')\nfound = attempt(os.listdir, '/run/pool')",
    "nsenter": "found = said('nsenter', '--target', '1', '--all', 'true')",
    "capabilities": """
    lines = open('/proc/self/status').read().splitlines()
    lines = dict(line.split(':\\t') for line in lines if ':\\t' in line)
    names = ['Cap' + end for end in ('Inh', 'Prm', 'Eff', 'Bnd', 'Amb')] + ['NoNewPrivs', 'Seccomp']
    found = ' '.join(lines[name] for name in names)
    """,
    "capabilities of a program": "found = said('grep', 'CapEff', '/proc/self/status')",
    "setuid": "found = attempt(os.setuid, 0)",
    "setgroups": "found = attempt(os.setgroups, [0])",
    "su": "found = said('su', '-c', 'id -u')",
    "own setuid": """
    import shutil
    shutil.copy('/usr/bin/id', 'mine')
    os.chmod('mine', 0o6755)
    found = said('./mine', '-u').strip()
    """,
    "file capabilities": (
        "found = attempt(os.setxattr, 'mine', 'security.capability', "
        "b'\\0\\0\\0\\2' + b'\\xff' * 16)"
    ),
    "device": "found = attempt(os.mknod, 'disk', stat.S_IFBLK | 0o600, os.makedev(254, 0))",
    "environ": "found = attempt(lambda: open('/proc/1/environ', 'rb').read())",
    "maps": "found = attempt(lambda: open('/proc/1/maps', 'rb').read())",
    "mem": "found = attempt(open, '/proc/1/mem', 'rb')",
    "mem to write": "found = attempt(open, '/proc/1/mem', 'r+b')",
    "root": "found = attempt(os.listdir, '/proc/1/root/')",
    "cwd": "found = attempt(os.listdir, '/proc/1/cwd/')",
    "fd": "found = attempt(os.listdir, '/proc/1/fd')",
    "namespace": "found = attempt(os.readlink, '/proc/1/ns/user')",
    "pidfd": "found = attempt(lambda: call(438, os.pidfd_open(1), 0, 0))",
    "oom of process 1": "found = attempt(lambda: open('/proc/1/oom_score_adj', 'w').write('1000'))",
    "real time": "found = attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))",
    "nice": "found = attempt(os.nice, -5)",
    "proc sys": (
        "found = cannot_write('/proc/sys/**', '/proc/sysrq-trigger', '/proc/[a-k]*', "
        "'/proc/irq/**')"
    ),
    "sys": "found = str(os.path.exists('/sys/kernel'))",
    "system": (
        "found = cannot_write('/usr/bin/*', '/usr/lib/python3*/*', '/etc/**', "
        "'/run/lib/**', '/run/in/**')"
    ),
    "interpreter": (
        "found = cannot_write(sys.prefix + '/*', sys.executable, os.__file__, '/run/lib/grader/**')"
    ),
    "root folder": (
        # Of `posix`: what `os.mkdir` cannot make is passed over.
        "found = str([attempt(__import__('posix').mkdir, f'/{name}/mine') for name in ('', 'usr', "
        "'etc', 'run', 'dev')])"
    ),
    "terminal": "found = attempt(open, '/dev/tty')",
    "devices": "found = ' '.join(os.listdir('/dev'))",
    "processes": (
        "found = ' '.join(sorted((name for name in os.listdir('/proc') if name.isdigit()), "
        "key=int))"
    ),
    "filter": f"libc.prctl(22, 0, 0, 0, 0)\nfound = call({PERSONALITY}, 0)",
    "privileges back": "found = str(libc.prctl(38, 0, 0, 0, 0))",
    "thread": f"""
    told = []
    other = threading.Thread(target=lambda: told.append(call({PERSONALITY}, 0)))
    other.start()
    other.join()
    found = told[0]
    """,
    "child": f"""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, call({PERSONALITY}, 0).encode())
        os._exit(0)
    found = os.read(reading, 100).decode()
    """,
    "gdb of a child": """
    child = os.fork()
    if child == 0:
        os.execv('/bin/sleep', ['sleep', '100'])
    found = attempt(lambda: open(f'/proc/{child}/mem', 'rb').read(1) and 'read')
    os.kill(child, signal.SIGKILL)
    """,
}

REFUSED = {
    "setuid": "EINVAL",
    "setgroups": "EPERM",
    "file capabilities": "EPERM",
    "device": "EPERM",
    "real time": "EPERM",
    "nice": "EPERM",
    "terminal": "ENXIO",
    "filter": "EPERM",
    "thread": "EPERM",
    "child": "EPERM",
    "pidfd": "EPERM",
    "clone3": "ENOSYS",
    "clones with high bits": "EPERM",
}

NOT_OF_PROCESS_1 = {
    "environ": "EACCES",
    "maps": "EACCES",
    "mem": "EACCES",
    "mem to write": "EACCES",
    "root": "EACCES",
    "cwd": "EACCES",
    "fd": "EACCES",
    "namespace": "EACCES",
    "oom of process 1": "EROFS",
}


@pytest.fixture(scope="module")
def found(sealed: Sealed) -> Answers:
    return sealed.answers(ASKS)


@pytest.fixture(scope="module")
def found_cold(cold: Sealed) -> Answers:
    return cold.answers(ASKS)


@pytest.fixture(params=["bwrap", "bwrap-cold"])
def answers(request: pytest.FixtureRequest) -> Answers:
    """What the same questions found in each tier."""
    answers: Answers = request.getfixturevalue(
        "found" if request.param == "bwrap" else "found_cold"
    )
    return answers


@pytest.mark.parametrize("name", CALLS)
def test_a_denied_system_call_is_refused(found: Answers, name: str) -> None:
    assert f"'{name}': 'EPERM'" in found.found("denied")


def test_every_denied_system_call_is_refused_in_a_cold_kernel(found_cold: Answers) -> None:
    assert str(dict.fromkeys(CALLS, "EPERM"))[:2000] == found_cold.found("denied")


@pytest.mark.parametrize("name", NAMESPACES)
def test_no_process_is_started_in_a_new_namespace(answers: Answers, name: str) -> None:
    assert f"'{name}': 'EPERM'" in answers.found("clones")


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_rights_is_refused(answers: Answers, name: str) -> None:
    assert REFUSED[name] == answers.found(name)


@pytest.mark.parametrize("name", ["unshare", "nsenter"])
def test_no_program_enters_other_namespaces(answers: Answers, name: str) -> None:
    assert f"{name}: " in answers.found(name)


def test_nothing_can_be_mounted(answers: Answers) -> None:
    assert "False" == answers.found("mount")


def test_what_hides_the_other_kernels_cannot_be_unmounted(found: Answers) -> None:
    assert "EACCES" == found.found("umount")


def test_a_kernel_has_no_capability_and_can_gain_none(answers: Answers) -> None:
    assert " ".join(["0" * 16] * 5 + ["1", "2"]) == answers.found("capabilities")


def test_a_program_that_the_kernel_starts_has_no_capability(answers: Answers) -> None:
    assert "0" * 16 in answers.found("capabilities of a program")


def test_a_setuid_program_gives_no_rights(answers: Answers) -> None:
    assert "1000" == answers.found("own setuid")


def test_su_makes_nobody_root(answers: Answers) -> None:
    assert "0\n" != answers.found("su")


@pytest.mark.parametrize("name", NOT_OF_PROCESS_1)
def test_process_1_shows_nothing_of_itself(found: Answers, name: str) -> None:
    assert NOT_OF_PROCESS_1[name] == found.found(name)


@pytest.mark.parametrize("name", ["environ", "maps", "mem", "mem to write", "fd"])
def test_process_1_of_a_cold_kernel_shows_nothing_of_itself(found_cold: Answers, name: str) -> None:
    assert NOT_OF_PROCESS_1[name] == found_cold.found(name)


@pytest.mark.parametrize("name", ["proc sys", "system", "interpreter"])
def test_nothing_of_the_system_can_be_written_to(answers: Answers, name: str) -> None:
    assert "[]" == answers.found(name)


def test_the_system_in_sys_is_not_there(answers: Answers) -> None:
    assert "False" == answers.found("sys")


def test_the_root_of_the_files_cannot_be_written_to(answers: Answers) -> None:
    assert str(["EROFS"] * 5) == answers.found("root folder")


def test_the_only_devices_are_those_that_harm_nobody(answers: Answers) -> None:
    links, terminals = (
        {"core", "fd", "stderr", "stdin", "stdout"},
        {"console", "ptmx", "pts", "tty"},
    )
    harmless = {"full", "null", "random", "shm", "urandom", "zero"} | links | terminals
    assert set() == set(answers.found("devices").split()) - harmless


def test_a_kernel_sees_the_processes_of_its_own_only(answers: Answers) -> None:
    assert ["1", "2"] == answers.found("processes").split()[:2]
    assert len(answers.found("processes").split()) < 20


def test_privileges_that_were_given_up_stay_so(answers: Answers) -> None:
    assert "-1" == answers.found("privileges back")
