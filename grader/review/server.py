"""Serve the review page to one browser on this machine.

SECURITY: any page in the browser, and any other user of the machine, can reach the port. So the
first URL contains a token, which works once and is exchanged for a cookie; without the cookie,
nothing is served. The requested host name is checked, against DNS rebinding, and the origin of a
change, against other pages. Text of students goes to the page as JSON, and the page's policy allows
only its own script.
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
from grader.review.service import Decisions, ItemChange, Refused, ReviewService

ADDRESS = "127.0.0.1"
MAX_BODY_BYTES = 32 * 2**20
"""More than the longest comment, given to a thousand students at once."""

STATIC = Path(__file__).parent / "static"
SCRIPTS = (
    "page.js",
    "context.js",
    "credit.js",
    "entry.js",
    "queues.js",
    "rubric.js",
    "saving.js",
    "words.js",
)
PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    **{f"/{name}": (name, "text/javascript; charset=utf-8") for name in SCRIPTS},
}
"""By path, the file in `static/` and its type; nothing else of that folder is served."""

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FIRST_PAGE = (
    '<!doctype html><meta charset="utf-8">'
    '<meta http-equiv="refresh" content="0; url=/"><a href="/">…</a>'
)
"""The page at the first address.

A browser that came from elsewhere, as from a file or a terminal in a page, sends a strict cookie
only once it goes on from a page of this server, and not when it is redirected.
"""


class AccessGate:
    """Decides which requests are served."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token = secrets.token_urlsafe(32)
        self.cookie_name = f"review-{port}"  # ports of one machine share their cookies
        self._cookie = secrets.token_urlsafe(32)
        self._hosts = {f"{ADDRESS}:{port}", f"localhost:{port}"}

    @property
    def url(self) -> str:
        """The URL that admits a browser, once."""
        return f"http://{ADDRESS}:{self.port}/?token={self.token}"

    def exchange(self, token: str) -> str | None:
        """Return a cookie for the token; None if the token is wrong or was used."""
        if not self.token or not _equal(token, self.token):
            return None
        self.token = ""
        return self._cookie

    def admits(self, cookie: str) -> bool:
        """Return whether a browser has the cookie."""
        return _equal(cookie, self._cookie)

    def is_meant(self, request: HTTPServerRequest) -> bool:
        """Return whether a request is for this server; changes must come from its own page."""
        host = request.headers.get("Host", "")
        if host not in self._hosts:
            return False
        if request.method == "GET":
            return True
        content_type = request.headers.get("Content-Type", "")
        is_same_origin = request.headers.get("Origin") == f"http://{host}"
        if not is_same_origin:
            return False
        return content_type.startswith("application/json")


def _equal(given: str, expected: str) -> bool:
    # SECURITY: takes the same time wherever the texts differ.
    return hmac.compare_digest(given.encode(), expected.encode())


