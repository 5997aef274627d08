"""The output folder: traces, results, attempts, expected values and the report. Nothing else writes there.

Every file is replaced as a whole, so that a run killed at any moment leaves files that can be read.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import re
import secrets
import sys
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from grader.errors import GraderError, OutputInUse
from grader.report import SCHEMA_VERSION, Report, SubmissionResult
from grader.trace import InputFile, Trace

REPORT = "report.json"
PREVIOUS_REPORT = "report.previous.json"
INDEX = "index.html"
"""The page of the class."""
PAGES = "pages"
"""The folder of the students' pages."""
LOCK = ".lock"
TEMPORARY = ".writing-"
"""How the name of a file begins that is not whole yet."""

MAX_TRACE_BYTES = 2**28
"""A stored trace that unpacks to more is not one of ours."""

_TRACES, _RESULTS, _PRIVATE, _ATTEMPTS, _FILES = "traces", "results", "private", "attempts", "files"
_FOLDERS = (_TRACES, _RESULTS, _PRIVATE, _ATTEMPTS, _FILES, PAGES)
_MARKERS = (REPORT, _TRACES, LOCK)
_NOT_CONTENT = frozenset({".DS_Store", ".gitkeep", ".gitignore"})
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PAGE_KEY = re.compile(r'<meta name="grader-key" content="([0-9a-f]+)">')
_SURROGATES = re.compile("[\ud800-\udfff]")
_STEERING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Controls of 8 bits, line separators, and what turns the direction of writing: JSON lets them stand as they are."""

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
            GraderError: it cannot be written to, or holds files that are not the grader's.
        """
        try:
            self._prepare()
        except OSError as error:
            self._unlock()
            raise _cannot_write(self.folder, error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the folder."""
        self._unlock()

    def write_report(self, report: Report) -> Path:
        """Write the report; the one before it is kept beside it.

        Returns:
            The path of the report.
        """
        path = self.folder / REPORT
        if self.read_report() is not None:
            _replace(self.folder / PREVIOUS_REPORT, path.read_bytes())
        _replace(path, _json(report, indent=2))
        return path

    def read_report(self) -> Report | None:
        """The report of the run before; None if there is none that this version can read."""
        report = _read(self.folder / REPORT, Report)
        return report if report and report.schema_version == SCHEMA_VERSION else None

    def read_previous_report(self) -> Report | None:
        """The report of the run before the last; None if there is none that this version can read."""
        report = _read(self.folder / PREVIOUS_REPORT, Report)
        return report if report and report.schema_version == SCHEMA_VERSION else None

    def write_index(self, page: str) -> None:
        """Write the page of the class."""
        _replace(self.folder / INDEX, page.encode(errors="replace"))

    def write_page(self, submission_id: str, page: str) -> None:
        """Write the page of one submission."""
        _replace(self._page_path(submission_id), page.encode(errors="replace"))

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
        self, submission_id: str, key: str, trace: Trace, about: Mapping[str, JsonValue] | None = None
    ) -> None:
        """Keep a trace under the key it depends on."""
        stored = StoredTrace(key=key, trace=trace, about=dict(about or {}))
        # No time in the file: the same trace gives the same bytes.
        _replace(self._trace_path(submission_id), gzip.compress(_json(stored), compresslevel=6, mtime=0))

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
        _replace(self._path(_RESULTS, result.id), _json(result, indent=2))

    def read_result(self, submission_id: str) -> SubmissionResult | None:
        """How one submission was graded; None if there is no result that can be read."""
        return _read(self._path(_RESULTS, submission_id), SubmissionResult)

    def read_results(self) -> tuple[SubmissionResult, ...]:
        """All results that can be read, by file; also of submissions that an earlier run graded."""
        results = (_read(path, SubmissionResult) for path in (self.folder / _RESULTS).glob("*.json"))
        return tuple(sorted((result for result in results if result), key=lambda result: result.file))

    def write_private(self, name: str, value: BaseModel) -> None:
        """Keep expected values, in a folder that only the person at the terminal may open.

        Args:
            name: of the file, in kebab case.
            value: what to keep.
        """
        _replace(self._path(_PRIVATE, name), _json(value))

    def read_private(self, name: str, kind: type[M]) -> M | None:
        """What was kept under a name; None if there is nothing of that kind."""
        return _read(self._path(_PRIVATE, name), kind)

    def keep_file(self, file: InputFile) -> InputFile:
        """Keep what is in a file that came out of a zip, for a run on another day."""
        path = self._path(_FILES, file.sha256).with_suffix("")
        if not path.is_file():
            _replace(path, file.path.read_bytes())
        return file.model_copy(update={"path": path.absolute()})

    def note_attempt(self, submission_id: str, key: str) -> int:
        """Note that a submission is about to run, so that one that kills the grader is not tried for ever.

        Returns:
            How many attempts with this key began before and did not end.
        """
        path = self._path(_ATTEMPTS, submission_id)
        earlier = _read(path, _Attempt)
        count = earlier.count if earlier and earlier.key == key else 0
        _replace(path, _json(_Attempt(key=key, count=count + 1)))
        return count

    def clear_attempt(self, submission_id: str) -> None:
        """Note that the attempt ended, well or not."""
        path = self._path(_ATTEMPTS, submission_id)
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)

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
        if not _try_lock(self._lock):
            self._unlock()
            raise OutputInUse(f"Another run is writing to {self.folder}/.", "Wait for its end, or give another --out.")

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def read_report(folder: Path) -> Report:
    """The report of an output folder.

    Raises:
        GraderError: there is none, or it is not one that this version can read.
    """
    path = folder / REPORT
    try:
        report = Report.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise GraderError(f"There is no {path}.", "Grade first, or give the folder it is in.") from None
    except OSError as error:
        raise GraderError(f"{path} cannot be read ({error.strerror}).", "Change its rights.") from None
    except ValidationError:
        raise GraderError(f"{path} is not a report of this version.", "Grade again.") from None
    if report.schema_version != SCHEMA_VERSION:
        raise GraderError(
            f"{path} has schema version {report.schema_version}; this version reads {SCHEMA_VERSION}.",
            "Grade again.",
        )
    return report


def _refuse_foreign(folder: Path) -> None:
    """Never write into a folder that holds something else of the instructor's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise GraderError(f"{folder} is a file.", "Give a folder with --out.")
    content = {path.name for path in folder.iterdir()} - _NOT_CONTENT
    if content and not content.intersection(_MARKERS):
        raise GraderError(
            f"{folder}/ holds files that are not the grader's.", "Give a new or an empty folder with --out."
        )


def _leftovers(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"{TEMPORARY}*")
    for name in _FOLDERS:
        yield from (folder / name).glob(f"{TEMPORARY}*")


def _replace(path: Path, data: bytes) -> None:
    """Put new bytes in place of a file, so that at any moment it holds all of the old or all of the new.

    Raises:
        GraderError: it cannot be written.
    """
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105
        _sync_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder last through a power cut."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Lock an open file unless another process has; closing it, or the end of the process, unlocks it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _cannot_write(path: Path, error: OSError) -> GraderError:
    return GraderError(f"{path} cannot be written ({error.strerror or error}).", "Give another --out.")


def _read(path: Path, model: type[M]) -> M | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _json(model: BaseModel, indent: int | None = None) -> bytes:
    """A model as JSON that any reader takes, and that steers no terminal it is shown on."""
    data = model.model_dump(mode="json")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except ValueError:  # what only few have, and to look for takes longer than all the rest
        text = json.dumps(_plain(data), ensure_ascii=False, indent=indent)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def _plain(value: Any) -> Any:
    """JSON data with NaN and infinities as text, and without the lone surrogates a student can print.

    pydantic writes a NaN within a union as null, and cannot write a lone surrogate at all.
    """
    match value:
        case str():
            return _SURROGATES.sub("\ufffd", value)
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value
