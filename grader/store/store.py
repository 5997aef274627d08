"""The output folder: traces, results, attempts, expected values and the report. Nothing else writes there.

Every file is replaced as a whole, so that a run killed at any moment leaves files that can be read.
"""

from __future__ import annotations

import gzip
import os
import re
import time
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from grader.errors import GraderError, OutputInUse
from grader.grading.reviews import REVIEWS_VERSION, Reviews, merge, settle_report
from grader.report import SCHEMA_VERSION, Report, SubmissionResult
from grader.store.atomic import (
    TEMPORARY,
    as_json,
    cannot_write,
    replace_file,
    sync_folder,
    try_lock,
)
from grader.trace import InputFile, Trace

REPORT = "report.json"
PREVIOUS_REPORT = "report.previous.json"
INDEX = "index.html"
"""The page of the class."""
PAGES = "pages"
"""The folder of the students' pages."""
REVIEWS = "reviews.json"
LOCK = ".lock"

MAX_TRACE_BYTES = 2**28
"""A stored trace that unpacks to more is not one of ours."""

_TRACES, _RESULTS, _PRIVATE, _ATTEMPTS, _FILES = "traces", "results", "private", "attempts", "files"
_FOLDERS = (_TRACES, _RESULTS, _PRIVATE, _ATTEMPTS, _FILES, PAGES)
_MARKERS = (REPORT, REVIEWS, _TRACES, LOCK)
_REVIEWS_LOCK = ".reviews.lock"
_REVIEWS_TEMPORARY = ".reviews.writing"
_REVIEWS_WAIT_S = 10.0
_NOT_CONTENT = frozenset({".DS_Store", ".gitkeep", ".gitignore"})
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PAGE_KEY = re.compile(r'<meta name="grader-key" content="([0-9a-f]+)">')

M = TypeVar("M", bound=BaseModel)


