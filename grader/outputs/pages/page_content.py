"""Define the content of a student's page: a result, the run, and links to other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.messages import Language, Reader
from grader.outputs.pages.links import PageLink
from grader.outputs.pages.similar_submissions import SimilarSubmission
from grader.outputs.story.story import Story
from grader.report import AssignmentInfo, SubmissionResult
from grader.trace import Trace


@dataclass(frozen=True)
class SubmissionRun:
    """The run of a submission, as shown on a page."""

    trace: Trace
    story: Story

    def pictures(self) -> Mapping[int, Sequence[str]]:
        """Return the pictures that each cell displayed, as `data:` URLs."""
        addresses: dict[int, list[str]] = {}
        for picture in self.trace.pictures:
            address = f"data:{picture.type};base64,{picture.data}"
            addresses.setdefault(picture.cell, []).append(address)
        return addresses


@dataclass(frozen=True)
class Neighbours:
    """The pages before and after a student's page."""

    index: str
    """Address of the page of the class."""
    before: PageLink | None = None
    after: PageLink | None = None


@dataclass(frozen=True)
class PageContent:
    """The content of a student's page, and its reader."""

    result: SubmissionResult
    info: AssignmentInfo | None
    """The assignment; None if it is unknown."""
    run: SubmissionRun | None
    """None if the submission did not run, or its run is lost."""
    language: Language
    reader: Reader
    neighbours: Neighbours | None = None
    """None: the page is shown alone."""
    similar: tuple[SimilarSubmission, ...] = ()
    """Similar submissions, for the instructor."""
    key: str = ""
    """A hash of the content, to tell whether the page must be written again; empty: left out."""

    @property
    def is_for_instructor(self) -> bool:
        """Whether the page may show values that were found, and flags."""
        return self.reader == "instructor"
