"""Classes that answer an exercise: an instance is made, and its methods are called in turn."""

from __future__ import annotations

from grader.authoring.drafting.proposals.choose import proposals_for
from grader.trace import Items, Nothing, Number
from tests.authoring.drafting.proposals.notebooks import observed, task_of

SCALE = """
    class Scale:
        def __init__(self, w):
            self.w = w

        def forward(self, x):
            self.x = x
            return self.w * x

        def step(self, rate):
            self.w -= rate * self.x
"""
USE = """
    layers = [Scale(w) for w in (1.0, 2.0)]
    for layer in layers:
        layer.forward(3.0)
        layer.step(0.1)
    print(layers[0].w)
"""
SEEN = {"w": Number(value=1.5), "x": Number(value=2.5), "rate": Number(value=0.1)}


def results(number: float) -> list[Items]:
    entries = [Number(value=number), Number(value=1)]
    return [Items(form="tuple", entries=tuple(entries))]


def test_methods_are_called_in_order_with_numbers_like_those_they_had():
    task = task_of(SCALE, after=USE)
    tried = {"Scale(1.5)": results(3.75), "Scale(2.25)": results(8.5)}
    first = proposals_for(task, observed(task, SEEN, tried=tried))[0]
    assert "test" == first.check
    assert (
        "(lambda it: (it.forward(2.5), (it.step(0.1), it.w)[-1]))(Scale(1.5))",
        "(lambda it: (it.forward(3.75), (it.step(0.15), it.w)[-1]))(Scale(2.25))",
    ) == first.fields["equal"]


def test_methods_with_results_that_are_all_alike_are_not_asked_for():
    task = task_of(SCALE, after=USE)
    seen = observed(task, SEEN, tried={"Scale(": results(3.75)})
    assert ["manual"] == [each.check for each in proposals_for(task, seen)]


def test_an_instance_with_parts_is_made_as_in_the_notebook():
    both = """
        class Both:
            def __init__(self, parts):
                self.parts = parts

            def forward(self, x):
                return sum(part(x) for part in self.parts)
    """
    task = task_of(both, after="it = Both([abs, round])\nit.forward(1.5)")
    tried = {"it.forward(1.5)": [Number(value=3.5)], "it.forward(2.25)": [Number(value=4.25)]}
    first = proposals_for(task, observed(task, {"x": Number(value=1.5)}, tried=tried))[0]
    assert "(lambda it: (it.forward(1.5)))(Both([abs, round]))" in first.fields["equal"]


def test_an_effect_without_an_attribute_shows_in_what_the_first_method_returns():
    task = task_of(SCALE, after="for it in [Scale(1.0)]:\n    it.forward(3.0)\n    it.step(0.1)")
    tried = {"Scale(1.5)": results(3.75), "Scale(2.25)": results(8.5)}
    first = proposals_for(task, observed(task, SEEN, tried=tried))[0]
    again = "(it.step(0.1), it.forward(2.5))[-1]"
    assert f"(lambda it: (it.forward(2.5), {again}))(Scale(1.5))" in first.fields["equal"]


def test_a_class_with_a_method_forward_is_no_network_for_that():
    task = task_of(SCALE.replace("Scale:", "Scale(object):"), after=USE)
    tried = {"Scale(1.5)": results(3.75), "Scale(2.25)": results(8.5)}
    assert "test" == proposals_for(task, observed(task, SEEN, tried=tried))[0].check


def test_what_an_instance_draws_is_not_compared():
    after = "it = Scale(2.0)\nprint(it.w)\ndraw(it.w)"
    task = task_of(SCALE, given="def draw(x):\n    pass", after=after)
    tried = {"Scale(2.0).w": [Number(value=2.0)], "draw(": [Nothing()]}
    first = proposals_for(task, observed(task, {}, tried=tried))[0]
    assert ["(Scale(2.0).w, Scale(3.0).w)"] == list(first.fields["equal"])


def test_an_attribute_that_cannot_be_compared_is_left_out():
    task = task_of(SCALE, after=USE)
    tried = {
        "(it.step(0.1), it.forward(2.5))[-1]))(Scale(1.5))": results(3.75),
        "(it.step(0.15), it.forward(3.75))[-1]))(Scale(2.25))": results(8.5),
    }
    first = proposals_for(task, observed(task, SEEN, tried=tried))[0]
    again = "(it.step(0.1), it.forward(2.5))[-1]"
    assert f"(lambda it: (it.forward(2.5), {again}))(Scale(1.5))" == first.fields["equal"][0]
