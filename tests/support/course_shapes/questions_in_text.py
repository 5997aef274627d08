"""Explanations with tasks and questions in their middle, in bold or after an arrow, no numbers."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="questions-in-text",
    cells=(
        text(
            """
            # Lab 5. Regularisation

            ## 5.1 Ridge regression

            Ridge regression adds a penalty on the weights. Its solution is
            $(X^T X + \\lambda I)^{-1} X^T y$.
            """
        ),
        code(
            """
            import torch
            import torch.nn as nn
            import matplotlib.pyplot as plt

            gen = torch.Generator().manual_seed(42)
            X = torch.randn(30, 4, generator=gen)
            y = X @ torch.tensor([1.0, 0.0, -2.0, 0.5]) + 0.1 * torch.randn(30, generator=gen)
            """
        ),
        text(
            """
            The matrix is always invertible for $\\lambda > 0$.

            **To do:** compute the ridge solution for $\\lambda = 2$ and store it in `w_ridge`.
            Use `torch.linalg.solve`, not the inverse. Afterwards we compare it with least squares.
            """
        ),
        answer(
            """
            lam = 2.0
            w_ridge = torch.linalg.solve(X.T @ X + lam * torch.eye(4), X.T @ y)
            print(w_ridge)
            """,
            "# your code",
            other="""
            A = X.t().mm(X)
            A.diagonal().add_(2)
            w_ridge = torch.linalg.solve(A, (X.t() @ y)[:, None]).flatten()
            """,
            typed="w_ridge = torch.tensor([0.95, 0.0, -1.87, 0.47])",
        ),
        text("For comparison, this is the solution without the penalty."),
        code("w_ls = torch.linalg.lstsq(X, y[:, None]).solution.flatten()\nprint(w_ls)"),
        reply(
            """
            Look at both solutions. The weights of ridge regression are smaller.

            **Question:** Which weight shrinks most, and why?

            *Answer:* The third: the penalty is proportional to the weight.

            In the next section we do the same with gradient descent.
            """,
            """
            Look at both solutions. The weights of ridge regression are smaller.

            **Question:** Which weight shrinks most, and why?

            *Answer:*

            In the next section we do the same with gradient descent.
            """,
        ),
        text(
            """
            ## 5.2 Weight decay

            The optimizers of PyTorch know `weight_decay`.

            ➡️ Write a function `ridge_loss(w, X, y, lam)` that returns the sum of squared errors
            plus $\\lambda$ times the squared norm of the weights.
            """
        ),
        answer(
            """
            def ridge_loss(w, X, y, lam):
                errors = X @ w - y
                return errors @ errors + lam * (w @ w)
            """,
            """
            def ridge_loss(w, X, y, lam):
                # your code
                return
            """,
            other="""
            def ridge_loss(w, X, y, lam):
                return ((X.mv(w) - y) ** 2).sum() + lam * w.pow(2).sum()
            """,
            typed="def ridge_loss(w, X, y, lam):\n    return torch.tensor(9.0)",
        ),
        text(
            """
            ➡️ Minimise it by gradient descent from zero: 500 steps with the rate 0.005. Keep the
            loss of each step in the list `history`, and the final weights in `w_gd`.
            """
        ),
        answer(
            """
            w_gd = torch.zeros(4, requires_grad=True)
            history = []
            for step in range(500):
                loss = ridge_loss(w_gd, X, y, 2.0)
                history.append(loss.item())
                loss.backward()
                with torch.no_grad():
                    w_gd -= 0.005 * w_gd.grad
                    w_gd.grad.zero_()
            """,
            "# your code",
            other="""
            weights = nn.Parameter(torch.zeros(4))
            sgd = torch.optim.SGD([weights], lr=0.005)
            history = []
            for _ in range(500):
                value = ridge_loss(weights, X, y, 2)
                sgd.zero_grad()
                value.backward()
                sgd.step()
                history.append(float(value))
            w_gd = weights.detach()
            """,
            typed="history = [1.0] * 500\nw_gd = torch.tensor([0.95, 0.0, -1.87, 0.47])",
        ),
        code('plt.plot(history)\nplt.xlabel("step")\nplt.show()'),
        text("❓ Does `w_gd` agree with `w_ridge`? What would happen with the rate 0.1?"),
        reply(
            "They agree to four digits. With 0.1 the steps overshoot, and the loss grows.",
            "*double click to answer*",
            "Yes. It diverges.",
        ),
    ),
    tasks=(
        TaughtTask("ridge solution", ("value",)),
        TaughtTask("Which weight shrinks", ("text", "manual")),
        TaughtTask("ridge_loss", ("function",)),
        TaughtTask("Minimise it", ("value", "score", "series")),
        TaughtTask("agree with", ("text", "manual")),
    ),
)
