"""Kinds of exercises that refer to given values and other answers, or that bring a test cell."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind, wrong

_GIVEN = (
    Kind(
        id="overwritten",
        words="Double `start`. The result is called `start` again.",
        given="start = torch.rand(5)",
        reference="start = start * 2",
        table="""
            check = "test"
            holds = ["torch.allclose(start, 2 * given.start) and bool(start.any())"]
            """,
        right=(
            "start = 2 * start",
            "start *= 2",
            "other = start\nother.mul_(2)\nprint(other)",
        ),
        wrong=(
            wrong("start = start + 2"),
            wrong("start.mul(2)"),
            wrong("start = start ** 2"),
        ),
        hard_coded=wrong("start = torch.tensor([.2, .4, .6, .8, .9])"),
    ),
)

_OWN = (
    Kind(
        id="largest",
        words="`top` is the largest of `readings`.",
        given="readings = torch.tensor([3., 9., 4., 1.])",
        reference="top = readings.max()\n# grade: largest = top",
        table="""
            check = "value"
            """,
        variants="""
            [[inputs]]
            name = "readings"
            variants = ["torch.tensor([2., 5., 7., 4.])", "torch.tensor([.3, 1.7, 2.4, .6])"]
            """,
        right=(
            "top = readings.max()",
            "biggest = max(readings.tolist())",
            "def peak(t):\n    return t.sort().values[-1].item()\nprint(peak(readings))",
        ),
        wrong=(
            wrong("top = readings.min()"),
            wrong("top = readings.mean()"),
            wrong("top = readings[0]"),
        ),
        hard_coded=wrong("top = 9.0"),
    ),
    Kind(
        id="scaled",
        words="`parts` are `readings` divided by your largest reading of above.",
        reference="parts = readings / top",
        table="""
            check = "test"
            holds = ["torch.allclose(parts, given.readings / own.largest)"]
            """,
        right=(
            "parts = readings / top",
            "parts = readings / biggest\nbiggest = 0",
            "parts = torch.stack([r / 9 for r in readings])",
        ),
        wrong=(
            wrong("parts = readings / top", earns=1.0),
            wrong("parts = readings / readings.max()"),
            wrong("parts = readings * top"),
        ),
        hard_coded=wrong("parts = torch.tensor([1 / 3, 1., 4 / 9, 1 / 9])", earns=1.0),
    ),
)

_TEST_CELL = (
    Kind(
        id="test-cell",
        words="Write `clip01(t)`: what is below 0 becomes 0, and what is above 1 becomes 1.",
        reference="def clip01(t):\n    return t.clamp(0, 1)",
        table='''
            check = "test"
            shares = true
            code = """
            import torch
            x = torch.tensor([-1., .5, 3.])
            assert clip01(x).shape == x.shape, "it changes the shape"
            assert clip01(x).min() == 0
            np.testing.assert_allclose(clip01(x)[2], 1.)
            for value in (0., .25, 1.):
                assert clip01(torch.tensor([value])).item() == value, f"{value} is not kept"
            """
            ''',
        right=(
            "def clip01(t):\n    return t.clamp(min=0).clamp(max=1)",
            "clip01 = lambda t: torch.where(t < 0, 0., torch.where(t > 1, 1., t))",
            "def clip01(t):\n    out = 1 * t\n    out[t < 0] = 0; out[t > 1] = 1\n    return out",
        ),
        wrong=(
            wrong("def clip01(t):\n    return t.clamp(min=0)", earns=0.75, reads="assert.fails"),
            wrong("def clip01(t):\n    return t.sum()", earns=0.25, reads="assert.says"),
            wrong("def clip01(t):\n    return missing(t)", reads="assert.raises"),
        ),
        hard_coded=wrong(
            "def clip01(t):\n    return torch.tensor([0., .5, 1.])",
            earns=0.75,
            reads="assert.raises",
        ),
    ),
)

KINDS = (*_GIVEN, *_OWN, *_TEST_CELL)
