"""What the tests of pages share: a page's text, and a class with everything on it."""

from __future__ import annotations

import html
import re

from grader.render.pages.class_page import class_page
from grader.report import Report

HOSTILE = """<script>document.title = "run"</script><img src=x onerror="document.title='run'">"""


def text_of(page: str) -> str:
    """What a page says: the words between its tags, each run of white space as one space."""
    body = page[page.index("<body>") : page.index("</body>")]
    without = re.sub(r"<script>.*?</script>", "", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


def of_class(report: Report, previous: Report | None = None, language: str = "en") -> str:
    """The page of a class, with an address for everyone's page."""
    addresses = {one.id: f"pages/{one.id}.html" for one in report.submissions}
    return class_page(report, previous, language, addresses)
