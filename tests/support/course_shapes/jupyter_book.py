"""In the shape of a Jupyter Book: MyST directives for exercises and solutions, cells with tags."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    code,
    only_solved,
    reply,
    text,
)

HIDDEN = {"tags": ["hide-cell"]}

COURSE = TaughtCourse(
    name="jupyter-book",
    cells=(
        text("(chap-broadcast)=\n# Broadcasting and gradients\n\nThis chapter has two exercises."),
        code(
            """
            import torch

            points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
            weights = torch.tensor([0.2, 0.3, 0.5])
            """
        ),
        text(
            """
            ```{note}
            Broadcasting never copies data.
            ```

            ```{exercise-start} Pairwise distances
            :label: ex-distances
            ```

            Compute the matrix `distances` of the Euclidean distances between all pairs of `points`.
            Do not use a loop.

            ```{exercise-end}
            ```
            """
        ),
        only_solved("```{solution-start} ex-distances\n:class: dropdown\n```", "markdown"),
        answer(
            "difference = points[:, None] - points[None]\ndistances = difference.norm(dim=-1)\n"
            "distances",
            None,
            other="distances = torch.cdist(points, points)\ndistances",
            typed="distances = torch.zeros(3, 3)",
            metadata=HIDDEN,
        ),
        only_solved("```{solution-end}\n```", "markdown"),
        text("The weights add up to one, so the mean below is a point again."),
        code("center = (weights[:, None] * points).sum(0)\ncenter"),
        text(
            """
            ```{exercise} The gradient of a distance
            :label: ex-gradient

            Let autograd compute the gradient of the sum of the squared distances of `points` to a
            point `c` at (1, 1), with respect to `c`. Call it `gradient`.
            ```
            """
        ),
        only_solved("```{solution-start} ex-gradient\n:class: dropdown\n```", "markdown"),
        answer(
            """
            c = torch.tensor([1.0, 1.0], requires_grad=True)
            total = ((points - c) ** 2).sum()
            total.backward()
            gradient = c.grad
            gradient
            """,
            None,
            other="""
            c = torch.ones(2, requires_grad=True)
            (gradient,) = torch.autograd.grad((points - c).pow(2).sum(), c)
            """,
            typed="gradient = torch.tensor([-12.0, -18.0])",
            metadata=HIDDEN,
        ),
        only_solved("```{solution-end}\n```", "markdown"),
        text(
            """
            :::{exercise} Why no loop?
            :label: ex-why

            Why is the version without a loop faster?
            :::
            """
        ),
        reply(
            ":::{solution} ex-why\n:class: dropdown\n\nOne call of a kernel replaces many steps of "
            "the interpreter.\n:::",
            None,
            "The loop runs in C++.",
        ),
    ),
    tasks=(
        TaughtTask("Pairwise distances", ("value",)),
        TaughtTask("gradient of a distance", ("value",)),
        TaughtTask("Why no loop", ("text", "manual")),
    ),
)
