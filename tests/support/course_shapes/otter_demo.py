"""In the shape of Otter's own demo: questions in raw cells, hidden tests, plots, words."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCell,
    TaughtCourse,
    TaughtTask,
    answer,
    code,
    only_solved,
    reply,
    text,
)


def _raw(source: str) -> TaughtCell:
    return only_solved(source, "raw")


def _begin(name: str, points: int, manual: bool = False) -> TaughtCell:
    hand = "manual: true" if manual else "manual: false"
    return _raw(f"# BEGIN QUESTION\nname: {name}\npoints: {points}\n{hand}")


_CHECK = 'grader.check("{}")'

COURSE = TaughtCourse(
    name="otter-demo",
    is_marked=True,
    cells=(
        _raw("# ASSIGNMENT CONFIG\ngenerate: true\nexport_cell: false\nfiles: []"),
        text("# Otter Assign demo\n\nA short assignment with each kind of question."),
        code("import torch\nimport matplotlib.pyplot as plt"),
        _begin("q1", 1),
        text("**Question 1.** Assign `x` to the smallest prime number."),
        _raw("# BEGIN SOLUTION"),
        answer("x = 2 # SOLUTION", "x = ...", other="x = min(n for n in (2, 3, 5))"),
        _raw("# END SOLUTION"),
        _raw("# BEGIN TESTS"),
        only_solved("isinstance(x, int)"),
        only_solved("# HIDDEN\nx == 2"),
        _raw("# END TESTS"),
        _raw("# END QUESTION"),
        _begin("q2", 2),
        text(
            """
            **Question 2.** Write a function called `mean_square` that takes a tensor and returns
            the mean of the squares of its elements.
            """
        ),
        _raw("# BEGIN SOLUTION"),
        answer(
            """
            def mean_square(t):
                \"\"\"Return the mean of squares.\"\"\"
                return (t ** 2).mean() # SOLUTION
            """,
            """
            def mean_square(t):
                \"\"\"Return the mean of squares.\"\"\"
                ...
            """,
            other="def mean_square(t):\n    return torch.square(t).sum() / t.numel()",
            typed="def mean_square(t):\n    return torch.tensor(4.6667)",
        ),
        _raw("# END SOLUTION"),
        _raw("# BEGIN TESTS"),
        only_solved(
            "bool(torch.isclose(mean_square(torch.tensor([1., 2., 3.])), torch.tensor(14. / 3)))"
        ),
        only_solved("# HIDDEN\nbool(mean_square(torch.tensor([2., -2.])) == 4)"),
        _raw("# END TESTS"),
        _raw("# END QUESTION"),
        _begin("q3", 2),
        text(
            """
            **Question 3.** Using `numbers`, compute the standardised numbers `z`: mean 0, and a
            standard deviation of 1 (divide by n).
            """
        ),
        code("numbers = torch.tensor([3., 5., 4., 8., 1., 9.])"),
        _raw("# BEGIN SOLUTION"),
        answer(
            "z = (numbers - numbers.mean()) / numbers.std(unbiased=False) # SOLUTION\nz",
            "z = ...\nz",
            other="centred = numbers - numbers.mean()\nz = centred / (centred ** 2).mean().sqrt()",
            typed="z = torch.tensor([-.7223, 0., -.3612, 1.0835, -1.4446, 1.4446])",
        ),
        _raw("# END SOLUTION"),
        _raw("# BEGIN TESTS"),
        only_solved("z.shape == (6,)"),
        only_solved("# HIDDEN\nbool(z.mean().abs() < 1e-6)"),
        _raw("# END TESTS"),
        _raw("# END QUESTION"),
        _begin("q4", 2, manual=True),
        text("**Question 4.** Plot `z` against `numbers`, with labels on both axes."),
        _raw("# BEGIN SOLUTION"),
        answer(
            """
            plt.scatter(numbers, z) # SOLUTION
            plt.xlabel("numbers") # SOLUTION
            plt.ylabel("z"); # SOLUTION
            """,
            "...",
            other="fig, ax = plt.subplots()\nax.scatter(numbers, z)\n"
            'ax.set_xlabel("x")\nax.set_ylabel("standardised")',
        ),
        _raw("# END SOLUTION"),
        _raw("# END QUESTION"),
        _begin("q5", 3, manual=True),
        text("**Question 5.** Why does standardising not change the order of the numbers?"),
        _raw("# BEGIN SOLUTION"),
        reply(
            "**SOLUTION**: subtracting a constant and dividing by a positive one is increasing.",
            "_Type your answer here, replacing this text._",
            "Because it is an increasing function.",
        ),
        _raw("# END SOLUTION"),
        _raw("# END QUESTION"),
    ),
    tasks=(
        TaughtTask("q1", ("value", "test"), points=1),
        TaughtTask("q2", ("function", "test"), points=2),
        TaughtTask("q3", ("value", "test"), points=2, typed=0.5),
        TaughtTask("q4", ("figure", "manual"), points=2),
        TaughtTask("q5", ("text", "manual"), points=3),
    ),
)
