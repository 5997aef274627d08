"""Stand in for `requests`, with which notebooks download. Runs inside the student's kernel.

Requests are answered from local files; others fail as without a network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

ContentOf = Callable[[str], "bytes | None"]
"""Returns the content of a URL; None if it is not here."""


class RequestException(OSError):
    """Any failure of a request."""


class HTTPError(RequestException):
    """A response with an error status."""


class ConnectionError(RequestException):
    """There is no network."""


class Timeout(RequestException):
    """No response in time."""


class Response:
    """A response: the content of a local file."""

    status_code = 200
    ok = True
    reason = "OK"
    encoding = "utf-8"

    def __init__(self, url: str, content: bytes) -> None:
        """Initialise with the request, and the content."""
        self.url = url
        self.content = content
        self.headers = {"content-length": str(len(content))}

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode(self.encoding, "replace")

    def json(self, **kwargs: Any) -> Any:
        """Read the content as JSON."""
        return json.loads(self.content, **kwargs)

    def raise_for_status(self) -> None:
        """Do nothing: the status is always a success."""

    def iter_content(self, chunk_size: int | None = 1, **_kwargs: Any) -> Iterator[bytes]:
        """Yield the content in pieces."""
        size = chunk_size or len(self.content) or 1
        for start in range(0, len(self.content), size):
            yield self.content[start : start + size]

    def iter_lines(self, **_kwargs: Any) -> Iterator[bytes]:
        """Yield the content line by line."""
        yield from self.content.splitlines()

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def requests_members(content_of: ContentOf) -> dict[str, Any]:
    """Return the members of the package."""

    def request(method: str, url: Any, *_args: Any, **_kwargs: Any) -> Response:
        address = str(url)
        content = content_of(address) if method.upper() == "GET" else None
        if content is None:
            raise ConnectionError(f"There is no network here: {address}")
        return Response(address, content)

    def method_of(method: str) -> Callable[..., Response]:
        def ask(url: Any, *args: Any, **kwargs: Any) -> Response:
            return request(method, url, *args, **kwargs)

        return ask

    methods: dict[str, Any] = {"request": request}
    for method in ("get", "post", "put", "delete", "head", "patch", "options"):
        methods[method] = method_of(method)

    def session() -> Any:
        made = _Session()
        made.__dict__.update(methods)
        return made

    failures = (RequestException, HTTPError, ConnectionError, Timeout)
    exceptions = {failure.__name__: failure for failure in failures}
    return {**methods, **exceptions, "Session": session, "session": session, "Response": Response}


class _Session:
    """A session: its functions are those of the package."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def __enter__(self) -> _Session:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def close(self) -> None:
        """Do nothing."""
