"""Answer downloads from local files. Runs inside the student's kernel.

A kernel has no network. If a notebook downloads the assignment's data, the files are already there;
other downloads fail as they do without a network.
"""

from __future__ import annotations

import email.message
import functools
import io
import os
import shutil
import types
import urllib.request
from collections.abc import Callable
from typing import Any

from grader.kernel.portability.laid_files import is_url
from grader.kernel.portability.paths import ForeignPaths, text_of
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder


class Downloads:
    """Answers requests to the network from local files."""

    def __init__(
        self, paths: ForeignPaths, recorder: Recorder, put_back: Callable[[], None]
    ) -> None:
        """Initialise with the local files, and callbacks for skipped downloads and lost files."""
        self._paths = paths
        self._recorder = recorder
        self._put_back = put_back
        self._asked = False

    @property
    def folder(self) -> str:
        """The working directory."""
        return self._paths.folder

    def was_asked(self) -> bool:
        """Return whether a download was attempted since the last call."""
        asked = self._asked
        self._asked = False
        return asked

    def file_of(self, url: str) -> str | None:
        """Find the local file for a URL; None if there is none."""
        self._asked = True
        name = self._paths.laid.find(url)
        if name is None:
            return None
        path = os.path.join(self._paths.folder, *name.split("/"))  # noqa: PTH118
        if not os.path.isfile(path):  # noqa: PTH113
            return None
        self._paths.note("path", url)
        return path

    def content_of(self, url: str) -> bytes | None:
        """Read the local file for a URL; None if there is none."""
        path = self.file_of(url)
        if path is None:
            return None
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()

    def is_here(self, target: Any) -> bool:
        """Return whether the target of a download is a file of the assignment."""
        text = text_of(target)
        if text is None:
            return False
        return self._paths.laid.find(text) is not None

    def fetch(self, url: str, target: Any) -> bool:
        """Create the target of a download from a local file; return whether that was possible.

        Args:
            url: the requested URL.
            target: the file to write.

        Returns:
            Whether it is there.
        """
        if self.is_here(target):
            self.skip(f"download {url}")
            self._put_back()
            return True
        path = self.file_of(url)
        if path is None:
            return False
        shutil.copyfile(path, target)
        return True

    def skip(self, command: str) -> None:
        """Note a skipped download."""
        self._asked = True
        self._recorder.note(command, kind="skipped")

    # Functions that download

    def install(self) -> None:
        """Wrap the functions that open URLs."""
        self._wrap_urllib()
        when_imported("torch", self._wrap_hub)
        when_imported("numpy.lib._datasource", self._wrap_numpy)
        when_imported("requests.sessions", self._wrap_requests)

    def _wrap_urllib(self) -> None:
        plain_open = urllib.request.urlopen
        plain_retrieve = urllib.request.urlretrieve

        @functools.wraps(plain_open)
        def urlopen(url: Any, *args: Any, **kwargs: Any) -> Any:
            address = _address(url)
            content = self.content_of(address)
            if content is not None:
                return FileResponse(address, content)
            return plain_open(url, *args, **kwargs)

        @functools.wraps(plain_retrieve)
        def urlretrieve(url: Any, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
            address = _address(url)
            if filename is None:
                path = self.file_of(address)
                if path is not None:
                    return path, email.message.Message()
            elif self.fetch(address, filename):
                return filename, email.message.Message()
            return plain_retrieve(url, filename, *args, **kwargs)

        urllib.request.urlopen = urlopen
        urllib.request.urlretrieve = urlretrieve

    def _wrap_numpy(self, sources: types.ModuleType) -> None:
        """Make `np.loadtxt` and similar functions read the local file for a URL."""
        source_class = sources.DataSource
        plain = source_class._findfile

        @functools.wraps(plain)
        def find_file(source: Any, path: str) -> Any:
            real = self.file_of(path) if is_url(path) else None
            return real or plain(source, path)

        source_class._findfile = find_file

    def _wrap_hub(self, torch: types.ModuleType) -> None:
        hub = torch.hub
        plain = hub.download_url_to_file

        @functools.wraps(plain)
        def download_url_to_file(url: str, dst: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.fetch(url, dst):
                plain(url, dst, *args, **kwargs)

        hub.download_url_to_file = download_url_to_file
        hub.urlopen = urllib.request.urlopen

    def _wrap_requests(self, sessions: types.ModuleType) -> None:
        plain = sessions.Session.request

        @functools.wraps(plain)
        def request(session: Any, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:
            address = str(url)
            content = self.content_of(address) if method.upper() == "GET" else None
            if content is None:
                return plain(session, method, url, *args, **kwargs)
            response = sessions.Response()
            response.status_code = 200
            response.url = address
            response.raw = io.BytesIO(content)
            return response

        sessions.Session.request = request


def _address(url: Any) -> str:
    """Return the address of a URL, or of a `urllib.request.Request`."""
    return str(getattr(url, "full_url", url))


class FileResponse(io.BytesIO):
    """A file's content, as a network response."""

    status = code = 200
    reason = msg = "OK"
    version = 11

    def __init__(self, url: str, content: bytes) -> None:
        """Initialise with the request, and the content."""
        super().__init__(content)
        self.url = url
        self.length = len(content)
        self.headers = email.message.Message()
        self.headers["Content-Length"] = str(self.length)

    def info(self) -> email.message.Message:
        """Return the headers."""
        return self.headers

    def geturl(self) -> str:
        """Return the requested URL."""
        return self.url

    def getcode(self) -> int:
        """Return the status."""
        return self.status

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return a header."""
        value: str | None = self.headers.get(name, default)
        return value

    def getheaders(self) -> list[tuple[str, str]]:
        """Return all headers."""
        return list(self.headers.items())
