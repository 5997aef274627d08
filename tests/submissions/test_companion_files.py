"""Files handed in beside a notebook: which lie in its working directory."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.job import InputFile
from grader.notebook.cells import NotebookCell
from grader.submissions import companion_files
from grader.submissions.companion_files import files_beside, modules_among, with_declared

CODE = "import ajuda\ndados = open('dados.csv').read() + open('sub/mais.txt').read()"


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "ana/caderno.ipynb"
    path.parent.mkdir()
    path.write_text("{}")
    return path


def put(notebook: Path, name: str, text: str = "1") -> None:
    path = notebook.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def names(notebook: Path, code: str = CODE) -> list[str]:
    return [file.name for file in files_beside(notebook, [NotebookCell(kind="code", source=code)])]


def test_data_and_modules_that_the_code_names_come_along(notebook):
    for name in ("dados.csv", "ajuda.py", "sub/mais.txt"):
        put(notebook, name)
    assert ["ajuda.py", "dados.csv", "sub/mais.txt"] == sorted(names(notebook))


def test_what_the_code_does_not_name_stays_out(notebook):
    put(notebook, "outros.csv")
    put(notebook, "diario.txt")
    assert [] == names(notebook)


def test_a_name_in_a_markdown_cell_is_not_the_codes(notebook):
    put(notebook, "dados.csv")
    assert () == files_beside(notebook, [NotebookCell(kind="markdown", source="dados.csv")])


def test_in_a_folder_of_several_notebooks_nobodys_files_come_along(notebook):
    put(notebook, "dados.csv")
    put(notebook, "outro.ipynb")
    assert [] == names(notebook)


def test_a_folder_inside_with_a_notebook_of_its_own_is_somebody_elses(notebook):
    put(notebook, "bia/dados.csv")
    put(notebook, "bia/caderno.ipynb")
    assert [] == names(notebook)


@pytest.mark.parametrize("name", ["dados.sh", "dados.so", "dados.exe", ".dados.csv", "dados"])
def test_an_ending_or_a_name_that_is_not_on_the_list_stays_out(notebook, name):
    put(notebook, name)
    assert [] == names(notebook, f"open('{name}')")


def test_a_link_to_a_file_of_the_instructors_is_not_followed(notebook, tmp_path):
    (tmp_path / "segredo.csv").write_text("1")
    (notebook.parent / "dados.csv").symlink_to(tmp_path / "segredo.csv")
    (notebook.parent / "sub").symlink_to(tmp_path)
    put(notebook, "ajuda.py")
    assert ["ajuda.py"] == names(notebook, CODE + "\nopen('segredo.csv')")


def test_files_beyond_the_limit_stay_out(notebook, monkeypatch):
    monkeypatch.setattr(companion_files, "MAX_BYTES", 5)
    put(notebook, "ajuda.py", "123")
    put(notebook, "dados.csv", "123")
    assert ["ajuda.py"] == names(notebook)


def test_a_file_is_known_by_what_is_in_it(notebook):
    put(notebook, "dados.csv", "7")
    (file,) = files_beside(notebook, [NotebookCell(kind="code", source=CODE)])
    assert hashlib.sha256(b"7").hexdigest() == file.sha256


def test_the_modules_among_the_files_are_read(notebook):
    put(notebook, "dados.csv", "7")
    put(notebook, "meu.py", "y = 'é'")
    code = f"{CODE}\nimport meu"
    modules = modules_among(files_beside(notebook, [NotebookCell(kind="code", source=code)]))
    assert [("meu.py", "y = 'é'")] == [(module.name, module.source) for module in modules]


def test_a_module_that_is_too_large_to_be_looked_at_stays_out(notebook, monkeypatch):
    monkeypatch.setattr(companion_files, "MAX_MODULE_BYTES", 10)
    put(notebook, "meu.py", "#" * 11)
    assert [] == names(notebook, "import meu")


def input_file(name: str, path: str) -> InputFile:
    return InputFile(name=name, path=Path(path), sha256="0")


def test_nothing_handed_in_takes_the_place_of_the_assignments_data():
    given = with_declared(
        [
            input_file("dados.csv", "theirs"),
            input_file("x.csv", "theirs"),
            input_file("d/y.csv", "theirs"),
        ],
        [input_file("dados.csv", "ours"), input_file("d", "ours")],
    )
    assert [("x.csv", "theirs"), ("dados.csv", "ours"), ("d", "ours")] == [
        (f.name, str(f.path)) for f in given
    ]
