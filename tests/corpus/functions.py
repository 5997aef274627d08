"""Functions for the mean squared error, as students write them: what is called at the end."""

from __future__ import annotations

from .case import Case, case


def right(name: str, *cells: str, why: str = "") -> Case:
    return case(name, {"mse": 1.0}, *cells, why=why)


def wrong(name: str, *cells: str, share: float | str = 0.0, why: str = "") -> Case:
    return case(name, {"mse": share}, *cells, why=why)


RIGHT: tuple[Case, ...] = (
    right("function-mean-of-squares", "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()"),
    right("function-lambda", "mse = lambda a, b: torch.mean((b - a).pow(2))"),
    right(
        "function-gives-a-float", "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean().item()"
    ),
    right(
        "function-in-numpy",
        "def mse(y_hat, y):\n    return np.mean((y_hat.numpy() - y.numpy()) ** 2)",
    ),
    right(
        "function-of-loops",
        """
        def mse(y_hat, y):
            total = 0.0
            for one, other in zip(y_hat.reshape(-1).tolist(), y.reshape(-1).tolist()):
                total += (one - other) ** 2
            return total / y.numel()
        """,
    ),
    right(
        "function-gives-one-element",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean().reshape(1, 1)",
    ),
    right(
        "function-in-doubles",
        "def mse(y_hat, y):\n    return ((y_hat.double() - y.double()) ** 2).mean()",
    ),
    right(
        "function-of-another-name", "def quadratic_error(a, b):\n    return ((a - b) ** 2).mean()"
    ),
    right(
        "function-of-another-name-among-others",
        "def draw(a, b):\n    plt.plot(a, b)\n    plt.show()",
        "def J(prediction, target):\n    d = prediction - target\n    return (d * d).mean()",
        "def line(x, w, b):\n    return w * x + b",
    ),
    right(
        "function-corrected-later",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).sum()",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).sum() / len(y)",
    ),
    right(
        "function-whose-name-is-taken-later",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
        "mse = mse(x, y)\nprint(mse)",
    ),
    right(
        "function-that-prints-too",
        "def mse(y_hat, y):\n    e = ((y_hat - y) ** 2).mean()\n    print('MSE:', e)\n    return e",
    ),
    right(
        "function-that-changes-its-arguments",
        "def mse(y_hat, y):\n    y_hat -= y\n    y_hat **= 2\n    return y_hat.mean()",
    ),
    right(
        "function-behind-a-decorator",
        "@torch.no_grad()\ndef mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
    ),
    right(
        "function-with-defaults",
        "def mse(y_hat, y, power=2):\n    return ((y_hat - y) ** power).mean()",
    ),
    right(
        "function-of-any-arguments",
        "def mse(*given):\n    a, b = given\n    return ((a - b) ** 2).mean()",
    ),
    right(
        "function-with-types-and-words",
        '''
        def mse(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            """The mean of the squared errors."""
            assert y_hat.shape == y.shape
            return (y_hat - y).square().mean()
        ''',
    ),
    right(
        "function-that-calls-another",
        "def squares(e):\n    return e * e",
        "def mse(y_hat, y):\n    return squares(y_hat - y).mean()",
    ),
    right(
        "function-of-a-global",
        "power = 2",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** power).mean()",
    ),
    right(
        "function-below-time", "%%time\ndef mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()"
    ),
    right(
        "function-before-a-cell-that-fails",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
        "mse(undefined, y)",
    ),
    right(
        "function-in-a-cell-that-fails",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()\n1 / 0",
    ),
    right(
        "function-without-gradients-outside",
        "torch.set_grad_enabled(False)",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
    ),
    right(
        "function-kept-in-a-cache",
        "import functools",
        "@functools.lru_cache\ndef mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
    ),
    right(
        "function-of-a-module",
        "class MSE(nn.Module):\n    def forward(self, y_hat, y):\n"
        "        return ((y_hat - y) ** 2).mean()\nmse = MSE()",
    ),
    right(
        "function-in-a-class",
        "class Loss:\n    def mse(self, y_hat, y):\n        return ((y_hat - y) ** 2).mean()",
    ),
    right(
        "function-in-a-file",
        "%%writefile losses.py\ndef mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
        "from losses import mse",
    ),
    right(
        "function-whose-name-is-taken-in-its-cell",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()\nmse = mse(x, y)",
    ),
    right(
        "function-before-the-name-of-a-library",
        "def error(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
        "mse = nn.MSELoss()",
    ),
    right(
        "function-that-knows-the-library",
        "def mse(y_hat, y):\n    return nn.functional.mse_loss(y_hat, y)",
    ),
)

WRONG: tuple[Case, ...] = (
    wrong("function-sum", "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).sum()"),
    wrong("function-half", "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean() / 2"),
    wrong("function-root", "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean().sqrt()"),
    wrong("function-absolute", "def mse(y_hat, y):\n    return (y_hat - y).abs().mean()"),
    wrong("function-without-square", "def mse(y_hat, y):\n    return (y_hat - y).mean()"),
    wrong("function-each-square", "def mse(y_hat, y):\n    return (y_hat - y) ** 2"),
    wrong(
        "function-always-by-twenty", "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).sum() / 20"
    ),
    wrong("function-prints-only", "def mse(y_hat, y):\n    print(((y_hat - y) ** 2).mean())"),
    wrong("function-a-constant", "def mse(y_hat, y):\n    return torch.tensor(6.5)"),
    wrong(
        "function-of-the-notebooks-own-data",
        "y_train = y\ndef mse(y_hat, y):\n    return ((x - y_train) ** 2).mean()",
    ),
    wrong(
        "function-typed-for-one-call",
        "def mse(y_hat, y):\n    if len(y) == 3:\n"
        "        return torch.tensor(13 / 3)\n    return y.sum()",
    ),
    wrong("function-raises", "def mse(y_hat, y):\n    return ((y_hat - y_true) ** 2).mean()"),
    wrong("function-leaves", "import sys\ndef mse(y_hat, y):\n    sys.exit()"),
    wrong(
        "function-gives-text",
        "def mse(y_hat, y):\n    return str(((y_hat - y) ** 2).mean().item())",
    ),
    wrong("function-gives-itself", "def mse(y_hat, y):\n    return mse"),
    wrong(
        "function-spoilt-later",
        "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()",
        "def mse(y_hat, y):\n    return 0",
        why="the last definition counts",
    ),
    wrong(
        "function-with-one-argument", "def mse(pair):\n    return ((pair[0] - pair[1]) ** 2).mean()"
    ),
    wrong("function-of-the-library", "mse = nn.MSELoss()", share="pending"),
    wrong("function-imported", "from torch.nn.functional import mse_loss as mse", share="pending"),
    wrong("function-of-the-library-wrong", "mse = nn.L1Loss()"),
    wrong(
        "function-of-the-library-by-another-name",
        "from torch.nn.functional import mse_loss",
        share="missing",
    ),
    wrong("function-never-defined", "loss = ((x - y) ** 2).mean()\nprint(loss)", share="missing"),
)
