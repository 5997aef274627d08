"""The notebooks that are written: the handout without outputs, the reference with its marks."""

from __future__ import annotations

import json

import nbformat

from grader.authoring.drafting.notebooks import add_marks, format_handout, format_reference
from grader.authoring.drafting.solved import DraftCell, DraftLine, strip_marks
from grader.reference.markers import read_reference

METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3"},
    "celltoolbar": "Create Assignment",
}
CELLS = (
    DraftCell("markdown", (DraftLine("![](attachment:a.png)"),), {"a.png": {"image/png": "AA=="}}),
    DraftCell(
        "code",
        (
            DraftLine("x = 1"),
            DraftLine("# here", in_reference=False),
            DraftLine("y = x + 1", in_handout=False),
        ),
    ),
    DraftCell("markdown", (DraftLine("Because.", in_handout=False),)),
)


def cells(notebook: str) -> list[tuple[str, str]]:
    return [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(notebook)["cells"]]


def test_the_handout_has_placeholders_and_no_answers():
    expected = [("markdown", "![](attachment:a.png)"), ("code", "x = 1\n# here")]
    assert expected == cells(format_handout(CELLS, METADATA))


def test_both_are_notebooks_of_the_format():
    for text in (format_handout(CELLS, METADATA), format_reference(CELLS, METADATA, {})):
        nbformat.validate(nbformat.reads(text, 4))


def test_no_cell_has_outputs_or_counts_and_images_stay():
    first, second = json.loads(format_handout(CELLS, METADATA))["cells"]
    assert ([], None, {}) == (second["outputs"], second["execution_count"], second["metadata"])
    assert {"a.png": {"image/png": "AA=="}} == first["attachments"]


def test_a_picture_goes_with_the_text_that_shows_it():
    shown = {"a.png": {"image/png": "AA=="}}
    lines = (
        DraftLine("![](attachment:a.png)", in_handout=False),
        DraftLine("Here.", in_reference=False),
    )
    (cell,) = json.loads(format_handout([DraftCell("markdown", lines, shown)], METADATA))["cells"]
    assert "attachments" not in cell


def test_a_cell_that_may_raise_says_so_in_both():
    cell = DraftCell("code", (DraftLine("f(2)"),), may_raise=True)
    for written in (format_handout([cell], METADATA), format_reference([cell], METADATA, {})):
        (saved,) = json.loads(written)["cells"]
        assert {"tags": ["raises-exception"]} == saved["metadata"]


def test_what_other_programs_keep_in_a_notebook_is_dropped():
    assert {"kernelspec": METADATA["kernelspec"]} == json.loads(format_handout(CELLS, METADATA))[
        "metadata"
    ]


def test_marks_stand_below_their_lines():
    added = {1: {2: ["# wrong(a): y = 3", "# grade: y = y"]}}
    assert (
        "x = 1\ny = x + 1\n# wrong(a): y = 3\n# grade: y = y"
        == cells(format_reference(CELLS, METADATA, added))[1][1]
    )


def test_a_mistake_in_a_loop_is_indented_and_an_answer_is_not():
    source = add_marks("for i in x:\n    w -= i", {2: ["# wrong(plus): w += i", "# grade: w = w"]})
    assert "for i in x:\n    w -= i\n    # wrong(plus): w += i\n# grade: w = w" == source
    (cell,) = read_reference([(0, source)]).cells
    assert ("for i in x:\n    w -= i", "", 2) == (
        cell.code,
        cell.marks[0].indent,
        cell.marks[0].after,
    )


def test_our_own_marks_are_not_for_students():
    lines = (
        DraftLine("lr = 0.1  # wrong(a): lr = 1.0"),
        DraftLine("# grade: lr = lr"),
        DraftLine("z = 2"),
    )
    (cell,) = strip_marks([DraftCell("code", lines)])
    assert ("lr = 0.1\nz = 2", "\n".join(line.text for line in lines)) == (
        cell.handout,
        cell.source,
    )


def test_lines_of_code_are_counted_strip_marks():
    lines = (
        DraftLine("a = 1"),
        DraftLine("# grade: a = a"),
        DraftLine("b = 2  # wrong(b): b = 3"),
        DraftLine("# tell: a one = a"),
    )
    assert [1, 1, 2, 2] == [
        DraftCell("code", lines).count_code_lines(number) for number in (1, 2, 3, 4)
    ]
