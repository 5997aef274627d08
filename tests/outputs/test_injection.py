"""What a student can write changes the form of no output: each is as with harmless text."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from grader.grading.points import summarise
from grader.grading.reviews import Reviews
from grader.outputs import feedback
from grader.outputs.formats import github
from grader.outputs.formats.csv import FORMULAS, class_csv
from grader.outputs.formats.gradescope import results_json
from grader.outputs.formats.junit import junit_xml
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.links import PageLink
from grader.outputs.pages.page_content import Neighbours, PageContent
from grader.outputs.pages.similar_submissions import similar_submissions
from grader.outputs.pages.student_page import student_page
from grader.outputs.safe_text import plain
from grader.outputs.terminal.similarity import similar_view
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import as_plain_text, class_table
from grader.report import (
    CellProblem,
    Evidence,
    Execution,
    LeftOut,
    Message,
    Report,
    Reviewed,
    RubricLine,
    Where,
    Who,
)
from grader.review import queue
from grader.review.submission_data import describe_submissions
from tests.support.pages import alike, of_class
from tests.support.reports import endless, exercise, not_graded, report, submission, typed_in

PAYLOADS = {
    "markup": """"'><script>alert(1)</script><img src=x onerror="alert(1)">{{7*7}}&lt;/style>""",
    "xml": "]]></system-out><testcase name='x'/><!-- <![CDATA[ &e; \ufffe",
    "formula": "=HYPERLINK(A1)",
    "full-width formula": "\uff1dcmd|' /C calc'!A0",
    "formula behind a sign": "\u200b\t@SUM(A1)",
    "separators": '";",\t"\r\n=1+1;-2',
    "workflow command": "\n::error file=a,line=1::x\r::set-output name=a::b%0A::stop-commands::z",
    "markdown": "| a |\n|---|\n# h\n[x](javascript:alert(1)) ![x](http://192.0.2.1) @team `x` <b>",
    "escape codes": "\x1b[2J\x1b]0;t\x07\x1b]8;;http://192.0.2.1\x1b\\\x9b1A\x08\x00\x7f",
    "direction": "\u202e\u2066\u200f\u061c\u2028\u2029",
    "console markup": "[bold red]x[/] [link=http://192.0.2.1]y[/link] :smile:",
}

STUDENTS_FIELDS = frozenset(
    (
        *("student", "file", "email", "login", "lms_id", "group", "attempt", "heading", "source"),
        *("value", "error", "release", "comment", "text", "by", "skipped", "files", "params"),
    )
)
"""Fields of a report with a text that comes from a student, or from who names their files."""


def with_text(value: Any, text: str, key: str = "") -> Any:
    """Put a text wherever a student's may stand in a report."""
    match value:
        case list():
            return [with_text(each, text, key) for each in value]
        case dict() if key == "params":
            return {each: with_text(inside, text, key) for each, inside in value.items()}
        case dict():
            filled = {each: with_text(inside, text, each) for each, inside in value.items()}
            if "lms_id" in value:
                return {**filled, "name": text, "source": ""}  # which names the LMS
            if "checks" in value:
                return {**filled, "title": text}
            return filled
        case str() if key in STUDENTS_FIELDS:
            return text
    return value


def report_with(text: str) -> Report:
    """A report with a text wherever a student's may stand."""
    where = Where(cell=1, line=1, source="w = 1", heading="H")
    found = Evidence(where=where, name="w", value="1")
    review = Reviewed(
        by="R",
        at="2026-01-01",
        credit=0.5,
        comment="C",
        items=(RubricLine(id="i", text="T", points=1),),
    )
    problems = (CellProblem(where=where, status="error", error="E", message="M"),)
    execution = Execution(problems=problems, skipped=("!pip",), files=("a.csv",), cells=2)
    failed = exercise("gradient-step", "failed", 0.0, found=found, review=review)
    looked_at = submission("Ana", failed, execution=execution, who=Who(name="A", group="G"))
    everyone = (
        looked_at,
        typed_in(),
        endless(),
        not_graded("Bia", "wrong_file", "wrong-file.language", language="L"),
        *alike().submissions,
    )
    left_out = LeftOut(file="f", status="ignored", reason=Message(id="left-out.no-notebook"))
    whole = report(*everyone).model_copy(
        update={
            "similar": alike().similar,
            "sameness": alike().sameness,
            "left_out": (left_out,),
            "summary": summarise(everyone),
        }
    )
    return Report.model_validate(with_text(json.loads(whole.model_dump_json()), text))


def harmless(text: str) -> str:
    """A text of the same length without any sign."""
    return "x" * len(text)


# What is made of a report


