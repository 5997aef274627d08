"""Serves the page of a desk to one browser on this machine.

SECURITY: any page that the browser shows, and any other user of the machine, can reach the port. So the first address
holds a token, which works once and is exchanged for a cookie; without the cookie nothing is answered. The name that was
asked for is compared, against names that are made to point here; and where a change is asked from, against other
pages. What students wrote goes to the page as JSON, and its policy runs no script but its own.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, RequestHandler

from grader.errors import GraderError
from grader.review.service import Decisions, Refused, ReviewService

ADDRESS = "127.0.0.1"
MAX_BODY_BYTES = 32 * 2**20
"""A comment of the longest, to a thousand students at once, is less."""

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("page.js", "beside.js", "credit.js", "entry.js", "queues.js", "saving.js", "words.js")
PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    **{f"/{name}": (name, "text/javascript; charset=utf-8") for name in SCRIPTS},
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
GO_ON = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><a href="/">…</a>'
"""What the first address shows: a browser that came from elsewhere, as from a file or a terminal in a page, sends a
strict cookie only once it goes on from a page of ours, and not when it is redirected."""


class AccessGate:
    """Who may come in."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token = secrets.token_urlsafe(32)
        self.cookie_name = f"review-{port}"  # ports of one machine share their cookies
        self._cookie = secrets.token_urlsafe(32)
        self._hosts = {f"{ADDRESS}:{port}", f"localhost:{port}"}

    @property
    def url(self) -> str:
        """The address that lets a browser in, once."""
        return f"http://{ADDRESS}:{self.port}/?token={self.token}"

    def exchange(self, token: str) -> str | None:
        """A cookie for the token; None if it is another, or was used."""
        if not self.token or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token = ""
        return self._cookie

    def admits(self, cookie: str) -> bool:
        """Whether a browser has the cookie."""
        return hmac.compare_digest(cookie.encode(), self._cookie.encode())

    def is_meant(self, request: HTTPServerRequest) -> bool:
        """Whether a request is for this very server, and, if it changes something, from its own page."""
        host = request.headers.get("Host", "")
        if host not in self._hosts:
            return False
        if request.method == "GET":
            return True
        own = request.headers.get("Origin") == f"http://{host}"
        return own and request.headers.get("Content-Type", "").startswith("application/json")


class _Guarded(RequestHandler):
    """Answers only who may come in."""

    def initialize(self, desk: ReviewService, gate: AccessGate, leave: Callable[[], None]) -> None:
        """Take what all requests share; called by tornado."""
        self.desk = desk
        self.gate = gate
        self.leave = leave

    def set_default_headers(self) -> None:
        """Set the headers of every answer; called by tornado."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse who may not come in; called by tornado before each request."""
        known = self.gate.is_meant(self.request) and self.gate.admits(
            self.get_cookie(self.gate.cookie_name) or ""
        )
        if not known:
            self.refuse()

    def refuse(self) -> None:
        """Answer that nobody comes in like this."""
        self.set_status(HTTPStatus.FORBIDDEN)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            "Open the address that 'grade review' shows; it works once. Run it again for another.\n"
        )

    def write_error(self, status_code: int, **more: Any) -> None:
        """Answer that something failed; called by tornado."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}\n")

    def answer(self, make: Callable[[], Any]) -> None:
        """Answer with data as JSON; or with what is wrong, as one line that the page shows."""
        try:
            data, status = make(), HTTPStatus.OK
        except (Refused, ValidationError) as error:
            data, status = {"problem": _line(error)}, HTTPStatus.BAD_REQUEST
        except GraderError as error:
            data, status = {"problem": _line(error)}, HTTPStatus.INTERNAL_SERVER_ERROR
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(data))


def _line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


class _Page(_Guarded):
    def prepare(self) -> None:
        token = self.get_query_argument("token", "")
        if self.request.path == "/" and token and self.gate.is_meant(self.request):
            self._let_in(token)
        else:
            super().prepare()

    def _let_in(self, token: str) -> None:
        name = self.gate.cookie_name
        cookie = self.gate.exchange(token)
        if cookie is not None:
            self.set_cookie(name, cookie, httponly=True, samesite="Strict")
        elif not self.gate.admits(self.get_cookie(name) or ""):
            self.refuse()
            return
        self.finish(GO_ON)

    def get(self) -> None:
        file, kind = PAGE[self.request.path]
        self.set_header("Content-Type", kind)
        self.finish((STATIC / file).read_bytes())


class _Nowhere(_Guarded):
    def get(self) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)


class _Queue(_Guarded):
    def get(self) -> None:
        self.answer(self.desk.everything)


class _Lines(_Guarded):
    def get(self) -> None:
        self.answer(lambda: self.desk.lines(self.get_query_argument("submission", "")))


class _Decisions(_Guarded):
    def post(self) -> None:
        self.answer(
            lambda: self.desk.decide(Decisions.model_validate_json(self.request.body).decisions)
        )


class _Done(_Guarded):
    def post(self) -> None:
        self.answer(dict)
        self.leave()


class Reviewing:
    """A server that stands ready: its sockets are bound."""

    def __init__(self, desk: ReviewService, port: int = 0) -> None:
        """Bind a port of this machine.

        Args:
            desk: what is served.
            port: which; 0: any that is free.

        Raises:
            GraderError: another program has it.
        """
        try:
            self._socket = socket.create_server((ADDRESS, port))
        except (OSError, OverflowError) as error:
            problem = f"Port {port} of this machine cannot be used ({getattr(error, 'strerror', '') or error})."
            raise GraderError(problem, "Give another with --port, or none.") from None
        self._socket.setblocking(False)
        self.gate = AccessGate(self._socket.getsockname()[1])
        self._desk = desk
        self._left: asyncio.Event | None = None

    def run(self) -> None:
        """Serve until the page says that it is done, or somebody presses Ctrl-C.

        Raises:
            KeyboardInterrupt: on Ctrl-C, where a loop cannot be told of it, as on Windows.
        """
        asyncio.run(self._until_interrupted())

    async def _until_interrupted(self) -> None:
        if sys.platform != "win32":
            for one in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(one, self._leave)
        await self.serve()

    async def serve(self) -> None:
        """Serve until the page says that it is done."""
        self._left = asyncio.Event()
        server = HTTPServer(self._application(), max_body_size=MAX_BODY_BYTES)
        server.add_socket(self._socket)
        try:
            await self._left.wait()
        finally:
            server.stop()
            await server.close_all_connections()

    def _application(self) -> Application:
        given = {"desk": self._desk, "gate": self.gate, "leave": self._leave}
        pages = [(path, _Page, given) for path in PAGE]
        data = [("/queue", _Queue, given), ("/lines", _Lines, given)]
        changes = [("/decisions", _Decisions, given), ("/done", _Done, given)]
        return Application(
            [*pages, *data, *changes],
            default_handler_class=_Nowhere,
            default_handler_args=given,
            log_function=_silent,
        )

    def _leave(self) -> None:
        if self._left is not None:
            self._left.set()


def _silent(handler: RequestHandler) -> None:
    """Log no request: the terminal is for what a person has to know."""
