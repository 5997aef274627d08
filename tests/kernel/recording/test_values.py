"""How a value becomes plain data, and that nothing a student made can disturb it."""

from __future__ import annotations

import json
import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from grader.kernel.recording.inspection import parts
from grader.kernel.recording.values import describe, memory_mark
from grader.trace import Array, Bool, Module, Number, Text, Value

PARSED: TypeAdapter[Value] = TypeAdapter(Value)


def value(described: dict[str, Any]) -> Value:
    """A description, by the way it takes to the grader."""
    return PARSED.validate_json(json.dumps(described, allow_nan=False))


def own(source: str, name: str) -> Any:
    """A value of the student's own making."""
    names: dict[str, Any] = {"__name__": "__main__", "torch": torch}
    exec(source, names)
    return names[name]


def tensor(elements: list[float], **fields: Any) -> Array:
    defaults = {"origin": "tensor", "shape": (len(elements),), "dtype": "float32"}
    return Array(elements=tuple(elements), **{**defaults, **fields})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, Number(value=3)),
        (-2.5, Number(value=-2.5)),
        (np.float32(0.5), Number(value=0.5)),
        (np.float64(0.5), Number(value=0.5)),
        (np.int64(7), Number(value=7)),
        (True, Bool(value=True)),
        (np.bool_(False), Bool(value=False)),
        ("31,36", Text(value="31,36")),
    ],
)
def test_a_plain_value_is_what_it_is(given, expected):
    assert expected == value(describe(given))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        (2**5_000, math.inf),
        (-(2**5_000), -math.inf),
        (2**62, 2.0**62),
    ],
    ids=["infinity", "minus-infinity", "huge", "minus-huge", "large"],
)
def test_an_extreme_number_passes_as_json(given, expected):
    assert Number(value=expected) == value(describe(given))


def test_nan_passes_as_json():
    assert math.isnan(value(describe(math.nan)).value)


def test_a_long_text_is_cut():
    assert "a" * 2_000 == value(describe("a" * 5_000)).value


def test_a_tensor_has_shape_dtype_and_elements():
    given = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    assert tensor([1, 2, 3, 4], shape=(2, 2), dtype="float64") == value(describe(given))


def test_a_tensor_says_whether_it_requires_a_gradient_and_what_made_it():
    found = value(describe(torch.ones(1, requires_grad=True) * 2))
    assert (True, "MulBackward0") == (found.requires_grad, found.grad_fn)


def test_a_parameter_is_a_tensor():
    assert tensor([1.0], requires_grad=True) == value(describe(torch.nn.Parameter(torch.ones(1))))


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool]
)
def test_a_tensor_of_any_real_dtype_has_its_elements(dtype):
    assert (1.0, 0.0) == value(describe(torch.tensor([1, 0], dtype=dtype))).elements


def test_the_elements_are_copied():
    given = torch.ones(2, dtype=torch.float64)
    described = describe(given)
    given.zero_()
    assert [1.0, 1.0] == described["elements"]


def test_the_elements_of_an_array_are_copied():
    given = np.ones(2)
    described = describe(given)
    given[:] = 0
    assert [1.0, 1.0] == described["elements"]


def test_a_large_tensor_is_summarised():
    given = torch.arange(1000.0)
    given[3], given[4] = math.nan, -math.inf
    found = value(describe(given))
    assert (64, (1.0, 1.0), 499493.0, 999.0) == (
        len(found.elements),
        found.summary[:2],
        found.summary[2],
        found.summary[5],
    )


def test_the_projections_of_a_large_tensor_change_with_one_element_in_its_middle():
    given = torch.zeros(10_000)
    before = describe(given)["summary"]
    given[4_500], given[4_501] = 1.0, -1.0
    after = describe(given)["summary"]
    assert [True] * 4 == [one != other for one, other in zip(before[6:], after[6:], strict=True)]