def pages(made: Report) -> list[str]:
    result = made.submissions[0]
    written = [of_class(made)]
    for reader in ("instructor", "student"):
        content = PageContent(
            result=result,
            info=made.assignments[0],
            run=None,
            language="en",
            reader=reader,
            neighbours=Neighbours(
                "../index.html", PageLink("b.html", plain(made.submissions[1].student))
            ),
            similar=tuple(similar_submissions(made, made.submissions[4], "en")),
        )
        written.append(student_page(content, Drawings()))
    return written


def comments(made: Report) -> list[str]:
    return [feedback.as_comment(result, "en") for result in made.submissions]


def on_terminal(made: Report) -> list[str]:
    views = [class_table(made, "en"), similar_view(made, made.submissions[4], "en")]
    for reader in ("student", "instructor"):
        views += [submission_view(result, "en", reader) for result in made.submissions]
    texts = [as_plain_text(view) for view in views]
    info = made.assignments[0]
    return texts + [feedback.as_text(result, info, "en") for result in made.submissions]


def annotations(made: Report) -> list[str]:
    return github.commands(made, "en", lambda submission, _: (submission.file, 3))


def desk(made: Report) -> Any:
    described = describe_submissions(made.submissions, Reviews(), "en")
    return [described, queue.questions(made, {}), queue.results_to_check(made)]


def gradescope(made: Report) -> Any:
    info = made.assignments[0]
    return [json.loads(results_json(result, info, "en")) for result in made.submissions]


# The form of what is made


class Tags(html.parser.HTMLParser):
    """Lists tags, with the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.append(" ".join([tag, *(name for name, _ in attributes)]))

    def handle_endtag(self, tag: str) -> None:
        self.names.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.names.append("comment")


def form_of_html(texts: list[str]) -> Any:
    return [[name for name in Tags(text).names if name not in HARMLESS] for text in texts]


HARMLESS = ("code", "/code")
"""Tags that backquotes make."""


def form_of_xml(data: bytes) -> Any:
    return [(each.tag, sorted(each.attrib)) for each in ET.fromstring(data).iter()]


def form_of_csv(data: bytes) -> Any:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    formulas = [cell for row in rows for cell in row if is_formula(cell)]
    return [len(row) for row in rows], formulas


def is_formula(cell: str) -> bool:
    begins = unicodedata.normalize("NFKC", cell).lstrip().startswith(FORMULAS)
    return begins and not re.fullmatch(r"-?[\d.]+", cell)


def form_of_annotations(lines: list[str]) -> Any:
    commands = []
    for line in lines:
        assert "\n" not in line
        _, head, _ = line.split("::", 2)
        commands.append(re.sub(r"=[^,]*", "", head))
    return commands


def form_of_markdown(text: str) -> Any:
    lines = text.split("\n")
    without_entities = [re.sub(r"&#?\w+;", "", line) for line in lines]
    return [re.findall(r"(?<!\\)[|<>#*`\[\]@!]", line) for line in without_entities]


def form_of_data(data: Any) -> Any:
    match data:
        case dict():
            return {key: form_of_data(value) for key, value in data.items()}
        case list() | tuple():
            return [form_of_data(value) for value in data]
    return type(data).__name__


def form_of_lines(texts: list[str]) -> Any:
    return [text.count("\n") for text in texts]


OUTPUTS: dict[str, tuple[Callable[[Report], Any], Callable[[Any], Any]]] = {
    "pages": (pages, form_of_html),
    "comments in gradebooks": (comments, form_of_html),
    "csv": (lambda made: class_csv(made, "en"), form_of_csv),
    "csv with semicolons": (lambda made: class_csv(made, "pt"), lambda data: data.count(b"\r\n")),
    "junit": (lambda made: junit_xml(made, "en"), form_of_xml),
    "github annotations": (annotations, form_of_annotations),
    "github summary": (lambda made: github.summary(made, "en"), form_of_markdown),
    "gradescope": (gradescope, form_of_data),
    "desk": (desk, form_of_data),
    "terminal": (on_terminal, len),
}

STEERING_AS_DATA = ("desk",)
"""Outputs with a student's own lines, which a page shows as text."""


def steering(made: Any) -> set[str]:
    """The characters that steer a terminal, or turn what is read."""
    text = json.dumps(made, ensure_ascii=False) if not isinstance(made, bytes) else made.decode()
    if not isinstance(made, bytes):
        text = re.sub(r"\\[nrt]", "", text)
    odd = {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs")}
    return odd - {"\n", "\r", "\ufeff"}


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_what_a_student_writes_keeps_the_form_of_an_output(output: str, kind: str) -> None:
    make, form_of = OUTPUTS[output]
    text = f"{PAYLOADS[kind]} end"
    made = make(report_with(text))
    assert form_of(make(report_with(harmless(text)))) == form_of(made)
    if output not in STEERING_AS_DATA:
        assert set() == steering(made)
