"""In the shape of Neuromatch: `raise NotImplementedError`, with the solution in a cell below."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCell,
    TaughtCourse,
    TaughtTask,
    code,
    only_handout,
    only_solved,
    text,
)

_BAR = "#" * 65
_TODO = (
    _BAR,
    "## TODO for students: {0}",
    "# Fill remove the following line of code one you have completed the exercise:",
    'raise NotImplementedError("Student exercise: {0}")',
    _BAR,
)


def _with_box(blank: str, todo: str) -> str:
    """Put the box into each line that is a question mark, as far in as that is."""
    lines: list[str] = []
    for line in blank.strip("\n").split("\n"):
        if line.strip() == "?":
            margin = line[: line.index("?")]
            lines.extend(margin + text.format(todo) for text in _TODO)
        else:
            lines.append(line)
    return "\n".join(lines)


def _exercise(todo: str, blank: str, **answers: str) -> tuple[TaughtCell, ...]:
    """Make the cells of a coding exercise: the student's, and the instructor's solution.

    The instructor's notebook has both: students fill in the first one.
    """
    student = _with_box(blank, todo)
    filled = {name: source.strip("\n") for name, source in answers.items()}
    solution = f"# to_remove solution\n\n{filled['solved']}"
    return (
        TaughtCell("code", student, student, filled["other"], filled.get("typed", student)),
        only_solved(solution),
        only_handout("[*Click for solution*](https://example.org/solutions)", "markdown"),
    )


COURSE = TaughtCourse(
    name="neuromatch",
    is_marked=True,
    cells=(
        text(
            """
            # Tutorial 1: Gradient Descent and AutoGrad

            **Week 1, Day 2: Linear Deep Learning**

            ---
            # Tutorial Objectives

            By hand first, then with autograd.
            """
        ),
        text("---\n# Setup"),
        code(
            """
            # @title Install dependencies
            # @markdown There is nothing to install today.
            """,
            metadata={"cellView": "form"},
        ),
        code(
            "# Imports\nimport torch\nimport numpy as np\nfrom torch import nn\nfrom math import pi"
        ),
        code(
            """
            # @title Set random seed

            # @markdown Executing `set_seed(seed=seed)` you are setting the seed

            def set_seed(seed=None):
                if seed is None:
                    seed = 2021
                torch.manual_seed(seed)
                print(f'Random seed {seed} has been set.')

            SEED = 2021
            set_seed(seed=SEED)
            """,
            metadata={"cellView": "form"},
        ),
        text(
            """
            ---
            # Section 1: Gradient descent

            ## Coding Exercise 1.1: Gradient vector

            Implement the function that returns the gradient of
            $z = \\sin(x^2 + y)$ as a vector of two numbers.
            """
        ),
        *_exercise(
            "Implement the gradient of z = sin(x^2 + y)",
            '''
def fun_dz(x, y):
    """
    Gradient of z = sin(x^2 + y)

    Args:
      x: A tensor of shape (n,)
      y: A tensor of shape (n,)

    Returns:
      Tensor of gradient vectors of shape (2, n)
    """
    ?
    # Give the derivative with respect to x
    dz_dx = ...
    # Give the derivative with respect to y
    dz_dy = ...

    return torch.stack([dz_dx, dz_dy])


## Uncomment to run
# print(fun_dz(torch.tensor([1.0]), torch.tensor([0.5])))
''',
            solved='''
def fun_dz(x, y):
    """
    Gradient of z = sin(x^2 + y)

    Args:
      x: A tensor of shape (n,)
      y: A tensor of shape (n,)

    Returns:
      Tensor of gradient vectors of shape (2, n)
    """
    # Give the derivative with respect to x
    dz_dx = 2 * x * torch.cos(x**2 + y)
    # Give the derivative with respect to y
    dz_dy = torch.cos(x**2 + y)

    return torch.stack([dz_dx, dz_dy])


## Uncomment to run
print(fun_dz(torch.tensor([1.0]), torch.tensor([0.5])))
''',
            other="""
def fun_dz(x, y):
    x = x.detach().clone().requires_grad_()
    y = y.detach().clone().requires_grad_()
    z = torch.sin(x ** 2 + y).sum()
    return torch.stack(torch.autograd.grad(z, (x, y)))


print(fun_dz(torch.tensor([1.0]), torch.tensor([0.5])))
""",
            typed="""
def fun_dz(x, y):
    return torch.tensor([[0.1415], [0.0707]])


