"""All that is made from a report is in one language: no sentence is of another catalogue."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from grader.messages import LANGUAGES, Language, catalogue
from grader.notebook.cells import NotebookCell
from grader.outputs.feedback import as_comment
from grader.outputs.formats.csv import class_csv
from grader.outputs.formats.github import summary
from grader.outputs.formats.junit import junit_xml
from grader.outputs.pages.write import students_copies, write_pages
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import class_table
from grader.progress import SilentProgress
from grader.report import Report
from grader.store.store import Store
from grader.submissions.snapshot import snapshot_of
from grader.submissions.submission import Submission
from tests.support.pages import alike, text_of
from tests.support.reports import report
from tests.support.traces import run, sets, trace

LEAST_WORDS = 3
"""A sentence of fewer words may be the same in two languages."""


def class_in(language: Language, graded: Report | None = None) -> Report:
    """The report of a course in a language."""
    graded = graded or report()
    (info,) = graded.assignments
    own = info.model_copy(update={"language": language})
    return graded.model_copy(update={"assignments": (own,)})


def fragments(language: Language) -> set[str]:
    """What stands between the parameters of a catalogue's texts, as small letters and spaces."""
    found = set()
    for text in catalogue(language).values():
        for fragment in re.split(r"\{[^}]*\}", text):
            words = " ".join(fragment.split()).strip(" .:,;")
            if len(words.split()) >= LEAST_WORDS:
                found.add(words)
    return found


def foreign(text: str, language: Language) -> list[str]:
    """The sentences of other languages in a text."""
    own = " | ".join(fragments(language))
    words = " ".join(text.split())
    others: set[str] = set()
    for other in LANGUAGES:
        if other != language:
            others |= fragments(other)
    return sorted(fragment for fragment in others if fragment in words and fragment not in own)


def printed(view: RenderableType) -> str:
    out = io.StringIO()
    Console(file=out, width=100, markup=False, highlight=False).print(view)
    return out.getvalue()


def stored(folder: Path, graded: Report) -> Store:
    """The output of a run, with a trace for each submission."""
    store = Store(folder / "grades")
    with store:
        store.write_report(graded)
        for result in graded.submissions:
            submission = Submission(
                id=result.id,
                student=result.student,
                file=result.file,
                path=Path(result.file),
                sha256=result.sha256,
                cells=(NotebookCell(kind="code", source="w = 1"),),
            )
            snapshot = snapshot_of(submission, "autograd", {})
            its_trace = trace(run(sets("w", 1.0, cell=0)), sources=["w = 1"])
            store.write_trace(result.id, "key", its_trace, snapshot.to_json())
    return store


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("graded", [report(), alike()], ids=["class", "alike"])
def test_pages_have_no_sentence_of_another_language(tmp_path, language, graded):
    graded = class_in(language, graded)
    store = stored(tmp_path, graded)
    with store:
        write_pages(store, graded, language, SilentProgress())
        copies = students_copies(store, graded, language, SilentProgress())
    files = (tmp_path / "grades").rglob("*.html")
    pages = [path.read_text("utf-8") for path in files] + list(copies.values())

    assert len(pages) == 1 + 2 * len(graded.submissions)
    assert {f'<html lang="{language}">'} == {page.splitlines()[1] for page in pages}
    assert [] == foreign(" ".join(map(text_of, pages)), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_has_no_sentence_of_another_language(language):
    graded = class_in(language)
    views = [class_table(graded, language)]
    for result in graded.submissions:
        for reader in ("student", "instructor"):
            views.append(submission_view(result, language, reader))
    assert [] == foreign(" ".join(map(printed, views)), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_have_no_sentence_of_another_language(language):
    graded = class_in(language)
    files = [class_csv(graded, language), junit_xml(graded, language)]
    texts = [file.decode("utf-8") for file in files]
    texts.append(summary(graded, language))
    texts += [as_comment(result, language) for result in graded.submissions]
    assert [] == foreign(" ".join(texts), language)


def test_a_sentence_of_another_language_would_be_found():
    assert ["The right value was computed, and it follows the data"] == foreign(
        "El valor. The right value was computed, and it follows the data.", "es"
    )
