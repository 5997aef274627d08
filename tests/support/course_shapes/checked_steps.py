"""In the shape of an interactive lesson: steps, blanks, choices in code, and objects that check."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

COURSE = TaughtCourse(
    name="checked-steps",
    files={
        "lessontools.py": """class Question:
    def check(self, *values):
        print("Checked.")

    def hint(self):
        print("Hint: look above.")

    def solution(self):
        print("Solution: ask us.")


step_1, step_2, step_3, step_4, step_5 = (Question() for _ in range(5))
""",
    },
    cells=(
        text(
            """
            # Lesson 3: Overfitting

            Run this cell to set everything up!
            """
        ),
        code(
            """
            import torch
            from torch import nn
            from lessontools import *

            g = torch.Generator().manual_seed(5)
            X = torch.rand(60, 1, generator=g) * 4 - 2
            y = X ** 3 - X + torch.randn(60, 1, generator=g) * 0.3
            print("Setup is completed.")
            """
        ),
        text(
            """
            ## Step 1: Split the data

            Put the first 40 rows into `train_X`, `train_y`, and the others into `val_X`, `val_y`.
            """
        ),
        answer(
            """
            train_X, val_X = X[:40], X[40:]
            train_y, val_y = y[:40], y[40:]

            # Check your answer
            step_1.check(train_X, val_X)
            """,
            """
            train_X, val_X = ____
            train_y, val_y = ____

            # Check your answer
            step_1.check(train_X, val_X)
            """,
            other="""
            train_X, val_X = torch.split(X, [40, 20])
            train_y = y[torch.arange(40)]
            val_y = y[torch.arange(40, 60)]

            # Check your answer
            step_1.check(train_X, val_X)
            """,
            typed="train_X = val_X = train_y = val_y = torch.zeros(40, 1)",
        ),
        code("# step_1.hint()\n# step_1.solution()"),
        text(
            """
            ## Step 2: Features

            Write `powers(x, degree)`: the columns $x, x^2, ..., x^{degree}$.
            """
        ),
        answer(
            """
            def powers(x, degree):
                return torch.cat([x ** d for d in range(1, degree + 1)], dim=1)

            # Check your answer
            step_2.check(powers)
            """,
            """
            def powers(x, degree):
                ____

            # Check your answer
            step_2.check(powers)
            """,
            other="""
            def powers(x, degree):
                return x ** torch.arange(1, degree + 1)

            # Check your answer
            step_2.check(powers)
            """,
            typed="def powers(x, degree):\n    return torch.zeros(60, 3)",
        ),
        text(
            """
            ## Step 3: Compare degrees

            Fit a least squares solution with an intercept for the degrees 1, 3 and 9 on the
            training data; `errors` maps each degree to the mean squared error on the validation
            data.
            """
        ),
        answer(
            """
            errors = {}
            for degree in (1, 3, 9):
                A = torch.cat([torch.ones(len(train_X), 1), powers(train_X, degree)], dim=1)
                coef = torch.linalg.lstsq(A, train_y).solution
                B = torch.cat([torch.ones(len(val_X), 1), powers(val_X, degree)], dim=1)
                errors[degree] = ((B @ coef - val_y) ** 2).mean().item()
            print(errors)

            # Check your answer
            step_3.check(errors)
            """,
            """
            errors = {}
            # YOUR CODE HERE

            # Check your answer
            step_3.check(errors)
            """,
            other="""
            def design(x, d):
                return torch.column_stack([x.squeeze() ** p for p in range(d + 1)])

            errors = {}
            for d in [1, 3, 9]:
                theta = torch.linalg.pinv(design(train_X, d)) @ train_y
                errors[d] = float(nn.functional.mse_loss(design(val_X, d) @ theta, val_y))
            """,
            typed="errors = {1: 1.0, 3: 0.1, 9: 0.2}",
        ),
        text(
            """
            ## Step 4: Choose

            Which degree would you choose? Set `best_degree` to it, and `reason` to "a", "b" or "c":

            - **a.** it has the lowest error on the training data
            - **b.** it has the lowest error on the validation data
            - **c.** it has the most parameters
            """
        ),
        answer(
            """
            best_degree = min(errors, key=errors.get)
            reason = "b"

            # Check your answer
            step_4.check(best_degree, reason)
            """,
            """
            best_degree = ____
            reason = ____

            # Check your answer
            step_4.check(best_degree, reason)
            """,
            other="""
            best_degree, _ = sorted(errors.items(), key=lambda item: item[1])[0]
            reason = 'b'
            """,
            typed='best_degree = 9\nreason = "a"',
        ),
        text(
            """
            ## Step 5: Think about it

            What would the errors look like with 4,000 rows?

            *(Uncomment the line below to compare with our answer.)*
            """
        ),
        code("# step_5.solution()"),
        text("# Keep going\n\nNext you will learn about [dropout](https://example.org)."),
    ),
    tasks=(
        TaughtTask("Split the data", ("value",)),
        TaughtTask("Features", ("function",)),
        TaughtTask("Compare degrees", ("value",)),
        TaughtTask("Choose", ("value", "manual", "test")),
    ),
)
