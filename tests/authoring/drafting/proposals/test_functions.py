"""Functions that answer an exercise: calls with given names, or arguments of that kind."""

from __future__ import annotations

import math

import pytest

from grader.authoring.drafting.proposals.choose import proposals_for, trials_for
from grader.authoring.drafting.proposals.functions import asked_functions
from grader.kernel.probing.drafted import BETWEEN, NETWORK
from grader.trace import Array, Nothing, Number, Text
from tests.authoring.drafting.proposals.notebooks import observed, task_of, tensor

HALF = """
    def half(a):
        return a / 2
"""
THREE = tensor(-1.0, 2.0, 0.5)


def test_a_function_is_called_with_what_is_given_and_with_numbers_like_those_it_had():
    task = task_of(HALF, given="x = torch.arange(3.)", after="y = x - 1\nhalf(x)\nhalf(y)")
    tried = {"'x'": [tensor(0, 0.5, 1)], "torch.tensor": [tensor(1, 2, 3)]}
    first = proposals_for(task, observed(task, {"a": THREE}, tried=tried))[0]
    assert ("function", "half", "half") == (
        first.check,
        first.fields["function"],
        first.expression,
    )
    calls = first.fields["calls"]
    assert isinstance(calls, tuple)
    assert ("x", True) == (calls[0], any("torch.tensor" in call for call in calls))


def test_a_call_with_a_name_that_a_loop_binds_anew_is_not_repeated():
    given = "x = torch.arange(3.)\nn = 2"
    task = task_of("def power(a, n):\n    return a ** n", given=given, after="power(x, n)")
    assert "x, n" in str(trials_for(task, observed(task, {})))
    after = "for n in (1, 2):\n    power(x, n)"
    task = task_of("def power(a, n):\n    return a ** n", given=given, after=after)
    assert "x, n" not in str(trials_for(task, observed(task, {})))


def test_a_given_array_is_tried_with_other_numbers():
    task = task_of(HALF, given="x = torch.arange(3.)", after="half(x)")
    tried = {"'x'": [tensor(0, 0.5, 1)], "2 * x + 1": [tensor(0.5, 1.5, 2.5)]}
    first = proposals_for(task, observed(task, {"a": THREE}, tried=tried))[0]
    assert ("x", "2 * x + 1") == first.fields["calls"]


@pytest.mark.parametrize(
    ("words", "is_asked"),
    [
        ("Write a function that gives half of its argument.", True),
        ("Escreva uma função que devolve a metade.", True),
        ("写一个函数 返回一半", True),
        ("Compute `half(x)`.", True),
        ("Replicate the halving activation function.", False),
        ("Réécrivez la fonction d'activation.", False),
        ("Halve the numbers.", False),
    ],
)
def test_a_function_is_asked_for_by_its_name_or_as_one(words: str, is_asked: bool):
    task = task_of(HALF, words=words)
    assert is_asked == bool(asked_functions(task))


def test_a_helper_that_only_the_reference_has_is_not_asked_for():
    both = """
        def double(a):
            return 2 * a
        def quarter(a):
            return a / double(2)
    """
    for words, check in (("Write `quarter`.", "function"), ("Write `double`, `quarter`.", "test")):
        task = task_of(both, words=words, given="x = torch.arange(3.)", after="quarter(x)")
        tried = {"tensor": [tensor(0, 0.5, 1)], "2.42": [tensor(0.5, 1.5, 2.5)]}
        first = proposals_for(task, observed(task, {"a": THREE}, tried=tried))[0]
        assert check == first.check
        assert ("double" in str(first.fields)) == (check == "test")


@pytest.mark.parametrize(
    ("words", "keeps"),
    [
        ("Your implementation should not modify the input.", True),
        ("Halve `a` without changing the tensor.", True),
        ("Não altere o argumento.", True),
        ("La función no debe modificar el tensor de entrada.", True),
        ("Change the tensor so that no entry is negative.", False),
        ("Do not use a loop. Modify the code above.", False),
        ("No exercício, altere o tensor para que some um.", False),
    ],
)
def test_a_function_that_may_not_change_its_argument_is_asked_to_keep_it(words, keeps):
    task = task_of(HALF, words=words, given="x = torch.arange(3.)", after="half(x)")
    tried = {"'x'": [tensor(0, 0.5, 1)], "2 * x + 1": [tensor(0.5, 1.5, 2.5)]}
    first, *others = proposals_for(task, observed(task, {"a": THREE}, tried=tried))
    assert keeps == first.fields.get("keeps", False)
    assert not any("keeps" in each.fields for each in others)


def test_calls_that_all_give_the_same_are_not_proposed():
    task = task_of(HALF, after="half(x)")
    seen = observed(task, {"a": THREE}, tried={"half": [Number(value=1)]})
    assert ["manual"] == [each.check for each in proposals_for(task, seen)]


def test_a_function_that_draws_numbers_is_asked_for_shapes():
    task = task_of("def noise(a):\n    return a + torch.randn(3)", after="noise(x)")
    seen = observed(
        task,
        {"a": THREE},
        tried={", 1)": [tensor(1, 2, 3)], ", 2)": [tensor(4, 5, 6)]},
    )
    first = proposals_for(task, seen)[0]
    assert ("test", True) == (first.check, "shape" in str(first.fields["equal"]))


