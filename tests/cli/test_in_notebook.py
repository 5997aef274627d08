"""`check()` in a notebook: it finds the notebook it is called from, and shows a small table."""

from __future__ import annotations

import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient

import grader
from grader.cli import in_notebook
from grader.errors import GraderError
from tests.support.courses import Course, notebook, released, write_notebook
from tests.support.mean_course import MEAN_DATA, MEAN_STEP

SOLVED = ("#!# Média e amplitude", MEAN_DATA, MEAN_STEP, "amplitude = max(dados) - min(dados)")


@pytest.fixture(scope="module")
def unpacked(mean_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a student unpacks."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(released(mean_course, "media", folder / "media.zip")) as archive:
        archive.extractall(folder)
    return folder / "media"


@pytest.fixture
def here(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The student's folder, in which the command is given."""
    monkeypatch.chdir(unpacked)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return unpacked


def row(table: str, title: str) -> str:
    rows = table.split("<tr>")
    return next(row for row in rows if title in row)


# Which notebook


def test_jupyter_says_it_in_the_environment(tmp_path, monkeypatch):
    path = write_notebook(tmp_path / "ana.ipynb", SOLVED)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert path == in_notebook.find_notebook()


def test_jupyter_may_say_it_relative_to_its_own_folder(tmp_path, monkeypatch):
    path = write_notebook(tmp_path / "ana.ipynb", SOLVED)
    write_notebook(tmp_path / "bia.ipynb", SOLVED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JPY_SESSION_NAME", "curso/aula/ana.ipynb")
    assert path == in_notebook.find_notebook()


def test_vs_code_says_it_in_a_name_of_the_notebooks(tmp_path, monkeypatch):
    path = write_notebook(tmp_path / "ana.ipynb", SOLVED)
    write_notebook(tmp_path / "bia.ipynb", SOLVED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    shell = types.SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(path)})
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert path == in_notebook.find_notebook()


def test_a_single_notebook_in_the_folder_is_the_one(tmp_path, monkeypatch):
    path = write_notebook(tmp_path / "ana.ipynb", SOLVED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert path == in_notebook.find_notebook()


@pytest.mark.parametrize("names", [(), ("ana.ipynb", "bia.ipynb")])
def test_where_nothing_says_it_the_file_is_asked_for(tmp_path, monkeypatch, names):
    for name in names:
        write_notebook(tmp_path / name, SOLVED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(GraderError, match=r"check\('its-name\.ipynb'\)"):
        in_notebook.find_notebook()


# Colab, which hands its notebook over


class Colab:
    """Stands in for Colab's page: answers `get_ipynb` with a notebook that is saved nowhere."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.requests: list[str] = []

    def blocking_request(self, request_type: str, request: Any = "", timeout_sec: float = 5) -> Any:
        self.requests.append(request_type)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def put_in(colab: Colab, monkeypatch: pytest.MonkeyPatch) -> None:
    package = types.ModuleType("google")
    library = types.ModuleType("google.colab")
    library._message = colab  # type: ignore[attr-defined]
    package.colab = library  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google", package)
    monkeypatch.setitem(sys.modules, "google.colab", library)


@pytest.mark.kernel
def test_colab_hands_over_the_notebook_as_it_is_now(here, monkeypatch):
    colab = Colab({"ipynb": notebook(SOLVED)})
    put_in(colab, monkeypatch)
    checked = grader.check()
    first_two = checked.result.exercises[:2]
    assert ["get_ipynb"] == colab.requests
    assert ["passed", "failed"] == [exercise.status for exercise in first_two]


@pytest.mark.kernel
@pytest.mark.parametrize("answer", [TimeoutError("no reply"), None, {}, {"ipynb": "x"}])
def test_where_colab_does_not_answer_the_file_is_asked_for(here, monkeypatch, answer):
    put_in(Colab(answer), monkeypatch)
    with pytest.raises(GraderError, match="Download the notebook, upload it here"):
        grader.check()


def test_in_colab_the_release_has_to_be_uploaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put_in(Colab({"ipynb": notebook(SOLVED)}), monkeypatch)
    with pytest.raises(GraderError, match=r"Upload the check\.json"):
        grader.check()


# The table


@pytest.mark.kernel
def test_the_table_has_the_mark_the_line_and_what_to_do(here):
    path = write_notebook(here / "ana.ipynb", SOLVED)
    table = grader.check(path)._repr_html_()
    path.unlink()
    failed = row(table, "Do maior à média")
    assert "✓" in row(table, "Média</b>")
    assert "✗" in failed
    assert "Aqui se mede até a média." in failed


@pytest.mark.kernel
def test_the_table_shows_no_points_and_says_that_the_numbers_were_others(here):
    path = write_notebook(here / "ana.ipynb", SOLVED)
    table = grader.check(path)._repr_html_()
    path.unlink()
    assert "2/2" not in table
    assert "Conferido com outros números" in table


@pytest.mark.kernel
def test_what_a_student_wrote_is_shown_as_text(here):
    cells = (
        "#!# <script>alert(1)</script>",
        MEAN_DATA,
        f"{MEAN_STEP}  # <img src=x onerror=alert(1)>",
    )
    path = write_notebook(here / "ana.ipynb", cells)
    table = grader.check(path)._repr_html_()
    path.unlink()
    assert "<script" not in table
    assert "<img" not in table
    assert "&lt;img src=x" in table


@pytest.mark.kernel
def test_without_a_release_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_notebook(tmp_path / "ana.ipynb", SOLVED)
    with pytest.raises(
        GraderError, match=r"Put the check\.json that came with the assignment there"
    ):
        grader.check(path)


def test_while_the_grader_runs_a_notebook_it_says_nothing(monkeypatch):
    monkeypatch.setenv(grader.RUNNING, "1")
    assert grader.check() is None


# In a real kernel


@pytest.mark.kernel
@pytest.mark.parametrize(
    "asking", ["from grader import check\ncheck()", "%load_ext grader\n%grade"]
)
def test_it_works_in_a_jupyter_kernel(here, monkeypatch, asking):
    path = write_notebook(here / "ana.ipynb", [*SOLVED, asking])
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    document = nbformat.read(path, as_version=4)
    NotebookClient(document, resources={"metadata": {"path": str(here)}}).execute()
    path.unlink()
    shown = [output.data for output in document.cells[-1].outputs if "data" in output]
    html = shown[-1]["text/html"]
    text = shown[-1]["text/plain"]
    assert "✓" in row(html, "Média</b>")
    assert "✗ Do maior" in text


def test_an_error_is_one_line_in_a_notebook(capsys):
    shell = InteractiveShell()
    shell.run_cell(
        "from grader.errors import GraderError\nraise GraderError('No release.', 'Put it here.')"
    )
    assert "No release. Put it here.\n" == capsys.readouterr().out