class _GuardedHandler(RequestHandler):
    """Serves only requests that the gate admits."""

    def initialize(
        self,
        service: ReviewService,
        gate: AccessGate,
        leave: Callable[[], None],
    ) -> None:
        """Set the data that all requests share; called by tornado."""
        self.service = service
        self.gate = gate
        self.leave = leave

    def set_default_headers(self) -> None:
        """Set the headers of every response; called by tornado."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse requests that the gate does not admit; called by tornado before each request."""
        if not self.gate.is_meant(self.request) or not self.has_cookie():
            self.refuse()

    def has_cookie(self) -> bool:
        """Return whether the browser has the cookie."""
        cookie = self.get_cookie(self.gate.cookie_name) or ""
        return self.gate.admits(cookie)

    def refuse(self) -> None:
        """Respond that access is denied."""
        self.set_status(HTTPStatus.FORBIDDEN)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            "Open the address that 'grade review' shows; it works once. Run it again for another.\n"
        )

    def write_error(self, status_code: int, **more: Any) -> None:
        """Respond with an error; called by tornado."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}\n")

    def answer(self, make_data: Callable[[], Any]) -> None:
        """Respond with data as JSON, or with an error message for the page."""
        status = HTTPStatus.OK
        try:
            data = make_data()
        except (Refused, ValidationError) as error:
            data = {"problem": _error_line(error)}
            status = HTTPStatus.BAD_REQUEST
        except GraderError as error:
            data = {"problem": _error_line(error)}
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(data))


def _error_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    location = ".".join(map(str, first["loc"]))
    return f"{location}: {first['msg']}"


class _PageHandler(_GuardedHandler):
    def prepare(self) -> None:
        token = self.get_query_argument("token", "")
        is_first_visit = self.request.path == "/" and token
        if is_first_visit and self.gate.is_meant(self.request):
            self._let_in(token)
        else:
            super().prepare()

    def _let_in(self, token: str) -> None:
        cookie = self.gate.exchange(token)
        if cookie is not None:
            self.set_cookie(self.gate.cookie_name, cookie, httponly=True, samesite="Strict")
        elif not self.has_cookie():
            self.refuse()
            return
        self.finish(FIRST_PAGE)

    def get(self) -> None:
        file, content_type = PAGE[self.request.path]
        self.set_header("Content-Type", content_type)
        self.finish((STATIC / file).read_bytes())


class _NotFoundHandler(_GuardedHandler):
    def get(self) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)


class _QueueHandler(_GuardedHandler):
    def get(self) -> None:
        self.answer(self.service.everything)


class _LinesHandler(_GuardedHandler):
    def get(self) -> None:
        submission_id = self.get_query_argument("submission", "")
        self.answer(lambda: self.service.lines(submission_id))


class _DecisionsHandler(_GuardedHandler):
    def post(self) -> None:
        self.answer(self._decide)

    def _decide(self) -> dict[str, Any]:
        sent = Decisions.model_validate_json(self.request.body)
        return self.service.decide(sent.decisions)


class _RubricHandler(_GuardedHandler):
    def post(self) -> None:
        self.answer(self._change)

    def _change(self) -> dict[str, Any]:
        return self.service.change_item(ItemChange.model_validate_json(self.request.body))


class _DoneHandler(_GuardedHandler):
    def post(self) -> None:
        self.answer(dict)
        self.leave()


class ReviewServer:
    """A server that is ready: its sockets are bound."""

    def __init__(self, service: ReviewService, port: int = 0) -> None:
        """Bind a port of this machine.

        Args:
            service: the service.
            port: the port; 0: any free one.

        Raises:
            GraderError: another program has it.
        """
        self._socket = _bind(port)
        self._socket.setblocking(False)
        self.gate = AccessGate(self._socket.getsockname()[1])
        self._service = service
        self._finished: asyncio.Event | None = None

    def run(self) -> None:
        """Serve until the page reports that it is done, or Ctrl-C.

        Raises:
            KeyboardInterrupt: on Ctrl-C, if the event loop cannot handle it, as on Windows.
        """
        asyncio.run(self._serve_until_interrupted())

    async def _serve_until_interrupted(self) -> None:
        if sys.platform != "win32":
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.leave)
        await self.serve()

    async def serve(self) -> None:
        """Serve until the page reports that it is done."""
        self._finished = asyncio.Event()
        server = HTTPServer(self._application(), max_body_size=MAX_BODY_BYTES)
        server.add_socket(self._socket)
        try:
            await self._finished.wait()
        finally:
            server.stop()
            await server.close_all_connections()

    def leave(self) -> None:
        """End `serve`; must be called in its thread."""
        if self._finished is not None:
            self._finished.set()

    def _application(self) -> Application:
        shared = {"service": self._service, "gate": self.gate, "leave": self.leave}
        pages = [(path, _PageHandler, shared) for path in PAGE]
        data = [
            ("/queue", _QueueHandler, shared),
            ("/lines", _LinesHandler, shared),
            ("/decisions", _DecisionsHandler, shared),
            ("/rubric", _RubricHandler, shared),
            ("/done", _DoneHandler, shared),
        ]
        return Application(
            [*pages, *data],
            default_handler_class=_NotFoundHandler,
            default_handler_args=shared,
            log_function=_log_nothing,
        )


def _bind(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", "") or error
        problem = f"Port {port} of this machine cannot be used ({reason})."
        raise GraderError(problem, "Give another with --port, or none.") from None


def _log_nothing(handler: RequestHandler) -> None:
    """Log no requests: the terminal is for messages to the user."""
