"""In the shape of nbgrader's own first problem set: tests in cells, points in metadata."""

from __future__ import annotations

from typing import Any

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    only_solved,
    reply,
    text,
)

_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def _meta(grade_id: str, **more: Any) -> dict[str, Any]:
    fields = {"grade_id": grade_id, "schema_version": 3, "task": False}
    fields |= {"grade": False, "solution": False, "locked": False}
    return {"nbgrader": fields | more}


def _solution(grade_id: str) -> dict[str, Any]:
    return _meta(grade_id, solution=True)


def _tests(grade_id: str, points: int) -> dict[str, Any]:
    return _meta(grade_id, grade=True, locked=True, points=points)


def _by_hand(grade_id: str, points: int) -> dict[str, Any]:
    return _meta(grade_id, grade=True, solution=True, points=points)


def _solved(source: str) -> str:
    return f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"


COURSE = TaughtCourse(
    name="nbgrader-ps1",
    is_marked=True,
    cells=(
        text(
            """
            For this problem set, we'll be using Jupyter notebooks and PyTorch.

            ---
            ## Part A (2 points)

            Write a function that returns a list of numbers, such that $x_i=i^2$, for
            $1\\leq i \\leq n$. Make sure it handles the case where $n<1$ by raising a
            `ValueError`.
            """
        ),
        boxed(
            '''
            def squares(n):
                """Compute the squares of numbers from 1 to n, such that the
                ith element of the returned list equals i^2.

                """
                @@
            ''',
            _solved(
                "if n < 1:\n"
                '    raise ValueError("n must be greater than or equal to 1")\n'
                "return [i ** 2 for i in range(1, n + 1)]"
            ),
            _STUB,
            other="if n <= 0:\n    raise ValueError(n)\n"
            "return (torch.arange(1, n + 1) ** 2).tolist()",
            typed="return [1, 4, 9, 16, 25, 36, 49, 64, 81, 100]",
            metadata=_solution("squares"),
        ),
        text("Your function should print `[1, 4, 9, 16, 25, 36, 49, 64, 81, 100]` for $n=10$."),
        code("import torch\n\nsquares(10)"),
        code(
            '''
            """Check that squares returns the correct output for several inputs"""
            assert squares(1) == [1]
            assert squares(2) == [1, 4]
            assert squares(10) == [1, 4, 9, 16, 25, 36, 49, 64, 81, 100]
            assert squares(11) == [1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121]
            ''',
            metadata=_tests("correct_squares", 1),
        ),
        only_solved(
            '''
            """Check that squares raises an error for invalid inputs"""
            ### BEGIN HIDDEN TESTS
            try:
                squares(0)
            except ValueError:
                pass
            else:
                raise AssertionError("did not raise")
            ### END HIDDEN TESTS
            ''',
            metadata=_tests("squares_invalid_input", 1),
        ),
        text(
            """
            ---
            ## Part B (1 point)

            Using your `squares` function, write a function that computes the sum of the squares
            of the numbers from 1 to $n$.
            """
        ),
        boxed(
            '''
            def sum_of_squares(n):
                """Compute the sum of the squares of numbers from 1 to n."""
                @@
            ''',
            _solved("return sum(squares(n))"),
            _STUB,
            other="return n * (n + 1) * (2 * n + 1) // 6",
            typed="return 385",
            metadata=_solution("sum_of_squares"),
        ),
        code("sum_of_squares(10)"),
        code(
            '''
            """Check that sum_of_squares returns the correct answer for various inputs."""
            assert sum_of_squares(1) == 1
            assert sum_of_squares(2) == 5
            assert sum_of_squares(10) == 385
            assert sum_of_squares(11) == 506
            ''',
            metadata=_tests("correct_sum_of_squares", 1),
        ),
        text(
            """
            ---
            ## Part C (1 point)

            Using LaTeX math notation, write out the equation that is implemented by your
            `sum_of_squares` function.
            """
        ),
        reply(
            r"$\sum_{i=1}^n i^2$",
            "YOUR ANSWER HERE",
            r"$$1^2 + 2^2 + \dots + n^2$$",
            metadata=_by_hand("sum_of_squares_equation", 1),
        ),
        text(
            """
            ---
            ## Part D (2 points)

            Create a plot of the sum of squares for $n=1$ to $n=15$. Make sure to appropriately
            label the $x$-axis and $y$-axis, and to give the plot a title.
            """
        ),
        answer(
            _solved(
                "import matplotlib.pyplot as plt\n"
                "fig, ax = plt.subplots()\n"
                "x = torch.arange(1, 16)\n"
                "y = torch.tensor([sum_of_squares(int(n)) for n in x])\n"
                "ax.plot(x, y)\n"
                'ax.set_title("Sum of squares from 1 to $n$")\n'
                'ax.set_xlabel("$n$")\n'
                'ax.set_ylabel("sum")'
            ),
            _STUB,
            other="import matplotlib.pyplot as plt\n"
            "plt.plot(range(1, 16), [sum_of_squares(n) for n in range(1, 16)])\n"
            'plt.title("sums"); plt.xlabel("n"); plt.ylabel("sum of squares")\nplt.show()',
            metadata=_by_hand("sum_of_squares_plot", 2),
        ),
        text(
            """
            ---
            ## Part E (2 points)

            State the formulae for an arithmetic and geometric sum and verify them numerically
            for an example of your choice.
            """
        ),
        reply(
            r"$\sum x^i = \frac{1-x^n}{1-x}$",
            "YOUR ANSWER HERE",
            metadata=_by_hand("sums", 2),
        ),
    ),
    tasks=(
        TaughtTask("Part A", ("function", "test"), points=2),
        TaughtTask("Part B", ("function", "test"), points=1),
        TaughtTask("Part C", ("text", "manual"), points=1),
        TaughtTask("Part D", ("manual", "figure"), points=2),
        TaughtTask("Part E", ("text", "manual"), points=2),
    ),
)
