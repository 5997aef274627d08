"""In the shape of a lab with a package of its own beside it, and checks by relative error."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    boxed,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="helper-package",
    is_marked=True,
    files={
        "helper.py": '''import torch


def load_points(seed=0):
    """Return two clouds of points, and their labels."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(100) % 2
    points = torch.randn(100, 2, generator=generator) + 3 * labels[:, None]
    return points, labels


def rel_error(x, y):
    """Return the largest relative error."""
    return ((x - y).abs() / (x.abs() + y.abs()).clamp(min=1e-8)).max().item()


def view_classify(points, labels):
    pass
''',
    },
    cells=(
        text(
            """
            # Lab: layers from scratch

            We write layers as pairs of functions, as frameworks do inside.
            """
        ),
        code(
            """
            # As usual, a bit of setup
            %load_ext autoreload
            %autoreload 2
            import numpy as np
            import torch
            import helper
            from helper import rel_error
            """
        ),
        code("points, labels = helper.load_points(seed=3)\nprint(points.shape)"),
        text(
            """
            # Affine layer: forward

            Implement the `affine_forward` function. Once you are done, test it with the next cell:
            the error should be around 1e-7.
            """
        ),
        boxed(
            '''
            def affine_forward(x, w, b):
                """
                Inputs:
                - x: tensor of shape (N, d_1, ..., d_k)
                - w: tensor of shape (D, M)
                - b: tensor of shape (M,)
                Returns a tuple of:
                - out: output, of shape (N, M)
                - cache: (x, w, b)
                """
                out = None
                # ########################################################
                # TODO: Implement the affine forward pass. You will need  #
                # to reshape the input into rows.                         #
                # ########################################################
                @@
                # ########################################################
                #                  END OF YOUR CODE                       #
                # ########################################################
                cache = (x, w, b)
                return out, cache
            ''',
            "out = x.reshape(x.shape[0], -1) @ w + b",
            "pass",
            other="out = torch.addmm(b, x.flatten(start_dim=1), w)",
            typed="out = torch.tensor([[1.49834967, 1.70660132, 1.91485297]])",
        ),
        code(
            """
            # Test the affine_forward function
            x = torch.linspace(-0.1, 0.5, steps=24).reshape(2, 3, 4)
            w = torch.linspace(-0.2, 0.3, steps=36).reshape(12, 3)
            b = torch.linspace(-0.3, 0.1, steps=3)
            out, _ = affine_forward(x, w, b)
            print("Testing affine_forward function:")
            print("difference: ", rel_error(out, x.reshape(2, 12) @ w + b))
            """
        ),
        text("# Affine layer: backward\n\nNow implement `affine_backward`."),
        boxed(
            '''
            def affine_backward(dout, cache):
                """Return the gradients (dx, dw, db)."""
                x, w, b = cache
                dx, dw, db = None, None, None
                # ########################################################
                # TODO: Implement the affine backward pass.               #
                # ########################################################
                @@
                # ########################################################
                #                  END OF YOUR CODE                       #
                # ########################################################
                return dx, dw, db
            ''',
            "dx = (dout @ w.T).reshape(x.shape)\n"
            "dw = x.reshape(x.shape[0], -1).T @ dout\ndb = dout.sum(dim=0)",
            "pass",
            other="dx = torch.mm(dout, w.t()).view_as(x)\n"
            'dw = torch.einsum("nd,nm->dm", x.flatten(1), dout)\ndb = torch.ones(len(x)) @ dout',
            typed="dx, dw, db = torch.zeros_like(x), torch.zeros_like(w), torch.zeros_like(b)",
        ),
        code(
            """
            dout = torch.linspace(-1, 1, steps=6).reshape(2, 3)
            _, cache = affine_forward(x, w, b)
            dx, dw, db = affine_backward(dout, cache)
            wg = w.clone().requires_grad_()
            (torch.addmm(b, x.reshape(2, 12), wg) * dout).sum().backward()
            print("dw error: ", rel_error(wg.grad, dw))
            """
        ),
        reply(
            """
            ## Inline Question 1:
            Which of the gradients does not depend on the input `x`?

            ## Answer:
            That of the input, and that of the bias.
            """,
            """
            ## Inline Question 1:
            Which of the gradients does not depend on the input `x`?

            ## Answer:
            [FILL THIS IN]
            """,
        ),
        text(
            """
            # Train it

            Train the layer on the two clouds: `W`, `c` with 200 steps of gradient descent on the
            cross-entropy. You should get an accuracy of at least 95 %.
            """
        ),
        boxed(
            """
            W = 0.01 * torch.randn(2, 2)
            c = torch.zeros(2)
            # ########################################################
            # TODO: 200 steps                                         #
            # ########################################################
            @@
            # ########################################################
            #                  END OF YOUR CODE                       #
            # ########################################################
            scores, _ = affine_forward(points, W, c)
            print("accuracy:", (scores.argmax(dim=1) == labels).float().mean().item())
            """,
            """
            for step in range(200):
                scores, cache = affine_forward(points, W, c)
                dscores = scores.softmax(dim=1)
                dscores[torch.arange(100), labels] -= 1
                _, dW, dc = affine_backward(dscores / 100, cache)
                W -= 0.5 * dW
                c -= 0.5 * dc
            """,
            "pass",
            other="""
            W.requires_grad_()
            c.requires_grad_()
            opt = torch.optim.SGD([W, c], lr=0.5)
            for step in range(200):
                opt.zero_grad()
                torch.nn.functional.cross_entropy(points @ W + c, labels).backward()
                opt.step()
            W, c = W.detach(), c.detach()
            """,
        ),
    ),
    tasks=(
        TaughtTask("affine_forward", ("function",)),
        TaughtTask("affine_backward", ("function",)),
        TaughtTask("Inline Question 1", ("text", "manual")),
        TaughtTask("Train it", ("score", "value", "test")),
    ),
)
