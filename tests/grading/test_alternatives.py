"""A value counts that is named, shown or kept last, and not one of several that code tries."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.grading.alternatives import Alternatives
from grader.grading.search import Values, find
from tests.support.recording import Recording
from tests.support.traces import expects, run, trace

GIVEN = """
w = 1.0
g = -28.0
x = [0.0, 1.0, 2.0, 3.0]
y = [0.0, 2.0, 4.0, 6.0]
"""

RIGHT = 3.8
"""The step that has the rate 0.1."""

RATES = "(0.5, 0.1, 0.05, 0.01, 0.001)"

WAYS = {
    "a list": f"ways = [w - lr * g for lr in {RATES}]",
    "a list of signs and rates": "ways = [w - s * lr * g for lr in (0.1, 0.5) for s in (1, -1)]",
    "numbers with a name": f"rates = {RATES}\nways = [w - lr * g for lr in rates]",
    "a dict": f"ways = {{str(lr): w - lr * g for lr in {RATES}}}",
    "a list that is filled": f"ways = []\nfor lr in {RATES}:\n    ways.append(w - lr * g)",
    "a loop": f"for lr in {RATES}:\n    v = w - lr * g",
    "loops of few numbers": (
        "for lr in (0.1, 0.5):\n    for s in (1, -1):\n        v = w - s * lr * g"
    ),
    "a loop of powers": "for n in range(5):\n    v = w - 10.0**-n * g",
    "a number that is carried on": (
        "lr = 1.6\nways = []\nfor _ in range(8):\n    lr = lr / 2\n    ways.append(w - lr * g)"
    ),
    "a number that is made smaller in place": (
        "lr = 1.6\nways = []\nfor _ in range(8):\n    ways.append(w - lr * g)\n    lr *= 0.5"
    ),
    "a number that is carried on while it is large": (
        "lr = 1.6\nways = []\nwhile lr > 0.01:\n    ways.append(w - lr * g)\n    lr /= 2"
    ),
    "numbers by their index": (
        f"rates = {RATES}\nways = []\n"
        "for i in range(len(rates)):\n    ways.append(w - rates[i] * g)"
    ),
    "numbers that are used up": (
        f"rates = list({RATES})\nways = []\nwhile rates:\n    ways.append(w - rates.pop() * g)"
    ),
    "numbers beside another name": (
        f"rates, ways = list({RATES}), []\nwhile rates:\n    ways.append(w - rates.pop() * g)"
    ),
    "numbers one by one": (
        f"rates = iter({RATES})\nways = []\n"
        "for _ in range(5):\n    lr = next(rates)\n    ways.append(w - lr * g)"
    ),
    "expressions in a list": (
        "ways = [w - 0.5 * g, w - 0.1 * g, w + 0.1 * g, w - 0.05 * g, w - 0.01 * g]"
    ),
    "a dict of keywords": "ways = dict(a=w - 0.5 * g, b=w - 0.1 * g, c=w + 2 * g, d=w - 0.01 * g)",
    "a name for each in a tuple": (
        "ways = ((a := w - 0.5 * g), (b := w - 0.1 * g), (c := w - 2.0 * g), (d := w - 0.01 * g))"
    ),
    "several names at once": f"a, b, c, d, e = [w - lr * g for lr in {RATES}]",
    "map": f"ways = list(map(lambda lr: w - lr * g, {RATES}))",
    "a generator": (
        f"def make():\n    for lr in {RATES}:\n        yield w - lr * g\nways = list(make())"
    ),
    "calls of a function": (
        "def way(lr):\n    return w - lr * g\n"
        "a = way(0.5)\nb = way(0.1)\nc = way(0.05)\nd = way(0.01)"
    ),
    "a list that is shown": f"ways = [w - lr * g for lr in {RATES}]\nways",
    "all of it printed": "print(w - 0.5 * g, w - 0.1 * g, w - 0.05 * g, w - 0.01 * g)",
    "a list that is printed by a loop": (
        f"ways = [w - lr * g for lr in {RATES}]\nfor way in ways:\n    print(way)"
    ),
}

ONE = {
    "a step": "v = w - 0.1 * g",
    "a step after others": f"for lr in {RATES}:\n    v = w - lr * g\nlr = 0.1\nv = w - lr * g",
    "the one that is chosen": f"ways = [w - lr * g for lr in {RATES}]\nbest = ways[1]",
    "the last of a list": "ways = [w - lr * g for lr in (0.5, 0.05, 0.01, 0.1)]",
    "the last pass": "for lr in (0.5, 0.05, 0.01, 0.1):\n    v = w - lr * g",
    "a few attempts": "for lr in (0.5, 0.1, 0.01):\n    v = w - lr * g",
    "training": "v = w\nfor epoch in range(9):\n    v = v - 0.1 * g\n    w = w + 1",
    "training with rates": "v = w\nfor lr in (0.1, 0.1, 0.01, 0.01):\n    v = v - lr * g",
    "training with a rate that falls": (
        "v = w\nlr = 0.1\nkept = []\nfor epoch in range(9):\n"
        "    v = v - lr * g\n    lr *= 0.9\n    kept.append(v)"
    ),
    "training while it gets better": (
        "v = w\nn = 0\nkept = []\nwhile n < 9:\n    v = v - 0.1 * g\n    n += 1\n    kept.append(v)"
    ),
    "training on an inline gradient": (
        "v = w + 2.8\nkept = []\nfor epoch in range(9):\n"
        "    kept.append(v)\n    v = v - 0.1 * 2 * v"
    ),
    "a search between two ends": (
        "low, high = 0.0, 7.6\nmiddles = []\nwhile high - low > 0.1:\n"
        "    middle = (low + high) / 2\n    middles.append(middle)\n"
        "    if middle > 1:\n        high = middle\n    else:\n        low = middle"
    ),
    "losses of epochs": (
        "v = w\nkept = []\nfor epoch in range(9):\n    v = v - 0.1 * g\n    kept.append(v)"
    ),
    "items of the data": ("made = []\nfor i in range(4):\n    made.append(x[i] + 1.8)\nmade[2]"),
    "items of the data by name": "kept = [a + 1.8 for a in x]",
    "a function that is called with names": (
        "def way(a, b):\n    return a - b * g\nlr = 0.1\nv = way(w, lr)\nu = way(v, lr)"
    ),
    "passes that are numbered": "for n in range(5):\n    v = w - 0.1 * g\n    print(n + 1, v)",
}


def count(source: str) -> int:
    """Count the ways of which the right value is one."""
    source = dedent(source).strip("\n")
    recording = Recording()
    recording.run(GIVEN)
    events = recording.run(source)
    submitted = trace(run(*events), sources=(GIVEN, source), handout=(0,))
    found = find(Values(submitted), ("value", "shown", "printed"), expects(RIGHT))
    assert found, [event.values for event in events]
    return Alternatives(submitted.cells).least(one.candidate for one in found)


@pytest.mark.parametrize("source", WAYS.values(), ids=WAYS)
def test_one_of_several_ways_is_no_answer_by_itself(source):
    assert count(source) >= 4


@pytest.mark.parametrize("source", ONE.values(), ids=ONE)
def test_what_is_named_or_kept_last_is_an_answer(source):
    assert 0 == count(source)
