"""Networks that answer an exercise: made as the notebook makes them, called with what it had."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.authoring.drafting.proposals.choose import proposals_for
from grader.trace import Number
from tests.authoring.drafting.proposals.notebooks import network, observed, task_of, tensor

NET = """
    class Net(nn.Module):
        def __init__(self, inputs):
            super().__init__()
            self.layer = nn.Linear(inputs, 2)
            self.dropout = nn.Dropout(0.2)

        def forward(self, x):
            return self.dropout(self.layer(x))
"""
IMAGES = tensor(*range(12), shape=(4, 3))


def test_a_class_is_compared_with_the_shapes_that_it_was_called_with():
    task = task_of(NET, given="size = 3", after="net = Net(size)\nnet(torch.ones(4, 3))")
    seen = observed(task, {"x": IMAGES}, tried={"torch.randn(4, 3)": [tensor(1, 2)]})
    assert {
        "module": "Net",
        "make": "size",
        "inputs": ("torch.randn(4, 3)",),
        "compare": ("output", "parameters"),
    } == proposals_for(task, seen)[0].fields


def test_layers_that_the_words_name_have_to_be_there():
    task = task_of(NET, words="A layer with dropout.", after="Net(3)")
    seen = observed(task, {"x": IMAGES}, tried={"torch.randn(4, 3)": [tensor(1, 2)]})
    assert ("Dropout",) == proposals_for(task, seen)[0].fields["contains"]


def test_a_network_that_was_never_called_is_called_as_its_first_layer_wants():
    task = task_of("model = nn.Sequential(nn.Linear(5, 2), nn.ReLU())")
    seen = observed(task, {"model": network()}, tried={"torch.randn(4, 5)": [tensor(1, 2)]})
    first = proposals_for(task, seen)[0]
    assert ("model", ("torch.randn(4, 5)",)) == (first.fields["module"], first.fields["inputs"])


@pytest.mark.parametrize(
    ("words", "check"), [("Count them: `count`.", "value"), ("Make `model`: `count`.", "module")]
)
def test_a_result_that_the_words_name_comes_before_a_network_that_they_do_not(words, check):
    answer = "model = nn.Linear(5, 2)\ncount = sum(p.numel() for p in model.parameters())"
    task = task_of(answer, words=words)
    values = {"model": network(), "count": Number(value=12)}
    seen = observed(task, values, tried={"torch.randn(4, 5)": [tensor(1, 2)]})
    assert check == proposals_for(task, seen)[0].check


def test_a_class_that_is_no_network_is_asked_for_what_the_notebook_does_with_it():
    task = task_of(
        "class Vector:\n    def norm(self):\n        return 5", after="v = Vector(3, 4)\nv.norm()"
    )
    asked = "(Vector(3, 4).norm(), Vector(4, 5).norm())"
    seen = observed(task, {}, tried={asked: [tensor(5, 6)]})
    first = proposals_for(task, seen)[0]
    assert ("test", {"equal": (asked,)}) == (first.check, first.fields)


def test_a_class_that_is_made_with_answers_is_made_with_the_numbers_they_had():
    task = task_of(NET, after="net = Net(len(vocabulary))\nnet(x)")
    values = {"inputs": Number(value=3), "x": IMAGES}
    seen = observed(task, values, tried={"Net(3)).eval()": [tensor(1, 2)]})
    assert "3" == proposals_for(task, seen)[0].fields["make"]


@pytest.mark.parametrize("make", ["5", "inputs=5"])
def test_a_class_that_was_never_called_is_called_as_it_was_made(make):
    task = task_of(NET, after=f"net = Net({make})")
    seen = observed(task, {}, tried={"torch.randn(4, 5)": [tensor(1, 2)]})
    first = proposals_for(task, seen)[0]
    assert (make, ("torch.randn(4, 5)",)) == (first.fields["make"], first.fields["inputs"])


EMBED = """
    class Embed(nn.Module):
        def __init__(self, cfg):
            super().__init__()
            self.table = nn.Parameter(torch.ones(20, cfg["width"]))

        def forward(self, tokens):
            return self.table[tokens]
"""


def test_a_network_that_was_never_made_is_made_of_given_names():
    task = task_of(EMBED, given="cfg = {'width': 2}")
    seen = observed(task, {}, tried={"torch.arange(6).reshape(2, 3)": [tensor(1, 2)]})
    fields = proposals_for(task, seen)[0].fields
    assert ("cfg", ("torch.arange(6).reshape(2, 3)",)) == (fields["make"], fields["inputs"])


HIDDEN = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Linear(3, 17)
            self.two = nn.Linear(17, 2)

        def forward(self, x):
            return self.two(self.one(x).relu())
"""


@pytest.mark.parametrize(
    ("words", "check"),
    [
        ("Build `Net`, with 17 hidden units.", "module"),
        ("Build `Net`. Feel free to use any layers.", "manual"),
        ("Build `Net`, which fits the data.", "manual"),
    ],
)
def test_a_network_is_compared_if_the_words_say_its_sizes(words, check):
    task = task_of(HIDDEN, words=words, after="Net()(torch.ones(4, 3))")
    seen = observed(task, {"x": IMAGES}, tried={"torch.randn(4, 3)": [tensor(1, 2)]})
    first = proposals_for(task, seen)[0]
    assert (check, "" if check == "module" else "own-design") == (first.check, first.why)


def test_arguments_that_only_the_reference_has_are_not_asked_of_students():
    task = task_of(f"{dedent(NET)}\nnet = Net(3)", words="Build `Net`.")
    seen = observed(task, {"x": IMAGES}, tried={"torch.randn(4, 3)": [tensor(1, 2)]})
    assert "module" != proposals_for(task, seen)[0].check


def test_arguments_that_the_words_name_are_told():
    task = task_of(f"{dedent(NET)}\nnet = Net(3)", words="Build `Net` with the size of its inputs.")
    seen = observed(task, {"x": IMAGES}, tried={"torch.randn(4, 3)": [tensor(1, 2)]})
    assert "3" == proposals_for(task, seen)[0].fields["make"]
