"""Answers that the handout holds in another place than their own."""

from __future__ import annotations

from grader.authoring.validation.copied_answers import CopiedAnswer, copied_answers
from grader.notebook.cells import NotebookCell

GIVEN = "import torch\nx = torch.ones(3)"
LOOP = "for step in range(9):\n    loss = (w * x).sum()\n    loss.backward()\n    w = w - w.grad"


def notebook(*sources: str) -> list[NotebookCell]:
    """Cells of a notebook: those that begin with `#` are texts."""
    return [
        NotebookCell(kind="markdown" if source.startswith("#") else "code", source=source)
        for source in sources
    ]


def test_an_answer_that_stands_in_no_other_place_is_not_copied():
    reference = notebook(GIVEN, "## Exercise 1", "total = x.sum() + 1\n# grade: total = total")
    assert [] == copied_answers(reference, notebook(GIVEN, "## Exercise 1", "# your code"))


def test_an_answer_in_a_comment_is_copied():
    reference = notebook(GIVEN + "\n# total = x.sum() + 1", "## Exercise 1", "total = x.sum() + 1")
    handout = notebook(GIVEN + "\n# total = x.sum() + 1", "## Exercise 1", "y = 1")
    assert [CopiedAnswer("Exercise 1", 0, "# total = x.sum() + 1")] == copied_answers(
        reference, handout
    )


def test_an_answer_in_a_text_is_copied():
    text = "# Hint\n```\ntotal = x.sum() + 1\n```"
    reference = notebook(GIVEN, "## Exercise 1", "total = x.sum() + 1", text)
    handout = notebook(GIVEN, "## Exercise 1", "y = ...", text)
    assert [3] == [copied.cell for copied in copied_answers(reference, handout)]


def test_a_line_that_only_the_handout_has_is_there_to_be_completed():
    reference = notebook(GIVEN, "## Exercise 1", "total = x.sum() + 1")
    handout = notebook(GIVEN, "## Exercise 1", "# total = x.sum() + 1")
    assert [] == copied_answers(reference, handout)


def test_a_line_that_given_code_has_too_is_not_copied():
    reference = notebook(GIVEN, "total = x.sum() + 1", "## Exercise 1", "total = x.sum() + 1")
    handout = notebook(GIVEN, "total = x.sum() + 1", "## Exercise 1", "total = ...")
    assert [] == copied_answers(reference, handout)


def test_a_whole_answer_that_given_code_repeats_is_copied():
    reference = notebook(GIVEN, LOOP, "## Exercise 1", LOOP)
    handout = notebook(GIVEN, LOOP, "## Exercise 1", "...")
    assert [1] == [copied.cell for copied in copied_answers(reference, handout)]


def test_given_code_that_has_a_part_of_an_answer_is_not_copied():
    reference = notebook(GIVEN, LOOP, "## Exercise 1", LOOP.replace("9", "20"))
    assert [] == copied_answers(reference, notebook(GIVEN, LOOP, "## Exercise 1", "..."))


def test_trivial_lines_are_not_copied():
    reference = notebook("def f(x):\n    return x", "## Exercise 1", "steps = 20\nreturn_ = 1")
    handout = notebook("def f(x):\n    return x", "# steps = 20", "...")
    assert [] == copied_answers(reference, handout)
