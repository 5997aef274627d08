"""The traits of what a student wrote: what two share however they name, order and cut it."""

from __future__ import annotations

from grader.batch.similarity.features import (
    MAX_CELLS,
    MAX_PIECES,
    GivenWork,
    Kind,
    read_given,
    read_pieces,
)
from grader.notebook.cells import NotebookCell
from tests.support.classes import code

STEP = "import torch\nw = torch.ones(1)\nloss = (w * 2).sum()\nloss.backward()"


def traits(*sources: str, kind: Kind = "shape") -> set[str]:
    pieces = read_pieces(code(*sources), GivenWork())
    return {trait.key for piece in pieces for trait in piece.traits if trait.kind == kind}


def test_other_names_have_the_same_shapes_and_links():
    renamed = STEP.replace("loss", "perda").replace("w", "peso").replace("backpesoard", "backward")
    assert (traits(STEP), traits(STEP, kind="links")) == (
        traits(renamed),
        traits(renamed, kind="links"),
    )


def test_other_names_are_other_names():
    assert traits("w = 1", kind="names").isdisjoint(traits("v = 1", kind="names"))


def test_a_library_is_known_by_its_full_name():
    usual = "import torch.nn.functional as F\nF.relu(x)"
    assert [traits(usual)] * 3 == [
        traits("import torch\ntorch.nn.functional.relu(x)"),
        traits("from torch.nn.functional import relu\nrelu(x)"),
        traits("from torch.nn import functional as G\nG.relu(x)"),
    ]


def test_a_statement_is_linked_to_those_it_builds_on_wherever_they_stand():
    together, apart = "a = f()\nb = g()\nc = a + b", ("b = g()\na = f()", "print(1)\nc = a + b")
    assert traits(together, kind="links") <= traits(*apart, kind="links")


def test_a_statement_that_builds_on_another_is_linked_otherwise():
    assert traits("a = f()\nc = a + 1", kind="links").isdisjoint(
        traits("a = g()\nc = a + 1", kind="links")
    )


def test_numbers_count_where_few_would_come_to_them():
    assert (0, 1) == (
        len(traits("w = 0.1 + 28", kind="numbers")),
        len(traits("w = 0.137", kind="numbers")),
    )


def test_the_cells_of_the_handout_are_not_the_students():
    given = read_given(code("x = data()\nprint(x)"), ())
    assert [3] == [
        piece.line
        for piece in read_pieces(code("x  =  data()\nprint(x)", "# mine\n\ny = x + 1"), given)
    ]


def test_what_the_handout_says_in_a_cell_that_was_edited_is_not_the_students():
    given = read_given(code("x = data()\nprint(x)"), ())
    assert ["y = x + 1"] == [
        piece.source for piece in read_pieces(code("x = data()\ny = x + 1\nprint(x)"), given)
    ]


def test_what_the_reference_says_is_not_the_students_whatever_its_names():
    given = read_given((), code("x = data()\nloss = x.sum()"))
    own = read_pieces(code("dados = data()\nperda = dados.sum()\nperda.backward()"), given)
    assert ["perda.backward()"] == [piece.source for piece in own]


def test_sentences_stand_in_answers_comments_and_texts():
    cells = code("# this is how one does it\nprint('the loss goes up after the step')")
    answers = [(7, "It adds up, so the step is too long.")]
    said = [(p.cell, p.line) for p in read_pieces(cells, GivenWork(), answers) if not p.is_code]
    assert [(0, 2), (0, 1), (7, 0)] == said


def test_other_text_cells_say_nothing_since_they_may_be_of_another_years_handout():
    cells = (NotebookCell(kind="markdown", source="This is a long sentence of somebody or other."),)
    assert () == read_pieces(cells, GivenWork())


# SECURITY: a notebook is a student's to write


def test_a_notebook_of_any_length_is_cut():
    many = read_pieces(code(*(f"a{n} = f{n}(1)\n" * 10 for n in range(3 * MAX_CELLS))), GivenWork())
    assert (MAX_PIECES, True) == (len(many), all(piece.cell < MAX_CELLS for piece in many))


def test_of_cells_that_are_too_long_together_the_first_are_read():
    assert ["a = 1"] == [
        piece.source for piece in read_pieces(code("a = 1", "#" * 10**6, "b = 2"), GivenWork())
    ]


def test_a_line_that_ends_in_a_carriage_return_alone_is_read():
    assert 3 == len(read_pieces(code("a = 1\rb = 2\rc = a"), GivenWork()))
