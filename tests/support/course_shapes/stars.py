"""In the shape of a lab with stars around each blank, and points below the headings."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="stars",
    cells=(
        text(
            """
            # Lab 05 — Logistic regression

            Useful functions are imported below. Run the cell, and go on.
            """
        ),
        code(
            """
            import numpy as np
            import torch
            import matplotlib.pyplot as plt

            def load_clouds(seed=1):
                rng = np.random.default_rng(seed)
                left = rng.normal(-1.0, 0.8, size=(60, 2))
                right = rng.normal(1.0, 0.8, size=(60, 2))
                x = np.concatenate([left, right]).astype(np.float32)
                y = np.concatenate([np.zeros(60), np.ones(60)]).astype(np.float32)
                return torch.from_numpy(x), torch.from_numpy(y)

            x, y = load_clouds()
            """
        ),
        text("## 1 Logistic regression\n### 1.1 Sigmoid\nFill in the `sigmoid` function. (1 mark)"),
        boxed(
            '''
            def sigmoid(t):
                """apply the sigmoid function on t.

                Args:
                    t: tensor

                Returns:
                    tensor of the same shape
                """
                # ***************************************************
                # INSERT YOUR CODE HERE
                # TODO
                # ***************************************************
                @@
            ''',
            solved="return 1.0 / (1 + torch.exp(-t))",
            blank="raise NotImplementedError",
            other="return torch.exp(t) / (torch.exp(t) + 1)",
            typed="return torch.zeros_like(t) + 0.5",
        ),
        text(
            "### 1.2 Loss\n"
            "Fill in `calculate_loss`, the mean negative log-likelihood. (2 marks)\n\n"
            "Then evaluate it at `w = 0`, as `loss0`."
        ),
        boxed(
            '''
            def calculate_loss(y, tx, w):
                """compute the cost by negative log likelihood."""
                # ***************************************************
                # INSERT YOUR CODE HERE
                # TODO
                # ***************************************************
                @@
            ''',
            solved="""
            p = sigmoid(tx @ w)
            return -(y * p.log() + (1 - y) * (1 - p).log()).mean()
            """,
            blank="raise NotImplementedError",
            other="return torch.nn.functional.binary_cross_entropy_with_logits(tx @ w, y)",
            typed="return torch.tensor(0.6931)",
        ),
        answer(
            "tx = torch.cat([torch.ones(len(x), 1), x], dim=1)\n"
            "# INSERT YOUR CODE HERE\nloss0 = calculate_loss(y, tx, torch.zeros(3))\nprint(loss0)",
            "tx = torch.cat([torch.ones(len(x), 1), x], dim=1)\n# INSERT YOUR CODE HERE",
            other="tx = torch.cat([torch.ones(len(x), 1), x], dim=1)\n"
            "w0 = torch.zeros(tx.shape[1])\nloss0 = calculate_loss(y, tx, w0).item()",
            typed="tx = torch.cat([torch.ones(len(x), 1), x], dim=1)\nloss0 = 0.6931",
        ),
        text(
            "### 1.3 Gradient\nFill in `calculate_gradient`, by its formula and without autograd."
            " (2 marks)"
        ),
        boxed(
            '''
            def calculate_gradient(y, tx, w):
                """compute the gradient of loss."""
                # ***************************************************
                # INSERT YOUR CODE HERE
                # TODO
                # ***************************************************
                @@
            ''',
            solved="return tx.T @ (sigmoid(tx @ w) - y) / len(y)",
            blank="raise NotImplementedError",
            other="""
            residual = sigmoid(tx.matmul(w)) - y
            return (tx * residual[:, None]).mean(dim=0)
            """,
            typed="return torch.zeros(3)",
        ),
        text(
            "### 1.4 Gradient descent\n"
            "Run 200 steps of gradient descent from `w = 0`, with `gamma` = 0.5."
            " Keep the weights in `w_final` and the losses in `losses`. (3 marks)"
        ),
        boxed(
            """
            gamma = 0.5
            max_iter = 200
            losses = []
            # ***************************************************
            # INSERT YOUR CODE HERE
            @@
            # ***************************************************
            print("loss={l}".format(l=losses[-1] if losses else None))
            """,
            solved="""
            w = torch.zeros(3)
            for n_iter in range(max_iter):
                losses.append(calculate_loss(y, tx, w).item())
                w = w - gamma * calculate_gradient(y, tx, w)
            w_final = w
            """,
            blank="",
            other="""
            w_final = torch.zeros(3)
            for _ in range(max_iter):
                l = calculate_loss(y, tx, w_final)
                losses += [float(l)]
                w_final = w_final - gamma * calculate_gradient(y, tx, w_final)
            """,
            typed="w_final = torch.ones(3)\nlosses = [0.69, 0.3, 0.2]",
        ),
        text(
            "### 1.5 Decision boundary\n"
            "Plot the points, coloured by class, and the decision boundary."
            " Explain what you see. (2 marks)"
        ),
        answer(
            """
            plt.scatter(x[:, 0], x[:, 1], c=y)
            xs = torch.linspace(-3, 3, 50)
            plt.plot(xs, -(w_final[0] + w_final[1] * xs) / w_final[2])
            plt.xlabel("x1")
            plt.ylabel("x2")
            plt.show()
            """,
            "# INSERT YOUR CODE HERE",
            other="""
            fig, ax = plt.subplots()
            for label in (0, 1):
                ax.scatter(*x[y == label].T, label=str(label))
            grid = np.linspace(-3, 3)
            b, w1, w2 = w_final.tolist()
            ax.plot(grid, -(b + w1 * grid) / w2, "k--")
            ax.set_xlabel("first")
            ax.set_ylabel("second")
            ax.legend()
            """,
        ),
        reply(
            "The line separates the two clouds, but for a few points near it.",
            "*Your explanation:*",
            "Most points lie on the right side.",
        ),
    ),
    tasks=(
        TaughtTask("Sigmoid", ("function",), points=1),
        TaughtTask("Loss", ("function", "value"), points=2, typed=0.5),
        TaughtTask("1.3 Gradient", ("function",), points=2),
        TaughtTask("Gradient descent", ("value", "series"), points=3),
        TaughtTask("Decision boundary", ("figure",), points=2),
    ),
)
