"""Right rewrites: what they change, what they leave, and that they compute the same."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

import pytest

from grader.authoring.validation.rewrite_order import make_rewrites
from grader.authoring.validation.rewrites import SolvedNotebook
from grader.notebook.code import parse_cell
from tests.support.solved_references import code_in, solved_reference

DATA = "data = [1.0, 2.0, 3.5]"
MEAN = "count = len(data)\ntotal = 0.0\nfor each in data:\n    total += each\nmean = total / count"
SQUARES = "squares = [value * value for value in data if value > 1]\nlargest = max(squares)"


def rewritten(notebook: SolvedNotebook) -> dict[str, list[str]]:
    """The cells of each rewrite, by its kind."""
    by_kind: dict[str, list[str]] = {}
    for rewrite in make_rewrites(notebook):
        cells = code_in(rewrite.applied(notebook.cells))
        by_kind[rewrite.kind] = cells
    return by_kind


def namespace_after(cells: list[str]) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(cell, namespace)
    return namespace


def test_every_rewrite_computes_the_same() -> None:
    notebook = solved_reference([DATA, MEAN, SQUARES], {"mean": 1, "largest": 2}, handout=[DATA])
    by_kind = rewritten(notebook)
    assert {"renamed", "function", "split", "reordered", "printed", "accumulator", "loop"} <= set(
        by_kind
    )
    right = namespace_after([DATA, MEAN, SQUARES])
    for kind, cells in by_kind.items():
        given = namespace_after(cells)
        for name in ("mean", "largest"):
            if kind == "printed":
                continue
            value = given.get(name, given.get(f"my_{name}"))
            assert right[name] == value, kind


def test_names_that_the_handout_gives_or_mentions_or_a_probe_reads_stay() -> None:
    cells = ["x = 1\nscore = x + 1\nloss = 2\nextra = 3"]
    notebook = solved_reference(
        cells, {"score": 0}, handout=["Compute the loss.", "x = 0"], probed=["score"]
    )
    assert ["x = 1\nscore = x + 1\nloss = 2\nmy_extra = 3"] == rewritten(notebook)["renamed"]


def test_a_name_that_a_probe_reads_and_the_handout_does_not_mention_is_renamed_apart() -> None:
    notebook = solved_reference(["loader = 3\nn = 1"], {"loader": 0}, probed=["loader"])
    by_kind = rewritten(notebook)
    assert ["my_loader = 3\nn = 1"] == by_kind["asked-name"]
    assert ["loader = 3\nmy_n = 1"] == by_kind["renamed"]


@pytest.mark.parametrize(
    "cell",
    [
        "name = 1\nother(name=name)",
        "name = 1\nthing.name",
        pytest.param(
            'name = 1\nf"{name}"',
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 12), reason="Python says where a name in an f-string is"
            ),
        ),
        "name = 1\ndef f(name):\n    return name",
        "name = 1\n%time name",
        "name = 1\nexec('name')",
        "import torch as name\nname = name",
        "class C:\n    name = 1",
    ],
)
def test_a_name_that_may_be_another_of_the_same_spelling_is_not_renamed(cell: str) -> None:
    notebook = solved_reference([cell], {"answer": 0})
    cells = rewritten(notebook).get("renamed", [cell])
    assert "my_name" not in cells[0]


def test_comments_and_layout_stay_when_names_change() -> None:
    cell = "total = 1  # the total\n\nrest = total   + 2"
    notebook = solved_reference([cell], {"rest": 0})
    assert ["my_total = 1  # the total\n\nmy_rest = my_total   + 2"] == rewritten(notebook)[
        "renamed"
    ]


def test_what_a_function_reads_before_it_binds_becomes_a_parameter() -> None:
    notebook = solved_reference(["w = 1", "w = w - 2\nw"], {"w": 1}, handout=["w = 1"])
    _, cell = rewritten(notebook)["function"]
    assert "def solve_cell_2(w):" in cell
    assert cell.endswith("w = solve_cell_2(w)\nw")
    assert -1 == namespace_after(["w = 1", cell])["w"]


@pytest.mark.parametrize(
    "cell",
    [
        "if data:\n    answer = 1",
        "answer = 1\ndel answer",
        "def answer():\n    return 1",
        "import torch\nanswer = 1",
        "%matplotlib inline\nanswer = 1",
    ],
)
def test_code_that_may_do_something_else_in_a_function_stays_out_of_one(cell: str) -> None:
    assert "function" not in rewritten(solved_reference([cell], {"answer": 0}))


def test_a_cell_is_cut_before_its_middle_statement() -> None:
    notebook = solved_reference(["a = 1\n# next\nb = 2"], {"b": 0})
    assert ["a = 1", "# next\nb = 2"] == rewritten(notebook)["split"]


def test_neighbours_are_joined_unless_the_first_shows_something() -> None:
    joined = rewritten(solved_reference(["a = 1", "b = 2"], {"a": 0}))["joined"]
    assert ["a = 1\nb = 2"] == joined
    assert "joined" not in rewritten(solved_reference(["a = 1\na", "b = 2"], {"a": 0}))


def test_a_cell_that_draws_is_neither_cut_nor_joined() -> None:
    by_kind = rewritten(solved_reference(["plt.plot(x)\nplt.show()", "b = 2"], {"b": 0}))
    assert {"split", "joined"}.isdisjoint(by_kind)


def test_an_answer_is_printed_where_nothing_else_reads_its_name() -> None:
    cells = ["mean = 3 / 2\nprint(mean)"]
    assert ["print(3 / 2)\npass"] == rewritten(solved_reference(cells, {"mean": 0}))["printed"]
    for other in ("rest = mean + 1", "print(mean - 1)"):
        used = ["mean = 3 / 2", other]
        assert "printed" not in rewritten(solved_reference(used, {"mean": 0}))
    asked = solved_reference(cells, {"mean": 0}, handout=["Name it mean."])
    assert "printed" not in rewritten(asked)


def test_statements_that_draw_or_change_something_keep_their_order() -> None:
    cells = ["a = torch.rand(2)\nb = torch.rand(2)\nc = fit(a)"]
    assert "reordered" not in rewritten(solved_reference(cells, {"c": 0}))


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("torch-function", "m = (x * 2).mean()", "m = torch.mean(x * 2)"),
        ("torch-function", "m = x.sum().item()", "m = torch.sum(x).item()"),
        ("matmul", "m = a @ b + c", "m = torch.matmul(a, b) + c"),
        ("item", "m = x.mean().item()", "m = x.mean()"),
        ("numpy", "m = x + 1", "m = __import__('numpy').float64(float(x + 1))"),
        ("seed", "g = torch.manual_seed(7)", "g = torch.manual_seed(8)"),
        ("seed", "m = split(x, random_state=42)", "m = split(x, random_state=43)"),
        (
            "shuffled",
            "m = DataLoader(d, shuffle=True)",
            "m = DataLoader(d, shuffle=True, generator=torch.Generator().manual_seed(4711))",
        ),
    ],
)
def test_calls_are_written_in_another_way(kind: str, before: str, after: str) -> None:
    notebook = solved_reference([before], {"m": 0}, numbers={"m": 0.5})
    assert [after] == rewritten(notebook)[kind]


def test_a_seed_that_the_handout_asks_for_or_gives_stays() -> None:
    cells = ["torch.manual_seed(42)\nm = 1"]
    asked = solved_reference(cells, {"m": 0}, handout=["Set the seed to 42."])
    given = solved_reference(cells, {"m": 0}, handout=["torch.manual_seed(42)"])
    assert "seed" not in rewritten(asked)
    assert "seed" not in rewritten(given)


def test_lines_of_the_handout_stay_in_a_cell_that_is_filled_in() -> None:
    handout = ["m = x.mean()\nanswer = ..."]
    notebook = solved_reference(["m = x.mean()\nanswer = m.sum()"], {"answer": 0}, handout=handout)
    assert ["m = x.mean()\nanswer = torch.sum(m)"] == rewritten(notebook)["torch-function"]


def test_given_cells_are_never_rewritten() -> None:
    given = "torch.manual_seed(1)\nx = a @ b\ny = 1\nz = 2"
    assert {} == rewritten(solved_reference([given], {}, handout=[given]))


def test_a_cell_with_a_magic_keeps_it() -> None:
    cells = ["%matplotlib inline\nm = x.sum()", "%%time\nm = 1\nn = 2"]
    by_kind = rewritten(solved_reference(cells, {"m": 0, "n": 1}))
    assert "%matplotlib inline\nm = torch.sum(x)" == by_kind["torch-function"][0]
    assert "split" not in by_kind


@pytest.mark.parametrize("source", ["x = (", "%%bash\nls -l", "", "# only this"])
def test_cells_without_python_have_no_rewrite(source: str) -> None:
    assert parse_cell(source).body == [] or source.startswith("%%")
    assert {} == rewritten(solved_reference([source], {"m": 0}))


def test_a_loop_whose_name_is_used_elsewhere_stays_a_comprehension() -> None:
    cells = ["t = 5", "m = [t * 2 for t in range(3)]"]
    assert "loop" not in rewritten(solved_reference(cells, {"m": 1}))


def test_changes_that_belong_together_are_not_tried_apart() -> None:
    notebook = solved_reference([DATA, MEAN, SQUARES], {"mean": 1, "largest": 2})
    singles = {rewrite.kind: rewrite.singles() for rewrite in make_rewrites(notebook)}
    assert [] == singles["renamed"]
    assert ["split-2", "split-3"] == [single.id for single in singles["split"]]
