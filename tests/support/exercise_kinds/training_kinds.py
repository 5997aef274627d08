"""Kinds of exercises about training and what comes of it."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import LOOKED_AT, Kind, wrong

_CURVE = """
    torch.manual_seed(11)
    slope = torch.randn(1, requires_grad=True)
    losses = []
    for epoch in range(40):
        loss = ((days * slope - sales) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            slope -= 0.05 * slope.grad
            slope.grad.zero_()
    """

_MLP = """
    class Classifier(nn.Module):
        def __init__(self, features, hidden):
            super().__init__()
            self.first = nn.Linear(features, hidden)
            self.second = nn.Linear(hidden, 2)

        def forward(self, x):
            x = torch.relu(self.first(x))
            return self.second(x)
    """

_LAYERS = "nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))"

_TRAINED = f"""
    clf = {_LAYERS}
    adam = torch.optim.Adam(clf.parameters(), lr=0.05)
    for epoch in range(80):
        adam.zero_grad()
        F.cross_entropy(clf(points), sides).backward()
        adam.step()
    """

_CUBE = """
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x ** 3

        @staticmethod
        def backward(ctx, grad_output):
            (x,) = ctx.saved_tensors
            return grad_output * 3 * x ** 2
    """

_RATES = """
    stepping = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(stepping, step_size=2, gamma=0.5)
    rates = []
    for epoch in range(6):
        rates.append(schedule.get_last_lr()[0])
        stepping.step()
        schedule.step()
    """

_UPDATES = """
    for step in range(3):
        error = ((speeds * factor - distances) ** 2).sum()
        error.backward()
        with torch.no_grad():
            factor -= 0.01 * factor.grad
        factor.grad.zero_()
    """

_ONE_PLOT = """
    usual = sum(heights) / len(heights)
    offsets = [height - usual for height in heights]
    plt.plot(hours, offsets)
    plt.xlabel("hours")
    plt.ylabel("height")
    """

KINDS: tuple[Kind, ...] = (
    Kind(
        id="loss-curve",
        words="`losses`: the mean squared errors of `days` times a slope in 40 steps of 0.05.",
        given="days = torch.tensor([1., 2., 3., 4.])\nsales = torch.tensor([2.1, 3.9, 6.4, 7.8])",
        reference=_CURVE + "# grade: loss-curve = losses",
        table="""
            check = "series"
            series = { band = 0.02 }
            """,
        variants="""
            [[inputs]]
            name = "sales"
            variants = ["torch.tensor([3., 2., 7., 6.])", "torch.tensor([1.3, 4.2, 3.7, 9.1])"]
            """,
        right=(
            _CURVE.replace("manual_seed(11)", "manual_seed(5)"),
            """
            line = nn.Linear(1, 1, bias=False)
            descent = torch.optim.SGD(line.parameters(), lr=0.05)
            history = []
            for _ in range(40):
                descent.zero_grad()
                mse = F.mse_loss(line(days[:, None])[:, 0], sales)
                mse.backward()
                descent.step()
                history.append(float(mse))
            """,
            """
            slope, losses = 0., []
            for step in range(40):
                residual = days * slope - sales
                losses.append((residual ** 2).mean())
                slope = slope - 0.05 * (2 * residual * days).mean()
            plt.plot(losses)
            """,
        ),
        wrong=(
            wrong(_CURVE.replace("slope.grad.zero_()", "pass"), reads="series.does-not-fall"),
            wrong(_CURVE.replace("range(40)", "range(20)"), reads="series.length"),
            wrong(_CURVE.replace("losses.append(loss.item())", "losses.append(2 * loss.item())")),
        ),
        hard_coded=wrong(
            "losses = [20 * .5 ** step + .05425 for step in range(40)]\nplt.plot(losses)"
        ),
    ),
    Kind(
        id="mlp",
        words="`Classifier(features, hidden)`: one hidden layer with ReLU, and 2 logits.",
        reference=_MLP,
        table="""
            check = "module"
            module = "Classifier"
            make = "3, 5"
            inputs = ["torch.randn(4, 3)"]
            compare = ["output", "parameters"]
            """,
        right=(
            """
            class Classifier(nn.Module):
                def __init__(self, n_in, n_hidden):
                    super(Classifier, self).__init__()
                    self.layers = nn.Sequential(
                        nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 2))
                def forward(self, x):
                    return self.layers(x)
            """,
            """
            class Classifier(nn.Module):
                def __init__(self, features, hidden=8):
                    super().__init__()
                    self.out = nn.Linear(hidden, 2)
                    self.hid = nn.Linear(features, hidden)
                def forward(self, x):
                    return self.out(self.hid(x).clamp(min=0))
            """,
            """
            class Classifier(nn.Sequential):
                def __init__(self, features, hidden):
                    super().__init__()
                    self.append(nn.Linear(features, hidden))
                    self.append(nn.ReLU(inplace=True))
                    self.append(nn.Linear(hidden, 2))
            """,
        ),
        wrong=(
            wrong(
                _MLP.replace("torch.relu(self.first(x))", "self.first(x)"),
                earns=0.5,
                reads="module.lacks",
            ),
            wrong(
                _MLP.replace("self.second(x)", "torch.softmax(self.second(x), 1)"),
                earns=0.5,
                reads="module.extra-last",
            ),
            wrong(_MLP.replace("hidden)\n", "16)\n").replace("nn.Linear(hidden", "nn.Linear(16")),
        ),
        hard_coded=wrong(
            """
            class Classifier(nn.Module):
                def __init__(self, features, hidden):
                    super().__init__()
                def forward(self, x):
                    return torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]])
            """
        ),
        blank=wrong("# your code here", reads="probe.missing"),
    ),
    Kind(
        id="figure",
        words="Draw how far each of `heights` is above their mean, over `hours`; label both axes.",
        given="hours = [0., 1., 2., 3., 4.]\nheights = [1.5, 2.25, 4., 3.5, 1.]",
        reference=_ONE_PLOT + "# grade: figure = offsets",
        table="""
            check = "figure"
            figure = { kinds = ["line"], labels = true, data = true }
            """,
        variants="""
            [[inputs]]
            name = "heights"
            variants = ["[2., 1., 3., 4., 1.5]", "[.3, 2.7, 1.9, 3.3, 2.2]"]
            """,
        right=(
            _ONE_PLOT + "plt.show()",
            """
            fig, ax = plt.subplots()
            ax.plot(hours, np.array(heights) - np.mean(heights), "o-", color="green")
            ax.set(xlabel="time (h)", ylabel="above the mean (m)", title="Tide")
            """,
            """
            tide = pd.DataFrame({"hours": hours, "heights": heights})
            tide["heights"] -= tide["heights"].mean()
            tide.plot(x="hours", y="heights", xlabel="hours", ylabel="heights")
            """,
        ),
        wrong=(
            wrong(
                "plt.plot(hours, torch.tensor(heights) - np.mean(heights))",
                earns=2 / 3,
                reads="figure.lacks-labels",
            ),
            wrong(_ONE_PLOT.replace("plot(", "scatter("), earns=2 / 3),
            wrong(_ONE_PLOT.replace("hours, offsets", "hours, heights"), earns=2 / 3),
        ),
        hard_coded=wrong("offsets = [-0.95, -0.2, 1.55, 1.05, -1.45]", reads="figure.missing"),
    ),
    Kind(
        id="drawn-values",
        words="Draw the cumulative sum of `rain`.",
        given="rain = torch.tensor([3., 1., 4., 2.5, 0.5])",
        reference="plt.figure()\nplt.plot(rain.cumsum(0))\n# grade: drawn-values = rain.cumsum(0)",
        table="""
            check = "value"
            look_in = ["figure"]
            """,
        variants="""
            [[inputs]]
            name = "rain"
            variants = ["torch.tensor([2., 1., 3., 4., 1.])", "rain * 1.1 + torch.arange(5)"]
            """,
        right=(
            "plt.bar(range(5), rain.cumsum(0))",
            """
            total, totals = 0., []
            for amount in rain:
                total += amount.item()
                totals.append(total)
            fig, axes = plt.subplots(1, 2)
            axes[1].plot(totals, "r--")
            """,
            "pd.Series(rain.numpy()).cumsum().plot()",
        ),
        wrong=(
            wrong("plt.figure()\nplt.plot(rain)"),
            wrong("plt.figure()\nplt.plot(rain.cumprod(0))"),
            wrong("print(rain.cumsum(0))", reads="value.not-drawn"),
        ),
        hard_coded=wrong(
            "plt.figure()\nplt.plot([3, 4, 8, 10.5, 11])", reads="value.does-not-follow-data"
        ),
    ),
    Kind(
        id="own-accuracy",
        words="`share` is the share of `answers` that your own `guesser` gets right.",
        given="""
            questions = torch.linspace(-3, 3, 46).reshape(23, 2)
            answers = torch.arange(23) % 2
            """,
        reference="""
            guesser = nn.Linear(2, 2)
            share = (guesser(questions).argmax(1) == answers).float().mean()
            """,
        table="""
            check = "test"
            holds = ["abs(share - right_share(guesser(questions), answers)) < 1e-3"]
            """,
        probes="""
            def right_share(outputs, labels):
                return (outputs.argmax(1) == labels).float().mean()
            """,
        right=(
            """
            torch.manual_seed(3)
            guesser = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
            _, guesses = guesser(questions).max(dim=1)
            share = (guesses == answers).sum().item() / len(answers)
            """,
            """
            guesser = nn.Linear(2, 2)
            with torch.no_grad():
                guesses = guesser(questions).softmax(1).argmax(1).numpy()
            share = np.mean(guesses == answers.numpy())
            """,
            """
            guesser = nn.Linear(2, 2)
            hits = 0
            for question, answer in zip(questions, answers):
                hits += int(guesser(question).argmax() == answer)
            share = round(hits / 23, 4)
            """,
        ),
        wrong=(
            wrong(
                """
                guesser = nn.Linear(2, 2)
                share = (guesser(questions).argmax(1) != answers).float().mean()
                """
            ),
            wrong(
                """
                guesser = nn.Linear(2, 2)
                share = (guesser(questions).argmax(1) == answers).sum()
                """
            ),
            wrong(
                "guesser = nn.Linear(2, 2)\nshare = F.cross_entropy(guesser(questions), answers)"
            ),
        ),
        hard_coded=wrong("guesser = nn.Linear(2, 2)\nshare = 0.96"),
    ),
    Kind(
        id="zeroed-biases",
        words="Set all biases of `stack` to 0, and leave its weights.",
        given="stack = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))",
        reference="""
            for layer in stack:
                if isinstance(layer, nn.Linear):
                    nn.init.zeros_(layer.bias)
            """,
        table="""
            check = "test"
            holds = [
                "not stack[0].bias.any() and bool(stack[0].weight.any())",
                "not stack[2].bias.any() and bool(stack[2].weight.any())",
            ]
            """,
        right=(
            "with torch.no_grad():\n    stack[0].bias.zero_()\n    stack[2].bias.fill_(0.)",
            """
            for name, parameter in stack.named_parameters():
                if "bias" in name:
                    parameter.data = torch.zeros_like(parameter)
            """,
            """
            def zero(layer):
                if hasattr(layer, "bias"):
                    layer.bias.data.mul_(0)
            stack.apply(zero)
            """,
        ),
        wrong=(
            wrong("stack[0].bias.data.zero_()", earns=0.5),
            wrong("for p in stack.parameters():\n    nn.init.zeros_(p)"),
            wrong("for layer in (stack[0], stack[2]):\n    nn.init.ones_(layer.bias)"),
        ),
        hard_coded=wrong("biases = [torch.zeros(4), torch.zeros(2)]\nprint(biases)"),
    ),
    Kind(
        id="count-parameters",
        words="Write `count(network)`: how many numbers a network learns.",
        reference="""
            def count(network):
                return sum(p.numel() for p in network.parameters() if p.requires_grad)
            # grade: count-parameters = count
            """,
        table="""
            check = "function"
            function = "count"
            calls = [
                "nn.Linear(3, 4)",
                "nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(5, 2, bias=False))",
                "nn.Linear(7, 1).requires_grad_(False)",
            ]
            """,
        right=(
            """
            def count(network):
                total = 0
                for parameter in network.parameters():
                    if parameter.requires_grad:
                        total += parameter.numel()
                return total
            """,
            """
            def count(m):
                return sum(np.prod(p.shape) for p in m.parameters() if p.requires_grad)
            """,
            """
            def count(network):
                sizes = [p.nelement() for _, p in network.named_parameters() if p.requires_grad]
                return torch.tensor(sizes).sum()
            """,
        ),
        wrong=(
            wrong("def count(network):\n    return len(list(network.parameters()))"),
            wrong("def count(network):\n    return sum(p.numel() for p in network.parameters())"),
            wrong(
                """
                def count(network):
                    return sum(value.numel() for value in network.state_dict().values())
                """
            ),
        ),
        hard_coded=wrong("def count(network):\n    return 16"),
    ),
    Kind(
        id="schedule",
        words="`rates` has the learning rates of 6 epochs: 0.1, and half of it after every two.",
        reference=_RATES + "# grade: schedule = rates",
        table='check = "value"',
        right=(
            _RATES.replace("schedule.get_last_lr()[0]", 'stepping.param_groups[0]["lr"]'),
            """
            optimizer = torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=0.1)
            halving = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda e: 0.5 ** (e // 2))
            rates = []
            for epoch in range(6):
                rates += halving.get_last_lr()
                optimizer.step()
                halving.step()
            """,
            "rates = [0.1 * 0.5 ** (epoch // 2) for epoch in range(6)]",
        ),
        wrong=(
            wrong(_RATES.replace("gamma=0.5", "gamma=0.1")),
            wrong(_RATES.replace("step_size=2", "step_size=1")),
            wrong(_RATES.replace("range(6)", "range(5)")),
        ),
        hard_coded=wrong(
            "rates = [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]", earns=LOOKED_AT, reads="value.typed-in"
        ),
    ),
    Kind(
        id="update",
        words="Take 3 steps of 0.01 on the sum of squared errors; `factor` stays a leaf.",
        given="""
            speeds = torch.tensor([1., 2., 3., 4.])
            distances = torch.tensor([2., 5., 5., 9.])
            factor = torch.tensor(1., requires_grad=True)
            """,
        reference=_UPDATES + "# grade: update = factor",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "distances"
            variants = ["torch.tensor([3., 4., 7., 6.])", "torch.tensor([1.3, 4.1, 3.7, 9.2])"]
            """,
        right=(
            """
            for step in range(3):
                loss = ((speeds * factor - distances) ** 2).sum()
                (gradient,) = torch.autograd.grad(loss, factor)
                factor.data.sub_(0.01 * gradient)
            """,
            """
            sgd = torch.optim.SGD([factor], lr=0.01)
            for step in range(3):
                sgd.zero_grad()
                F.mse_loss(speeds * factor, distances, reduction="sum").backward()
                sgd.step()
            print(factor)
            """,
            """
            w = factor.detach().clone().requires_grad_()
            for _ in range(3):
                ((speeds * w - distances) ** 2).sum().backward()
                with torch.no_grad():
                    w.copy_(w - 0.01 * w.grad)
                w.grad = None
            """,
        ),
        wrong=(
            wrong(_UPDATES.replace("factor.grad.zero_()", "pass")),
            wrong(_UPDATES.replace("factor -=", "factor +=")),
            wrong(_UPDATES.replace("range(3)", "range(1)")),
        ),
        hard_coded=wrong(
            "factor = torch.tensor(2.0296, requires_grad=True)", reads="value.does-not-follow-data"
        ),
    ),
    Kind(
        id="own-function",
        words="`Cube` is an autograd function: x cubed, with its derivative.",
        reference=_CUBE,
        table="""
            check = "test"
            equal = [
                "(Cube.apply(torch.tensor(2.)), Cube.apply(torch.tensor([1., -3.])))",
                "slope_of(Cube)",
            ]
            """,
        probes="""
            def slope_of(function):
                x = torch.tensor([1., 2., -3.], requires_grad=True)
                (5 * function.apply(2 * x)).sum().backward()
                return x.grad
            """,
        right=(
            """
            from torch.autograd import Function
            class Cube(Function):
                @staticmethod
                def forward(ctx, x):
                    ctx.x = x
                    return x * x * x
                @staticmethod
                def backward(ctx, upstream):
                    return upstream.mul(3 * ctx.x.pow(2))
            """,
            """
            class Cube(torch.autograd.Function):
                @staticmethod
                def forward(x):
                    return x.pow(3)
                @staticmethod
                def setup_context(ctx, inputs, output):
                    ctx.save_for_backward(*inputs)
                @staticmethod
                def backward(ctx, g):
                    x, = ctx.saved_tensors
                    return 3 * x ** 2 * g
            """,
            _CUBE + "print(Cube.apply(torch.tensor(2.)))",
        ),
        wrong=(
            wrong(_CUBE.replace("grad_output * 3", "3"), earns=0.5),
            wrong(_CUBE.replace("grad_output * 3 * x ** 2", "grad_output * x ** 2"), earns=0.5),
            wrong(_CUBE.replace("return x ** 3", "return x ** 2"), earns=0.5),
        ),
        hard_coded=wrong(
            """
            class Cube:
                def apply(x):
                    return torch.tensor(8.)
            """
        ),
    ),
    Kind(
        id="score",
        words="Train `clf` to tell `sides` from `points`: two outputs, 90 % right on other points.",
        given="""
            points = torch.randn(200, 2, generator=torch.Generator().manual_seed(4))
            sides = (points[:, 0] * points[:, 1] > 0).long()
            """,
        reference=_TRAINED,
        table="""
            check = "score"
            of = "clf"
            with = "accuracy(clf)"
            at_least = 0.9
            """,
        probes="""
            def accuracy(model):
                x = torch.randn(300, 2, generator=torch.Generator().manual_seed(91))
                sides = (x[:, 0] * x[:, 1] > 0).long()
                return (model(x).argmax(1) == sides).float().mean()
            """,
        right=(
            _TRAINED.replace("clf = ", "torch.manual_seed(8)\n    clf = ", 1),
            f"""
            def train(model):
                loader = torch.utils.data.DataLoader(
                    torch.utils.data.TensorDataset(points, sides), batch_size=50, shuffle=True)
                rms = torch.optim.RMSprop(model.parameters(), lr=0.02)
                for epoch in range(40):
                    for x, y in loader:
                        rms.zero_grad()
                        F.cross_entropy(model(x), y).backward()
                        rms.step()
                return model
            clf = train({_LAYERS.replace("16", "32")})
            """,
            """
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.a, self.b = nn.Linear(2, 24), nn.Linear(24, 2)
                def forward(self, x):
                    return F.log_softmax(self.b(torch.tanh(self.a(x))), dim=1)
            clf = Net()
            optimizer = torch.optim.AdamW(clf.parameters(), lr=0.05)
            for _ in range(120):
                optimizer.zero_grad()
                F.nll_loss(clf(points), sides).backward()
                optimizer.step()
            """,
        ),
        wrong=(
            wrong(_TRAINED.replace("nn.ReLU(), ", "")),
            wrong(_TRAINED.replace("adam.step()", "pass"), reads="score.at-least"),
            wrong(_TRAINED.replace("clf(points), sides", "clf(points), 1 - sides")),
        ),
        hard_coded=wrong("accuracy = 0.97\nprint(accuracy)", reads="score.at-least"),
        blank=wrong("# your code here", reads="probe.missing"),
    ),
)