class StoredTrace(BaseModel):
    """A trace, and what it is the trace of."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    key: str
    """What it depends on: submission, assignment, reference, grader, limits. Another key, another trace."""
    trace: Trace
    """What the run brought back."""
    about: dict[str, JsonValue] = {}
    """What its writer wants to know again without the submission, such as the student and the file."""


class _Attempt(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    count: int


class Store:
    """An output folder, held by one run at a time. Use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, which need not be there yet; nothing is written before the `with` statement."""
        self.folder = folder
        self._lock = -1

    def __enter__(self) -> Self:
        """Make and lock the folder, and sweep what a killed run left half written.

        Raises:
            OutputInUse: another run holds it.
            GraderError: it cannot be written to, holds files that are not the grader's, or reviews that cannot be read.
        """
        try:
            self._prepare()
            read_reviews(self.folder)  # before hours of work whose report could not take them in
        except OSError as error:
            self._unlock()
            raise cannot_write(self.folder, error) from None
        except GraderError:
            self._unlock()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the folder."""
        self._unlock()

    def write_report(self, report: Report) -> Path:
        """Write the report; the one before it is kept beside it.

        Returns:
            The path of the report.
        """
        path = self.folder / REPORT
        if self._stored_report() is not None:
            replace_file(self.folder / PREVIOUS_REPORT, path.read_bytes())
        replace_file(path, as_json(report, indent=2))
        return path

    def read_report(self) -> Report | None:
        """The report of the run before, with all reviews in it; None if there is none that this version can read."""
        report = self._stored_report()
        return self.settled(report) if report else None

    def settled(self, report: Report) -> Report:
        """A report with what people decided in it."""
        return settle_report(report, read_reviews(self.folder))

    def rewrite_report(self) -> None:
        """Bring the reviews in the report up to date; it stays the report of its run, so none is kept beside it."""
        if (report := self.read_report()) is not None:
            replace_file(self.folder / REPORT, as_json(report, indent=2))

    def _stored_report(self, name: str = REPORT) -> Report | None:
        report = _read(self.folder / name, Report)
        return report if report and report.schema_version == SCHEMA_VERSION else None

    def read_previous_report(self) -> Report | None:
        """The report of the run before the last; None if there is none that this version can read."""
        return self._stored_report(PREVIOUS_REPORT)

    def write_index(self, page: str) -> None:
        """Write the page of the class."""
        replace_file(self.folder / INDEX, page.encode(errors="replace"), lasting=False)

    def write_page(self, submission_id: str, page: str) -> None:
        """Write the page of one submission."""
        replace_file(self._page_path(submission_id), page.encode(errors="replace"), lasting=False)

    def page_key(self, submission_id: str) -> str:
        """What the page of a submission was made of, as it says itself; empty if there is none."""
        try:
            with self._page_path(submission_id).open(encoding="utf-8", errors="replace") as file:
                found = _PAGE_KEY.search(file.read(2_000))
        except OSError:
            return ""
        return found[1] if found else ""

    def forget_pages(self, but: Collection[str]) -> None:
        """Remove the pages of submissions that are not in the report any more."""
        for path in (self.folder / PAGES).glob("*.html"):
            if path.stem not in but:
                path.unlink(missing_ok=True)

    def trace_stamp(self, submission_id: str) -> str:
        """What tells a stored trace from one that takes its place; empty if there is none."""
        try:
            status = self._trace_path(submission_id).stat()
        except OSError:
            return ""
        return f"{status.st_size} {status.st_mtime_ns}"

    def write_trace(
        self,
        submission_id: str,
        key: str,
        trace: Trace,
        about: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Keep a trace under the key it depends on."""
        stored = StoredTrace(key=key, trace=trace, about=dict(about or {}))
        # No time in the file: the same trace gives the same bytes.
        replace_file(
            self._trace_path(submission_id),
            gzip.compress(as_json(stored), compresslevel=6, mtime=0),
        )

    def read_trace(self, submission_id: str, key: str) -> Trace | None:
        """The stored trace; None if there is none that can be read, or its key is another."""
        stored = self.read_any_trace(submission_id)
        return stored.trace if stored and stored.key == key else None

    def read_any_trace(self, submission_id: str) -> StoredTrace | None:
        """The stored trace with its key, whatever that is; None if there is none that can be read."""
        try:
            with gzip.open(self._trace_path(submission_id)) as file:
                return StoredTrace.model_validate_json(file.read(MAX_TRACE_BYTES))
        except (OSError, EOFError, zlib.error, ValidationError):
            return None

    def write_result(self, result: SubmissionResult) -> None:
        """Keep how one submission was graded."""
        replace_file(self._path(_RESULTS, result.id), as_json(result, indent=2))

    def read_result(self, submission_id: str) -> SubmissionResult | None:
        """How one submission was graded; None if there is no result that can be read."""
        return _read(self._path(_RESULTS, submission_id), SubmissionResult)

    def read_results(self) -> tuple[SubmissionResult, ...]:
        """All results that can be read, by file; also of submissions that an earlier run graded."""
        results = (
            _read(path, SubmissionResult) for path in (self.folder / _RESULTS).glob("*.json")
        )
        return tuple(
            sorted((result for result in results if result), key=lambda result: result.file)
        )

    def write_private(self, name: str, value: BaseModel) -> None:
        """Keep expected values, in a folder that only the person at the terminal may open.

        Args:
            name: of the file, in kebab case.
            value: what to keep.
        """
        replace_file(self._path(_PRIVATE, name), as_json(value))

    def read_private(self, name: str, kind: type[M]) -> M | None:
        """What was kept under a name; None if there is nothing of that kind."""
        return _read(self._path(_PRIVATE, name), kind)

    def keep_file(self, file: InputFile) -> InputFile:
        """Keep what is in a file that came out of a zip, for a run on another day."""
        path = self._path(_FILES, file.sha256).with_suffix("")
        if not path.is_file():
            replace_file(path, file.path.read_bytes())
        return file.model_copy(update={"path": path.absolute()})

    def note_attempt(self, submission_id: str, key: str) -> int:
        """Note that a submission is about to run, so that one that kills the grader is not tried for ever.

        Returns:
            How many attempts with this key began before and did not end.
        """
        path = self._path(_ATTEMPTS, submission_id)
        earlier = _read(path, _Attempt)
        count = earlier.count if earlier and earlier.key == key else 0
        replace_file(path, as_json(_Attempt(key=key, count=count + 1)))
        return count

    def clear_attempt(self, submission_id: str) -> None:
        """Note that the attempt ended, well or not."""
        path = self._path(_ATTEMPTS, submission_id)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def _path(self, folder: str, name: str) -> Path:
        # SECURITY: names come from ids, never from what a student wrote; a path cannot leave the folder.
        if len(name) > 100 or not _NAME.fullmatch(name):
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
            (self.folder / name).mkdir(exist_ok=True, mode=0o700 if name == _PRIVATE else 0o777)
        (self.folder / _PRIVATE).chmod(0o700)  # also where it was there before
        for leftover in _leftovers(self.folder):
            leftover.unlink(missing_ok=True)

    def _take_lock(self) -> None:
        # The file stays when the lock is let go: removing it would let two runs lock two files of one name.
        self._lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        if not try_lock(self._lock):
            self._unlock()
            raise OutputInUse(
                f"Another run is writing to {self.folder}/.",
                "Wait for its end, or give another --out.",
            )

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def read_report(folder: Path) -> Report:
    """The report of an output folder, with all reviews in it: they may be newer than its file.

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
    if report.schema_version != SCHEMA_VERSION:
        raise GraderError(
            f"{path} has schema version {report.schema_version}; this version reads {SCHEMA_VERSION}.",
            "Grade again.",
        )
    return settle_report(report, read_reviews(folder))


def read_reviews(folder: Path) -> Reviews:
    """What people decided of the submissions of an output folder; nothing if nobody did.

    Raises:
        GraderError: the file cannot be read.
    """
    path = folder / REVIEWS
    return read_reviews_file(path) if path.exists() else Reviews()


def read_reviews_file(path: Path) -> Reviews:
    """The reviews of a file, of whichever folder.

    Raises:
        GraderError: it is not there, or cannot be read.
    """
    advice = "Mend the file, or move it elsewhere: nothing is written over it."
    try:
        reviews = Reviews.model_validate_json(path.read_bytes())
    except OSError as error:
        raise GraderError(f"{path} cannot be read ({error.strerror or error}).", advice) from None
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise GraderError(
            f"{path} holds no reviews{f' ({where})' if where else ''}.", advice
        ) from None
    if reviews.schema_version != REVIEWS_VERSION:
        told = f"{path} has version {reviews.schema_version}; this version reads {REVIEWS_VERSION}."
        raise GraderError(told, advice)
    return reviews


def save_reviews(folder: Path, added: Reviews) -> Reviews:
    """Add reviews to those of an output folder, whoever else is adding some at this moment.

    Returns:
        All that are there now.

    Raises:
        GraderError: the file there cannot be read, and is left as it is; or the folder cannot be written to.
    """
    try:
        with _reviews_locked(folder):
            together = merge(read_reviews(folder), added)
            replace_file(folder / REVIEWS, as_json(together, indent=2), folder / _REVIEWS_TEMPORARY)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return together


@contextmanager
def _reviews_locked(folder: Path) -> Iterator[None]:
    """Hold the reviews for the moment of a change: a run may hold the folder for hours."""
    descriptor = os.open(folder / _REVIEWS_LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        end = time.monotonic() + _REVIEWS_WAIT_S
        while not try_lock(descriptor):
            if time.monotonic() > end:
                raise GraderError(f"{folder / REVIEWS} is being written to.", "Try again.")
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _refuse_foreign(folder: Path) -> None:
    """Never write into a folder that holds something else of the instructor's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise GraderError(f"{folder} is a file.", "Give a folder with --out.")
    content = {path.name for path in folder.iterdir()} - _NOT_CONTENT
    if content and not content.intersection(_MARKERS):
        raise GraderError(
            f"{folder}/ holds files that are not the grader's.",
            "Give a new or an empty folder with --out.",
        )


def _leftovers(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"{TEMPORARY}*")
    for name in _FOLDERS:
        yield from (folder / name).glob(f"{TEMPORARY}*")


def _read(path: Path, model: type[M]) -> M | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
