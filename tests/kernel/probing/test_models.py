"""Which object of a notebook is the trained model, and what it consists of."""

from __future__ import annotations

import pytest

from grader.kernel.probing.models import find_models, modules_of, tensors_of
from tests.support.training import trained, watched

FUNCTIONAL = """
W = torch.zeros(2, 4, requires_grad=True)
rest = [torch.zeros(4, 1, requires_grad=True)]
def hidden(v):
    return torch.relu(v @ W)
def model(v):
    return hidden(v) @ rest[0]
"""

TRAINER = """
class Trainer:
    def __init__(self):
        self.net = nn.Linear(2, 1)
trainer = Trainer()
"""


@pytest.fixture(scope="module")
def notebook():
    with watched() as watched_notebook:
        yield watched_notebook


def names_found(notebook, *cells):
    """The notebook's own names of what may be `model`; empty: it has that name."""
    notebook.run(*cells)
    return [model.own_name for model in find_models("model", notebook.names, notebook.training)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("model = nn.Linear(2, 1)", trained()), [""]),
        (("model = nn.Linear(2, 1)\nnet = nn.Linear(2, 1)", trained()), [""]),
        (("net = nn.Linear(2, 1)\nother = nn.Linear(2, 1)", trained("net")), ["net"]),
        (("net = nn.Linear(2, 1)", "criterion = nn.CrossEntropyLoss()"), ["net"]),
        ((TRAINER, trained("trainer.net")), ["trainer.net"]),
        (("nets = {'a': nn.Linear(2, 1)}",), ["nets['a']"]),
        (("inner = nn.Linear(2, 1)\nnet = nn.Sequential(inner)", trained("net")), ["net"]),
        (("a = nn.Linear(2, 1)\nb = nn.Linear(2, 1)",), ["b", "a"]),
        (("a = nn.Linear(2, 1)\nb = nn.Linear(2, 1)", trained("a"), trained("b")), ["b"]),
        (("model = nn.Linear(2, 1)\nnet = nn.Linear(2, 3)", trained("net")), ["", "net"]),
        (("model = 0.97\nnet = nn.Linear(2, 1)",), ["net"]),
        (("model = nn.Linear\nnet = nn.Linear(2, 1)",), ["net"]),
        ((TRAINER + "model = trainer",), ["model.net"]),
        ((FUNCTIONAL,), [""]),
        (("accuracy = 0.97",), []),
    ],
)
def test_the_model_is_found_by_its_name_or_by_its_training(notebook, cells, expected):
    assert expected == names_found(notebook, *cells)


def test_a_function_consists_of_the_tensors_that_it_reads(notebook):
    notebook.run(FUNCTIONAL)
    shapes = [tuple(tensor.shape) for tensor in tensors_of(notebook.names["model"])]
    assert [(2, 4), (4, 1)] == sorted(shapes)


def test_layers_in_a_plain_list_belong_to_their_module(notebook):
    notebook.run("""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(2, 3), nn.Dropout()]
    model = Net()
    """)
    model = notebook.names["model"]
    assert (2, 3) == (len(tensors_of(model)), len(modules_of(model)))


def test_a_module_that_hides_its_parts_has_them(notebook):
    notebook.run("""
    class Net(nn.Sequential):
        def parameters(self, recurse=True): raise KeyError
        def children(self): raise KeyError
    model = Net(nn.Linear(2, 3))
    """)
    model = notebook.names["model"]
    assert (2, 2) == (len(tensors_of(model)), len(modules_of(model)))
