"""A sealed kernel reaches no network, and no program of this machine through a socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.sealed import Answers, Sealed

pytestmark = pytest.mark.kernel

ABSTRACT = "\0grader-test-of-the-machine"

FAMILIES = {
    "x25": (9, 5),
    "key": (15, 3),
    "packet": (17, 3),
    "rds": (21, 5),
    "can": (29, 3),
    "tipc": (30, 4),
    "bluetooth": (31, 3),
    "alg": (38, 5),
    "vsock": (40, 1),
    "qrtr": (42, 2),
    "xdp": (44, 3),
}
"""Family and type of sockets, by their numbers in linux/socket.h."""
NETLINK = {
    "sock_diag": 4,
    "xfrm": 6,
    "audit": 9,
    "netfilter": 12,
    "uevent": 15,
    "generic": 16,
    "crypto": 21,
}


class Heard:
    """Programs of this machine that listen, and who called them."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self._abstract = socket.socket(socket.AF_UNIX)
        self._abstract.bind(ABSTRACT)
        self._abstract.listen()
        self._abstract.setblocking(False)
        heard = self.called

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._wide = socket.create_server(("0.0.0.0", 0))
        self._wide.setblocking(False)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        self.ports = (self._http.server_address[1], self._wide.getsockname()[1])

    def callers(self) -> list[str]:
        """Whoever has called by now."""
        for listener in (self._abstract, self._wide):
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                self.called.append(str(listener.family))
        return self.called

    def close(self) -> None:
        """Listen no more."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._abstract.close()
        self._wide.close()


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    listening = Heard()
    yield listening
    listening.close()


def asks(ports: tuple[int, int]) -> dict[str, str]:
    """Questions about sockets."""
    families = {
        name: f"found = attempt(socket.socket, {kind[0]}, {kind[1]})"
        for name, kind in FAMILIES.items()
    }
    pairs = {
        f"pair of {name}": f"found = call(PAIR, {kind[0]}, {kind[1]}, 0, ROOM)"
        for name, kind in FAMILIES.items()
    }
    netlink = {
        f"netlink {name}": f"found = attempt(socket.socket, 16, 3, {n})"
        for name, n in NETLINK.items()
    }
    return {
        "helper": """
        SOCKET, PAIR = (41, 53) if os.uname().machine == 'x86_64' else (198, 199)
        room = (ctypes.c_int * 2)()
        ROOM = ctypes.addressof(room)
        """,
        **families,
        **pairs,
        **netlink,
        "high bits": "found = call(SOCKET, 17 | 1 << 32, 3, 0)",
        "route": "found = str(bool(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)))",
        "raw": "found = attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1)",
        "pair of unix": "found = call(PAIR, 1, 1, 0, ROOM)",
        "internet": "found = attempt(socket.create_connection, ('192.0.2.1', 80), timeout=1)",
        "internet 6": "found = attempt(socket.create_connection, ('2001:db8::1', 80), timeout=1)",
        "datagram": (
            "found = attempt(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b'x', "
            "('192.0.2.1', 53))"
        ),
        "http": f"found = attempt(socket.create_connection, ('127.0.0.1', {ports[0]}), timeout=1)",
        "all addresses": (
            f"found = attempt(socket.create_connection, ('0.0.0.0', {ports[1]}), timeout=1)"
        ),
        "abstract": f"found = attempt(socket.socket(socket.AF_UNIX).connect, {ABSTRACT!r})",
        "url": """
        import urllib.request
        try:
            found = str(urllib.request.urlopen('http://192.0.2.1/', timeout=1))
        except OSError:
            found = 'refused'
        """,
        "interfaces": "found = str(socket.if_nameindex())",
        "own loopback": """
        server = socket.create_server(('127.0.0.1', 0))
        client = socket.create_connection(server.getsockname())
        client.sendall(b'hello')
        found = server.accept()[0].recv(5).decode()
        """,
    }


@pytest.fixture(scope="module", params=["bwrap", "bwrap-cold"])
def answers(request: pytest.FixtureRequest, heard: Heard) -> Answers:
    """What a kernel of each tier could reach."""
    kernels: Sealed = request.getfixturevalue("sealed" if request.param == "bwrap" else "cold")
    return kernels.answers(asks(heard.ports))


@pytest.mark.parametrize("name", ["internet", "internet 6", "datagram"])
def test_there_is_no_internet(answers: Answers, name: str) -> None:
    assert "ENETUNREACH" == answers.found(name)


def test_a_page_cannot_be_opened(answers: Answers) -> None:
    assert "refused" == answers.found("url")


@pytest.mark.parametrize("name", ["http", "all addresses", "abstract"])
def test_no_program_of_this_machine_is_reached(answers: Answers, heard: Heard, name: str) -> None:
    assert ("ECONNREFUSED", []) == (answers.found(name), heard.callers())


@pytest.mark.parametrize("name", FAMILIES)
def test_sockets_of_other_families_cannot_be_had(answers: Answers, name: str) -> None:
    assert "EAFNOSUPPORT" == answers.found(name)


@pytest.mark.parametrize("name", FAMILIES)
def test_pairs_of_sockets_of_other_families_cannot_be_had(answers: Answers, name: str) -> None:
    assert "EAFNOSUPPORT" == answers.found(f"pair of {name}")


@pytest.mark.parametrize("name", NETLINK)
def test_netlink_sockets_other_than_for_routes_cannot_be_had(answers: Answers, name: str) -> None:
    assert "EAFNOSUPPORT" == answers.found(f"netlink {name}")


def test_a_family_with_high_bits_cannot_be_had(answers: Answers) -> None:
    assert "EAFNOSUPPORT" == answers.found("high bits")


def test_raw_sockets_cannot_be_had(answers: Answers) -> None:
    assert "EPERM" == answers.found("raw")


def test_no_network_interface_but_the_kernels_own_loopback_is_there(answers: Answers) -> None:
    assert "[(1, 'lo')]" == answers.found("interfaces")


@pytest.mark.parametrize(
    ("name", "expected"), [("route", "True"), ("pair of unix", "done"), ("own loopback", "hello")]
)
def test_what_honest_programs_need_of_sockets_works(
    answers: Answers, name: str, expected: str
) -> None:
    assert expected == answers.found(name)
