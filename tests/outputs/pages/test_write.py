"""The pages that a run leaves beside its report, and the students' own copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.messages import Language
from grader.notebook.cells import NotebookCell
from grader.outputs.pages import write as pages
from grader.outputs.pages.write import students_copies, write_copies, write_pages
from grader.progress import SilentProgress
from grader.report import SubmissionResult
from grader.store.store import Store, read_report
from grader.submissions.snapshot import snapshot_of
from grader.submissions.submission import Submission
from tests.support.pages import text_of
from tests.support.reports import not_graded, report, submission, typed_in, zeroed
from tests.support.traces import run, sets, trace

ANA = submission("Ana Exemplo", id="ana")
BIA = zeroed().model_copy(update={"id": "bia"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The output of a run with two students."""
    out = tmp_path / "grades"
    with Store(out) as store:
        store.write_report(report(ANA, BIA))
        for result in (ANA, BIA):
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
    return out


def write(folder: Path, language: Language | None = None) -> Path:
    """Write the pages; gives the page of the class."""
    with Store(folder) as store:
        return write_pages(store, read_report(folder), language, SilentProgress())


def write_times(folder: Path) -> dict[str, int]:
    """Write the pages; gives when each was written, in ns."""
    write(folder)
    return {path.name: path.stat().st_mtime_ns for path in (folder / "pages").iterdir()}


def test_a_run_leaves_a_page_of_the_class_and_one_per_student(folder):
    assert folder / "index.html" == write(folder)
    assert {"ana.html", "bia.html"} == {*write_times(folder)}


def test_the_page_of_the_class_leads_to_those_of_the_students_and_they_back(folder):
    write(folder)
    assert 'href="pages/bia.html"' in (folder / "index.html").read_text()
    assert 'href="../index.html#s-bia"' in (folder / "pages" / "bia.html").read_text()


def test_a_page_has_what_the_run_left_behind(folder):
    write(folder)
    assert "1 w = 1 w = 1" in text_of((folder / "pages" / "ana.html").read_text())


def test_a_page_that_would_be_the_same_is_not_written_again(folder):
    assert write_times(folder) == write_times(folder)


def test_a_page_is_written_again_once_its_result_is_another(folder):
    before = write_times(folder)
    with Store(folder) as store:
        store.write_report(report(ANA.model_copy(update={"points": 9.0}), BIA))
    after = write_times(folder)
    assert [True, False] == [before[name] != after[name] for name in ("ana.html", "bia.html")]


def test_a_page_is_written_again_once_its_run_is_another(folder):
    before = write_times(folder)
    with Store(folder) as store:
        stored = store.read_trace("ana")
        store.write_trace(
            "ana", "other", trace(run(sets("w", 2.0, cell=0)), sources=["w = 2"]), stored.about
        )
    assert before["ana.html"] != write_times(folder)["ana.html"]


def test_all_pages_are_written_again_once_they_are_made_in_another_way(folder, monkeypatch):
    before = write_times(folder)
    monkeypatch.setattr(pages, "version", lambda: "another")
    assert not {*before.values()} & {*write_times(folder).values()}


def test_the_page_of_a_student_who_is_not_there_any_more_goes(folder):
    write(folder)
    with Store(folder) as store:
        store.write_report(report(ANA))
    assert {"ana.html"} == {*write_times(folder)}


def test_a_student_whose_run_is_lost_has_a_page_without_it(folder):
    (folder / "traces" / "ana.json.gz").unlink()
    write(folder)
    text = text_of((folder / "pages" / "ana.html").read_text())
    assert (True, False) == ("Ana Exemplo" in text, "O que o código fez" in text)


def test_the_language_asked_for_is_that_of_all_pages(folder):
    write(folder, "en")
    assert '<html lang="en">' in (folder / "pages" / "ana.html").read_text()


# The students' copies


def copies(folder: Path, *results: SubmissionResult) -> dict[str, str]:
    """The students' copies, by their names."""
    target = folder.parent / "feedback"
    graded = report(*results)
    pages = students_copies(Store(folder), graded, None, SilentProgress())
    paths = write_copies(target, graded.submissions, pages)
    return {path.relative_to(target).as_posix(): path.read_text() for path in paths}


def test_each_student_has_a_copy_under_their_name(folder):
    assert ["Ana-Exemplo.html", "Gabriela-Exemplo.html"] == [*copies(folder, ANA, BIA)]


def test_two_students_of_one_name_have_two_copies(folder):
    other = ANA.model_copy(update={"id": "ana2", "student": "ana exemplo"})
    assert ["Ana-Exemplo-ana.html", "ana-exemplo-ana2.html"] == [*copies(folder, ANA, other)]


def test_no_name_leads_out_of_the_folder(folder):
    hostile = ANA.model_copy(update={"student": "../../.ssh/x\x00"})
    assert ["ssh-x.html"] == [*copies(folder, hostile)]


def test_a_name_of_any_length_names_a_file(folder):
    long = ANA.model_copy(update={"student": "ã" * 400})
    assert ["ã" * 50 + ".html"] == [*copies(folder, long)]


def test_a_copy_has_nobody_else_on_it(folder):
    pages_by_name = copies(folder, ANA, BIA)
    assert "Gabriela" not in pages_by_name["Ana-Exemplo.html"]


def test_a_copy_has_no_value_that_was_found_and_nothing_for_the_instructor(folder):
    texts = [text_of(page) for page in copies(folder, BIA, typed_in()).values()]
    joined = "".join(texts)
    secrets = ("1.0000042", "encontrado", "45,36", "Erro conhecido")
    assert [] == [secret for secret in secrets if secret in joined]


def test_a_file_that_could_not_be_read_has_a_copy_that_says_what_to_do(folder):
    (page,) = copies(
        folder, not_graded("Olivia Exemplo", "unreadable", "unreadable.empty")
    ).values()
    assert "Olivia Exemplo" in text_of(page)
