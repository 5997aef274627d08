"""Kinds of exercises that write out what PyTorch has ready-made."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind, wrong

_ATTENTION = """
    def attention(q, k, v):
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        return torch.softmax(scores, -1) @ v
    """

_NETWORKS = (
    Kind(
        id="attention",
        words="Write `attention(q, k, v)`: scaled dot-product attention, softmax(q kᵀ / √d) v.",
        reference=_ATTENTION + "# grade: attention = attention",
        table='''
            check = "function"
            function = "attention"
            setup = """
            def grid(*sides):
                return torch.arange(float(math.prod(sides))).reshape(sides) / 9

            eye = torch.tensor([[1., 0., 2.], [0., 1., 1.]])
            """
            calls = [
                "eye, grid(4, 3), grid(4, 2) ** 2",
                "grid(2, 3, 4), grid(2, 5, 4), grid(2, 5, 2)",
            ]
            ''',
        right=(
            """
            def attention(q, k, v):
                return F.scaled_dot_product_attention(q, k, v)
            """,
            """
            def attention(query, key, value):
                d = query.size(-1)
                scores = torch.einsum("...id,...jd->...ij", query, key) * d ** -0.5
                weights = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
                return torch.einsum("...ij,...jd->...id", weights, value)
            """,
            """
            class Attention(nn.Module):
                def forward(self, q, k, v):
                    scores = torch.matmul(q, k.mT).div(np.sqrt(k.shape[-1]))
                    return F.softmax(scores, dim=-1).matmul(v)
            attention = Attention()
            """,
        ),
        wrong=(
            wrong(_ATTENTION.replace(" / math.sqrt(q.shape[-1])", "")),
            wrong(_ATTENTION.replace("(scores, -1)", "(scores, -2)")),
            wrong(_ATTENTION.replace("k.transpose(-2, -1)", "k")),
        ),
        hard_coded=wrong(
            "def attention(q, k, v):\n    return torch.tensor([[4.15, 2.75], [4.56, 2.29]])"
        ),
    ),
    Kind(
        id="convolution",
        words="""
            Write `convolve(image, kernel)` with loops: cross-correlation of two matrices, without
            padding.
            """,
        reference="""
            def convolve(image, kernel):
                h, w = kernel.shape
                out = torch.zeros(image.shape[0] - h + 1, image.shape[1] - w + 1)
                for i in range(out.shape[0]):
                    for j in range(out.shape[1]):
                        out[i, j] = (image[i:i + h, j:j + w] * kernel).sum()
                return out
            # grade: convolution = convolve
            """,
        table="""
            check = "function"
            function = "convolve"
            calls = [
                "torch.arange(20.).reshape(4, 5), torch.tensor([[1., 2.], [0., -1.]])",
                "torch.eye(6)[:5], torch.tensor([[1., 2., 3.], [4., 5., 7.]])",
            ]
            """,
        right=(
            """
            def convolve(image, kernel):
                return F.conv2d(image[None, None], kernel[None, None])[0, 0]
            """,
            """
            def convolve(image, kernel):
                h, w = kernel.shape
                patches = image.unfold(0, h, 1).unfold(1, w, 1)
                return (patches * kernel).sum((-1, -2))
            """,
            """
            def convolve(X, K):
                rows, cols = X.size(0) - K.size(0) + 1, X.size(1) - K.size(1) + 1
                result = [[0.0] * cols for _ in range(rows)]
                for i in range(rows):
                    for j in range(cols):
                        for a in range(K.size(0)):
                            for b in range(K.size(1)):
                                result[i][j] += X[i + a][j + b].item() * K[a][b].item()
                return torch.tensor(result)
            """,
        ),
        wrong=(
            wrong(
                """
                def convolve(image, kernel):
                    flipped = kernel.flip(0, 1)
                    return F.conv2d(image[None, None], flipped[None, None])[0, 0]
                """
            ),
            wrong(
                """
                def convolve(image, kernel):
                    return F.conv2d(image[None, None], kernel[None, None], padding=1)[0, 0]
                """
            ),
            wrong(
                """
                def convolve(image, kernel):
                    h, w = kernel.shape
                    out = torch.zeros(image.shape[0] - h, image.shape[1] - w)
                    for i in range(out.shape[0]):
                        for j in range(out.shape[1]):
                            out[i, j] = (image[i:i + h, j:j + w] * kernel).sum()
                    return out
                """
            ),
        ),
        hard_coded=wrong(
            "def convolve(image, kernel):\n    return torch.tensor([[-4., -2.], [6., 8.]])"
        ),
    ),
    Kind(
        id="pooling",
        words="Write `pool(x)`: 2 × 2 max pooling of a matrix with even sides, stride 2.",
        reference="""
            def pool(x):
                h, w = x.shape
                return x.reshape(h // 2, 2, w // 2, 2).amax((1, 3))
            # grade: pooling = pool
            """,
        table="""
            check = "function"
            function = "pool"
            calls = [
                "torch.tensor([[1., 5., 2., 0.], [3., 4., 9., 7.]])",
                "-torch.arange(24.).reshape(4, 6)",
                "torch.eye(6)",
            ]
            """,
        right=(
            "def pool(x):\n    return F.max_pool2d(x[None], 2)[0]",
            """
            def pool(x):
                rows = []
                for i in range(0, x.shape[0], 2):
                    rows.append([x[i:i + 2, j:j + 2].max() for j in range(0, x.shape[1], 2)])
                return torch.tensor(rows)
            """,
            """
            def pool(x):
                top = torch.maximum(x[::2], x[1::2])
                return torch.maximum(top[:, ::2], top[:, 1::2])
            """,
        ),
        wrong=(
            wrong("def pool(x):\n    return F.avg_pool2d(x[None], 2)[0]"),
            wrong("def pool(x):\n    return F.max_pool2d(x[None], 2, stride=1)[0]"),
            wrong("def pool(x):\n    return x[::2, ::2]"),
        ),
        hard_coded=wrong("def pool(x):\n    return torch.tensor([[5., 9.]])"),
    ),
    Kind(
        id="normalised-batch",
        words="""
            Write `batch_norm(x, gamma, beta)` as in training: each column by its mean and its
            biased variance, with ε = 1e-5, then scaled and shifted.
            """,
        reference="""
            def batch_norm(x, gamma, beta):
                mean, var = x.mean(0), x.var(0, unbiased=False)
                return gamma * (x - mean) / torch.sqrt(var + 1e-5) + beta
            # grade: normalised-batch = batch_norm
            """,
        table='''
            check = "function"
            function = "batch_norm"
            setup = """
            tall = torch.tensor([[1., 2.], [3., 7.], [5., 4.]])
            wide = torch.tensor([[.2, .5, .9], [.8, .1, .4]])
            """
            calls = [
                "tall, torch.tensor([1., 2.]), torch.tensor([0., 1.])",
                "wide, torch.tensor([2., .5, 1.]), torch.tensor([1., 0., -1.])",
            ]
            ''',
        right=(
            """
            def batch_norm(x, gamma, beta):
                return F.batch_norm(x, None, None, gamma, beta, training=True)
            """,
            """
            def batch_norm(x, gamma, beta, eps=1e-5):
                mu = x.sum(0) / len(x)
                var = ((x - mu) ** 2).mean(dim=0)
                return (x - mu) * (var + eps).rsqrt() * gamma + beta
            """,
            """
            def batch_norm(x, gamma, beta):
                layer = nn.BatchNorm1d(x.shape[1])
                with torch.no_grad():
                    layer.weight.copy_(gamma)
                    layer.bias.copy_(beta)
                return layer(x)
            """,
        ),
        wrong=(
            wrong(
                """
                def batch_norm(x, gamma, beta):
                    return gamma * (x - x.mean(0)) / torch.sqrt(x.var(0) + 1e-5) + beta
                """
            ),
            wrong(
                """
                def batch_norm(x, gamma, beta):
                    return F.layer_norm(x, (x.shape[1],), gamma, beta)
                """
            ),
            wrong(
                """
                def batch_norm(x, gamma, beta):
                    var = x.var(0, unbiased=False)
                    return gamma * (x - x.mean(0)) / (var + 1e-5) + beta
                """
            ),
        ),
        hard_coded=wrong(
            """
            def batch_norm(x, gamma, beta):
                return torch.tensor([[-1.2247, -1.2978], [0., 3.5957], [1.2247, .7020]])
            """
        ),
    ),
    Kind(
        id="causal-mask",
        words="Write `causal(n)`: a matrix of truths, true where position i may look at j ≤ i.",
        reference="""
            def causal(n):
                return torch.tril(torch.ones(n, n)).bool()
            # grade: causal-mask = causal
            """,
        table="""
            check = "function"
            function = "causal"
            calls = ["3", "1", "6"]
            """,
        right=(
            "def causal(n):\n    return ~torch.triu(torch.ones(n, n), diagonal=1).bool()",
            "causal = lambda n: torch.arange(n)[:, None] >= torch.arange(n)",
            """
            def causal(n):
                mask = torch.zeros(n, n, dtype=torch.bool)
                for i in range(n):
                    mask[i, : i + 1] = True
                return mask
            """,
        ),
        wrong=(
            wrong("def causal(n):\n    return torch.triu(torch.ones(n, n)).bool()"),
            wrong("def causal(n):\n    return torch.tril(torch.ones(n, n), -1).bool()"),
            wrong("def causal(n):\n    return torch.ones(n, n, dtype=torch.bool)"),
        ),
        hard_coded=wrong(
            """
            def causal(n):
                return torch.tensor(
                    [[True, False, False], [True, True, False], [True, True, True]]
                )
            """
        ),
    ),
)

_LOSSES = (
    Kind(
        id="cross-entropy",
        words="""
            Write `cross_entropy(logits, labels)`, the mean over the rows. Logits may be as large
            as 200.
            """,
        reference="""
            def cross_entropy(logits, labels):
                picked = logits[torch.arange(len(labels)), labels]
                return (logits.logsumexp(1) - picked).mean()
            # grade: cross-entropy = cross_entropy
            """,
        table="""
            check = "function"
            function = "cross_entropy"
            calls = [
                "torch.tensor([[2., .5, -1.], [0., 1., 3.]]), torch.tensor([0, 1])",
                "torch.tensor([[1., 2.], [3., .5], [.1, .2]]), torch.tensor([1, 1, 0])",
                "torch.tensor([[200., 0.], [0., 150.]]), torch.tensor([1, 1])",
            ]
            """,
        right=(
            "def cross_entropy(logits, labels):\n    return F.cross_entropy(logits, labels)",
            """
            def cross_entropy(scores, targets):
                log_p = scores - scores.max(1, keepdim=True).values
                log_p = log_p - log_p.exp().sum(1, keepdim=True).log()
                return -log_p.gather(1, targets.unsqueeze(1)).mean()
            """,
            """
            def cross_entropy(logits, labels):
                one_hot = F.one_hot(labels, logits.shape[1]).float()
                return -(one_hot * F.log_softmax(logits, dim=1)).sum(1).mean()
            """,
        ),
        wrong=(
            wrong(
                """
                def cross_entropy(logits, labels):
                    return F.cross_entropy(logits, labels, reduction="sum")
                """
            ),
            wrong(
                """
                def cross_entropy(logits, labels):
                    p = logits.exp() / logits.exp().sum(1, keepdim=True)
                    return -p[torch.arange(len(labels)), labels].log().mean()
                """
            ),
            wrong(
                """
                def cross_entropy(logits, labels):
                    return F.cross_entropy(torch.softmax(logits, 1), labels)
                """
            ),
        ),
        hard_coded=wrong("def cross_entropy(logits, labels):\n    return torch.tensor(1.2054)"),
    ),
    Kind(
        id="top-k",
        words="""
            Write `top_k(scores, labels, k)`: the share of rows that have their label among the k
            greatest scores.
            """,
        reference="""
            def top_k(scores, labels, k):
                best = scores.topk(k, 1).indices
                return (best == labels[:, None]).any(1).float().mean()
            # grade: top-k = top_k
            """,
        table='''
            check = "function"
            function = "top_k"
            setup = """
            few = torch.tensor([[.1, .5, .4], [.7, .2, .1], [.3, .1, .6]])
            many = torch.tensor(
                [[4., 3., 2., 1.], [1., 2., 3., 4.], [2., 4., 1., 3.], [1., 3., 4., 2.]]
            )
            """
            calls = [
                "few, torch.tensor([2, 1, 1]), 2",
                "few, torch.tensor([1, 2, 1]), 1",
                "many, torch.tensor([2, 0, 3, 0]), 3",
            ]
            ''',
        right=(
            """
            def top_k(scores, labels, k):
                hits = 0
                for row, label in zip(scores, labels):
                    if label in row.argsort(descending=True)[:k]:
                        hits += 1
                return hits / len(labels)
            """,
            """
            def top_k(scores, labels, k=5):
                _, pred = scores.topk(k, dim=1)
                correct = pred.t().eq(labels.view(1, -1).expand_as(pred.t()))
                return correct.reshape(-1).float().sum().item() / labels.size(0)
            """,
            """
            def top_k(scores, labels, k):
                own = scores.gather(1, labels.view(-1, 1))
                return np.mean(((scores > own).sum(1) < k).numpy())
            """,
        ),
        wrong=(
            wrong(
                """
                def top_k(scores, labels, k):
                    return (scores.argmax(1) == labels).float().mean()
                """
            ),
            wrong(
                """
                def top_k(scores, labels, k):
                    best = scores.topk(k, 1).indices
                    return (best == labels[:, None]).any(1).sum()
                """
            ),
            wrong(
                """
                def top_k(scores, labels, k):
                    best = scores.topk(k, 1).indices
                    return (best == labels[:, None]).float().mean()
                """
            ),
        ),
        hard_coded=wrong("def top_k(scores, labels, k):\n    return 2 / 3"),
    ),
    Kind(
        id="numeric-gradient",
        words="""
            Write `numeric_gradient(f, x)`: central differences with h = 1e-3, one for each number
            of the vector `x`.
            """,
        reference="""
            def numeric_gradient(f, x, h=1e-3):
                gradient = torch.zeros_like(x)
                for i in range(len(x)):
                    step = torch.zeros_like(x)
                    step[i] = h
                    gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
                return gradient
            # grade: numeric-gradient = numeric_gradient
            """,
        table="""
            check = "function"
            function = "numeric_gradient"
            rtol = 1e-2
            calls = [
                "lambda x: (x ** 3).sum(), torch.tensor([1., 2., -1.], dtype=torch.float64)",
                "lambda x: x[0] * x[1].exp(), torch.tensor([3., .5], dtype=torch.float64)",
            ]
            """,
        right=(
            """
            def numeric_gradient(f, x):
                h = 1e-3
                steps = h * torch.eye(len(x), dtype=x.dtype)
                return torch.stack([(f(x + s) - f(x - s)) / (2 * h) for s in steps])
            """,
            """
            def numeric_gradient(f, x):
                grad = np.zeros(len(x))
                for i in range(len(x)):
                    old = x[i].item()
                    x[i] = old + 1e-3
                    up = f(x).item()
                    x[i] = old - 1e-3
                    down = f(x).item()
                    x[i] = old
                    grad[i] = (up - down) / 2e-3
                return grad
            """,
            """
            def numeric_gradient(f, x):
                eps = 1e-3
                def shifted(i, by):
                    moved = x.clone()
                    moved[i] += by
                    return f(moved)
                return [(shifted(i, eps) - shifted(i, -eps)) / (2 * eps) for i in range(len(x))]
            """,
        ),
        wrong=(
            wrong(
                """
                def numeric_gradient(f, x, h=1e-3):
                    steps = h * torch.eye(len(x), dtype=x.dtype)
                    return torch.stack([(f(x + s) - f(x - s)) / h for s in steps])
                """
            ),
            wrong(
                """
                def numeric_gradient(f, x, h=1e-3):
                    return (f(x + h) - f(x - h)) / (2 * h)
                """
            ),
            wrong(
                """
                def numeric_gradient(f, x, h=1e-3):
                    steps = h * torch.eye(len(x), dtype=x.dtype)
                    return torch.stack([f(x + s) - f(x - s) for s in steps])
                """
            ),
        ),
        hard_coded=wrong("def numeric_gradient(f, x):\n    return torch.tensor([3., 12., 3.])"),
    ),
    Kind(
        id="n-grams",
        words="""
            Write `windows(text, n)`: the pairs of n letters and the letter behind them, in a list.
            """,
        reference="""
            def windows(text, n):
                return [(text[i:i + n], text[i + n]) for i in range(len(text) - n)]
            # grade: n-grams = windows
            """,
        table="""
            check = "function"
            function = "windows"
            calls = ["'gradient', 3", "'ab', 1", "'abc', 2"]
            """,
        right=(
            """
            def windows(text, n):
                pairs = []
                for i in range(n, len(text)):
                    pairs.append((text[i - n:i], text[i]))
                return pairs
            """,
            """
            def windows(text, n):
                return [[text[i:i + n], text[i + n]] for i in range(len(text) - n)]
            """,
            """
            def windows(s, n):
                starts = ["".join(c) for c in zip(*[s[k:] for k in range(n)])]
                return list(zip(starts, s[n:]))
            """,
        ),
        wrong=(
            wrong(
                """
                def windows(text, n):
                    return [(text[i:i + n], text[i + n]) for i in range(len(text) - n - 1)]
                """
            ),
            wrong(
                """
                def windows(text, n):
                    return [text[i:i + n] for i in range(len(text) - n)]
                """
            ),
            wrong(
                """
                def windows(text, n):
                    return [(text[i + n], text[i:i + n]) for i in range(len(text) - n)]
                """
            ),
        ),
        hard_coded=wrong("def windows(text, n):\n    return [('gra', 'd')]"),
    ),
    Kind(
        id="accumulated",
        words="""
            Write `gradient_of(net, x, y, parts)`: run the batch in `parts` equal parts, and return
            the gradient that the mean squared error of the whole batch gives `net.weight`.
            """,
        reference="""
            def gradient_of(net, x, y, parts):
                net.zero_grad()
                for xs, ys in zip(x.chunk(parts), y.chunk(parts)):
                    (F.mse_loss(net(xs), ys) / parts).backward()
                return net.weight.grad
            # grade: accumulated = gradient_of
            """,
        table='''
            check = "function"
            function = "gradient_of"
            setup = """
            layer = nn.Linear(2, 1)
            layer.weight.data = torch.tensor([[1., -2.]])
            layer.bias.data = torch.tensor([.5])
            """
            calls = [
                "layer, torch.arange(8.).reshape(4, 2), torch.tensor([[1.], [0.], [2.], [5.]]), 2",
                "layer, torch.arange(12.).reshape(6, 2) / 4, torch.ones(6, 1), 3",
            ]
            ''',
        right=(
            """
            def gradient_of(net, x, y, parts):
                net.zero_grad()
                size = len(x) // parts
                for i in range(parts):
                    rows = slice(i * size, (i + 1) * size)
                    loss = ((net(x[rows]) - y[rows]) ** 2).sum() / len(x)
                    loss.backward()
                return net.weight.grad.clone()
            """,
            """
            def gradient_of(net, x, y, parts):
                total = torch.zeros_like(net.weight)
                for xs, ys in zip(x.split(len(x) // parts), y.split(len(x) // parts)):
                    loss = nn.MSELoss()(net(xs), ys)
                    total += torch.autograd.grad(loss, net.weight)[0]
                return total / parts
            """,
            """
            def gradient_of(net, x, y, parts):
                opt = torch.optim.SGD(net.parameters(), lr=0.1)
                opt.zero_grad()
                for xs, ys in zip(torch.chunk(x, parts), torch.chunk(y, parts)):
                    loss = F.mse_loss(net(xs), ys)
                    loss = loss / parts
                    loss.backward()
                return net.weight.grad
            """,
        ),
        wrong=(
            wrong(
                """
                def gradient_of(net, x, y, parts):
                    net.zero_grad()
                    for xs, ys in zip(x.chunk(parts), y.chunk(parts)):
                        F.mse_loss(net(xs), ys).backward()
                    return net.weight.grad
                """
            ),
            wrong(
                """
                def gradient_of(net, x, y, parts):
                    for xs, ys in zip(x.chunk(parts), y.chunk(parts)):
                        net.zero_grad()
                        (F.mse_loss(net(xs), ys) / parts).backward()
                    return net.weight.grad
                """
            ),
            wrong(
                """
                def gradient_of(net, x, y, parts):
                    net.zero_grad()
                    for xs, ys in zip(x.chunk(parts), y.chunk(parts)):
                        loss = F.mse_loss(net(xs), ys) / parts
                    loss.backward()
                    return net.weight.grad
                """
            ),
        ),
        hard_coded=wrong(
            "def gradient_of(net, x, y, parts):\n    return torch.tensor([[-37., -44.]])"
        ),
    ),
)

KINDS: tuple[Kind, ...] = (*_NETWORKS, *_LOSSES)
