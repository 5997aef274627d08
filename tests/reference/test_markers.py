"""The marks of a reference: what they say, where they stand, and how edits move them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.errors import AssignmentError
from grader.reference.markers import edit_lines, edit_text, read_reference, sources


def read(*cells: str):
    return read_reference(enumerate(dedent(cell).strip("\n") for cell in cells))


def marked(*cells: str) -> list[str]:
    """The sources with marks as statements."""
    return [source for _, source in sources(read(*cells).cells)]


def mark(exercise: str, value: str, number: int = 0, credit: float = 1.0) -> str:
    return f"_grader_mark({exercise!r}, {number}, {credit}, ({value}))"


def lines(*parts: str) -> str:
    return "\n".join(parts)


# Answers


def test_a_mark_behind_code_becomes_a_statement_after_it():
    assert [lines("J.backward()", mark("w-grad", "w.grad"))] == marked(
        "J.backward()  # grade: w-grad = w.grad"
    )


def test_a_mark_alone_becomes_a_statement_in_its_place():
    source = """
        a = 1
        # grade: step = a
        b = 2
        """
    assert [lines("a = 1", mark("step", "a"), "b = 2")] == marked(source)


def test_a_mark_keeps_its_indentation():
    source = """
        for i in range(3):
            a = i
            # grade: step = a
        """
    assert [lines("for i in range(3):", "    a = i", "    " + mark("step", "a"))] == marked(source)


def test_a_mark_may_come_first():
    assert [lines(mark("step", "a"), "b = 1")] == marked("# grade: step = a\nb = 1")


@pytest.mark.parametrize(
    "form",
    ["#grade:step=a", "#  grade :  step  =  a  ", "# grade(1.0): step = a", "#grade(1):step=a"],
)
def test_white_space_in_a_mark_does_not_matter(form):
    assert [lines("a = 1", mark("step", "a"))] == marked(f"a = 1\n{form}")


def test_several_marks_of_one_exercise_are_alternatives_numbered_through_the_notebook():
    cells = marked("# grade: loss = a\n# grade: loss = b", "# grade: step = c\n# grade: loss = d")
    first = lines(mark("loss", "a"), mark("loss", "b", 1), "")
    assert [first, lines(mark("step", "c"), mark("loss", "d", 2), "")] == cells


def test_a_number_in_parentheses_is_the_credit():
    assert [lines(mark("loss", "J", credit=0.75), "")] == marked("# grade(0.75): loss = J")


def test_each_collects_every_pass():
    (cell,) = read("# grade each: loss = J\n# grade: loss = J\n# grade each(0.5): loss = J").cells
    assert [True, False, True] == [mark.each for mark in cell.marks]
    assert [1.0, 1.0, 0.5] == [mark.credit for mark in cell.marks]


def test_a_value_may_be_any_expression():
    value = "[loss.item() for loss in losses if loss != 0]"
    assert [lines(mark("loss", value), "")] == marked(f"# grade: loss = {value}")


def test_a_comment_behind_a_value_is_left_out():
    assert [lines(mark("loss", "J_new - J"), "")] == marked(
        "# grade: loss = J_new - J  # the change"
    )


def test_a_code_lines_own_comment_stays():
    assert [lines("a = 1  # one", mark("step", "a"))] == marked("a = 1  # one  # grade: step = a")


def test_a_value_that_is_told_is_recorded_apart_from_the_answers():
    (cell,) = read("# tell: loss before = J").cells
    (told,) = cell.marks
    assert "tell:loss:before" == told.key
    assert "J" == told.value
    assert "before" == told.label


@pytest.mark.parametrize(
    "comment",
    ["# a grade of 10", "# grades: good", "# that is wrong", "# wrong way", "# upgrade: a = b"],
)
def test_other_comments_are_code(comment):
    assert [f"a = 1  {comment}"] == marked(f"a = 1  {comment}")


def test_cells_keep_their_indices():
    reference = read_reference([(3, "a = 1"), (7, "b = 2")])
    assert [(3, "a = 1"), (7, "b = 2")] == sources(reference.cells)


# Mistakes


def edits(*cells: str) -> list[tuple[str, int, int, str]]:
    return [(edit.mistake, edit.cell, edit.line, edit.instead) for edit in read(*cells).edits]


def test_a_mistake_behind_code_replaces_its_line():
    assert [("slow", 0, 1, "lr = 0.01")] == edits("a = 1\nlr = 0.1  # wrong(slow): lr = 0.01")


def test_a_mistake_alone_speaks_of_the_line_above_and_several_may_follow():
    source = """
        lr = 0.1
        # wrong(slow): lr = 0.01
        # wrong(fast): lr = 1
        """
    assert [("slow", 0, 0, "lr = 0.01"), ("fast", 0, 0, "lr = 1")] == edits(source)


def test_a_mistake_speaks_past_marks_of_the_line_of_code_above():
    source = """
        a = 1
        # grade: step = a
        # wrong(two): a = 2
        """
    assert [("two", 0, 0, "a = 2")] == edits(source)


def test_a_mistake_is_indented_as_the_line_it_replaces():
    source = """
        for i in range(3):
            a = i
        # wrong(two): a = 2
        """
    assert [("two", 0, 1, "    a = 2")] == edits(source)


def test_markers_are_no_part_of_the_code():
    (cell,) = read("a = 1  # wrong(two): a = 2\n# grade: step = a").cells
    assert "a = 1" == cell.code


def test_edits_replace_lines_and_leave_marks_where_they_are():
    reference = read("a = 1  # wrong(two): a = 2\n# grade: step = a\nb = 1")
    changed = edit_lines(reference.cells, reference.edits)
    assert [(0, lines("a = 2", mark("step", "a"), "b = 1"))] == sources(changed)


# Edits of several lines

CODE = "a = 1\n# grade: first = a\nb = 2\n# grade: second = b\nc = 3\n# grade: third = c"


def edited(find: str, instead: str, code: str = CODE) -> list[str]:
    ((_, source),) = sources(edit_text(read(code).cells, find, instead, "some"))
    return ["mark" if line.startswith("_grader_mark") else line for line in source.split("\n")]


def test_an_edit_within_a_line_moves_no_mark():
    assert ["a = 1", "mark", "b = 9", "mark", "c = 3", "mark"] == edited("b = 2", "b = 9")


def test_an_edit_that_adds_lines_moves_the_marks_behind_it():
    assert ["a = 1", "mark", "b = 2", "b = 3", "mark", "c = 3", "mark"] == edited(
        "b = 2", "b = 2\nb = 3"
    )


def test_an_edit_that_takes_a_line_away_moves_the_marks_behind_it():
    assert ["a = 1", "mark", "mark", "c = 3", "mark"] == edited("b = 2\n", "")


def test_a_mark_within_the_text_comes_to_stand_behind_it():
    assert ["x = 0", "mark", "mark", "c = 3", "mark"] == edited("a = 1\nb = 2", "x = 0")


def test_an_edit_at_the_end_leaves_the_marks_before_it():
    assert ["a = 1", "mark", "b = 2", "mark", "c = 4", "d = 5", "mark"] == edited(
        "c = 3", "c = 4\nd = 5"
    )


def test_an_edit_touches_one_cell_only():
    cells = edit_text(read("a = 1", "b = 1").cells, "b = 1", "b = 2", "some")
    assert ["a = 1", "b = 2"] == [cell.code for cell in cells]


@pytest.mark.parametrize(("find", "count"), [("z = 1", 0), ("= 1", 2)])
def test_a_text_that_does_not_stand_there_once_is_an_error(find, count):
    with pytest.raises(AssignmentError, match=f"mistake some: .* stands {count} times"):
        edit_text(read("a = 1", "b = 1").cells, find, "x", "mistake some")


# What is not right


@pytest.mark.parametrize(
    "broken",
    [
        "# grade: step",
        "# grade: = a",
        "# grade: step =",
        "# grade(0.5: step = a",
        "# grade(0.5) each: step = a",
        "# grade step = a",
        "# grade each step = a",
        "# Grade: step = a",
        "# grade: two words = a",
        "# wrong: a = 2",
        "# wrong(two) a = 2",
        "# wrong(two):",
        "# tell: loss = J",
        "# tell: loss before",
    ],
)
def test_a_marker_that_says_too_little_does_not_vanish(broken):
    with pytest.raises(AssignmentError, match="does not parse") as raised:
        read(f"a = 1  {broken}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("credit", ["0", "-1", "1.5", "nan", "inf", "half", ""])
def test_a_credit_lies_above_zero_and_up_to_one(credit):
    with pytest.raises(AssignmentError, match="no credit between 0 and 1"):
        read(f"# grade({credit}): step = a")


@pytest.mark.parametrize("value", ["= a", "a b", "a = 1", "(a", "return a", "# a"])
def test_a_value_is_an_expression(value):
    with pytest.raises(AssignmentError, match="no Python expression"):
        read(f"# grade: step = {value}")


@pytest.mark.parametrize(
    "second", ["# wrong(two): a = 2", "# grade: loss = a", "# grade(0.5): loss = a"]
)
@pytest.mark.parametrize(
    "first", ["# grade: step = a", "# wrong(one): a = 3", "# tell: step before = a"]
)
def test_two_markers_on_a_line_do_not_swallow_each_other(first, second):
    with pytest.raises(AssignmentError, match="two markers"):
        read(f"a = 1  {first}  {second}")


@pytest.mark.parametrize("source", ["# wrong(two): a = 2", "a = 1\n\n# wrong(two): a = 2"])
def test_a_mistake_needs_a_line_of_code_above(source):
    with pytest.raises(AssignmentError, match="no line of code above"):
        read(source)


def test_a_mistake_changes_a_line_once():
    with pytest.raises(AssignmentError, match="changes the same line twice"):
        read("a = 1\n# wrong(two): a = 2\n# wrong(two): a = 3")
