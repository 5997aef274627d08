"""Writes the pages of a class beside its report, and the students' own copies into a folder of their own."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import GraderError
from grader.messages import Language, word
from grader.outputs.pages.class_page import class_page
from grader.outputs.pages.document import version
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.student_page import Neighbours, Ran, student_page, twins_of
from grader.outputs.safe_text import plain
from grader.outputs.story.story import tell
from grader.outputs.wording import language_of
from grader.progress import Progress
from grader.report import AssignmentInfo, Report, SubmissionResult
from grader.store.atomic import write_file
from grader.store.store import INDEX, PAGES, Store, read_report
from grader.submissions.snapshot import read_run

_UNSAFE = re.compile(r"[^\w.-]+")


def write_pages(folder: Path, asked: Language | None, progress: Progress) -> Path:
    """Write the page of a class, and one per student that is not there yet as it would be.

    Args:
        folder: an output folder with a report in it.
        asked: language of the pages; None: that of each assignment.
        progress: told how far it is.

    Returns:
        The page of the class.

    Raises:
        GraderError: there is no report, or a page cannot be written.
    """
    with Store(folder) as store:
        report = read_report(folder)
        pages = _Pages(store, report, asked)
        progress.stage(word("stage-pages", pages.language), len(report.submissions))
        for place, result in enumerate(report.submissions):
            pages.write(place, result)
            progress.advance(result.student)
        store.forget_pages({result.id for result in report.submissions})
        addresses = {result.id: f"{PAGES}/{result.id}.html" for result in report.submissions}
        store.write_index(
            class_page(report, store.read_previous_report(), pages.language, addresses)
        )
    return folder / INDEX


def students_copies(
    folder: Path, report: Report, asked: Language | None, progress: Progress
) -> dict[str, str]:
    """Each student's own copy of their page, by the id of the submission: no expected value and nobody else on it.

    Args:
        folder: the output folder, where the runs are.
        report: the report.
        asked: language of the pages; None: that of each assignment.
        progress: told how far it is.
    """
    infos, drawings = _infos(report), Drawings()
    progress.stage(word("stage-pages", language_of(report, asked)), len(report.submissions))
    copies = {}
    for result in report.submissions:
        info = infos.get(result.assignment)
        language = language_of(report, asked, result.assignment)
        ran = _ran(folder, result)
        copies[result.id] = student_page(
            result, info, ran, language=language, reader="student", drawings=drawings
        )
        progress.advance(result.student)
    return copies


def write_copies(
    target: Path, submissions: Sequence[SubmissionResult], copies: Mapping[str, str]
) -> tuple[Path, ...]:
    """Write students' copies into a folder; files of the same names are replaced.

    Returns:
        The files, in the order of the submissions.

    Raises:
        GraderError: a file cannot be written.
    """
    paths = tuple(target / name for name in _names(submissions))
    for result, path in zip(submissions, paths, strict=True):
        write_file(path, copies[result.id].encode(errors="replace"))
    return paths


class _Pages:
    """The instructor's pages of a class."""

    def __init__(self, store: Store, report: Report, asked: Language | None) -> None:
        self._store, self._report, self._asked = store, report, asked
        self._infos, self._drawings, self._version = _infos(report), Drawings(), version()
        self.language = language_of(report, asked)

    def write(self, place: int, result: SubmissionResult) -> None:
        """Write the page of a submission, unless the one that is there has been made of the same."""
        info = self._infos.get(result.assignment)
        language = language_of(self._report, self._asked, result.assignment)
        neighbours = self._neighbours(place)
        twins = tuple(twins_of(self._report, result, language))
        key = self._key(result, info, language, (neighbours, twins))
        if self._store.page_key(result.id) == key:
            return
        ran = _ran(self._store.folder, result)
        page = student_page(
            result,
            info,
            ran,
            language=language,
            reader="instructor",
            drawings=self._drawings,
            neighbours=neighbours,
            twins=twins,
            key=key,
        )
        self._store.write_page(result.id, page)

    def _key(
        self,
        result: SubmissionResult,
        info: AssignmentInfo | None,
        language: Language,
        others: object,
    ) -> str:
        """A hash of all that a page is made of."""
        parts = (
            self._version,
            language,
            result.model_dump_json(),
            info.model_dump_json() if info else "",
            repr(others),
            self._store.trace_stamp(result.id),
        )
        return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]

    def _neighbours(self, place: int) -> Neighbours:
        before = self._report.submissions[place - 1] if place else None
        after = next(iter(self._report.submissions[place + 1 : place + 2]), None)
        return Neighbours(
            f"../{INDEX}#s-{self._report.submissions[place].id}", _link(before), _link(after)
        )


def _link(result: SubmissionResult | None) -> tuple[str, str] | None:
    return (f"{result.id}.html", plain(result.student or result.file)) if result else None


def _infos(report: Report) -> Mapping[str, AssignmentInfo]:
    return {info.name: info for info in report.assignments}


def _ran(folder: Path, result: SubmissionResult) -> Ran | None:
    """How a submission ran; None if it did not, or nothing is stored of it any more."""
    if result.status != "graded":
        return None
    try:
        trace, submission = read_run(folder, result)
    except GraderError:
        return None
    return Ran(trace, tell(trace, submission, result))


def _names(submissions: Sequence[SubmissionResult]) -> list[str]:
    """A file name per submission, of the student's name; with the id where several have one."""
    names = [
        _UNSAFE.sub("-", unicodedata.normalize("NFC", one.student)).strip("-.")
        for one in submissions
    ]
    taken = Counter(name.casefold() for name in names)
    return [
        f"{name}.html"
        if name and taken[name.casefold()] == 1
        else f"{name or 'student'}-{one.id}.html"
        for name, one in zip(names, submissions, strict=True)
    ]
