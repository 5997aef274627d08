"""Keep the output folder: traces, results, attempts, expected values, pages and the report.

Every file is replaced atomically, so that a run can be killed at any moment and leave readable
files.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from grader.errors import GraderError, OutputInUse
from grader.grading.reviews import settle_report
from grader.job import InputFile
from grader.report import SCHEMA_VERSION, Report, SubmissionResult
from grader.store.atomic import TEMPORARY, cannot_write, replace_file, sync_folder, try_lock
from grader.store.model_json import as_json
from grader.store.report_file import chunks, is_report, report_parts
from grader.store.reviews import REVIEWS, read_reviews
from grader.trace import Trace

if TYPE_CHECKING:
    from filelock import FileLock

REPORT = "report.json"
PREVIOUS_REPORT = "report.previous.json"
INDEX = "index.html"
"""The page of the class."""
PAGES = "pages"
"""The folder of the students' pages."""
LOCK = ".lock"

MAX_TRACE_BYTES = 2**28
"""A stored trace that unpacks to more is not one of ours."""

_TRACES = "traces"
_RESULTS = "results"
_PRIVATE = "private"
_ATTEMPTS = "attempts"
_FILES = "files"
_FOLDERS = (_TRACES, _RESULTS, _PRIVATE, _ATTEMPTS, _FILES, PAGES)

_MARKERS = (REPORT, REVIEWS, _TRACES, LOCK)
"""A folder with one of these is an output folder."""
_NOT_CONTENT = frozenset({".DS_Store", ".gitkeep", ".gitignore"})
"""A folder with only these counts as empty."""

MAX_NAME_LENGTH = 100
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PAGE_KEY = re.compile(r'<meta name="grader-key" content="([0-9a-f]+)">')
_PAGE_HEAD_CHARACTERS = 2_000
"""Number of first characters of a page that contain its key."""

ModelT = TypeVar("ModelT", bound=BaseModel)


class StoredTrace(BaseModel):
    """A trace, with the key of its inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    key: str
    """Hash of the submission, assignment, reference, grader and limits."""
    trace: Trace
    """The trace of the run."""
    about: dict[str, JsonValue] = {}
    """Data that its writer needs later without the submission, such as the student and the file."""


class _RunAttempt(BaseModel):
    """Attempts to run a submission that did not complete."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    count: int


