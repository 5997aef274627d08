"""Take the pictures of pages that the documents show, from the graded samples.

make grade && python scripts/pictures.py

Needs Chromium: the system's, or the one that `playwright install chromium` brings.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from grader import grade
from grader.report import Report

ROOT = Path(__file__).parent.parent
SUBMISSIONS = ROOT / "submissions"
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Picture:
    """A picture of a part of a page."""

    name: str
    width: int
    height: int
    begins_with: str
    """Selector of what stands at its top."""


CLASS = Picture("class.png", 1180, 900, "body")
STUDENT = Picture("student.png", 1060, 760, "h2")
SHOWN = "gabriela"
"""Begins the name of the student whose page is shown."""


def main() -> None:
    """Grade the samples of `autograd` and take both pictures."""
    with TemporaryDirectory() as folder:
        out = Path(folder)
        notebooks = sorted(SUBMISSIONS.glob("*.ipynb"))
        report = grade(
            *notebooks, exercises=ROOT / "exercises", solutions=ROOT / "solutions", out=out
        )
        take(CLASS, out / "index.html")
        take(STUDENT, out / "pages" / f"{student_id(report)}.html")


def student_id(report: Report) -> str:
    """Return the id of the student whose page is shown."""
    (submission,) = [one for one in report.submissions if one.student.startswith(SHOWN)]
    return submission.id


def take(picture: Picture, page: Path) -> None:
    """Take a picture of a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        size = {"width": picture.width, "height": picture.height}
        opened = browser.new_page(viewport=size)
        opened.goto(page.as_uri())
        opened.locator(picture.begins_with).first.evaluate("element => element.scrollIntoView()")
        opened.screenshot(path=DOCS / picture.name)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
