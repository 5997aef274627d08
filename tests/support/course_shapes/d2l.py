"""In the shape of Dive into Deep Learning: a section, and a list of exercises at its end."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="d2l",
    cells=(
        text("# Linear Algebra\n:label:`sec_linear`\n\nScalars, vectors, matrices."),
        code("import torch"),
        text("## Matrices\n\nA matrix has two axes."),
        code("A = torch.arange(12, dtype=torch.float32).reshape(3, 4)\nB = A.clone()\nA, A + B"),
        text("## Reduction\n\nSums run over all elements, or along an axis."),
        code("A.sum(), A.sum(axis=0)"),
        text("## Dot products\n\nTwo vectors of the same length."),
        code("v = torch.ones(4)\ntorch.dot(A[0], v)"),
        text(
            """
            ## Summary

            * Tensors of any number of axes can be added and multiplied.
            """
        ),
        text(
            """
            ## Exercises

            1. Show that the sum of two transposes is the transpose of the sum, for `A` and `B`:
               compute both, and whether they are equal.
            1. Divide each row of `A` by the sum of the row.
            1. What does `len(X)` return for a tensor `X` of shape (2, 3, 4)?
            1. Compute the Euclidean norm of each column of `A`.
            1. Write a function `frobenius(M)` that returns the Frobenius norm of a matrix.
            """
        ),
        answer(
            "left = A.T + B.T\nright = (A + B).T\nprint(left)\nprint(torch.equal(left, right))",
            None,
            other="summed = torch.add(A, B).t()\nsummed, (summed == A.t() + B.t()).all()",
            typed="print(True)",
        ),
        answer(
            "A / A.sum(axis=1, keepdim=True)",
            None,
            other="shares = torch.stack([row / row.sum() for row in A])\nprint(shares)",
        ),
        reply("It returns 2, the length of the first axis.", None, "2: the size of axis 0"),
        answer(
            "norms = torch.linalg.norm(A, dim=0)\nnorms",
            None,
            other="(A ** 2).sum(dim=0).sqrt()",
            typed="norms = torch.tensor([8.9443, 10.3441, 11.8322, 13.3791])",
        ),
        answer(
            """
            def frobenius(M):
                return (M ** 2).sum().sqrt()

            frobenius(A)
            """,
            None,
            other="def frobenius(M):\n    return torch.linalg.norm(M)\n\nprint(frobenius(B))",
            typed="def frobenius(M):\n    return torch.tensor(22.4944)",
        ),
    ),
    tasks=(
        TaughtTask("transpose", ("value",)),
        TaughtTask("Divide each row", ("value",)),
        TaughtTask("len(X)", ("text", "manual")),
        TaughtTask("Euclidean norm", ("value",)),
        TaughtTask("frobenius", ("function",)),
    ),
)
