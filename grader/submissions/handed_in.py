"""Describe the submitted files of one student, and the role of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.report import Message
from grader.submissions.discovery import FoundFile
from grader.submissions.file_kinds import Kind, kind_of
from grader.submissions.lms_downloads import Ownership
from grader.submissions.submission import Submission

TYPED = frozenset({"text", "onlinetext"})
"""Names that Canvas and Moodle give to text that a student typed into a form."""

LeftOutStatus = Literal["superseded", "joined", "ignored", "unreadable"]


@dataclass(frozen=True)
class HandedInFile:
    """A submitted file, and its owner."""

    source: FoundFile
    """Where it was found."""
    name: str
    """Its relative path, which no other file has."""
    ownership: Ownership

    @property
    def path(self) -> Path | None:
        """Path of its content; None if that is not there."""
        return self.source.path

    @property
    def refused(self) -> Message | None:
        """Why it was not unpacked."""
        return self.source.refused

    @property
    def order(self) -> tuple[tuple[str, int], int]:
        """Number of the attempt; later ones are greater."""
        return self.ownership.order, self.source.order

    @property
    def is_read(self) -> bool:
        """Whether to open it as a notebook.

        It is if it has the extension, or if it was named and has no known owner.
        """
        if self.path is None or self.refused is not None:
            return False
        if self.source.is_notebook:
            return True
        return self.source.given and self.ownership.is_single

    @property
    def kind(self) -> Kind:
        """Kind of the file."""
        name = self.ownership.file
        kind = kind_of(name, self.path)
        if kind == "page" and PurePosixPath(name).stem in TYPED:
            return "data"
        return kind


@dataclass(frozen=True)
class LeftOutFile:
    """A file that is not graded by itself."""

    file: HandedInFile
    status: LeftOutStatus
    reason: Message
    submission: str = ""
    """Id of the submission that counts instead."""


@dataclass
class Selection:
    """The files that count, and those that do not."""

    submissions: list[Submission] = field(default_factory=list)
    left_out: list[LeftOutFile] = field(default_factory=list)

    def leave_out(self, file: HandedInFile, status: LeftOutStatus, reason: Message) -> None:
        """Leave a file out, because the first submission counts."""
        first = self.submissions[0]
        item = LeftOutFile(file, status, reason, first.id)
        self.left_out.append(item)


@dataclass(frozen=True)
class ReadFile:
    """A file that was opened as a notebook, or would have been."""

    file: HandedInFile
    submission: Submission
