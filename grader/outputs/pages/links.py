"""Link to the pages of submissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.outputs.safe_text import plain
from grader.report import SubmissionResult


@dataclass(frozen=True)
class PageLink:
    """A link to a page."""

    address: str
    """Empty if there is no such page."""
    name: str


def link_to(submission: SubmissionResult, addresses: Mapping[str, str]) -> PageLink:
    """Link to the page of a submission.

    Args:
        submission: the submission.
        addresses: addresses of pages, by the ids of the submissions.
    """
    address = addresses.get(submission.id, "")
    return PageLink(address, plain(submission.student or submission.file))
