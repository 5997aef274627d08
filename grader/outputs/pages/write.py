"""Write the pages of a class beside its report, and the students' own copies elsewhere."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.errors import GraderError
from grader.messages import Language, word
from grader.notebook.deadline import WorkTooLong, within
from grader.outputs.pages.class_attention import PointsChange, points_changes
from grader.outputs.pages.class_page import class_page
from grader.outputs.pages.document import version
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.links import PageLink
from grader.outputs.pages.page_content import Neighbours, PageContent, SubmissionRun
from grader.outputs.pages.similar_submissions import similar_submissions
from grader.outputs.pages.student_page import student_page
from grader.outputs.safe_text import plain
from grader.outputs.story.story import tell
from grader.outputs.wording import language_of
from grader.progress import Progress
from grader.report import AssignmentInfo, Report, SubmissionResult
from grader.store.atomic import write_file
from grader.store.store import INDEX, PAGES, Store
from grader.submissions.snapshot import read_run

RENDERING_S = 5.0
"""Most processor time for a page."""

MAX_NAME = 50
"""Most characters of a student's name in the name of a file, which has at most 255 bytes."""

_UNSAFE = re.compile(r"[^\w.-]+")


def write_pages(
    store: Store,
    report: Report,
    asked: Language | None,
    progress: Progress,
) -> Path:
    """Write the page of a class, and the students' pages that are missing or out of date.

    Args:
        store: the open output folder.
        report: its report.
        asked: language of the pages; None: the language of each assignment.
        progress: told how far it is.

    Returns:
        The page of the class.

    Raises:
        GraderError: a page cannot be written.
    """
    language = language_of(report, asked)
    writer = _PageWriter(store, report, asked)

    stage = word("stage-pages", language)
    progress.stage(stage, len(report.submissions))
    for index, result in enumerate(report.submissions):
        writer.write_page(index)
        progress.advance(result.student)

    store.forget_pages({result.id for result in report.submissions})
    return write_class_page(store, report, language)


def write_class_page(store: Store, report: Report, language: Language) -> Path:
    """Write the page of a class and return its path; see `write_pages`."""
    addresses = {result.id: f"{PAGES}/{result.id}.html" for result in report.submissions}
    changes = _changes_since_last_run(store, report, language, addresses)
    page = class_page(report, changes, language, addresses)
    store.write_index(page)
    return store.folder / INDEX


def _changes_since_last_run(
    store: Store, report: Report, language: Language, addresses: Mapping[str, str]
) -> list[PointsChange]:
    """List what changed; the earlier report is in memory only as long as that takes."""
    previous = store.read_previous_report()
    if previous is None:
        return []
    return list(points_changes(report, previous, language, addresses))


def students_copies(
    store: Store,
    report: Report,
    asked: Language | None,
    progress: Progress,
) -> dict[str, str]:
    """Render each student's own copy of their page, without expected values or other students.

    Args:
        store: the output folder with the runs.
        report: the report.
        asked: language of the pages; None: the language of each assignment.
        progress: told how far it is.

    Returns:
        The pages, by the ids of the submissions.
    """
    infos = _infos(report)
    drawings = Drawings()
    copies = {}

    stage = word("stage-pages", language_of(report, asked))
    progress.stage(stage, len(report.submissions))
    for result in report.submissions:
        content = PageContent(
            result=result,
            info=infos.get(result.assignment),
            run=None,
            language=language_of(report, asked, result.assignment),
            reader="student",
        )
        copies[result.id] = _render(content, store, drawings)
        progress.advance(result.student)
    return copies


def write_copies(
    target: Path,
    submissions: Sequence[SubmissionResult],
    copies: Mapping[str, str],
) -> tuple[Path, ...]:
    """Write students' copies into a folder; files of the same names are replaced.

    Returns:
        The files, in the order of the submissions.

    Raises:
        GraderError: a file cannot be written.
    """
    paths = []
    for result, name in zip(submissions, _file_names(submissions), strict=True):
        path = target / name
        page = copies[result.id]
        write_file(path, page.encode(errors="replace"))
        paths.append(path)
    return tuple(paths)