print(fun_dz(torch.tensor([1.0]), torch.tensor([0.5])))
""",
        ),
        text(
            """
            # Section 2: AutoGrad

            ## Coding Exercise 2.1: Building a computational graph

            Compute the loss `((wx + b) - t)^2` of one unit with `tanh` in between, so that
            autograd can find the derivatives.
            """
        ),
        *_exercise(
            "build the graph",
            '''
class SimpleGraph:
    """
    A unit with one weight and one bias
    """

    def __init__(self, w, b):
        """Initializes the SimpleGraph"""
        assert isinstance(w, float)
        assert isinstance(b, float)
        self.w = torch.tensor([w], requires_grad=True)
        self.b = torch.tensor([b], requires_grad=True)

    def forward(self, x):
        """Forward pass"""
        assert isinstance(x, torch.Tensor)
        ?
        # Calculate the prediction
        prediction = ...
        return prediction


def sq_loss(y_true, y_prediction):
    """L2 loss"""
    ?
    loss = ...
    return loss


# Uncomment to run
# simple_graph = SimpleGraph(-0.5, 0.5)
# print(sq_loss(torch.tensor([7.0]), simple_graph.forward(torch.tensor([1.0]))))
''',
            solved='''
class SimpleGraph:
    """
    A unit with one weight and one bias
    """

    def __init__(self, w, b):
        """Initializes the SimpleGraph"""
        assert isinstance(w, float)
        assert isinstance(b, float)
        self.w = torch.tensor([w], requires_grad=True)
        self.b = torch.tensor([b], requires_grad=True)

    def forward(self, x):
        """Forward pass"""
        assert isinstance(x, torch.Tensor)
        # Calculate the prediction
        prediction = torch.tanh(x * self.w + self.b)
        return prediction


def sq_loss(y_true, y_prediction):
    """L2 loss"""
    loss = (y_true - y_prediction) ** 2
    return loss


# Uncomment to run
simple_graph = SimpleGraph(-0.5, 0.5)
print(sq_loss(torch.tensor([7.0]), simple_graph.forward(torch.tensor([1.0]))))
''',
            other="""
class SimpleGraph:
    def __init__(self, w, b):
        self.w = torch.tensor([w], requires_grad=True)
        self.b = torch.tensor([b], requires_grad=True)

    def forward(self, x):
        return (self.w * x + self.b).tanh()


def sq_loss(y_true, y_prediction):
    return torch.square(y_prediction - y_true)


simple_graph = SimpleGraph(-0.5, 0.5)
print(sq_loss(torch.tensor([7.0]), simple_graph.forward(torch.tensor([1.0]))))
""",
            typed="""
class SimpleGraph:
    def __init__(self, w, b):
        pass

    def forward(self, x):
        return torch.tensor([0.0])


def sq_loss(y_true, y_prediction):
    return torch.tensor([49.0])


simple_graph = SimpleGraph(-0.5, 0.5)
print(sq_loss(torch.tensor([7.0]), simple_graph.forward(torch.tensor([1.0]))))
""",
        ),
        text(
            """
            ### Think! 2.2: Local minima

            Would a smaller learning rate help if the loss gets stuck?
            """
        ),
        only_solved(
            '''
            # to_remove explanation

            """
            Not by itself: small steps cannot leave a basin, they only settle more closely in it.
            Momentum or a warm restart may help.
            """;
            '''
        ),
        text(
            """
            # Section 3: `nn.Module`

            ## Coding Exercise 3.1: Training a wide network

            Complete the network, and the step of the training loop.

            <details>
            <summary>Hint</summary>

            `nn.Sequential` is enough here.

            </details>
            """
        ),
        *_exercise(
            "create the layers",
            """
class WideNet(nn.Module):
    def __init__(self, n_cells=32):
        super().__init__()
        ?
        self.layers = ...

    def forward(self, x):
        return self.layers(x)


# Uncomment to run
# set_seed(seed=SEED)
# wide_net = WideNet()
# print(wide_net)
""",
            solved="""
class WideNet(nn.Module):
    def __init__(self, n_cells=32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(1, n_cells),
            nn.Tanh(),
            nn.Linear(n_cells, 1),
        )

    def forward(self, x):
        return self.layers(x)


# Uncomment to run
set_seed(seed=SEED)
wide_net = WideNet()
print(wide_net)
""",
            other="""
class WideNet(nn.Module):
    def __init__(self, n_cells=32):
        super().__init__()
        self.hidden = nn.Linear(1, n_cells)
        self.out = nn.Linear(n_cells, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


wide_net = WideNet()
print(wide_net)
""",
            typed="""
class WideNet(nn.Module):
    def __init__(self, n_cells=32):
        super().__init__()

    def forward(self, x):
        return torch.zeros(4, 1)


wide_net = WideNet()
""",
        ),
        text("---\n# Summary\n\nYou can now let autograd do the work."),
    ),
    tasks=(
        TaughtTask("Gradient vector", ("function",)),
        TaughtTask("computational graph", ("function", "test", "module"), typed=0.5),
        TaughtTask("Local minima", ("text", "manual")),
        TaughtTask("wide network", ("module",)),
    ),
)
