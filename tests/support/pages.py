"""Read the text of a page, and make a class with similar work."""

from __future__ import annotations

import html
import re

from grader.outputs.pages.class_attention import PointsChange, points_changes
from grader.outputs.pages.class_page import class_page
from grader.report import Report, Sameness, Shared, Similar, Where
from tests.support.reports import report, submission

HOSTILE = """<script>document.title = "run"</script><img src=x onerror="document.title='run'">"""


def text_of(page: str) -> str:
    """What a page says: the words between its tags, each run of white space as one space."""
    body = page[page.index("<body>") : page.index("</body>")]
    without = re.sub(r"<script>.*?</script>", "", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


def of_class(report: Report, previous: Report | None = None, language: str = "en") -> str:
    """The page of a class, with an address for everyone's page."""
    addresses = {result.id: f"pages/{result.id}.html" for result in report.submissions}
    changes: list[PointsChange] = []
    if previous is not None:
        changes += points_changes(report, previous, language, addresses)
    return "".join(class_page(report, changes, language, addresses))


def alike() -> Report:
    """A class in which two hand in similar work, and much of it has a line in common."""
    submissions = [
        submission(name, id=name[:3].lower())
        for name in ("Ana Exemplo", "Bia Exemplo", "Caio Exemplo")
    ]
    lines = Shared(
        left=Where(cell=1, source="u = f(v)"), right=Where(cell=4, source="p = f(q)"), others=1
    )
    pair = Similar(submissions=("ana", "cai"), share=0.87, shared=(lines,), more=2)
    same = Sameness(
        submissions=("ana", "bia", "cai"),
        compared=3,
        lines=(Where(cell=2, line=3, source="z = 1"),),
    )
    return report(*submissions).model_copy(
        update={"similar": (pair,), "sameness": (same,), "similar_left_out": 5}
    )
