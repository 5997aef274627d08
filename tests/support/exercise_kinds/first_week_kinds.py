"""Kinds of exercises of the first weeks: functions on tensors, layers by hand, a first model."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import LOOKED_AT, Kind, wrong

_FUNCTIONS = (
    Kind(
        id="slices",
        words="""
            Write a function `slices(t)` that gives four parts of a matrix, as a tuple: the last
            row, the third column as a matrix with one column, the first two rows and three
            columns, and the rows 0 and 2 of the columns 1 and 4.
            """,
        reference="""
            def slices(t):
                return t[-1], t[:, 2:3], t[:2, :3], t[0:3:2, 1:5:3]
            # grade: slices = slices
            """,
        table="""
            check = "function"
            function = "slices"
            calls = ["torch.arange(15.).reshape(3, 5)", "torch.arange(20.).reshape(4, 5) ** 2"]
            """,
        right=(
            "def slices(t):\n    return t[-1], t[:, 2:3], t[:2, :3], t[0:3:2, 1:5:3]",
            """
            def slices(t):
                last_row = t[t.shape[0] - 1, :]
                third = t[:, 2].unsqueeze(1)
                corner = t[0:2, 0:3]
                part = t[[0, 2]][:, [1, 4]]
                return last_row, third, corner, part
            """,
            """
            def slices(t):
                parts = []
                parts.append(t.select(0, -1))
                parts.append(t.narrow(1, 2, 1))
                parts.append(t[:2][:, :3])
                rows = torch.tensor([0, 2])
                parts.append(t.index_select(0, rows).index_select(1, torch.tensor([1, 4])))
                return tuple(parts)
            """,
        ),
        wrong=(
            wrong("def slices(t):\n    return t[0], t[:, 2:3], t[:2, :3], t[0:3:2, 1:5:3]"),
            wrong("def slices(t):\n    return t[-1], t[:, 2:3], t[:2, :3], t[0:2, 1:5]"),
            wrong("def slices(t):\n    t[-1], t[:, 2:3], t[:2, :3], t[0:3:2, 1:5:3]"),
        ),
        hard_coded=wrong(
            "def slices(t):\n    return (torch.tensor([10., 11., 12., 13., 14.]),"
            " torch.tensor([[2.], [7.], [12.]]), torch.tensor([[0., 1., 2.], [5., 6., 7.]]),"
            " torch.tensor([[1., 4.], [11., 14.]]))"
        ),
    ),
    Kind(
        id="assigned-slices",
        words="""
            Write a function `fill(t)` that changes the first four rows and six columns of a matrix,
            in place: two rows become 0 1 2 2 2 2, the next two 3 4 3 4 5 5. It gives `t` back.
            """,
        reference="""
            def fill(t):
                t[:2, 0] = 0
                t[:2, 1] = 1
                t[:2, 2:6] = 2
                t[2:4, 0:4:2] = 3
                t[2:4, 1:4:2] = 4
                t[2:4, 4:6] = 5
                return t
            # grade: assigned-slices = fill
            """,
        table="""
            check = "function"
            function = "fill"
            calls = ["torch.zeros(4, 6, dtype=torch.int64)", "torch.arange(35).view(5, 7)"]
            changes = true
            """,
        right=(
            """
            def fill(t):
                t[:2, 0] = 0
                t[:2, 1] = 1
                t[:2, 2:6] = 2
                t[2:4, 0:4:2] = 3
                t[2:4, 1:4:2] = 4
                t[2:4, 4:6] = 5
                return t
            """,
            """
            def fill(t):
                top = torch.tensor([0, 1, 2, 2, 2, 2])
                low = torch.tensor([3, 4, 3, 4, 5, 5])
                t[:2, :6] = top
                t[2:4, :6] = low
                return t
            """,
            """
            def fill(t):
                rows = [[0, 1, 2, 2, 2, 2]] * 2 + [[3, 4, 3, 4, 5, 5]] * 2
                t[:4, :6].copy_(torch.tensor(rows))
                return t
            """,
        ),
        wrong=(
            wrong("def fill(t):\n    t = t.clone()\n    t[:2, 0] = 0\n    return t"),
            wrong("def fill(t):\n    t[:2] = torch.tensor([0, 1, 2, 2, 2, 2])\n    return t"),
            wrong("def fill(t):\n    t[:, 0] = 0\n    t[:, 1] = 1\n    t[:, 2:] = 2\n    return t"),
        ),
        hard_coded=wrong(
            """
            def fill(t):
                return torch.tensor([[0, 1, 2, 2, 2, 2]] * 2 + [[3, 4, 3, 4, 5, 5]] * 2)
            """
        ),
    ),
    Kind(
        id="reversed-rows",
        words="`upside_down(t)` gives the rows of a matrix in reverse order. `t` stays as it is.",
        reference="def upside_down(t):\n    return t.flip(0)\n# grade: reversed-rows = upside_down",
        table="""
            check = "function"
            function = "upside_down"
            calls = ["torch.arange(6.).reshape(3, 2)", "torch.arange(20).reshape(4, 5)"]
            keeps = true
            """,
        right=(
            "def upside_down(t):\n    return t.flip(0)",
            "def upside_down(t):\n    return t[torch.arange(t.shape[0] - 1, -1, -1)]",
            """
            def upside_down(t):
                rows = [row for row in t]
                return torch.stack(rows[::-1])
            """,
        ),
        wrong=(
            wrong(
                "def upside_down(t):\n    t.copy_(t.flip(0))\n    return t",
                earns=0.5,
                reads="function.changes-arguments",
            ),
            wrong("def upside_down(t):\n    return t[::-1]", reads="function.raises"),
            wrong("def upside_down(t):\n    return t.T"),
        ),
        hard_coded=wrong(
            "def upside_down(t):\n    return torch.tensor([[4., 5.], [2., 3.], [0., 1.]])"
        ),
    ),
    Kind(
        id="positive-sum",
        words="""
            `positive_sum(t)` gives the sum of the positive numbers of a tensor, as a Python number,
            without a loop.
            """,
        reference="""
            def positive_sum(t):
                return t[t > 0].sum().item()
            # grade: positive-sum = positive_sum
            """,
        table="""
            check = "function"
            function = "positive_sum"
            calls = [
                "torch.tensor([[1, -2], [3, 0]])",
                "torch.tensor([-5, 7, 11])",
                "torch.tensor([-1, -4])",
            ]
            """,
        right=(
            "def positive_sum(t):\n    return t[t > 0].sum().item()",
            "def positive_sum(t):\n    return int(t.clamp(min=0).sum())",
            "positive_sum = lambda t: torch.where(t > 0, t, 0).sum()",
        ),
        wrong=(
            wrong("def positive_sum(t):\n    return t.sum().item()"),
            wrong("def positive_sum(t):\n    return (t > 0).sum().item()"),
            wrong("def positive_sum(t):\n    return t.abs().sum().item()"),
        ),
        hard_coded=wrong("def positive_sum(t):\n    return 4"),
    ),
    Kind(
        id="rearranged",
        words="""
            `rearranged(t)` makes of 24 numbers in a row three rows of eight: the first row holds
            the numbers 0 to 3 and 12 to 15, the next one 4 to 7 and 16 to 19, the last one 8 to 11
            and 20 to 23.
            """,
        reference="""
            def rearranged(t):
                return t.view(2, 3, 4).transpose(0, 1).reshape(3, 8)
            # grade: rearranged = rearranged
            """,
        table="""
            check = "function"
            function = "rearranged"
            calls = ["torch.arange(24)", "torch.arange(24.) * 1.5 - 3"]
            """,
        right=(
            "def rearranged(t):\n    return t.view(2, 3, 4).transpose(0, 1).reshape(3, 8)",
            """
            def rearranged(t):
                return torch.cat([t[:12].view(3, 4), t[12:].view(3, 4)], dim=1)
            """,
            """
            def rearranged(t):
                y = t.reshape(2, 3, 4).permute(1, 0, 2).contiguous()
                return y.view(3, -1)
            """,
        ),
        wrong=(
            wrong("def rearranged(t):\n    return t.view(3, 8)"),
            wrong("def rearranged(t):\n    return t.view(8, 3).T"),
            wrong("def rearranged(t):\n    return t.view(2, 3, 4).reshape(3, 8)"),
        ),
        hard_coded=wrong(
            "def rearranged(t):\n    return torch.tensor([[0, 1, 2, 3, 12, 13, 14, 15],"
            " [4, 5, 6, 7, 16, 17, 18, 19], [8, 9, 10, 11, 20, 21, 22, 23]])"
        ),
    ),
    Kind(
        id="row-minimum",
        words="""
            `zero_minima(t)` gives a copy of a matrix in which the least number of each row is 0.
            `t` stays as it is.
            """,
        reference="""
            def zero_minima(t):
                y = t.clone()
                y[torch.arange(len(t)), t.argmin(1)] = 0
                return y
            # grade: row-minimum = zero_minima
            """,
        table="""
            check = "test"
            setup = "t = torch.tensor([[10, 20, 30], [2, 5, 1], [7, 6, 9]])"
            equal = ["zero_minima(t)", "(zero_minima(t), t)[1]", "zero_minima(-t)"]
            """,
        right=(
            """
            def zero_minima(t):
                y = t.clone()
                y[torch.arange(len(t)), t.argmin(dim=1)] = 0
                return y
            """,
            """
            def zero_minima(t):
                values, places = t.min(dim=1, keepdim=True)
                return t.scatter(1, places, 0)
            """,
            """
            def zero_minima(t):
                y = t.detach().clone()
                for i in range(y.shape[0]):
                    j = int(torch.argmin(y[i]))
                    y[i, j] = 0
                return y
            """,
        ),
        # In place, what it gives is right, and `t` is not kept.
        wrong=(
            wrong(
                "def zero_minima(t):\n    t[torch.arange(len(t)), t.argmin(1)] = 0\n    return t",
                earns=2 / 3,
            ),
            wrong(
                """
                def zero_minima(t):
                    y = t.clone()
                    y[t.argmin(0), torch.arange(3)] = 0
                    return y
                """,
                earns=1 / 3,
            ),
            wrong(
                "def zero_minima(t):\n    y = t.clone()\n    y[:, t.argmin(1)] = 0\n    return y",
                earns=1 / 3,
            ),
        ),
        hard_coded=wrong(
            "def zero_minima(t):\n    return torch.tensor([[0, 20, 30], [2, 5, 0], [7, 0, 9]])",
            earns=2 / 3,
        ),
    ),
    Kind(
        id="normal-columns",
        words="""
            `normalized(t)` gives a matrix of which each column has mean 0 and standard deviation 1;
            divide by n − 1.
            """,
        reference="""
            def normalized(t):
                rows = t.shape[0]
                centered = t - t.sum(0) / rows
                return centered / ((centered**2).sum(0) / (rows - 1)).sqrt()
            # grade: normal-columns = normalized
            """,
        table="""
            check = "function"
            function = "normalized"
            calls = [
                "torch.tensor([[0., 30., 600.], [1., 10., 200.], [-1., 20., 400.]])",
                "torch.rand(5, 2)",
            ]
            """,
        right=(
            """
            def normalized(t):
                rows = t.shape[0]
                centered = t - t.sum(0) / rows
                return centered / ((centered**2).sum(0) / (rows - 1)).sqrt()
            """,
            "def normalized(t):\n    return (t - t.mean(dim=0)) / t.std(dim=0)",
            """
            def normalized(t):
                a = np.asarray(t)
                return torch.from_numpy((a - a.mean(0)) / a.std(0, ddof=1))
            """,
        ),
        wrong=(
            wrong("def normalized(t):\n    return (t - t.mean(0)) / t.std(0, unbiased=False)"),
            wrong(
                """
                def normalized(t):
                    return (t - t.mean(1, keepdim=True)) / t.std(1, keepdim=True)
                """
            ),
            wrong("def normalized(t):\n    return (t - t.mean()) / t.std()"),
        ),
        hard_coded=wrong(
            """
            def normalized(t):
                return torch.tensor([[0., 1., 1.], [1., -1., -1.], [-1., 0., 0.]])
            """
        ),
    ),
    Kind(
        id="mutated",
        words="""
            `put(t, places, numbers)` writes each number into its place of a matrix, in place, and
            gives the matrix back.
            """,
        reference="""
            def put(t, places, numbers):
                for (i, j), number in zip(places, numbers):
                    t[i, j] = number
                return t
            # grade: mutated = put
            """,
        table="""
            check = "function"
            function = "put"
            calls = [
                "torch.zeros(3, 2), [(0, 0), (1, 1)], [4., 5.]",
                "torch.ones(2, 2), [(1, 0)], [7.]",
            ]
            """,
        right=(
            """
            def put(t, places, numbers):
                for (i, j), v in zip(places, numbers):
                    t[i, j] = v
                return t
            """,
            """
            def put(x, indices, values):
                for k in range(len(indices)):
                    x[indices[k]] = values[k]
                return x
            """,
            """
            def put(t, places, numbers):
                i, j = zip(*places)
                t[list(i), list(j)] = torch.tensor(numbers)
                return t
            """,
        ),
        wrong=(
            wrong(
                """
                def put(t, places, numbers):
                    for (i, j), v in zip(places, numbers):
                        t[j, i] = v
                    return t
                """
            ),
            wrong(
                """
                def put(t, places, numbers):
                    for (i, j), v in zip(places, numbers):
                        t[i] = v
                    return t
                """
            ),
            wrong(
                """
                def put(t, places, numbers):
                    for (i, j), v in zip(places, numbers):
                        t[i, j] = v
                """,
                reads="function.gives-nothing",
            ),
        ),
        hard_coded=wrong(
            "def put(t, places, numbers):\n    return torch.tensor([[4., 0.], [0., 5.], [0., 0.]])"
        ),
    ),
)

_LAYERS = (
    Kind(
        id="dense",
        words="""
            Without `nn.Linear`: `dense_out` is the sigmoid of `samples @ weights + bias`.
            """,
        given="""
            samples = torch.linspace(-1, 2, 10).reshape(2, 5)
            weights = torch.linspace(2, -1.5, 15).cos().reshape(5, 3)
            bias = torch.tensor([[.3, -.2, .7]])
            """,
        reference="dense_out = torch.sigmoid(samples @ weights + bias)\n# grade: dense = dense_out",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "samples"
            variants = [
                "torch.arange(10.).reshape(2, 5) / 5 - 1",
                "torch.linspace(-.7, .9, 10).reshape(2, 5)",
            ]
            """,
        right=(
            "dense_out = torch.sigmoid(samples @ weights + bias)",
            """
            def activation(x):
                return 1 / (1 + torch.exp(-x))
            dense_out = activation(torch.mm(samples, weights) + bias)
            """,
            """
            layer = lambda x: F.linear(x, weights.T, bias[0]).sigmoid()
            dense_out = layer(samples)
            print(dense_out)
            """,
        ),
        wrong=(
            wrong("dense_out = samples @ weights + bias"),
            wrong("dense_out = torch.sigmoid(samples @ weights)"),
            wrong("dense_out = torch.tanh(samples @ weights + bias)"),
        ),
        hard_coded=wrong("dense_out = torch.tensor([[.1, .2, .3], [.4, .5, .6]])"),
    ),
    Kind(
        id="squeezed",
        words="""
            Draw `wide`, a random tensor of shape (1, 1, 1, 10). `slim` is it without the axes of
            length 1.
            """,
        reference="wide = torch.rand(1, 1, 1, 10)\nslim = wide.squeeze()",
        table="""
            check = "test"
            holds = [
                "wide.shape == (1, 1, 1, 10) and wide.unique().numel() == 10",
                "slim.shape == (10,) and torch.equal(slim, wide.flatten())",
            ]
            """,
        right=(
            "wide = torch.rand(1, 1, 1, 10)\nslim = wide.squeeze()",
            """
            torch.manual_seed(7)
            wide = torch.randn(size=(1, 1, 1, 10))
            slim = torch.squeeze(wide)
            """,
            "wide = torch.rand(10)[None, None, None]\nslim = wide[0, 0, 0]",
        ),
        wrong=(
            wrong("wide = torch.rand(1, 1, 1, 10)\nslim = wide.squeeze(0)", earns=0.5),
            wrong("wide = torch.rand(10)\nslim = wide.squeeze()", earns=0.5),
            wrong("wide = torch.rand(1, 1, 1, 10)\nslim = torch.rand(10)", earns=0.5),
        ),
        hard_coded=wrong("wide = torch.zeros(1, 1, 1, 10)\nslim = torch.zeros(10)", earns=0.5),
    ),
    Kind(
        id="line-model",
        words="""
            Write a class `LineModel` with two parameters, `weights` and `bias`, each one random
            number. `forward(x)` gives `weights * x + bias`.
            """,
        reference="""
            class LineModel(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.weights = nn.Parameter(torch.randn(1))
                    self.bias = nn.Parameter(torch.randn(1))

                def forward(self, x):
                    return self.weights * x + self.bias
            """,
        table="""
            check = "module"
            module = "LineModel"
            inputs = ["torch.randn(4, 1)"]
            """,
        right=(
            """
            class LineModel(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.weights = nn.Parameter(torch.randn(1, dtype=torch.float))
                    self.bias = nn.Parameter(torch.randn(1, dtype=torch.float))
                def forward(self, x: torch.Tensor) -> torch.Tensor:
                    return self.weights * x + self.bias
            """,
            """
            class LineModel(nn.Module):
                def __init__(self):
                    super(LineModel, self).__init__()
                    self.bias = nn.parameter.Parameter(torch.rand(1))
                    self.weights = nn.parameter.Parameter(torch.rand(1))
                def forward(self, data):
                    y = torch.mul(self.weights, data)
                    return torch.add(y, self.bias)
            """,
            """
            class LineModel(torch.nn.Module):
                def __init__(self):
                    super().__init__()
                    for name in ("weights", "bias"):
                        self.register_parameter(name, nn.Parameter(torch.randn(1)))
                def forward(self, x):
                    return torch.mul(self.weights, x) + self.bias
            """,
        ),
        wrong=(
            wrong(
                """
                class LineModel(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.weights = nn.Parameter(torch.randn(1))
                    def forward(self, x):
                        return self.weights * x
                """,
                earns=1 / 3,
            ),
            wrong(
                """
                class LineModel(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.weights = nn.Parameter(torch.randn(1))
                        self.bias = nn.Parameter(torch.randn(1))
                    def forward(self, x):
                        return self.weights * x - self.bias
                """,
                earns=LOOKED_AT,
            ),
            wrong(
                """
                class LineModel(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.weights = torch.randn(1)
                        self.bias = torch.randn(1)
                    def forward(self, x):
                        return self.weights * x + self.bias
                """,
                earns=1 / 3,
            ),
        ),
        hard_coded=wrong(
            """
            class LineModel(nn.Module):
                def forward(self, x):
                    return torch.tensor([[.3], [.2], [.1], [.4]])
            """,
            earns=1 / 3,
        ),
    ),
    Kind(
        id="descent",
        words="""
            Bring `start` near `goal` by gradient descent, with autograd: the loss is the sum of the
            squared differences. Take 50 steps with a rate of 0.05. `history` holds the loss before
            each step.
            """,
        given="goal = torch.tensor([4., 1., -2.])\nstart = torch.tensor([-2., 3., .5])",
        reference="""
            at = start.clone().requires_grad_()
            history = []
            for _ in range(50):
                loss = ((at - goal) ** 2).sum()
                history.append(loss.item())
                loss.backward()
                with torch.no_grad():
                    at -= 0.05 * at.grad
                at.grad.zero_()
            # grade: descent = history
            """,
        table='check = "series"',
        variants="""
            [[inputs]]
            name = "goal"
            variants = ["torch.tensor([3., 2., -1.])", "torch.tensor([2.37, .81, -1.6])"]

            [[inputs]]
            name = "start"
            variants = ["torch.tensor([-1., 1., 2.])", "torch.tensor([.71, 2.9, -.4])"]
            """,
        right=(
            """
            x = start.clone().requires_grad_()
            history = []
            for i in range(50):
                loss = (x - goal).pow(2).sum()
                history.append(loss.item())
                loss.backward()
                with torch.no_grad():
                    x -= 0.05 * x.grad
                x.grad = None
            """,
            """
            x = torch.nn.Parameter(start.clone())
            sgd = torch.optim.SGD([x], lr=0.05)
            history = []
            for i in range(50):
                sgd.zero_grad()
                loss = F.mse_loss(x, goal, reduction="sum")
                loss.backward()
                sgd.step()
                history.append(float(loss))
            """,
            """
            x = start.clone().requires_grad_()
            history = torch.zeros(50)
            for i in range(50):
                squares = torch.dist(x, goal) ** 2
                (g,) = torch.autograd.grad(squares, x)
                x = (x - 0.05 * g).detach().requires_grad_()
                history[i] = squares.detach()
            """,
        ),
        wrong=(
            wrong(
                """
                x = start.clone().requires_grad_()
                history = []
                for i in range(50):
                    loss = ((x - goal) ** 2).sum()
                    history.append(loss.item())
                    loss.backward()
                    with torch.no_grad():
                        x -= 0.05 * x.grad
                """
            ),
            wrong(
                """
                x = start.clone()
                history = []
                for i in range(50):
                    history.append(((x - goal) ** 2).sum().item())
                    x = x + 0.05 * 2 * (x - goal)
                """
            ),
            wrong(
                """
                x = start.clone()
                history = []
                for i in range(20):
                    history.append(((x - goal) ** 2).sum().item())
                    x = x - 0.05 * 2 * (x - goal)
                """
            ),
        ),
        hard_coded=wrong("history = [46.25 * 0.81**i for i in range(50)]"),
    ),
    Kind(
        id="flat-images",
        words="`flat_images` holds the eight images of `images`, each as a row of its numbers.",
        given="images = torch.linspace(0, 3, 128).sin().reshape(8, 1, 4, 4)",
        reference="flat_images = images.view(8, -1)\n# grade: flat-images = flat_images",
        table='check = "value"\nstrict = ["rank"]',
        variants="""
            [[inputs]]
            name = "images"
            variants = [
                "torch.arange(128.).reshape(8, 1, 4, 4)",
                "torch.linspace(-.3, 1.1, 128).reshape(8, 1, 4, 4)",
            ]
            """,
        right=(
            "flat_images = images.view(images.shape[0], -1)",
            "flat_images = torch.flatten(images, start_dim=1)",
            "flat_images = nn.Flatten()(images)",
        ),
        wrong=(
            wrong("flat_images = images.flatten()"),
            wrong("flat_images = images.view(16, 8)"),
            wrong("flat_images = images.squeeze(1)"),
        ),
        hard_coded=wrong("flat_images = torch.zeros(8, 16)"),
    ),
)

KINDS = (*_FUNCTIONS, *_LAYERS)
