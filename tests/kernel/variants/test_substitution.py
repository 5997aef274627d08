"""Other numbers in place of the data: it is followed everywhere, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader.kernel.variants.substitution import Substitution
from tests.support.recording import Recording, other_numbers

DATA, INTEGRAL, UNEVEN = [0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 2.0, 3.0], [0.37, 1.19, 2.53, 3.41]
TARGETS, OTHER_TARGETS = [0.0, 2.0, 4.0, 6.0], [0.74, 2.38, 5.06, 6.82]


def substitution(other: list[float] = UNEVEN, *, narrow: bool = False) -> Substitution:
    return Substitution([{"name": "x", "original": DATA, "other": other}], narrow=narrow)


def numbers(value: object) -> list[float]:
    return [pytest.approx(number) for number in np.asarray(value).reshape(-1).tolist()]


def ran(source: str, *, other: list[float] = UNEVEN, narrow: bool = False) -> dict[str, object]:
    """The names that a cell leaves which ran with other numbers."""
    recording = Recording()
    recording.run("import torch\nimport numpy as np")
    with other_numbers(recording, (DATA, other), (TARGETS, OTHER_TARGETS), narrow=narrow):
        recording.run(source)
    return recording.names


FOLLOWED = {
    "tensor": "v = torch.tensor([0., 1., 2., 3.])",
    "arange": "v = torch.arange(0., 4.)",
    "renamed": "a = torch.arange(0., 4.)\nb = a\nv = b",
    "local to a function": "def f():\n    x = torch.arange(0., 4.)\n    return x\nv = f()",
    "an argument's default": "def f(x=torch.arange(0., 4.)):\n    return x\nv = f()",
    "an attribute of a class": "class D:\n    x = torch.arange(0., 4.)\nv = D.x",
    "an attribute of an object": (
        "class D:\n    def __init__(self): self.x = torch.arange(0., 4.)\nv = D().x"
    ),
    "in a dict": "d = {'x': [0., 1., 2., 3.]}\nv = d['x']",
    "array": "v = np.array([0., 1., 2., 3.])",
    "float32 array": "v = np.arange(4, dtype='float32')",
    "float64": "v = torch.arange(4, dtype=torch.float64)",
    "float16": "v = torch.arange(4).half()",
    "list": "v = [0., 1., 2., 3.]",
    "tuple": "v = (0., 1., 2., 3.)",
    "comprehension": "v = [float(k) for k in range(4)]",
    "column": "v = torch.arange(0., 4.).reshape(-1, 1)",
    "column of lists": "v = [[0.], [1.], [2.], [3.]]",
    "row": "v = torch.arange(0., 4.)[None]",
    "Variable": "from torch.autograd import Variable\nv = Variable(torch.arange(0., 4.))",
    "filled element by element": "v = torch.zeros(4)\nfor i in range(4):\n    v[i] = i\nw = v",
    "array filled element by element": "v = np.zeros(4)\nfor i in range(4):\n    v[i] = i\nw = v",
    "requiring a gradient": "v = torch.arange(0., 4.).requires_grad_()",
    "parameter": "v = torch.nn.Parameter(torch.arange(0., 4.))",
    "in a lambda": "f = lambda: torch.arange(0., 4.)\nv = f()",
    "in a conditional": "v = torch.arange(0., 4.) if True else None",
    "with a walrus": "print(v := torch.arange(0., 4.), end='')",
    "linspace": "v = torch.linspace(0, 3, 4)",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FOLLOWED))
def test_the_data_is_followed(name):
    v = ran(FOLLOWED[name])["v"]
    v = v.detach().to(torch.float64).numpy() if isinstance(v, torch.Tensor) else v
    assert [pytest.approx(number, rel=1e-3) for number in UNEVEN] == np.asarray(v).reshape(
        -1
    ).tolist()


def test_the_data_is_followed_inline():
    assert sum(UNEVEN) == pytest.approx(
        ran("J = (torch.tensor([0., 1., 2., 3.]) * 1).sum().item()")["J"]
    )


def test_a_relation_the_student_uses_holds():
    names = ran("x = torch.arange(0., 4.)\ny = 2 * x")
    assert numbers(OTHER_TARGETS) == names["y"].tolist()


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor(DATA),
        torch.tensor(DATA, dtype=torch.float64),
        torch.tensor(DATA).reshape(4, 1),
        np.array(DATA),
        np.array(DATA, dtype="float32").reshape(1, 4),
    ],
)
def test_type_dtype_and_shape_stay(value):
    found = substitution()(value)
    assert (type(value), value.dtype, value.shape) == (type(found), found.dtype, found.shape)


def test_a_leaf_that_requires_a_gradient_still_does():
    found = substitution()(torch.tensor(DATA, requires_grad=True))
    assert (True, True) == (found.requires_grad, found.is_leaf)


@pytest.mark.parametrize(
    "value", [[0, 1, 2, 3], (0, 1, 2, 3), torch.arange(4), np.arange(4), [[0], [1], [2], [3]]]
)
def test_integers_take_the_integral_variant(value):
    found = substitution(INTEGRAL)(value)
    assert (type(value), [1, 3, 2, 3]) == (type(found), np.asarray(found).reshape(-1).tolist())


@pytest.mark.parametrize("value", [[0, 1, 2, 3], torch.arange(4), np.arange(4)])
def test_integers_take_no_other_variant_but_are_said_to_be_seen(value):
    given = substitution(UNEVEN)
    assert value is given(value)
    assert {"x": False} == given.carried()


@pytest.mark.parametrize("value", [[0, 1, 2, 3], torch.arange(4), np.arange(4)])
def test_narrow_leaves_integers_alone(value):
    assert value is substitution(INTEGRAL, narrow=True)(value)


def test_narrow_still_follows_a_float_tensor():
    assert numbers(INTEGRAL) == substitution(INTEGRAL, narrow=True)(torch.tensor(DATA)).tolist()


def test_that_the_data_was_seen_and_carried_is_said():
    given = substitution()
    given(torch.tensor(DATA))
    assert {"x": True} == given.carried()


def test_data_that_was_not_seen_is_not_spoken_of():
    assert {} == substitution().carried()


@pytest.mark.parametrize(
    "value",
    [
        3,
        "text",
        None,
        [],
        [1.0],
        [0.0, 1.0, 2.0],
        [0.0, 1.0, 2.0, 3.1],
        ["a", "b", "c", "d"],
        {0: 0.0, 1: 1.0},
        torch.ones(4),
        torch.eye(2),
        torch.tensor(DATA, dtype=torch.complex64),
        torch.tensor(DATA).to_sparse(),
        torch.ones(4, device="meta"),
        np.array(["a", "b", "c", "d"]),
        [True, False, True, False],
    ],
    ids=repr,
)
def test_what_is_not_the_data_stays_the_same_object(value):
    assert value is substitution()(value)


def test_what_was_computed_by_a_graph_is_not_cut_off_from_it():
    w = torch.ones(4, requires_grad=True)
    computed = w * torch.tensor(DATA)
    assert computed is substitution()(computed)


def test_an_index_is_not_data():
    names = ran("a = np.arange(0., 24.).reshape(2, 3, 2, 2)\nv = a[0, 1, 1, 1]", other=INTEGRAL)
    assert 7.0 == names["v"]


def test_asserts_are_dropped_in_a_variant():
    assert 1 == ran("w = 1\nassert w == 3\ndef f():\n    assert False\nf()")["w"]


def test_no_method_of_a_students_object_is_called():
    class Evil:
        def __eq__(self, other):
            raise SystemExit("touched")

        __hash__ = __eq__
        __len__ = __iter__ = __float__ = __bool__ = __getattr__ = __eq__
        __class__ = property(__eq__)

    class EvilTensor(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *_, **__):
            raise SystemExit("touched")

    evil, tensor = Evil(), torch.Tensor._make_subclass(EvilTensor, torch.tensor(DATA))
    assert (True, True) == (substitution()(evil) is evil, substitution()(tensor) is tensor)


def test_a_read_only_array_stays_as_it_is():
    array = np.broadcast_to(np.array(DATA), (1, 4))
    substitution().in_place(["x"], {"x": array})
    assert DATA == array[0].tolist()


def test_in_place_writes_into_the_same_object():
    tensor = torch.tensor(DATA, requires_grad=True)
    substitution().in_place(["x", "missing"], {"x": tensor})
    assert numbers(UNEVEN) == tensor.tolist()


def test_the_data_is_replaced_under_another_default_device():
    with torch.device("meta"):
        assert numbers(UNEVEN) == substitution()(torch.tensor(DATA, device="cpu")).tolist()
