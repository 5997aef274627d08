"""Kinds of exercises about what surrounds a training: freezing, clipping, hooks, batches."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind, wrong

_STOPPING = """
    def best_epoch(losses):
        best = float("inf")
        waited = 0
        for epoch, loss in enumerate(losses):
            if loss < best:
                best, stopped_at, waited = loss, epoch, 0
            else:
                waited += 1
            if waited == 3:
                break
        return stopped_at
    """

_CLIPPED = """
    (ramp @ steep).pow(2).sum().backward()
    torch.nn.utils.clip_grad_norm_([steep], 1.0)
    """

_DECAYED = """
    shrinking = torch.optim.SGD([heavy], lr=0.1, weight_decay=0.5)
    (heavy * load).sum().backward()
    shrinking.step()
    """

_PADDED = """
    def collate(batch):
        longest = max(len(row) for row in batch)
        return torch.tensor([row + [0] * (longest - len(row)) for row in batch])
    """

_MEMORY = """
    class Reader(nn.Module):
        def __init__(self, words, size, hidden):
            super().__init__()
            self.embedding = nn.Embedding(words, size)
            self.lstm = nn.LSTM(size, hidden, batch_first=True)
            self.out = nn.Linear(hidden, words)

        def forward(self, tokens):
            states, _ = self.lstm(self.embedding(tokens))
            return self.out(states)
    """

_WEIGHTS = (
    Kind(
        id="frozen",
        words="""
            Freeze all layers of `backbone` but put a new last layer with 3 outputs in place of
            `backbone[2]`, which learns.
            """,
        given="backbone = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 10))",
        reference="""
            for parameter in backbone.parameters():
                parameter.requires_grad = False
            backbone[2] = nn.Linear(8, 3)
            """,
        table="""
            check = "test"
            holds = [
                "not learns(backbone[0])",
                "backbone(torch.ones(2, 4)).shape == (2, 3) and learns(backbone[2])",
            ]
            """,
        probes="""
            def learns(layer):
                return any(p.requires_grad for p in layer.parameters())
            """,
        right=(
            "backbone.requires_grad_(False)\nbackbone[-1] = nn.Linear(8, 3)",
            """
            backbone[2] = nn.Linear(backbone[2].in_features, 3)
            for name, p in backbone.named_parameters():
                if not name.startswith("2"):
                    p.requires_grad_(False)
            """,
            """
            layers = list(backbone.children())[:-1]
            for layer in layers:
                for p in layer.parameters():
                    p.requires_grad = False
            backbone = nn.Sequential(*layers, nn.Linear(8, 3))
            """,
        ),
        wrong=(
            wrong("backbone[2] = nn.Linear(8, 3)", earns=0.5),
            wrong("backbone[2] = nn.Linear(8, 3)\nbackbone.requires_grad_(False)", earns=0.5),
            wrong("backbone.requires_grad_(False)\nhead = nn.Linear(8, 3)", earns=0.5),
        ),
        hard_coded=wrong("backbone_frozen = True\nnum_outputs = 3"),
    ),
    Kind(
        id="clipped",
        words="Compute the gradient of the sum of `(ramp @ steep) ** 2`, and clip its norm to 1.",
        given="""
            ramp = torch.tensor([[3., 1.], [2., 2.]])
            steep = torch.tensor([1., 2.], requires_grad=True)
            """,
        reference=_CLIPPED + "# grade: clipped = steep.grad",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "ramp"
            variants = [
                "torch.tensor([[1., 2.], [3., 1.]])",
                "torch.tensor([[.7, 2.9], [1.3, .4]])",
            ]
            """,
        right=(
            """
            loss = ((ramp @ steep) ** 2).sum()
            loss.backward()
            nn.utils.clip_grad_norm_(steep, max_norm=1)
            print(steep.grad)
            """,
            """
            ((ramp @ steep) ** 2).sum().backward()
            norm = steep.grad.norm()
            if norm > 1:
                steep.grad = steep.grad / norm
            clipped = steep.grad
            """,
            """
            (slope,) = torch.autograd.grad((ramp @ steep).square().sum(), steep)
            slope = slope * min(1.0, 1.0 / slope.norm().item())
            """,
        ),
        wrong=(
            wrong("(ramp @ steep).pow(2).sum().backward()\nprint(steep.grad)"),
            wrong(_CLIPPED.replace("clip_grad_norm_", "clip_grad_value_")),
            wrong(_CLIPPED.replace("1.0)", "0.5)")),
        ),
        hard_coded=wrong("steep.grad = torch.tensor([0.8462, 0.5328])\nclipped = steep.grad"),
    ),
    Kind(
        id="decayed",
        words="""
            One step of SGD on the sum of `heavy * load`, with learning rate 0.1 and weight decay
            0.5. What is `heavy` then?
            """,
        given="""
            load = torch.tensor([1., 4., -2.])
            heavy = torch.tensor([2., -1., 3.], requires_grad=True)
            """,
        reference=_DECAYED + "# grade: decayed = heavy",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "load"
            variants = ["torch.tensor([2., 1., 3.])", "torch.tensor([.7, 1.9, -2.3])"]
            """,
        right=(
            _DECAYED.replace("weight_decay=0.5", "momentum=0.9, weight_decay=0.5"),
            """
            J = (heavy * load).sum()
            J.backward()
            with torch.no_grad():
                heavy -= 0.1 * (heavy.grad + 0.5 * heavy)
            """,
            """
            penalised = (heavy * load).sum() + 0.25 * (heavy ** 2).sum()
            penalised.backward()
            after = heavy.detach() - 0.1 * heavy.grad
            print(after)
            """,
        ),
        wrong=(
            wrong(_DECAYED.replace(", weight_decay=0.5", "")),
            wrong(_DECAYED.replace("weight_decay=0.5", "weight_decay=0.05")),
            wrong(
                """
                J = (heavy * load).sum() + 0.5 * (heavy ** 2).sum()
                J.backward()
                after = heavy.detach() - 0.1 * heavy.grad
                """
            ),
        ),
        hard_coded=wrong("heavy = torch.tensor([1.8, -1.35, 3.05])"),
    ),
    Kind(
        id="hooked",
        words="Write `outputs_of(net, x)`: the outputs of all layers of a Sequential, in a list.",
        reference="""
            def outputs_of(net, x):
                outputs = []
                for layer in net:
                    x = layer(x)
                    outputs.append(x)
                return outputs
            # grade: hooked = outputs_of
            """,
        table="""
            check = "function"
            function = "outputs_of"
            setup = "three = nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Softmax(1))"
            calls = [
                "three, torch.tensor([[[1., -2.], [3., 0.]]])",
                "nn.Sequential(nn.Tanh(), nn.ReLU()), torch.tensor([[.5, -1., 2.]])",
            ]
            """,
        right=(
            """
            def outputs_of(net, x):
                kept = []
                hooks = [m.register_forward_hook(lambda m, i, o: kept.append(o)) for m in net]
                net(x)
                for hook in hooks:
                    hook.remove()
                return kept
            """,
            """
            def outputs_of(net, x):
                return [net[: i + 1](x) for i in range(len(net))]
            """,
            """
            def outputs_of(model, x):
                activations = {}
                def keep(name):
                    def hook(module, inputs, output):
                        activations[name] = output.detach()
                    return hook
                handles = []
                for name, layer in model.named_children():
                    handles.append(layer.register_forward_hook(keep(name)))
                with torch.no_grad():
                    model(x)
                [h.remove() for h in handles]
                return list(activations.values())
            """,
        ),
        wrong=(
            wrong("def outputs_of(net, x):\n    return [net(x)]"),
            wrong("def outputs_of(net, x):\n    return [layer(x) for layer in net]"),
            wrong(
                """
                def outputs_of(net, x):
                    kept = []
                    for layer in net:
                        layer.register_forward_hook(lambda m, i, o: kept.append(i[0]))
                    net(x)
                    return kept
                """
            ),
        ),
        hard_coded=wrong("def outputs_of(net, x):\n    return [torch.tensor([[1., -2., 3., 0.]])]"),
    ),
    Kind(
        id="running-mean",
        words="""
            Let `norm` see `seen` once as in training. What is its running mean then? Put a copy
            of it into `mean_after`.
            """,
        given="""
            norm = nn.BatchNorm1d(2)
            seen = torch.tensor([[1., 20.], [3., 10.], [8., 33.]])
            """,
        reference="""
            norm.train()
            norm(seen)
            mean_after = norm.running_mean.clone()
            # grade: running-mean = mean_after
            """,
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "seen"
            variants = [
                "torch.tensor([[2., 11.], [5., 7.], [9., 30.]])",
                "torch.tensor([[1.3, 4.], [2.9, 6.1], [3.7, 5.2]])",
            ]
            """,
        right=(
            "out = norm(seen)\nmean_after = norm.running_mean.clone()",
            "mean_after = 0.9 * torch.zeros(2) + 0.1 * seen.mean(0)",
            """
            norm.train()
            with torch.no_grad():
                norm(seen)
            mean_after = norm.state_dict()["running_mean"].numpy().copy()
            """,
        ),
        wrong=(
            wrong("norm.eval()\nnorm(seen)\nmean_after = norm.running_mean.clone()"),
            wrong("mean_after = seen.mean(0)"),
            wrong("norm(seen)\nnorm(seen)\nmean_after = norm.running_mean.clone()"),
        ),
        hard_coded=wrong("mean_after = torch.tensor([0.4, 2.1])"),
    ),
)

