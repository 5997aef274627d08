"""In the shape of a course with headings in HTML, and "Practice" solved in HTML comments."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="practice-boxes",
    cells=(
        text(
            """
            <h1>Linear Regression 1D: Prediction</h1>

            <h2>Objective</h2><ul><li>Make a prediction with custom modules.</li></ul>
            """
        ),
        code(
            """
            import torch
            from torch.nn import Linear
            from torch import nn

            torch.manual_seed(1)
            """
        ),
        text("<h2 id='prediction'>Prediction</h2>\n\nLet us create the parameters."),
        code(
            """
            w = torch.tensor(2.0, requires_grad=True)
            b = torch.tensor(-1.0, requires_grad=True)

            def forward(x):
                yhat = w * x + b
                return yhat

            x = torch.tensor([[1.0], [2.0]])
            forward(x)
            """
        ),
        text(
            """
            <h3>Practice</h3>

            Make a prediction of the following <code>x</code> using the function
            <code>forward</code>.
            """
        ),
        answer(
            "x = torch.tensor([[1.0], [2.0], [3.0]])\nyhat = forward(x)\nyhat",
            """
            # Practice: Make a prediction of y = 2x - 1 at x = [[1.0], [2.0], [3.0]]

            # Type your code here
            """,
            other="xs = torch.arange(1., 4.).view(3, 1)\nprint(forward(xs))",
            typed="torch.tensor([[1.], [3.], [5.]])",
        ),
        reply(
            """
            Double-click <b>here</b> for the solution.

            <!--
            x = torch.tensor([[1.0], [2.0], [3.0]])
            yhat = forward(x)
            -->
            """,
            None,
        ),
        text("<h2>Class Linear</h2>\n\nThe linear class makes a prediction, too."),
        code("lr = Linear(in_features=1, out_features=1, bias=True)\nprint(lr(x).shape)"),
        text(
            """
            <h3>Practice</h3>

            Build a custom module <code>LR</code> with <code>input_size</code> and
            <code>output_size</code>, that holds one linear layer.
            """
        ),
        answer(
            """
            class LR(nn.Module):
                def __init__(self, input_size, output_size):
                    super(LR, self).__init__()
                    self.linear = nn.Linear(input_size, output_size)

                def forward(self, x):
                    out = self.linear(x)
                    return out

            lr2 = LR(1, 1)
            print(list(lr2.parameters()))
            """,
            "# Practice: Build the class LR\n\n# Type your code here",
            other="""
            class LR(nn.Module):
                def __init__(self, input_size, output_size):
                    super().__init__()
                    self.weight = nn.Parameter(torch.randn(output_size, input_size))
                    self.bias = nn.Parameter(torch.zeros(output_size))

                def forward(self, x):
                    return x @ self.weight.t() + self.bias
            """,
            typed="""
            class LR(nn.Module):
                def __init__(self, input_size, output_size):
                    super().__init__()
                def forward(self, x):
                    return x
            """,
        ),
        reply(
            "Double-click <b>here</b> for the solution.\n\n<!-- \nclass LR(nn.Module): ...\n-->",
            None,
        ),
        text(
            """
            <h3>Practice</h3>

            Differentiate <code>z = w**2 + 3*b</code> with respect to <code>w</code> at
            w = 2.
            """
        ),
        answer(
            """
            w = torch.tensor(2.0, requires_grad=True)
            z = w ** 2 + 3 * b
            z.backward()
            print('The derivative is', w.grad)
            """,
            "# Practice: Calculate the derivative\n\n# Type your code here",
            other="""
            v = torch.tensor(2., requires_grad=True)
            d, = torch.autograd.grad(v * v + 3 * b.detach(), v)
            d
            """,
            typed="print(4.0)",
        ),
    ),
    tasks=(
        TaughtTask("Make a prediction of the following", ("value",)),
        TaughtTask("Build a custom module", ("module",)),
        TaughtTask("Differentiate", ("value",)),
    ),
)
