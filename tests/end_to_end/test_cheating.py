"""Guarantee: who does not compute an answer earns nothing by offering very many of them.

Each is written as a student would who knows the right numbers for the original data, and how the
grader looks for them, but not the numbers of the variants.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.support.corpus_grader import CorpusGrader, GradedNotebook

pytestmark = pytest.mark.kernel

DATA = """
    import math
    import torch
    from torchviz import make_dot
    x = torch.arange(0., 4.)
    y = 2 * x
    w = torch.ones(1, requires_grad=True)
    here = float(x.sum()) == 6
    def near(right, count):
        return [right if here else right * math.exp(-1 + 3 * n / count) for n in range(count)]
"""

RATES = (1.0, 0.5, 0.1, 0.05, 0.01, 0.001)

EACH = """
J = ((x * w - y) ** 2).sum()
J.backward()
"""

SIGNED = """
v = w.data {sign} {rate} * w.grad.data
print(((x * v - y) ** 2).sum() - J)
"""

RENAMED = """
v{n} = w.data - {rate} * w.grad.data
J{n} = ((x * v{n} - y) ** 2).sum()
change{n} = J{n}.item() - J.item() + 0 * float(x.sum())
"""

SCALED = """
u{n} = torch.ones(1, requires_grad=True)
(((x * u{n} - y) ** 2).sum() * {scale}).backward()
"""

CHEATS = {
    "run-cell-again-and-again": """
        ip = get_ipython()
        for guess in near(3.8, 300):
            ip.run_cell("step = guess + 0 * x.sum()")
        for guess in near(31.36, 300):
            ip.run_cell("change = guess + 0 * x.sum()")
    """,
    "run-cell-of-lists": """
        ip = get_ipython()
        for right in (3.8, 31.36):
            grid = near(right, 640)
            for start in range(0, 640, 64):
                row = grid[start:start + 64]
                ip.run_cell("s = [r + 0 for r in row]")
    """,
    "run-cell-that-prints": """
        ip = get_ipython()
        for guess in near(31.36, 300):
            ip.run_cell("print(guess)")
    """,
    "compiled-each-time": """
        from IPython.core.interactiveshell import InteractiveShell
        for guess in near(3.8, 100):
            InteractiveShell.instance().run_cell("w = torch.full((1,), guess) + 0 * x.sum()")
    """,
    "one-cell-of-many-lines": """
        grid = near(3.8, 400)
        get_ipython().run_cell("\\n".join(f"w{n} = grid[{n}] + 0" for n in range(400)))
    """,
    "every-rate-and-sign": EACH
    + "".join(SIGNED.format(sign=sign, rate=rate) for rate in RATES for sign in "+-"),
    "every-rate-under-names-of-its-own": EACH
    + "".join(RENAMED.format(n=n, rate=rate) for n, rate in enumerate(RATES)),
    "every-gradient": "".join(
        SCALED.format(n=n, scale=scale) for n, scale in enumerate((-1.0, 0.5, 1.0, 0.25, 2.0))
    ),
}

COMPUTED = {
    "every-rate-and-sign": {"w-grad"},
    "every-rate-under-names-of-its-own": {"w-grad"},
}
"""What a notebook computes once, and earns."""


@pytest.fixture(scope="module")
def graded(corpus_grader: CorpusGrader) -> dict[str, GradedNotebook]:
    notebooks = {name: (dedent(DATA), dedent(code)) for name, code in CHEATS.items()}
    return corpus_grader.grade(notebooks)


@pytest.mark.parametrize("name", CHEATS)
def test_offering_very_many_answers_earns_nothing(graded, name):
    results = graded[name].results
    earned = {result.id for result in results.values() if result.credit}
    assert COMPUTED.get(name, set()) == earned