def test_a_large_array_is_summarised_as_the_tensor_of_its_numbers_is():
    numbers = np.linspace(0, 1, 500)
    assert describe(torch.from_numpy(numbers))["summary"] == describe(numbers)["summary"]


def test_a_read_only_large_array_is_described_without_a_warning():
    numbers = np.broadcast_to(np.float64(2.0), (100,))
    assert 200.0 == describe(numbers)["summary"][2]


def test_of_a_view_with_ten_to_the_nine_elements_only_the_shape_is_said():
    found = value(describe(torch.ones(1).expand(10**9)))
    assert ((10**9,), ()) == (found.shape, found.elements)


def test_of_an_array_that_views_as_ten_to_the_nine_elements_only_the_shape_is_said():
    assert () == value(describe(np.broadcast_to(1.0, 10**9))).elements


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ([1, 2.5], (2,)),
        ((1.0,), (1,)),
        ([[1.0], [2.0]], (2, 1)),
        ([torch.tensor(1.0), np.float32(2)], (2,)),
    ],
)
def test_a_list_of_numbers_is_an_array(given, shape):
    found = value(describe(given))
    assert ("list", shape) == (found.origin, found.shape)


@pytest.mark.parametrize(
    "given", [[], [[]], [True, False], ["a"], [1, None], [[1], [1, 2]], [torch.ones(2)]]
)
def test_a_list_of_anything_else_is_no_array(given):
    assert describe(given)["kind"] in ("items", "other")


def test_of_a_long_list_the_first_and_last_elements_are_kept():
    found = value(describe([float(number) for number in range(1000)]))
    assert (64, (0.0, 1.0), (998.0, 999.0)) == (
        len(found.elements),
        found.elements[:2],
        found.elements[-2:],
    )


def odd_tensors() -> dict[str, torch.Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "sparse": torch.eye(3).to_sparse(),
            "csr": torch.eye(3).to_sparse_csr(),
            "meta": torch.ones(3, device="meta"),
            "complex": torch.ones(3, dtype=torch.complex64),
            "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8),
            "nested": torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
            "many-axes": torch.ones([1] * 40),
        }


@pytest.mark.parametrize("name", sorted(odd_tensors()))
def test_an_odd_tensor_is_a_note_and_not_an_error(name):
    assert "other" == describe(odd_tensors()[name])["kind"]


@pytest.mark.parametrize("size", [3, 100])
def test_a_tensor_of_inference_mode_is_described(size):
    with torch.inference_mode():
        given = torch.ones(size) * 2
    assert 2.0 == describe(given)["elements"][0]


def test_a_tensor_inside_vmap_is_a_note_and_vmap_goes_on():
    found = []
    result = torch.vmap(lambda row: (found.append(describe(row)), row * 2)[1])(torch.ones(2))
    assert ("other", [2.0, 2.0]) == (found[0]["kind"], result.tolist())


def test_describing_is_no_part_of_the_graph():
    w = torch.ones(100, requires_grad=True)
    J = (w * 2).sum()
    describe(J)
    describe(w)
    J.backward()
    assert [2.0] * 100 == w.grad.tolist()


def test_describing_draws_no_random_numbers():
    torch.manual_seed(0)
    describe(torch.ones(1000))
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.rand(1) == drawn


def test_a_large_tensor_is_described_under_another_default_device():
    given = torch.ones(100)
    with torch.device("meta"):
        assert 100.0 == describe(given)["summary"][2]