class _PageWriter:
    """Writes the instructor's pages of a class."""

    def __init__(
        self,
        store: Store,
        report: Report,
        asked: Language | None,
    ) -> None:
        self._store = store
        self._report = report
        self._asked = asked
        self._infos = _infos(report)
        self._drawings = Drawings()
        self._version = version()

    def write_page(self, index: int) -> None:
        """Write the page of a submission, unless the stored one has the same content."""
        result = self._report.submissions[index]
        content = self._content_without_run(index)
        key = self._key(content)
        if self._store.page_key(result.id) == key:
            return

        keyed = replace(content, key=key)
        page = _render(keyed, self._store, self._drawings)
        self._store.write_page(result.id, page)

    def _content_without_run(self, index: int) -> PageContent:
        """Collect the content without the run, which is read only if the page has to be written."""
        result = self._report.submissions[index]
        language = language_of(self._report, self._asked, result.assignment)
        return PageContent(
            result=result,
            info=self._infos.get(result.assignment),
            run=None,
            language=language,
            reader="instructor",
            neighbours=self._neighbours(index),
            similar=tuple(similar_submissions(self._report, result, language)),
        )

    def _key(self, content: PageContent) -> str:
        """Hash the content of a page."""
        parts = (
            self._version,
            content.language,
            content.result.model_dump_json(),
            content.info.model_dump_json() if content.info else "",
            repr((content.neighbours, content.similar)),
            self._store.trace_stamp(content.result.id),
        )
        joined = "\0".join(parts)
        return hashlib.sha256(joined.encode(errors="replace")).hexdigest()[:32]

    def _neighbours(self, index: int) -> Neighbours:
        submissions = self._report.submissions
        before = None
        if index > 0:
            before = _sibling_link(submissions[index - 1])
        after = None
        if index + 1 < len(submissions):
            after = _sibling_link(submissions[index + 1])

        own_id = submissions[index].id
        return Neighbours(f"../{INDEX}#s-{own_id}", before, after)


def _sibling_link(result: SubmissionResult) -> PageLink:
    """Link to a page in the same folder."""
    name = result.student or result.file
    return PageLink(f"{result.id}.html", plain(name))


def _infos(report: Report) -> Mapping[str, AssignmentInfo]:
    return {info.name: info for info in report.assignments}


def _render(content: PageContent, store: Store, drawings: Drawings) -> str:
    """Render a page with the notebook as it ran, or without it if that takes too long."""
    try:
        with within(RENDERING_S):
            run = _read_run(store, content.result)
            return student_page(replace(content, run=run), drawings)
    except WorkTooLong:
        return student_page(content, drawings)


def _read_run(store: Store, result: SubmissionResult) -> SubmissionRun | None:
    """Read how a submission ran; None if it did not run, or its trace is lost."""
    if result.status != "graded":
        return None
    try:
        trace, submission = read_run(store, result)
    except GraderError:
        return None
    return SubmissionRun(trace, tell(trace, submission, result))


def _file_names(submissions: Sequence[SubmissionResult]) -> list[str]:
    """Name the file of each submission after its student; with the id, if names are equal."""
    names = [_safe_name(submission.student) for submission in submissions]
    uses = Counter(name.casefold() for name in names)

    file_names = []
    for name, submission in zip(names, submissions, strict=True):
        if name and uses[name.casefold()] == 1:
            file_names.append(f"{name}.html")
        else:
            file_names.append(f"{name or 'student'}-{submission.id}.html")
    return file_names


def _safe_name(student: str) -> str:
    normalised = unicodedata.normalize("NFC", student)
    safe = _UNSAFE.sub("-", normalised)
    return safe[:MAX_NAME].strip("-.")
