"""An assignment without variants: a value counts where it is asked for, and nothing by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent

import pytest

from grader.messages import LANGUAGES
from grader.outputs.wording import exercise_sentences
from grader.report import ExerciseResult
from tests.support.courses import Course, by_student, graded, write_notebook, write_texts

pytestmark = pytest.mark.kernel

_ASSIGNMENT = """
    title = "Small things"
    handout = "small.ipynb"

    [[exercises]]
    id = "accuracy"
    title = "An accuracy"
    points = 1
    check = "value"
    rtol = 0.0
    atol = 0.04

    [[exercises]]
    id = "product"
    title = "A product"
    points = 1
    check = "value"

    [[exercises]]
    id = "column"
    title = "A column"
    points = 1
    check = "value"
    strict = ["rank", "dtype"]

    [[exercises]]
    id = "forward"
    title = "A unit"
    points = 1
    check = "value"

    [[exercises]]
    id = "parts"
    title = "Parts"
    points = 2
    check = "value"
    all = true

    [[exercises]]
    id = "both"
    title = "A tuple"
    points = 1
    check = "value"
    where = "here"
    """
_DATA = """
    import torch
    torch.manual_seed(3)
    X = torch.randn(100, 2)
    y = (X[:, 0] > 0).float()
    """
_LOOP = (
    "x = torch.tensor([[1., 2.], [3., 5.]])\nz1 = torch.stack([row @ x for row in x])\nprint(z1)"
)
_COUNTING = "for i in range(3):\n    print(i)"
_CALL = "unit = Unit(-.5, .5)\nprediction = unit.forward(torch.tensor([1.]))"


def _unit(line: str) -> str:
    return f"""
    class Unit:
        def __init__(self, w, b):
            self.w, self.b = torch.tensor([w]), torch.tensor([b])
        def forward(self, x):
            {line}
    """


def _notebook(*answers: str) -> list[str]:
    """Make a notebook: the handout with answers in its cells."""
    accuracy, products, unit, both = answers
    return [
        "#!# Small things",
        _DATA,
        "#!Reach an accuracy of 0.96.",
        accuracy,
        "#!A product, row by row:",
        _LOOP,
        "#!The same with one call; `c` is the second column, of rank 2 and in float64.",
        products,
        "#!A unit that gives the tanh of its sum.",
        _COUNTING,
        unit,
        _CALL,
        "#!The mean of x, and whether it is symmetric; then both, the mean by columns, as a tuple.",
        both,
    ]


_BLANK = ("# your code", "z2 = None\nc = None", _unit("raise NotImplementedError"), "# yours")
_RIGHT = (
    """
    net = torch.nn.Linear(2, 1)
    opt = torch.optim.SGD(net.parameters(), lr=1.)
    for e in range(200):
        opt.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(X)[:, 0], y)
        loss.backward()
        opt.step()
    acc = ((net(X)[:, 0] > 0) == (y > .5)).float().mean()
    """,
    "z2 = x @ x\nc = x[:, 1:2].to(torch.float64)",
    _unit("return torch.tanh(self.w * x + self.b)"),
    "mean = x.mean()\nsymmetric = torch.equal(x, x.T)\nboth = (x.mean(0), symmetric)",
)
_MARKS = (
    "# grade: accuracy = acc",
    "# grade: product = z2\n# grade: column = c",
    "",
    "# grade: parts = mean\n# grade: parts = symmetric\n# grade: both = both",
)
_STUDENTS: Mapping[str, Sequence[str]] = {
    "right": _RIGHT,
    "other-names": (
        _RIGHT[0].replace("acc =", "share =").replace("range(200)", "range(250)"),
        "print(torch.mm(x, x), x[:, 1].double().unsqueeze(1))",
        _unit("out = torch.tanh(self.w * x + self.b)\n            return out"),
        """
        def look(a):
            return a.mean(0), (a == a.T).all()
        m, s = look(x)
        print(f'{x.mean()} {s}')
        """,
    ),
    "by-chance": (
        "epochs = 1\nnet = torch.nn.Linear(2, 1)\nfor e in range(epochs):\n    pass\nprint('done')",
        "z2 = None\nc = x[:, 1]",
        _unit("return torch.sigmoid(self.w * x + self.b)"),
        "mean = x.mean()\nsymmetric = True",
    ),
    "typed-in": ("acc = 0.97", "z2 = None\nc = None", _BLANK[2], "# nothing"),
}
_FAIR = {
    "right": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "other-names": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "by-chance": (0.0, 0.0, 0.5, 0.0, 0.5, 0.0),
    "typed-in": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
}


@pytest.fixture(scope="module")
def students(
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Sequence[ExerciseResult]]:
    folder = tmp_path_factory.mktemp("small")
    write_texts(folder, {"exercises/small/assignment.toml": _ASSIGNMENT})
    write_notebook(folder / "exercises/small/small.ipynb", _notebook(*_BLANK))
    answers = [dedent(code).strip("\n") for code in _RIGHT]
    marked = [f"{code}\n{marks}" for code, marks in zip(answers, _MARKS, strict=True)]
    reference = _notebook(*marked)
    reference[reference.index(_CALL)] += "\n# grade: forward = prediction"
    write_notebook(folder / "solutions/small/small.ipynb", reference)
    for name, cells in _STUDENTS.items():
        write_notebook(folder / f"in/{name}.ipynb", _notebook(*cells))
    report = graded(folder / "in", Course(folder).settings(folder / "grades"))
    return {name: result.exercises for name, result in by_student(report).items()}


@pytest.mark.parametrize("name", _FAIR)
def test_a_value_earns_points_only_where_it_is_the_answer(
    name: str, students: Mapping[str, Sequence[ExerciseResult]]
) -> None:
    assert _FAIR[name] == tuple(result.credit for result in students[name])


def test_what_was_typed_in_under_the_name_waits_for_a_person(
    students: Mapping[str, Sequence[ExerciseResult]],
) -> None:
    assert "pending" == students["typed-in"][0].status


def test_a_wrong_method_that_a_given_cell_calls_is_not_said_to_be_missing(
    students: Mapping[str, Sequence[ExerciseResult]],
) -> None:
    forward = students["by-chance"][3]
    assert ("failed", "value.absent") == (forward.status, forward.checks[0].message.id)


def test_nobody_is_told_that_an_answer_follows_the_data(
    students: Mapping[str, Sequence[ExerciseResult]],
) -> None:
    for results in students.values():
        for result in results:
            for language in LANGUAGES:
                told = " ".join(exercise_sentences(result, language, "instructor"))
                assert "follows the data" not in told
                assert "acompanha os dados" not in told


def test_no_line_of_the_handout_is_praised(
    students: Mapping[str, Sequence[ExerciseResult]],
) -> None:
    forward = students["right"][3]
    found = forward.checks[0].found
    assert found is not None
    assert "return torch.tanh(self.w * x + self.b)" == found.where.source
