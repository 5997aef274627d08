"""Code that a text hides as the solution becomes the answer in the cell above it."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.readers.folded_solutions import unfold_solutions
from grader.authoring.drafting.solved import SolvedCell


def folded(summary: str, inside: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>"


def unfolded(*sources: str) -> list[str]:
    """Sources of cells once their solutions are unfolded; those of code begin with `> `."""
    cells = []
    for source in sources:
        kind = "code" if source.startswith("> ") else "markdown"
        cells.append(SolvedCell(kind, source.removeprefix("> ")))
    marks = {"code": "> ", "markdown": "", "raw": ""}
    return [f"{marks[cell.kind]}{cell.source}" for cell in unfold_solutions(cells)]


CODE = "Use the sum:\n\n```python\ns = x.sum()\n```"


@pytest.mark.parametrize("place", ["> ", "> # your code here", "> s = ..."])
def test_an_empty_cell_gets_the_code_below_it(place):
    assert ["Sum `x`.", "> s = x.sum()"] == unfolded("Sum `x`.", place, folded("Solution", CODE))


def test_a_solution_in_the_text_that_asks_gets_a_cell_of_its_own():
    asked = "Sum `x`.\n\n" + folded("Answer", CODE)
    assert ["Sum `x`.", "> s = x.sum()"] == unfolded(asked)


def test_a_solution_of_a_jupyter_book_is_unfolded():
    assert ["> s = x.sum()"] == unfolded("> ", f"````{{solution}} sum\n{CODE}\n````")


@pytest.mark.parametrize(
    "text",
    [
        folded("Hint", CODE),
        folded("How a loader works", CODE),
        folded("Solution", "Because it is linear."),
        folded("Solution", "```\n$ make\n```"),
    ],
)
def test_hints_explanations_words_and_other_languages_stay(text):
    assert ["> x = 1", text] == unfolded("> x = 1", text)


def test_a_comment_above_the_code_is_part_of_it():
    text = folded("Solution", "```\n# the sum\ns = x.sum()\n```")
    assert ["> # the sum\ns = x.sum()"] == unfolded("> ", text)


def test_an_empty_cell_below_the_text_is_filled():
    asked = "Sum `x`.\n\n" + folded("Solution", CODE)
    assert ["Sum `x`.", "> s = x.sum()", "## Next"] == unfolded(asked, "> ", "## Next")


@pytest.mark.parametrize("order", [("> s = x.sum()", "fold"), ("fold", "> s = x.sum()")])
def test_a_copy_of_code_that_is_there_stays_folded(order):
    cells = [folded("Solution", CODE) if each == "fold" else each for each in order]
    assert cells == unfolded(*cells)