HOSTILE = """
class Evil:
    def refuse(self, *_): raise SystemExit("touched")
    __eq__ = __len__ = __repr__ = __str__ = __bool__ = refuse
    __iter__ = __getattr__ = __hash__ = __float__ = refuse
    __class__ = property(refuse)
evil = Evil()
class EvilList(list):
    def __len__(self): raise SystemExit("touched")
    __iter__ = __getitem__ = __len__
evil_list = EvilList([1.0])
class EvilDict(dict):
    def items(self): raise SystemExit("touched")
    __iter__ = __len__ = keys = items
evil_dict = EvilDict(w=1.5)
class EvilTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *_, **__): raise SystemExit("touched")
    def numel(self): raise SystemExit("touched")
    tolist = detach = is_complex = reshape = numel
evil_tensor = torch.Tensor._make_subclass(EvilTensor, torch.ones(2))
large_evil_tensor = torch.Tensor._make_subclass(EvilTensor, torch.ones(100))
class EvilModule(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.l = torch.nn.Linear(1, 1)
    def parameters(self, *_): raise SystemExit("touched")
    named_parameters = _named_members = named_modules = parameters
evil_module = EvilModule()
class Meta(type):
    def __getattribute__(cls, name): raise SystemExit("touched")
class EvilType(metaclass=Meta): pass
evil_type = EvilType()
class Unmade(torch.nn.Module):
    def __init__(self): pass
unmade = Unmade()
class EvilNumber(float):
    def __float__(self): raise SystemExit("touched")
evil_number = EvilNumber(1.5)
class EvilKey(str):
    def __repr__(self): raise SystemExit("touched")
evil_key = {EvilKey("a"): 1.5, 10**5000: 2.5}
lazy = torch.nn.LazyLinear(3)
"""

EVIL = (
    "evil",
    "evil_list",
    "evil_dict",
    "evil_type",
    "unmade",
    "evil_number",
    "evil_key",
    "lazy",
    "evil_module",
)


@pytest.mark.parametrize("name", [*EVIL, "evil_tensor", "large_evil_tensor"])
def test_no_method_of_a_students_object_is_called(name):
    given = own(HOSTILE, name)
    value(describe(given))
    assert memory_mark(given) is None or name == "large_evil_tensor"
    assert isinstance(list(parts(given)), list)


def test_the_elements_of_a_hostile_tensor_are_seen():
    assert [1.0, 1.0] == describe(own(HOSTILE, "evil_tensor"))["elements"]


def test_the_parameters_of_a_hostile_module_are_seen():
    found = own(HOSTILE, "evil_module")
    assert [".l.weight", ".l.bias"] == [path for path, _ in parts(found)]
    assert Module(name="EvilModule", parameters=2) == value(describe(found))


def test_a_custom_functions_long_name_is_cut():
    class Identity(torch.autograd.Function):
        @staticmethod
        def forward(ctx, given):
            return given.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    Identity.__name__ = "I" * 200
    made = type("I" * 200, (Identity,), {}).apply(torch.ones(1, requires_grad=True))
    assert 80 == len(value(describe(made)).grad_fn)


def test_a_parameter_that_two_layers_share_counts_once():
    network = torch.nn.Sequential(
        torch.nn.Linear(2, 2, bias=False), torch.nn.Linear(2, 2, bias=False)
    )
    network[1].weight = network[0].weight
    assert 4 == describe(network)["parameters"]


def test_a_module_that_holds_itself_is_described():
    network = torch.nn.Linear(1, 1)
    network.__dict__["_modules"]["again"] = network
    assert 2 == describe(network)["parameters"]


def test_the_memory_mark_a_large_tensor_changes_when_it_is_written_into():
    given = torch.ones(100)
    before = memory_mark(given)
    given += 1
    assert before != memory_mark(given)


@pytest.mark.parametrize("given", [torch.ones(64), 3, None, odd_tensors()["meta"]])
def test_what_is_small_or_odd_has_no_mark(given):
    assert memory_mark(given) is None


def test_guarantee_no_hash_of_a_students_class_is_asked_for() -> None:
    hashed: list[type] = []

    class Noting(type):
        def __hash__(cls) -> int:
            hashed.append(cls)
            return 0

    odd = Noting("Odd", (), {})
    hashed.clear()  # what making the class asked for
    describe([odd()] * 100)
    assert [] == hashed