_BATCHES = (
    Kind(
        id="padded",
        words="""
            Write `collate(batch)`: it takes a list of lists of numbers, and gives a matrix
            with one row each, filled up with 0 at the end.
            """,
        reference=_PADDED + "# grade: padded = collate",
        table="""
            check = "function"
            function = "collate"
            calls = ["[[3, 1, 4], [1], [5, 9]]", "[[2, 6], [5, 3, 5, 8]]", "[[7]]"]
            """,
        right=(
            """
            from torch.nn.utils.rnn import pad_sequence
            def collate(batch):
                return pad_sequence([torch.tensor(row) for row in batch], batch_first=True)
            """,
            """
            def collate(batch):
                out = torch.zeros(len(batch), max(map(len, batch)), dtype=torch.long)
                for i, row in enumerate(batch):
                    out[i, : len(row)] = torch.LongTensor(row)
                return out
            """,
            """
            import itertools
            def collate(batch):
                columns = itertools.zip_longest(*batch, fillvalue=0)
                return torch.tensor(list(columns)).T
            """,
        ),
        wrong=(
            wrong(
                """
                from torch.nn.utils.rnn import pad_sequence
                def collate(batch):
                    return pad_sequence([torch.tensor(row) for row in batch])
                """
            ),
            wrong(
                _PADDED.replace(
                    "row + [0] * (longest - len(row))", "[0] * (longest - len(row)) + row"
                )
            ),
            wrong(_PADDED.replace("max(", "min(").replace("row + ", "row[:longest] + ")),
        ),
        hard_coded=wrong(
            "def collate(batch):\n    return torch.tensor([[3, 1, 4], [1, 0, 0], [5, 9, 0]])"
        ),
    ),
    Kind(
        id="looked-up",
        words="`vectors` has the row of `vocabulary` for each of the numbers in `tokens`.",
        given="""
            vocabulary = torch.arange(15.).reshape(5, 3) ** 2 / 7
            tokens = torch.tensor([[3, 0], [4, 4]])
            """,
        reference="vectors = vocabulary[tokens]\n# grade: looked-up = vectors",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "tokens"
            variants = ["torch.tensor([[1, 2], [0, 3]])", "torch.tensor([[2, 4], [3, 1]])"]
            """,
        right=(
            "vectors = nn.Embedding.from_pretrained(vocabulary)(tokens)",
            "vectors = F.one_hot(tokens, 5).float() @ vocabulary",
            "vectors = torch.stack([torch.stack([vocabulary[t] for t in row]) for row in tokens])",
        ),
        wrong=(
            wrong("vectors = nn.Embedding(5, 3)(tokens)"),
            wrong("vectors = vocabulary[tokens.flatten()].sum(0)"),
            wrong("vectors = vocabulary[:, tokens % 3]"),
        ),
        hard_coded=wrong(
            """
            vectors = torch.tensor(
                [[[11.5714, 14.2857, 17.2857], [0., .1429, .5714]],
                 [[20.5714, 24.1429, 28.], [20.5714, 24.1429, 28.]]]
            )
            """
        ),
    ),
    Kind(
        id="gathered",
        words="`chosen` has, for each row of `odds`, the number in the column that `picks` names.",
        given="""
            odds = torch.tensor([[.1, .6, .3], [.5, .2, .9], [.4, .7, .8], [.15, .25, .35]])
            picks = torch.tensor([1, 0, 2, 1])
            """,
        reference="chosen = odds.gather(1, picks[:, None])[:, 0]\n# grade: gathered = chosen",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "picks"
            variants = ["torch.tensor([2, 1, 0, 2])", "torch.tensor([0, 2, 1, 0])"]
            """,
        right=(
            "chosen = odds[torch.arange(len(odds)), picks]",
            "chosen = torch.tensor([row[p] for row, p in zip(odds, picks)])",
            "chosen = (odds * F.one_hot(picks, 3)).sum(1)",
        ),
        wrong=(
            wrong("chosen = odds[:, picks]"),
            wrong("chosen = odds.max(1).values"),
            wrong("chosen = odds.T.gather(1, picks[None])"),
        ),
        hard_coded=wrong("chosen = torch.tensor([0.6, 0.5, 0.8, 0.25])"),
    ),
    Kind(
        id="distances",
        words="`far` is the 3 × 2 matrix of the Euclidean distances of `towns` and `ports`.",
        given="""
            towns = torch.tensor([[0., 1.], [4., 4.], [2., -3.]])
            ports = torch.tensor([[1., 1.], [-2., 5.]])
            """,
        reference="far = torch.cdist(towns, ports)\n# grade: distances = far",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "towns"
            variants = [
                "torch.tensor([[3., 0.], [1., 4.], [2., 2.]])",
                "torch.tensor([[.5, 1.7], [3.1, -.4], [2.2, 6.3]])",
            ]
            """,
        right=(
            "far = (towns[:, None] - ports[None]).pow(2).sum(-1).sqrt()",
            """
            squares = (towns ** 2).sum(1, keepdim=True) + (ports ** 2).sum(1) - 2 * towns @ ports.T
            far = squares.sqrt()
            """,
            """
            far = np.zeros((3, 2))
            for i, a in enumerate(towns):
                for j, b in enumerate(ports):
                    far[i, j] = math.dist(a, b)
            """,
        ),
        wrong=(
            wrong("far = (towns[:, None] - ports[None]).pow(2).sum(-1)"),
            wrong("far = (towns[:, None] - ports[None]).abs().sum(-1)"),
            wrong("far = torch.cdist(ports, towns)"),
        ),
        hard_coded=wrong("far = torch.tensor([[1., 4.4721], [4.2426, 6.0828], [4.1231, 8.9443]])"),
    ),
    Kind(
        id="stopped",
        words="""
            Training stops after three epochs in a row that are not better than the best so far.
            Write `best_epoch(losses)`: the epoch of the best loss until then, counted from 0.
            """,
        reference=_STOPPING + "# grade: stopped = best_epoch",
        table="""
            check = "function"
            function = "best_epoch"
            calls = [
                "[.9, .7, .75, .6, .62, .63, .55, .56, .58, .57, .41, .40]",
                "[.9, .85, .87, .88, .7, .72, .73, .74, .5, .4, .3, .2]",
                "[.9, .8, .7, .65, .66, .67, .64]",
            ]
            """,
        right=(
            """
            def best_epoch(losses):
                best_loss, best, patience = losses[0], 0, 0
                for i in range(1, len(losses)):
                    if losses[i] < best_loss:
                        best_loss, best, patience = losses[i], i, 0
                    else:
                        patience += 1
                        if patience >= 3:
                            break
                return best
            """,
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.best, self.epoch, self.bad = patience, None, -1, 0
                def step(self, loss, epoch):
                    if self.best is None or loss < self.best:
                        self.best, self.epoch, self.bad = loss, epoch, 0
                    else:
                        self.bad += 1
                    return self.bad >= self.patience

            def best_epoch(losses):
                stopper = EarlyStopping(3)
                for epoch, loss in enumerate(losses):
                    if stopper.step(loss, epoch):
                        break
                return stopper.epoch
            """,
            """
            def best_epoch(losses):
                lowest = torch.tensor(losses).cummin(0).indices.tolist()
                for epoch, best in enumerate(lowest):
                    if epoch - best == 3:
                        return best
                return lowest[-1]
            """,
        ),
        wrong=(
            wrong("def best_epoch(losses):\n    return losses.index(min(losses))"),
            wrong(_STOPPING.replace("waited == 3", "waited == 2")),
            wrong(_STOPPING.replace("return stopped_at", "return epoch")),
        ),
        hard_coded=wrong("def best_epoch(losses):\n    return 6"),
    ),
    Kind(
        id="reader",
        words="""
            Write `Reader(words, size, hidden)`: an embedding, an LSTM (batch first), and a linear
            layer that gives a number for each word at each place.
            """,
        reference=_MEMORY,
        table="""
            check = "module"
            module = "Reader"
            make = "9, size=4, hidden=5"
            inputs = ["torch.tensor([[1, 2, 8], [0, 3, 3]])"]
            """,
        right=(
            """
            class Reader(nn.Module):
                def __init__(self, words, size, hidden):
                    super().__init__()
                    self.emb = nn.Embedding(words, size)
                    self.rnn = nn.LSTM(size, hidden, num_layers=1, batch_first=True)
                    self.fc = nn.Linear(hidden, words)

                def forward(self, x, state=None):
                    out, state = self.rnn(self.emb(x), state)
                    return self.fc(out)
            """,
            """
            class Reader(nn.Module):
                def __init__(self, words, size, hidden):
                    super(Reader, self).__init__()
                    self.head = nn.Linear(hidden, words)
                    self.lstm = nn.LSTM(size, hidden)
                    self.table = nn.Embedding(words, size)

                def forward(self, x):
                    e = self.table(x).permute(1, 0, 2)
                    out = self.lstm(e)[0]
                    return self.head(out).transpose(0, 1)
            """,
            """
            class Reader(nn.Module):
                def __init__(self, words, size, hidden):
                    super().__init__()
                    self.hidden = hidden
                    self.embedding = nn.Embedding(words, size)
                    self.lstm = nn.LSTM(size, hidden, batch_first=True)
                    self.out = nn.Linear(hidden, words)

                def forward(self, tokens):
                    zero = torch.zeros(1, len(tokens), self.hidden)
                    states, (h, c) = self.lstm(self.embedding(tokens), (zero, zero))
                    return self.out(states)
            """,
        ),
        wrong=(
            wrong(_MEMORY.replace("self.out(states)", "self.out(states[:, -1])"), earns=1 / 3),
            wrong(_MEMORY.replace("nn.LSTM", "nn.GRU"), earns=1 / 3),
            wrong(_MEMORY.replace(", batch_first=True", ""), earns=2 / 3),
        ),
        hard_coded=wrong("Reader = torch.zeros(2, 3, 9)"),
    ),
)

KINDS: tuple[Kind, ...] = (*_WEIGHTS, *_BATCHES)
