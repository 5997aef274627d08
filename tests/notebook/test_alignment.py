"""A cell stands in the section of the handout that begins above it."""

from __future__ import annotations

from grader.notebook.alignment import BEFORE_ALL, Alignment
from grader.notebook.cells import NotebookCell


def cells(*sources: str) -> list[NotebookCell]:
    """Make cells; one that begins with `#!` is text."""
    made = []
    for source in sources:
        kind = "markdown" if source.startswith("#!") else "code"
        made.append(NotebookCell(kind=kind, source=source.removeprefix("#!")))
    return made


HANDOUT = cells(
    "x = 1", "#!# One", "#!Add.", "", "#!Take away.", "", "#!Your answer:", "", "#!Your answer:"
)


def sections(*notebook: str) -> list[int | None]:
    alignment = Alignment(cells(*notebook), HANDOUT)
    return [alignment.section(cell) for cell in range(len(notebook))]


def test_texts_one_after_the_other_begin_one_section() -> None:
    found = sections("x = 1", "#!# One", "#!Add.", "a", "#!Take away.", "b")
    assert [BEFORE_ALL, 1, 1, 1, 4, 4] == found


def test_text_of_a_students_own_begins_none() -> None:
    assert [1, 1, 1, 1] == sections("#!# One", "#!Add.", "#!My thoughts", "a")


def test_a_section_is_found_by_a_part_of_its_texts() -> None:
    assert [1, 1] == sections("#!Add.", "a")


def test_a_text_with_an_answer_below_it_is_still_the_handouts() -> None:
    assert [1, 1, 4, 4] == sections("#!# One", "a", "#!Take away. It is three.", "b")


def test_a_section_that_was_moved_is_found() -> None:
    assert [4, 4, 1, 1] == sections("#!Take away.", "b", "#!# One", "a")


def test_texts_that_say_the_same_are_told_apart_by_their_order() -> None:
    assert [6, 6, 8, 8] == sections("#!Your answer:", "a", "#!Your answer:", "b")


def test_a_cell_that_was_put_back_stands_in_no_section() -> None:
    assert Alignment(cells("a"), HANDOUT).section(7) is None


def test_a_notebook_has_the_sections_with_words_in_it() -> None:
    assert {BEFORE_ALL, 4} == Alignment(cells("#!Take away."), HANDOUT).present


LONG = cells(
    "#!Multiply the features by the weights.", "", "#!Now stack the layers one by one.", ""
)


def test_a_text_in_which_a_word_was_mended_is_the_handouts() -> None:
    notebook = cells(
        "#!Multiply the feature by the weights.", "a", "#!Now stack layers one by one.", "b"
    )
    alignment = Alignment(notebook, LONG)
    assert [0, 0, 2, 2] == [alignment.section(cell) for cell in range(4)]


def test_another_text_is_no_edited_one() -> None:
    notebook = cells("#!I multiply what I like by the weights of others.", "a")
    assert BEFORE_ALL == Alignment(notebook, LONG).section(1)


def test_an_edited_text_stays_behind_the_one_above_it() -> None:
    notebook = cells(
        "#!Now stack the layers one by one.", "b", "#!Multiply feature by weights.", "a"
    )
    alignment = Alignment(notebook, LONG)
    assert [2, 2, 2, 2] == [alignment.section(cell) for cell in range(4)]
