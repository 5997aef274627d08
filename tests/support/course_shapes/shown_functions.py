"""In the shape of a lab of small functions and hand-written layers, with results shown.

The solution shows a result below each function; the layers are only used inside a list.
"""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    only_solved,
    text,
)

COURSE = TaughtCourse(
    name="shown-functions",
    cells=(
        text("# Lab 1: shapes and layers\n\nFill in the functions. Do not change their names."),
        code("import torch"),
        text("## Shapes\n\nEach function is one line."),
        answer(
            """
            def as_column(x):
                \"\"\"Give a vector a second axis of length 1.\"\"\"
                return x.unsqueeze(1)

            x = torch.arange(4.0)
            c = as_column(x)
            x, c
            """,
            """
            def as_column(x):
                \"\"\"Give a vector a second axis of length 1.\"\"\"
                # TODO: implement
                raise NotImplementedError

            x = torch.arange(4.0)
            c = as_column(x)
            """,
            other="""
            def as_column(x):
                \"\"\"Give a vector a second axis of length 1.\"\"\"
                return x.reshape(-1, 1)

            x = torch.arange(4.0)
            c = as_column(x)
            """,
            typed="""
            def as_column(x):
                \"\"\"Give a vector a second axis of length 1.\"\"\"
                return x

            x = torch.arange(4.0)
            c = as_column(x)
            """,
        ),
        answer(
            """
            def totals(x, dim):
                \"\"\"Add up along an axis.\"\"\"
                return x.sum(dim=dim)

            x = torch.ones(2, 3)
            s = totals(x, 1)
            s
            """,
            """
            def totals(x, dim):
                \"\"\"Add up along an axis.\"\"\"
                # TODO: implement
                raise NotImplementedError

            x = torch.ones(2, 3)
            s = totals(x, 1)
            """,
            other="""
            def totals(x, dim):
                \"\"\"Add up along an axis.\"\"\"
                return torch.sum(x, dim)

            x = torch.ones(2, 3)
            s = totals(x, 1)
            """,
            typed="""
            def totals(x, dim):
                \"\"\"Add up along an axis.\"\"\"
                return torch.tensor([3.0, 3.0])

            x = torch.ones(2, 3)
            s = totals(x, 1)
            """,
        ),
        text(
            """
            ## Layers by hand

            A layer has a forward pass, a backward pass and a step. You need to code the layer that
            multiplies by a weight.
            """
        ),
        boxed(
            """
            class Scale(object):
                def __init__(self, w):
                    self.w = w

                def forward(self, x):
                    # remember the input, and return the product
                    @@

                def backward(self, grad):
                    # keep the gradient of the weight, and return that of the input
                    @@

                def step(self, rate):
                    # move the weight
                    @@
            """,
            solved=(
                "self.x = x\nreturn self.w * x",
                "self.grad = grad * self.x\nreturn grad * self.w",
                "self.w = self.w - rate * self.grad",
            ),
            blank=("pass", "pass", "pass"),
            other=(
                "self.seen = x\nreturn x * self.w",
                "self.slope = self.seen * grad\nreturn self.w * grad",
                "self.w -= rate * self.slope",
            ),
            typed=("return 2.0", "return 1.0", "pass"),
        ),
        text("## A small network\n\nTwo layers learn from three numbers."),
        code(
            """
            layers = [Scale(2.0), Scale(-1.5)]
            values = [1.0, 2.0, 3.0]
            for value in values:
                out = value
                for layer in layers:
                    out = layer.forward(out)
                grad = 1.0
                for layer in reversed(layers):
                    grad = layer.backward(grad)
                for layer in layers:
                    layer.step(0.1)
            print(layers[0].w, layers[1].w)
            """
        ),
        only_solved("## Arrays\n\nTensors and arrays are alike.", "markdown"),
        only_solved("a = torch.arange(3).numpy()\nprint(a)"),
    ),
    tasks=(
        TaughtTask("as_column", ("test",)),
        TaughtTask("totals", ("function",)),
        TaughtTask("Layers by hand", ("test",)),
    ),
)