class Store:
    """An output folder, held by one run at a time. Use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        """Initialise with a folder, which may be missing; nothing is written before `with`."""
        self.folder = folder
        self._lock: FileLock | None = None

    def __enter__(self) -> Self:
        """Create and lock the folder, and remove what a killed run left incomplete.

        Raises:
            OutputInUse: another run holds it.
            GraderError: it cannot be written to, holds files that are not the grader's, or reviews
                that cannot be read.
        """
        try:
            self._prepare()
            # Fail now, before hours of work for a report that could not include them.
            read_reviews(self.folder)
        except OSError as error:
            self._release_lock()
            raise cannot_write(self.folder, error) from None
        except GraderError:
            self._release_lock()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the folder."""
        self._release_lock()

    # The report

    def write_report(self, report: Report) -> Path:
        """Write the report, and keep the previous one.

        Returns:
            The path of the report.
        """
        path = self.folder / REPORT
        if is_report(path):
            replace_file(self.folder / PREVIOUS_REPORT, chunks(path))
        replace_file(path, report_parts(report))
        return path

    def read_report(self) -> Report | None:
        """Read the report of the last run, with all reviews.

        Returns:
            None if there is none that this version can read.
        """
        report = self._stored_report(REPORT)
        if not report:
            return None
        return self.settled(report)

    def read_previous_report(self) -> Report | None:
        """Read the report of the run before the last.

        Returns:
            None if there is none that this version can read.
        """
        return self._stored_report(PREVIOUS_REPORT)

    def settled(self, report: Report) -> Report:
        """Apply the reviews of this folder to a report."""
        return settle_report(report, read_reviews(self.folder))

    def rewrite_report(self) -> None:
        """Update the reviews in the report.

        It stays the report of its run, so the one before it is not replaced.
        """
        report = self.read_report()
        if report is not None:
            replace_file(self.folder / REPORT, report_parts(report))

    def _stored_report(self, name: str) -> Report | None:
        report = _read_model(self.folder / name, Report)
        if report is None or report.schema_version != SCHEMA_VERSION:
            return None
        return report

    # Pages

    def write_index(self, page: Iterable[str]) -> None:
        """Write the page of the class, in parts."""
        parts = (part.encode(errors="replace") for part in page)
        replace_file(self.folder / INDEX, parts, lasting=False)

    def write_page(self, submission_id: str, page: str) -> None:
        """Write the page of one submission."""
        path = self._page_path(submission_id)
        data = page.encode(errors="replace")
        replace_file(path, data, lasting=False)

    def page_key(self, submission_id: str) -> str:
        """Read the key of a submission's page: a hash of its inputs.

        Returns:
            Empty if there is no page.
        """
        try:
            with self._page_path(submission_id).open(encoding="utf-8", errors="replace") as file:
                match = _PAGE_KEY.search(file.read(_PAGE_HEAD_CHARACTERS))
        except OSError:
            return ""
        if not match:
            return ""
        return match[1]

    def forget_pages(self, but: Collection[str]) -> None:
        """Remove the pages of submissions that are no longer in the report."""
        for path in (self.folder / PAGES).glob("*.html"):
            if path.stem not in but:
                path.unlink(missing_ok=True)

    # Traces

    def write_trace(
        self,
        submission_id: str,
        key: str,
        trace: Trace,
        about: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Store a trace with its key."""
        self.write_trace_file(submission_id, trace_file(key, trace, about))

    def write_trace_file(self, submission_id: str, content: bytes) -> None:
        """Store a trace that is in the form of `trace_file` already."""
        replace_file(self._trace_path(submission_id), content)

    def read_trace(self, submission_id: str) -> StoredTrace | None:
        """Read the stored trace of a submission, whatever its key.

        Returns:
            None if there is none that can be read.
        """
        try:
            with gzip.open(self._trace_path(submission_id)) as file:
                return StoredTrace.model_validate_json(file.read(MAX_TRACE_BYTES))
        except (OSError, EOFError, zlib.error, ValidationError):
            return None

    def trace_stamp(self, submission_id: str) -> str:
        """Return a stamp of a stored trace's file, which changes when it is replaced.

        Returns:
            Empty if there is none.
        """
        try:
            status = self._trace_path(submission_id).stat()
        except OSError:
            return ""
        return f"{status.st_size} {status.st_mtime_ns}"

    # Results, expected values, files and attempts

    def write_result(self, result: SubmissionResult) -> None:
        """Store the result of one submission."""
        path = self._path(_RESULTS, result.id)
        replace_file(path, as_json(result, indent=2))

    def write_private(self, name: str, value: BaseModel) -> None:
        """Store expected values, in a folder that only the user may open.

        Args:
            name: name of the file, in kebab case.
            value: what to store.
        """
        path = self._path(_PRIVATE, name)
        replace_file(path, as_json(value), mode=0o600)

    def read_private(self, name: str, kind: type[ModelT]) -> ModelT | None:
        """Read a value by its name; None if there is none of that type."""
        return _read_model(self._path(_PRIVATE, name), kind)

    def private_file(self, name: str) -> bytes | None:
        """Return the stored bytes of a private value; None if there is none."""
        try:
            return self._path(_PRIVATE, name).read_bytes()
        except OSError:
            return None

    def write_private_file(self, name: str, content: bytes) -> None:
        """Store a file that `private_file` read from another folder."""
        replace_file(self._path(_PRIVATE, name), content, mode=0o600)

    def private_names(self) -> list[str]:
        """List the names of private values."""
        return sorted(path.stem for path in (self.folder / _PRIVATE).glob("*.json"))

    def keep_file(self, file: InputFile) -> InputFile:
        """Store the content of a file from a zip, for later runs.

        Returns:
            The file in the store.
        """
        path = self._path(_FILES, file.sha256).with_suffix("")
        if not path.is_file():
            content = file.path.read_bytes()
            replace_file(path, content)
        return file.model_copy(update={"path": path.absolute()})

    def note_attempt(self, submission_id: str, key: str) -> int:
        """Record that a submission is about to run, to detect one that kills the grader.

        Returns:
            How many attempts with this key began before and did not end.
        """
        path = self._path(_ATTEMPTS, submission_id)
        earlier = _read_model(path, _RunAttempt)
        count = 0
        if earlier is not None and earlier.key == key:
            count = earlier.count

        attempt = _RunAttempt(key=key, count=count + 1)
        replace_file(path, as_json(attempt))
        return count

    def clear_attempt(self, submission_id: str) -> None:
        """Record that the attempt completed, successfully or not."""
        path = self._path(_ATTEMPTS, submission_id)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    # Paths and the lock

    def _path(self, folder: str, name: str) -> Path:
        # SECURITY: names come from ids, never from a student's text; no path leaves the folder.
        if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
            raise ValueError(f"not a name for a file of the store: {name!r}")
        return self.folder / folder / f"{name}.json"

    def _page_path(self, submission_id: str) -> Path:
        return self._path(PAGES, submission_id).with_suffix(".html")

    def _trace_path(self, submission_id: str) -> Path:
        return self._path(_TRACES, submission_id).with_suffix(".json.gz")

    def _prepare(self) -> None:
        _refuse_foreign(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()

        for name in _FOLDERS:
            mode = 0o700 if name == _PRIVATE else 0o777
            (self.folder / name).mkdir(exist_ok=True, mode=mode)
        (self.folder / _PRIVATE).chmod(0o700)  # also where it was there before

        for leftover in _leftovers(self.folder):
            leftover.unlink(missing_ok=True)

    def _take_lock(self) -> None:
        self._lock = try_lock(self.folder / LOCK)
        if self._lock is None:
            raise OutputInUse(
                f"Another run is writing to {self.folder}/.",
                "Wait for its end, or give another --out.",
            )

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def trace_file(key: str, trace: Trace, about: Mapping[str, JsonValue] | None = None) -> bytes:
    """Encode a trace, its key, and its writer's data, in the stored form."""
    stored = StoredTrace(key=key, trace=trace, about=dict(about or {}))
    # No time in the file: the same trace gives the same bytes.
    return gzip.compress(as_json(stored), compresslevel=6, mtime=0)


def read_private(folder: Path, name: str, kind: type[ModelT]) -> ModelT | None:
    """Read a private value by its name, in an output folder that may be open."""
    path = folder / _PRIVATE / f"{name}.json"
    return _read_model(path, kind)


def read_report(folder: Path) -> Report:
    """Read the report of an output folder, with all reviews in it: they may be newer than its file.

    Raises:
        GraderError: there is none, or it is not one that this version can read.
    """
    path = folder / REPORT
    try:
        report = Report.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise GraderError(
            f"There is no {path}.", "Grade first, or give the folder it is in."
        ) from None
    except OSError as error:
        raise GraderError(
            f"{path} cannot be read ({error.strerror}).", "Change its rights."
        ) from None
    except ValidationError:
        raise GraderError(f"{path} is not a report of this version.", "Grade again.") from None

    version = report.schema_version
    if version != SCHEMA_VERSION:
        raise GraderError(
            f"{path} has schema version {version}; this version reads {SCHEMA_VERSION}.",
            "Grade again.",
        )
    return settle_report(report, read_reviews(folder))


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder that contains other files of the instructor's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise GraderError(f"{folder} is a file.", "Give a folder with --out.")

    names = {path.name for path in folder.iterdir()}
    content = names - _NOT_CONTENT
    if content and not content.intersection(_MARKERS):
        raise GraderError(
            f"{folder}/ holds files that are not the grader's.",
            "Give a new or an empty folder with --out.",
        )


def _leftovers(folder: Path) -> Iterator[Path]:
    pattern = f"{TEMPORARY}*"
    yield from folder.glob(pattern)
    for name in _FOLDERS:
        yield from (folder / name).glob(pattern)


def _read_model(path: Path, model: type[ModelT]) -> ModelT | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
