"""The notebooks that are written: the handout without outputs, the reference with its marks."""

from __future__ import annotations

import json

import nbformat

from grader.authoring.drafting.notebooks import handout, reference, with_marks
from grader.authoring.drafting.solved import Line, Piece, without_marks
from grader.reference.markers import read_reference

METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3"},
    "celltoolbar": "Create Assignment",
}
PIECES = (
    Piece("markdown", (Line("![](attachment:a.png)"),), {"a.png": {"image/png": "AA=="}}),
    Piece("code", (Line("x = 1"), Line("# here", solved=False), Line("y = x + 1", handed=False))),
    Piece("markdown", (Line("Because.", handed=False),)),
)


def cells(notebook: str) -> list[tuple[str, str]]:
    return [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(notebook)["cells"]]


def test_the_handout_has_placeholders_and_no_answers():
    expected = [("markdown", "![](attachment:a.png)"), ("code", "x = 1\n# here")]
    assert expected == cells(handout(PIECES, METADATA))


def test_both_are_notebooks_of_the_format():
    for text in (handout(PIECES, METADATA), reference(PIECES, METADATA, {})):
        nbformat.validate(nbformat.reads(text, 4))


def test_no_cell_has_outputs_or_counts_and_images_stay():
    first, second = json.loads(handout(PIECES, METADATA))["cells"]
    assert ([], None, {}) == (second["outputs"], second["execution_count"], second["metadata"])
    assert {"a.png": {"image/png": "AA=="}} == first["attachments"]


def test_what_other_programs_keep_in_a_notebook_is_dropped():
    assert {"kernelspec": METADATA["kernelspec"]} == json.loads(handout(PIECES, METADATA))[
        "metadata"
    ]


def test_marks_stand_below_their_lines():
    added = {1: {2: ["# wrong(a): y = 3", "# grade: y = y"]}}
    assert (
        "x = 1\ny = x + 1\n# wrong(a): y = 3\n# grade: y = y"
        == cells(reference(PIECES, METADATA, added))[1][1]
    )


def test_a_mistake_in_a_loop_is_indented_and_an_answer_is_not():
    source = with_marks("for i in x:\n    w -= i", {2: ["# wrong(plus): w += i", "# grade: w = w"]})
    assert "for i in x:\n    w -= i\n    # wrong(plus): w += i\n# grade: w = w" == source
    (cell,) = read_reference([(0, source)]).cells
    assert ("for i in x:\n    w -= i", "", 2) == (
        cell.code,
        cell.marks[0].indent,
        cell.marks[0].after,
    )


def test_our_own_marks_are_not_for_students():
    lines = (Line("lr = 0.1  # wrong(a): lr = 1.0"), Line("# grade: lr = lr"), Line("z = 2"))
    (piece,) = without_marks([Piece("code", lines)])
    assert ("lr = 0.1\nz = 2", "\n".join(line.text for line in lines)) == (
        piece.handout,
        piece.source,
    )


def test_lines_of_code_are_counted_without_marks():
    lines = (
        Line("a = 1"),
        Line("# grade: a = a"),
        Line("b = 2  # wrong(b): b = 3"),
        Line("# tell: a one = a"),
    )
    assert [1, 1, 2, 2] == [Piece("code", lines).code_lines(number) for number in (1, 2, 3, 4)]