def test_a_function_that_works_in_place_is_asked_what_it_leaves():
    task = task_of("def double_(a):\n    a.mul_(2)", after="double_(x)")
    tried = {
        ".called": [Nothing()],
        "changed('double_', 'torch.tensor([0.84": [tensor(1, 2, 3)],
        "changed('double_', 'torch.tensor([2.82": [tensor(3, 4, 5)],
    }
    first = proposals_for(task, observed(task, {"a": THREE}, tried=tried))[0]
    assert ("function", True) == (first.check, first.fields.get("changes"))


def test_several_functions_are_asked_together():
    task = task_of(
        "def f(a):\n    return a + 1\n\ndef g(a):\n    return a + 2", after="f(1)\nf(2)\ng(3)\ng(4)"
    )
    tried = {
        f"'{name}', '{number}'": [Number(value=number)]
        for name, number in [("f", 1), ("f", 2), ("g", 3), ("g", 4)]
    }
    first = proposals_for(task, observed(task, {}, tried=tried))[0]
    assert {"equal": ("(f(1), f(2))", "(g(3), g(4))")} == first.fields


def test_a_network_among_the_arguments_becomes_a_small_one():
    task = task_of(
        "def share(model, x):\n    return (model(x) > 0).float().mean()",
        given="x = torch.ones(3, 2)",
        after="share(net, x)",
    )
    networks = ["nn.Linear(2, 1)", "nn.Sequential(nn.Linear(2, 1), nn.Linear(1, 1))"]
    model = Text(value=NETWORK + BETWEEN.join(networks))
    tried = {f"{written}, x'": [Number(value=place)] for place, written in enumerate(networks)}
    first = proposals_for(task, observed(task, {"model": model, "x": THREE}, tried=tried))[0]
    assert tuple(f"{written}, x" for written in networks) == first.fields["calls"]


def test_a_name_that_is_bound_again_later_is_no_argument():
    task = task_of(HALF, given="x = torch.arange(3.)", after="half(x)\nx = torch.ones(2)")
    tried = {"[0.84, 0.91": [THREE], "[2.82, ": [tensor(1, 2)], "'x'": [tensor(0, 0.5, 1)]}
    first = proposals_for(task, observed(task, {"a": THREE}, tried=tried))[0]
    assert ("function", False) == (first.check, "x" in first.fields["calls"])


def test_a_call_that_cannot_be_made_up_is_repeated_with_other_numbers():
    task = task_of(
        "def zeros(n, dtype):\n    return torch.zeros(n, dtype=dtype)",
        after="zeros(3, dtype=torch.float64)",
    )
    tried = {"'3, dtype": [tensor(0, 0, 0)], "'4, dtype": [tensor(0, 0, 0, 0)]}
    first = proposals_for(task, observed(task, {}, tried=tried))[0]
    assert ("3, dtype=torch.float64", "4, dtype=torch.float64") == first.fields["calls"]


def test_shapes_are_not_asked_for_where_no_number_is_drawn():
    task = task_of(HALF, after="half(x)")
    tried = {", 1)": [tensor(1, math.nan)], ", 2)": [tensor(1, math.nan)]}
    seen = observed(task, {"a": THREE}, tried=tried)
    assert ["manual"] == [each.check for each in proposals_for(task, seen)]


def test_results_may_have_infinities():
    task = task_of(
        "def masked(a):\n    return a.masked_fill(a > 0, -math.inf)", after="masked(1)\nmasked(2)"
    )
    tried = {"'1'": [tensor(-1, -math.inf)], "'2'": [tensor(-math.inf, -1)]}
    first = proposals_for(task, observed(task, {}, tried=tried))[0]
    assert ("1", "2") == first.fields["calls"]


def test_other_numbers_are_tried_with_the_same_axis_and_the_same_shape():
    task = task_of(
        "def spread(a, axis, shape):\n    return a.sum(axis).expand(shape)",
        after="for x in data:\n    spread(x, 1, [2, 3])",
    )
    shape = Array(origin="list", shape=(2,), dtype="int64", elements=(2, 3))
    values = {"a": THREE, "axis": Number(value=1), "shape": shape}
    tried = {"-0.51]), 1, [2, 3]": [tensor(1, 2)], "-0.88]), 1, [2, 3]": [tensor(3, 4)]}
    first = proposals_for(task, observed(task, values, tried=tried))[0]
    assert "function" == first.check
    assert all(call.endswith(", 1, [2, 3]") for call in first.fields["calls"])


def test_shapes_are_compared_too_where_the_argument_itself_would_pass():
    task = task_of(
        "def column(a):\n    return a.unsqueeze(1)", given="x = torch.arange(3.)", after="column(x)"
    )
    tried = {
        "'x'": [tensor(0, 1, 2, shape=(3, 1))],
        "2 * x + 1": [tensor(1, 3, 5, shape=(3, 1))],
        "given[0])(x)": [tensor(0, 1, 2)],
    }
    first = proposals_for(task, observed(task, {"a": THREE}, tried=tried))[0]
    form = "(lambda it: (tuple(it.shape), str(it.dtype), it))"
    assert (f"{form}(column(x))", f"{form}(column(2 * x + 1))") == first.fields["equal"]


def test_random_numbers_on_which_a_function_is_tried_are_not_its_answer():
    answer = "def same(a):\n    return a\n\nnoise_z = torch.randn(3)\ny = same(noise_z)"
    task = task_of(answer, words="Try `same` on `noise_z`.")
    other = tensor(3, 1, 2)
    seen = observed(task, {"noise_z": THREE, "y": THREE}, other_seed={"noise_z": other, "y": other})
    assert all("noise_z" not in str(each.fields) for each in proposals_for(task, seen)[:-1])
