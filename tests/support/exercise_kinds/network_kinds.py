"""Kinds of exercises about gradients, functions, classes and networks."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind, wrong

_GRADIENTS = (
    Kind(
        id="gradient",
        words="What is the gradient of the sum of `(s * t - goal) ** 2` with respect to `s`?",
        given="""
            t = torch.tensor([1.5, 2.5, -1.])
            goal = torch.tensor([2., 4., 11.])
            s = torch.tensor([1.], requires_grad=True)
            """,
        reference="""
            error = ((s * t - goal) ** 2).sum()
            error.backward()
            # grade: gradient = s.grad
            """,
        table="""
            check = "value"
            look_in = ["grad"]
            """,
        variants="""
            [[inputs]]
            name = "t"
            variants = ["torch.tensor([2., 1., 3.])", "torch.tensor([.7, 1.9, -2.3])"]
            """,
        right=(
            "error = ((s * t - goal) ** 2).sum()\nerror.backward()\nprint(s.grad)",
            "(slope,) = torch.autograd.grad(((s * t - goal) ** 2).sum(), s)",
            """
            mine = s.detach().clone().requires_grad_()
            torch.nn.functional.mse_loss(mine * t, goal, reduction="sum").backward()
            slope = mine.grad.item()
            """,
        ),
        wrong=(
            wrong("error = ((s * t - goal) ** 2).mean()\nerror.backward()\nprint(s.grad)"),
            wrong("error = ((s * t + goal) ** 2).sum()\nerror.backward()\nslope = s.grad"),
            wrong("slope = (2 * t * (s * t - goal)).sum()", reads="value.no-gradient"),
        ),
        hard_coded=wrong("slope = torch.tensor([15.0])"),
    ),
    Kind(
        id="detach",
        words="`fixed` is three times the square of `leaf`, as a tensor outside of the graph.",
        given="leaf = torch.rand(4).requires_grad_()",
        reference="fixed = (3 * leaf ** 2).detach()",
        table="""
            check = "test"
            holds = ["torch.allclose(fixed, 3 * leaf ** 2) and not fixed.requires_grad"]
            """,
        right=(
            "fixed = (3 * leaf ** 2).detach()",
            "with torch.no_grad():\n    fixed = 3 * leaf.pow(2)",
            "fixed = 3 * leaf.data * leaf.data",
        ),
        wrong=(
            wrong("fixed = 3 * leaf ** 2"),
            wrong("fixed = leaf.detach() ** 2"),
            wrong("3 * leaf.detach() ** 2"),
        ),
        hard_coded=wrong("fixed = torch.tensor([.31, 1.2, .77, 2.4])"),
    ),
    Kind(
        id="gradients",
        words="""
            Write `gradients(a, b, x, y)`: the gradients of the mean of `(a * x + b - y) ** 2` with
            respect to `a` and to `b`, as a tuple.
            """,
        reference="""
            def gradients(a, b, x, y):
                a = a.detach().requires_grad_()
                b = b.detach().requires_grad_()
                loss = ((a * x + b - y) ** 2).mean()
                return torch.autograd.grad(loss, (a, b))
            # grade: gradients = gradients
            """,
        table="""
            check = "function"
            function = "gradients"
            calls = [
                "torch.tensor(2.), torch.tensor(1.), torch.arange(3.), torch.tensor([1., 0., 7.])",
                "torch.tensor(.5), torch.tensor(0.), torch.arange(4.), torch.ones(4)",
            ]
            """,
        right=(
            """
            def gradients(a, b, x, y):
                a = a.clone().requires_grad_()
                b = b.clone().requires_grad_()
                ((a * x + b - y) ** 2).mean().backward()
                return a.grad, b.grad
            """,
            """
            def gradients(a, b, x, y):
                error = a * x + b - y
                return (2 * error * x).mean(), (2 * error).mean()
            """,
            """
            def gradients(a, b, x, y):
                loss = lambda p, q: F.mse_loss(p * x + q, y)
                return list(torch.func.grad(loss, argnums=(0, 1))(a, b))
            """,
        ),
        wrong=(
            wrong(
                """
                def gradients(a, b, x, y):
                    error = a * x + b - y
                    return (2 * error).mean(), (2 * error * x).mean()
                """
            ),
            wrong(
                """
                def gradients(a, b, x, y):
                    error = a * x + b - y
                    return (2 * error * x).sum(), (2 * error).sum()
                """
            ),
            wrong(
                """
                def gradients(a, b, x, y):
                    error = a * x + b - y
                    return (2 * error * x).mean()
                """
            ),
        ),
        hard_coded=wrong(
            "def gradients(a, b, x, y):\n    return torch.tensor(2.), torch.tensor(2.)"
        ),
    ),
)

_FUNCTIONS = (
    Kind(
        id="limit",
        words="Write `limit_(x, low, high)`: it brings the numbers of `x` between both, in place.",
        reference="""
            def limit_(x, low, high):
                x.clamp_(low, high)
            # grade: limit = limit_
            """,
        table="""
            check = "function"
            function = "limit_"
            changes = true
            calls = ["torch.tensor([-3., .5, 4.]), -1., 2.", "torch.arange(6.).view(2, 3), 1., 3."]
            """,
        right=(
            "def limit_(x, low, high):\n    x.clamp_(low, high)",
            "def limit_(x, low, high):\n    x[x < low] = low\n    x[x > high] = high\n    return x",
            """
            def limit_(x, low, high):
                small = torch.minimum(x, torch.full_like(x, high))
                x.copy_(torch.maximum(small, torch.full_like(x, low)))
            """,
        ),
        wrong=(
            wrong(
                "def limit_(x, low, high):\n    return x.clamp(low, high)",
                reads="function.leaves-other",
            ),
            wrong("def limit_(x, low, high):\n    x[x > high] = high"),
            wrong("def limit_(x, low, high):\n    x = torch.clip(x, low, high)\n    return x"),
        ),
        hard_coded=wrong("def limit_(x, low, high):\n    x[:] = torch.tensor([-1., .5, 2.])"),
    ),
    Kind(
        id="scaled",
        words="""
            Write `scaled(x, *, factor=1.0, shift=0.0)`: `x` times the factor, plus the shift.
            """,
        reference="""
            def scaled(x, *, factor=1.0, shift=0.0):
                return x * factor + shift
            # grade: scaled = scaled
            """,
        table="""
            check = "function"
            function = "scaled"
            calls = [
                "torch.arange(3.), factor=2.5",
                "torch.arange(3.), shift=4.",
                "torch.ones(2), shift=-1., factor=3.",
            ]
            """,
        right=(
            "def scaled(x, *, factor=1.0, shift=0.0):\n    return x * factor + shift",
            "def scaled(x, factor=1., shift=0.):\n    return torch.add(shift, x, alpha=factor)",
            "def scaled(x, **how):\n    return how.get('factor', 1) * x + how.get('shift', 0)",
        ),
        wrong=(
            wrong("def scaled(x, *, factor=1.0, shift=0.0):\n    return (x + shift) * factor"),
            wrong("def scaled(x, *, factor=2.5, shift=0.0):\n    return x * factor + shift"),
            wrong("def scaled(x, a=1.0, b=0.0):\n    return x * a + b"),
        ),
        hard_coded=wrong(
            "def scaled(x, *, factor=1.0, shift=0.0):\n    return torch.tensor([0., 2.5, 5.])"
        ),
    ),
)

_CLASSES = (
    Kind(
        id="method",
        words="Write a class `Vector(x, y)` with a method `norm()`, the length as a number.",
        reference="""
            class Vector:
                def __init__(self, x, y):
                    self.x, self.y = x, y

                def norm(self):
                    return (self.x ** 2 + self.y ** 2) ** .5
            """,
        table="""
            check = "test"
            equal = ["[Vector(a, b).norm() for a, b in ((3., 4.), (5., 12.), (1., 1.))]"]
            """,
        right=(
            """
            class Vector:
                def __init__(self, x, y):
                    self.x, self.y = x, y
                def norm(self):
                    return (self.x ** 2 + self.y ** 2) ** .5
            """,
            """
            from dataclasses import dataclass
            @dataclass
            class Vector:
                x: float
                y: float
                def norm(self) -> float:
                    return math.hypot(self.x, self.y)
            """,
            """
            class Vector:
                def __init__(self, *parts):
                    self.parts = torch.tensor(parts)
                def norm(self):
                    return self.parts.norm()
            """,
        ),
        wrong=(
            wrong(
                """
                class Vector:
                    def __init__(self, x, y):
                        self.x, self.y = x, y
                    def norm(self):
                        return self.x ** 2 + self.y ** 2
                """,
                reads="test.other",
            ),
            wrong(
                """
                class Vector:
                    def __init__(self, x, y):
                        self.x, self.y = x, y
                    def norm():
                        return (self.x ** 2 + self.y ** 2) ** .5
                """,
                reads="test.raises",
            ),
            wrong(
                """
                class Vector:
                    def __init__(self, x, y):
                        self.x, self.y = x, y
                    def norm(self):
                        return abs(self.x) + abs(self.y)
                """
            ),
        ),
        hard_coded=wrong(
            """
            class Vector:
                def __init__(self, x, y):
                    pass
                def norm(self):
                    return 5.0
            """
        ),
    ),
    Kind(
        id="flag",
        words="""
            Write a module `Block(units, use_bn=False)`: a linear layer with `units` inputs and
            outputs, batch normalisation if `use_bn` is true, and ReLU.
            """,
        reference="""
            class Block(nn.Module):
                def __init__(self, units, use_bn=False):
                    super().__init__()
                    self.linear = nn.Linear(units, units)
                    self.norm = nn.BatchNorm1d(units) if use_bn else nn.Identity()

                def forward(self, x):
                    return self.norm(self.linear(x)).relu()
            """,
        table="""
            check = "test"
            equal = ["[parameters(Block(6, use_bn=flag)) for flag in (True, False)]"]
            holds = ["all((Block(6, use_bn=f)(torch.randn(9, 6)) >= 0).all() for f in (0, 1))"]
            """,
        probes="""
            def parameters(module):
                module(torch.randn(2, 6))  # lazy layers have none before
                return sum(parameter.numel() for parameter in module.parameters())
            """,
        right=(
            """
            class Block(nn.Module):
                def __init__(self, units, use_bn=False):
                    super().__init__()
                    self.linear = nn.Linear(units, units)
                    if use_bn:
                        self.bn = nn.BatchNorm1d(units)
                    self.use_bn = use_bn
                def forward(self, x):
                    x = self.linear(x)
                    if self.use_bn:
                        x = self.bn(x)
                    return F.relu(x)
            """,
            """
            class Block(nn.Sequential):
                def __init__(self, n, use_bn=False):
                    norm = [nn.BatchNorm1d(n)] if use_bn else []
                    super().__init__(nn.Linear(n, n), *norm, nn.ReLU())
            """,
            """
            def Block(units, use_bn=False):
                layers = [nn.Linear(units, units)]
                if use_bn:
                    layers.append(nn.BatchNorm1d(units))
                layers.append(nn.ReLU())
                return nn.Sequential(*layers)
            """,
        ),
        wrong=(
            wrong(
                """
                class Block(nn.Module):
                    def __init__(self, units, use_bn=False):
                        super().__init__()
                        self.linear = nn.Linear(units, units)
                        self.bn = nn.BatchNorm1d(units)
                    def forward(self, x):
                        return self.bn(self.linear(x)).relu()
                """,
                earns=0.5,
            ),
            wrong(
                """
                class Block(nn.Sequential):
                    def __init__(self, n, use_bn=False):
                        norm = [nn.BatchNorm1d(n)] if use_bn else []
                        super().__init__(nn.Linear(n, n), *norm)
                """,
                earns=0.5,
            ),
            wrong(
                """
                class Block(nn.Module):
                    def __init__(self, units):
                        super().__init__()
                        self.linear = nn.Linear(units, units)
                    def forward(self, x):
                        return self.linear(x).relu()
                """
            ),
        ),
        hard_coded=wrong("Block = nn.Linear(6, 6)"),
    ),
)

_TRAINING = (
    Kind(
        id="optimizer",
        words="`opt` is Adam for all parameters of `layer`, with a learning rate of 0.02.",
        given="layer = nn.Linear(3, 2)",
        reference="opt = torch.optim.Adam(layer.parameters(), lr=0.02)",
        table="""
            check = "test"
            equal = [
                "type(opt).__name__",
                "opt.param_groups[0]['lr']",
                "trains_all_of(opt, layer)",
            ]
            """,
        probes="""
            def trains_all_of(optimizer, module):
                groups = optimizer.param_groups
                trained = {id(p) for group in groups for p in group["params"]}
                return trained == {id(p) for p in module.parameters()}
            """,
        right=(
            "opt = torch.optim.Adam(layer.parameters(), lr=0.02)",
            "from torch import optim\nopt = optim.Adam([layer.weight, layer.bias], 0.02)",
            "adam = torch.optim.Adam(params=list(layer.parameters()), lr=2e-2)",
        ),
        wrong=(
            wrong("opt = torch.optim.SGD(layer.parameters(), lr=0.02)", earns=2 / 3),
            wrong("opt = torch.optim.Adam(layer.parameters())", earns=2 / 3),
            wrong("opt = torch.optim.Adam([layer.weight], lr=0.02)", earns=2 / 3),
        ),
        hard_coded=wrong('opt = "Adam(lr=0.02)"'),
    ),
    Kind(
        id="dropout",
        words="`net` is linear (8 to 16), ReLU, `nn.Dropout` with 0.3, and linear (16 to 2).",
        reference="""
            net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
            """,
        table="""
            check = "test"
            equal = [
                "sum(m.p for m in net.modules() if isinstance(m, nn.Dropout))",
                "sorted(p.numel() for p in net.parameters())",
            ]
            """,
        right=(
            """
            net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
            """,
            """
            class WithDropout(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.last = nn.Linear(16, 2)
                    self.drop = nn.Dropout(p=.3)
                    self.first = nn.Linear(8, 16)
                def forward(self, x):
                    return self.last(self.drop(self.first(x).relu()))
            net = WithDropout()
            """,
            """
            parts = [nn.Linear(8, 16), nn.ReLU(), nn.Dropout(3 / 10), nn.Linear(16, 2)]
            dropping = nn.Sequential(*parts)
            """,
        ),
        wrong=(
            wrong(
                "net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.7), "
                "nn.Linear(16, 2))",
                earns=0.5,
            ),
            wrong("net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))", earns=0.5),
            wrong("net = nn.Sequential(nn.Linear(8, 2), nn.Dropout(0.3))", earns=0.5),
        ),
        hard_coded=wrong("net = 0.3"),
    ),
    Kind(
        id="state-dict",
        words="""
            Save the state dict of `source` in the file `source.pt`. Make `twin`, a layer of the
            same size, and load the file into it.
            """,
        given="source = nn.Linear(5, 3)",
        reference="""
            torch.save(source.state_dict(), "source.pt")
            twin = nn.Linear(5, 3)
            twin.load_state_dict(torch.load("source.pt"))
            """,
        table="""
            check = "test"
            holds = [
                "torch.load('source.pt').keys() == {'weight', 'bias'}",
                "twin is not source and torch.equal(twin.weight, source.weight)",
            ]
            """,
        right=(
            """
            torch.save(source.state_dict(), "source.pt")
            twin = nn.Linear(5, 3)
            twin.load_state_dict(torch.load("source.pt"))
            """,
            """
            from pathlib import Path
            path = Path("source.pt")
            torch.save(obj=source.state_dict(), f=path)
            twin = nn.Linear(in_features=5, out_features=3)
            twin.load_state_dict(torch.load(path, weights_only=True))
            twin.eval()
            """,
            """
            with open("source.pt", "wb") as file:
                torch.save(source.state_dict(), file)
            state = torch.load("source.pt", map_location="cpu")
            twin = type(source)(5, 3)
            with torch.no_grad():
                twin.weight.copy_(state["weight"])
                twin.bias.copy_(state["bias"])
            """,
        ),
        wrong=(
            wrong(
                'torch.save(source.state_dict(), "source.pt")\ntwin = nn.Linear(5, 3)', earns=0.5
            ),
            wrong('torch.save(source.state_dict(), "source.pt")\ntwin = source', earns=0.5),
            wrong("twin = nn.Linear(5, 3)\ntwin.load_state_dict(source.state_dict())", earns=0.5),
        ),
        hard_coded=wrong("twin = nn.Linear(5, 3)\nnn.init.constant_(twin.weight, 0.25)"),
    ),
)

KINDS = (*_GRADIENTS, *_FUNCTIONS, *_CLASSES, *_TRAINING)
