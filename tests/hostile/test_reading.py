"""A student's process reads no answers, project files, environment or other submissions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import grader
from tests.support.recording import at
from tests.support.sealed import ATTEMPT, SECRET, SECRET_NAME, Answers, Sealed

pytestmark = pytest.mark.kernel

PROJECT = Path(grader.__file__).parent.parent
CANARY = "a-line-that-nobody-inside-may-see"

SEARCH = """
def holds(path, text):
    with contextlib.suppress(OSError):
        return text in open(path, 'rb').read()
    return False

def within(*tops, skipped=()):
    for top in tops:
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in skipped]
            yield from (os.path.join(folder, name) for name in files)
"""

PLACES = {
    "solutions": f"found = attempt(os.listdir, {str(PROJECT / 'solutions')!r})",
    "exercises": f"found = attempt(os.listdir, {str(PROJECT / 'exercises')!r})",
    "submissions": f"found = attempt(os.listdir, {str(PROJECT / 'submissions')!r})",
    "tests": f"found = attempt(os.listdir, {str(PROJECT / 'tests')!r})",
    "git": f"found = attempt(os.listdir, {str(PROJECT / '.git')!r})",
    "checks": "found = attempt(os.listdir, '/run/lib/grader/checks')",
    "shadow": "found = attempt(open, '/etc/shadow')",
    "hostname": "found = attempt(open, '/etc/hostname')",
    "var": "found = attempt(os.listdir, '/var')",
    "mnt": "found = attempt(os.listdir, '/mnt')",
    "ssh": "found = attempt(os.listdir, os.path.join({home!r}, '.ssh'))",
    "sockets of programs": "found = attempt(os.listdir, '/run/user')",
    "docker": "found = attempt(os.stat, '/var/run/docker.sock')",
    "kernel messages": "found = attempt(lambda: open('/proc/kmsg').read(1))",
    "memory of the machine": "found = attempt(open, '/proc/kcore', 'rb')",
}


def asks(canary: Path) -> dict[str, str]:
    """Questions about files that lie on this machine."""
    own = {name: cell.replace("{home!r}", repr(str(Path.home()))) for name, cell in PLACES.items()}
    walk = f"within('/home', '/root', '/tmp', '/run', '/mnt', '/var', {str(canary.parent)!r})"
    return {
        "helper": SEARCH,
        **own,
        "canary": f"found = attempt(open, {str(canary)!r})",
        "canary through process 1": f"found = attempt(open, '/proc/1/root' + {str(canary)!r})",
        "canary upwards": f"found = attempt(open, '../' * 20 + {str(canary)!r})",
        "canary by link": f"os.symlink({str(canary)!r}, 'link')\nfound = attempt(open, 'link')",
        "canary anywhere": (
            f"found = str([path for path in {walk} if path.endswith({canary.name!r})])"
        ),
        "environment": f"""
        seen = [path for path in glob.glob('/proc/*/environ') if holds(path, {SECRET.encode()!r})]
        found = str([value for value in os.environ.values() if {SECRET!r} in value] + seen)
        """,
        "memory": f"""
        import ctypes
        seen = 0
        secret = bytes(reversed({bytes(reversed(SECRET.encode()))!r}))
        with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb') as memory:
            for line in maps:
                if '[heap]' in line or '[stack]' in line:
                    start, end = (int(edge, 16) for edge in line.split()[0].split('-'))
                    memory.seek(start)
                    seen += b'{SECRET_NAME}=' + secret in memory.read(end - start)
        found = float(seen)
        """,
        "pool": "found = attempt(os.listdir, '/run/pool')",
        "own input": "found = str(os.listdir('/run/in'))",
        "specification": (
            "import json\nfound = ' '.join(sorted(json.load(open('/run/k/spec.json'))))"
        ),
        "open files": """
        numbers = os.listdir('/proc/self/fd')
        targets = [attempt(os.readlink, f'/proc/self/fd/{number}') for number in numbers]
        files = [target for target in targets if target.startswith('/')]
        found = str([target for target in files if not target.startswith('/dev/')])
        """,
        "open folders": """
        listed = [attempt(os.listdir, int(number)) for number in os.listdir('/proc/self/fd')]
        found = str([folder for folder in listed if folder not in ('ENOTDIR', 'EBADF')])
        """,
    }


@pytest.fixture(scope="module")
def canary() -> Iterator[Path]:
    """A file of the person who grades."""
    with TemporaryDirectory(prefix=".grader-test-", dir=Path.home()) as folder:
        file = Path(folder) / "canary.txt"
        file.write_text(CANARY)
        yield file
        assert CANARY == file.read_text()


@pytest.fixture(scope="module", params=["bwrap", "bwrap-cold"])
def answers(request: pytest.FixtureRequest, canary: Path) -> Answers:
    """What a kernel of each tier could read."""
    kernels: Sealed = request.getfixturevalue("sealed" if request.param == "bwrap" else "cold")
    return kernels.answers(asks(canary))


@pytest.mark.parametrize(
    "name", ["solutions", "exercises", "submissions", "tests", "git", "checks"]
)
def test_the_project_cannot_be_read(answers: Answers, name: str) -> None:
    assert "ENOENT" == answers.found(name)


@pytest.mark.parametrize(
    "name", ["shadow", "hostname", "var", "mnt", "ssh", "sockets of programs", "docker"]
)
def test_the_machines_own_files_are_not_there(answers: Answers, name: str) -> None:
    assert "ENOENT" == answers.found(name)


@pytest.mark.parametrize("name", ["kernel messages", "memory of the machine"])
def test_the_machines_memory_cannot_be_read(answers: Answers, name: str) -> None:
    assert answers.found(name) in ("EACCES", "EPERM", "ENOENT")


@pytest.mark.parametrize("name", ["canary", "canary upwards", "canary by link"])
def test_a_file_of_the_person_who_grades_cannot_be_read(answers: Answers, name: str) -> None:
    assert "ENOENT" == answers.found(name)


def test_a_file_of_the_person_who_grades_is_not_reached_through_process_1(answers: Answers) -> None:
    assert answers.found("canary through process 1") in ("EACCES", "ENOENT")


def test_a_file_of_the_person_who_grades_lies_nowhere(answers: Answers) -> None:
    assert "[]" == answers.found("canary anywhere")


def test_the_graders_environment_cannot_be_read(answers: Answers) -> None:
    assert "[]" == answers.found("environment")


def test_the_graders_environment_is_not_in_the_kernels_memory(answers: Answers) -> None:
    assert 0.0 == answers.found("memory")


def test_the_folders_of_other_kernels_cannot_be_read(answers: Answers) -> None:
    assert answers.found("pool") in ("EACCES", "ENOENT")


def test_only_the_kernels_own_log_is_open(answers: Answers) -> None:
    paths = answers.found("open files").strip("[]").split(", ")
    assert {"memfd:grader-log (deleted)"} == {path.strip("'").rpartition("/")[2] for path in paths}


def test_no_folder_is_open(answers: Answers) -> None:
    assert "[]" == answers.found("open folders")


def test_the_kernel_is_told_nothing_but_its_cells_its_limits_and_what_to_call(
    answers: Answers,
) -> None:
    told = {
        "cells",
        "connection_file",
        "data",
        "device",
        "disk_mib",
        "events_bytes",
        "figures",
        "memory_mib",
        "output_kib",
        "own_modules",
        "questions",
        "seed",
        "threads",
        "trusted",
    }
    assert set() == set(answers.found("specification").split()) - told


WAITS = """
import threading
quiet = threading.Event().wait
open('/tmp/mine', 'w').write('mine')
open('/dev/shm/mine', 'w').write('mine')
listener = socket.socket(socket.AF_UNIX)
listener.bind('\\0of-a-neighbour')
listener.listen()
port = socket.create_server(('127.0.0.1', 45454))
named = subprocess.Popen(['sleep', '98765'])
quiet(2)
found = str(listener.accept is not None)
"""

LOOKS = {
    "wait": "time.sleep(1)",
    "processes": "found = said('grep', '-a', '-l', '98765', *glob.glob('/proc/[0-9]*/cmdline'))",
    "files": "found = str([os.path.exists(path) for path in ('/tmp/mine', '/dev/shm/mine')])",
    "abstract socket": (
        "found = attempt(socket.socket(socket.AF_UNIX).connect, '\\0of-a-neighbour')"
    ),
    "port": "found = attempt(socket.create_connection, ('127.0.0.1', 45454), timeout=1)",
    "sockets": "found = str('of-a-neighbour' in open('/proc/net/unix').read())",
    "pool": "found = attempt(os.listdir, '/run/pool')",
}


@pytest.fixture(scope="module")
def beside(sealed: Sealed) -> Answers:
    """What a kernel sees of one that runs at the same time."""
    cells = {"": ATTEMPT, **LOOKS}

    async def both() -> Answers:
        neighbour = asyncio.ensure_future(sealed.running(ATTEMPT, WAITS))
        looked = Answers(cells, await sealed.running(*cells.values()))
        assert ["True"] == at(list((await neighbour).base.events), "found")
        return looked

    return asyncio.run(both())


def test_a_kernel_does_not_see_the_processes_of_another(beside: Answers) -> None:
    assert "" == beside.found("processes")


def test_a_kernel_does_not_see_the_files_of_another(beside: Answers) -> None:
    assert "[False, False]" == beside.found("files")


@pytest.mark.parametrize("name", ["abstract socket", "port"])
def test_a_kernel_does_not_reach_the_sockets_of_another(beside: Answers, name: str) -> None:
    assert "ECONNREFUSED" == beside.found(name)


def test_a_kernel_does_not_see_the_sockets_of_another(beside: Answers) -> None:
    assert "False" == beside.found("sockets")


def test_a_kernel_does_not_see_the_folder_of_another(beside: Answers) -> None:
    assert "EACCES" == beside.found("pool")
