"""The instructor's file: its cells, its language, and what is no notebook."""

from __future__ import annotations

import json

import pytest

from grader.authoring.drafting.solved import SolvedCell
from grader.authoring.drafting.source import (
    detect_language,
    read_file,
    read_handout,
    solved_cells,
)
from grader.errors import AssignmentError
from tests.support import solved_notebooks
from tests.support.solved_notebooks import code, notebook, text


@pytest.mark.parametrize(
    ("name", "language"),
    [("portuguese", "pt"), ("own", "pt"), ("old", "pt"), ("english", "en"), ("nbgrader", "en")],
)
def test_the_language_is_that_of_the_words(name, language):
    assert language == detect_language(solved_cells(solved_notebooks.EVERY[name]))


def test_comments_tell_the_language_too():
    assert "pt" == detect_language(
        solved_cells(notebook([code("x = 1  # o passo da descida, que não para")]))
    )


def test_blank_cells_are_left_out_and_others_keep_their_place():
    assert [1] == [cell.index for cell in solved_cells(notebook([code("  "), text("Text.")]))]


def test_a_notebook_of_format_3_is_read():
    kinds = [cell.kind for cell in solved_cells(solved_notebooks.OLD)]
    assert ["markdown", "code", "markdown", "markdown", "code", "markdown", "code"] == kinds


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no notebook", "not JSON"),
        (json.dumps({"a": 1}), "not a notebook"),
        (json.dumps(notebook([])), "no cells"),
    ],
)
def test_what_is_no_notebook_is_said_in_a_line(tmp_path, content, message):
    path = tmp_path / "a.ipynb"
    path.write_text(content, "utf-8")
    with pytest.raises(AssignmentError, match=message) as raised:
        read_file(path)
    assert str(raised.value).startswith(f"{path}: ")


def test_a_file_that_is_not_there_is_said_in_a_line(tmp_path):
    with pytest.raises(AssignmentError, match="cannot be read"):
        read_file(tmp_path / "a.ipynb")


@pytest.mark.parametrize(
    "text",
    [
        "Calculez la perte de la droite, puis le gradient de J en w. Que devient la perte après "
        "un pas du gradient ?",
        "Calcola la perdita della retta e poi il gradiente. Che cosa succede con un passo più "
        "lungo, e perché?",
        "Berechne den Fehler der Geraden und dann die Ableitung. Was wird aus dem Fehler nach "
        "einem Schritt, und warum?",
        "Calcula la pèrdua de la recta i després el gradient. Què passa amb la pèrdua si el pas és "
        "més gran, i per què?",
        "Calculează pierderea dreptei și apoi gradientul. Ce se întâmplă cu pierderea pentru un "
        "pas mai mare și de ce?",
    ],
    ids=["french", "italian", "german", "catalan", "romanian"],
)
def test_a_language_that_is_not_spoken_here_is_neither_portuguese_nor_spanish(text: str) -> None:
    assert "en" == detect_language([SolvedCell("markdown", text, {}, {}, 0)])


LOSS = "w = torch.tensor(1.0, requires_grad=True)\nloss = ((w * x - y) ** 2).sum()"


@pytest.mark.parametrize(
    "texts",
    [
        (
            "# Descente de gradient",
            "## Exercice 1 : la perte",
            "## Question 3\n\nPourquoi la perte diminue-t-elle ?",
            "**Réponse :** parce que le pas va contre le gradient.",
        ),
        (
            "# Discesa del gradiente",
            "## Esercizio 1: la perdita\n\nSomma gli errori al quadrato della retta per w = 1.",
        ),
        ("# 梯度下降", "## 练习 1：损失\n\n计算 w = 1 时的平方误差之和。"),
    ],
    ids=["french", "italian", "chinese"],
)
def test_a_notebook_in_another_language_is_taken_for_english(texts: tuple[str, ...]) -> None:
    content = notebook([*map(text, texts), code(LOSS)])
    assert "en" == detect_language(solved_cells(content))


@pytest.mark.parametrize(
    "texts",
    [
        (
            "Calcula la pérdida de la recta y después el gradiente. ¿Qué pasa con la pérdida para "
            "una tasa mayor, y por qué?",
        ),
        (
            "# Descenso del gradiente",
            "## Ejercicio 1: la pérdida\n\nSuma los errores al cuadrado de la recta.",
        ),
        ("# Práctica 2\n\nEn esta práctica se entrena una red con los datos de las flores.",),
    ],
    ids=["sentences", "headings", "introduction"],
)
def test_a_notebook_in_spanish_is_known_by_its_words(texts: tuple[str, ...]) -> None:
    content = notebook([*map(text, texts), code(LOSS)])
    assert "es" == detect_language(solved_cells(content))


def test_one_heading_in_spanish_makes_no_english_notebook_spanish() -> None:
    content = notebook(
        [text("# La paloma"), text("Compute the loss of the line, and what it is at the end.")]
    )
    assert "en" == detect_language(solved_cells(content))


def failed(source: str) -> dict[str, object]:
    """A cell that was saved with the exception that it ended in."""
    cell = code(source)
    cell["outputs"] = [
        {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}
    ]
    return cell


@pytest.mark.parametrize(
    "cells",
    [
        [code("f(2)", metadata={"tags": ["raises-exception"]})],
        [failed("f(2)")],
        [text("This raises, and is meant to:"), code("f(2)")],
        [text("O código a seguir gera um erro:"), code("f(2)")],
        [code("f(2)  # raises ValueError")],
    ],
)
def test_a_cell_may_raise_that_says_so_or_did(cells):
    assert solved_cells(notebook(cells))[-1].may_raise


@pytest.mark.parametrize(
    "above", ["The error falls with each step.", "Raise it to the power of 2."]
)
def test_a_cell_below_other_words_may_not(above):
    assert not solved_cells(notebook([text(above), code("f(2)")]))[-1].may_raise


def test_a_handout_is_kept_byte_for_byte(tmp_path):
    path = solved_notebooks.write(tmp_path, notebook([text("# Lab"), code("s = ...")]))
    handout = read_handout(path)
    assert (path.read_bytes(), 2) == (handout.data, len(handout.cells))


def test_a_handout_of_an_old_format_is_said_in_a_line(tmp_path):
    path = solved_notebooks.write(tmp_path, solved_notebooks.OLD)
    with pytest.raises(AssignmentError, match="not a notebook of format 4"):
        read_handout(path)


@pytest.mark.parametrize(
    "text",
    [
        "计算 `y` 与 x 的均值，y 为标签。请补全代码。",
        "次の y を求めなさい。`y = x` とする。",
        "Compute the mean of `y`, `y_hat`, $y$ and `no`.",
    ],
)
def test_code_and_letters_in_another_script_are_no_words_of_spanish(text: str) -> None:
    assert "en" == detect_language([SolvedCell("markdown", text, {}, {}, 0)])
