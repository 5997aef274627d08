"""Search what a student reads for sentences that blame them for what the machine did."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

from grader.messages import MISSING, Language, say
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.page_content import PageContent
from grader.outputs.pages.student_page import student_page
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import make_console
from grader.report import SubmissionResult

FALSE = (
    "value.missing",
    "value.absent",
    "value.absent-here",
    "value.blank",
    "value.no-gradient",
    "value.does-not-follow-data",
    "function.missing",
    "function.not-there",
    "probe.never-defined",
    "function.raises",
    "function.no-end",
    "series.missing",
    "series.absent",
    "series.length",
    "graph.missing",
    "graph.no-gradient",
    "not-run.kernel-ended",
    "ended.flooded",
    "note.again",
)
"""Messages that no student of a right notebook may read."""


def false_sentences(result: SubmissionResult, language: Language) -> list[str]:
    """List the messages of `FALSE` that a student reads in the terminal or on their page."""
    texts = (_in_terminal(result, language), _on_page(result, language))
    told: list[str] = []
    for message_id in FALSE:
        says = saying(message_id, language)
        if any(map(says, texts)):
            told.append(message_id)
    return told


def saying(message_id: str, language: Language) -> Callable[[str], bool]:
    """Tell whether a text says what a message does, whatever its parameters are."""
    sentence = say(message_id, {}, language=language, reader="student")
    fragment = max(sentence.split(MISSING), key=len).strip()
    return lambda text: fragment in " ".join(text.split())


def _in_terminal(result: SubmissionResult, language: Language) -> str:
    stream = io.StringIO()
    make_console(stream).print(submission_view(result, language, "student"))
    return stream.getvalue()


def _on_page(result: SubmissionResult, language: Language) -> str:
    content = PageContent(result, None, None, language, reader="student")
    page = student_page(content, Drawings())
    return html.unescape(re.sub(r"<[^>]+>", " ", page))
