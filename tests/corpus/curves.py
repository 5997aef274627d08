"""Loss curves of a line trained by hand, as students keep them."""

from __future__ import annotations

from .case import Case, case

START = "w = torch.zeros(1, requires_grad=True)\nb = torch.zeros(1, requires_grad=True)"

STEP = """
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
        w.grad.zero_()
        b.grad.zero_()
"""


def loop(
    before: str, keep: str, *, epochs: str = "range(100)", step: str = STEP, start: str = START
) -> str:
    """Write a training loop that keeps its losses in one way."""
    body = f"for epoch in {epochs}:\n    loss = ((w * x + b - y) ** 2).mean()\n    {keep}"
    return f"{start}\n{before}\n{body}{step}"


def right(name: str, *cells: str, why: str = "") -> Case:
    return case(name, {"loss-curve": 1.0}, *cells, why=why)


def wrong(name: str, *cells: str, share: float | str = 0.0, why: str = "") -> Case:
    return case(name, {"loss-curve": share}, *cells, why=why)


RIGHT: tuple[Case, ...] = (
    right("curve-of-floats", loop("losses = []", "losses.append(loss.item())")),
    right("curve-of-tensors", loop("losses = []", "losses.append(loss)")),
    right("curve-of-detached-tensors", loop("losses = []", "losses.append(loss.detach())")),
    right("curve-of-clones", loop("losses = []", "losses.append(loss.detach().clone().view(1))")),
    right("curve-of-numpy-scalars", loop("losses = []", "losses.append(loss.detach().numpy())")),
    right(
        "curve-written-into-a-tensor",
        loop("losses = torch.zeros(100)", "losses[epoch] = loss.item()"),
    ),
    right(
        "curve-written-into-an-array", loop("losses = np.empty(100)", "losses[epoch] = loss.item()")
    ),
    right(
        "curve-written-into-a-column",
        loop("losses = torch.zeros(100, 1)", "losses[epoch, 0] = loss.detach()"),
    ),
    right("curve-added-to-a-list", loop("losses = []", "losses += [float(loss)]")),
    right("curve-of-lists-joined", loop("losses = []", "losses = losses + [loss.item()]")),
    right(
        "curve-joined-by-cat",
        loop("losses = torch.empty(0)", "losses = torch.cat([losses, loss.detach().view(1)])"),
    ),
    right("curve-in-a-dict", loop("history = {'loss': []}", "history['loss'].append(loss.item())")),
    right(
        "curve-stacked-afterwards",
        loop("kept = []", "kept.append(loss.detach())"),
        "curve = torch.stack(kept)",
    ),
    right(
        "curve-as-an-array-afterwards",
        loop("kept = []", "kept.append(loss.item())"),
        "curve = np.array(kept)",
    ),
    right(
        "curve-from-noise",
        loop("losses = []", "losses.append(loss.item())", start=START.replace("zeros", "randn")),
    ),
    right(
        "curve-in-doubles",
        "x, y = x.double(), y.double()",
        loop(
            "losses = []",
            "losses.append(loss.item())",
            start=START.replace("(1,", "(1, dtype=torch.float64,"),
        ),
    ),
    right(
        "curve-of-a-while-loop",
        loop("losses = []", "losses.append(loss.item())").replace(
            "for epoch in range(100)", "while len(losses) < 100"
        ),
    ),
    right(
        "curve-of-a-function",
        """
        def train(epochs, lr):
            w = torch.zeros(1, requires_grad=True)
            b = torch.zeros(1, requires_grad=True)
            curve = []
            for _ in range(epochs):
                loss = (w * x + b - y).pow(2).mean()
                loss.backward()
                for p in (w, b):
                    p.data -= lr * p.grad
                    p.grad = None
                curve.append(loss.item())
            return curve

        curve = train(100, 0.1)
        """,
    ),
    right(
        "curve-of-a-comprehension",
        f"""
        {START.splitlines()[0]}
        {START.splitlines()[1]}
        optimizer = torch.optim.SGD([w, b], lr=0.1)

        def epoch():
            optimizer.zero_grad()
            loss = ((w * x + b - y) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss.item()

        losses = [epoch() for _ in range(100)]
        """,
    ),
    right(
        "curve-in-an-object",
        """
        class Trainer:
            def __init__(self):
                self.w = torch.zeros(1, requires_grad=True)
                self.b = torch.zeros(1, requires_grad=True)
                self.losses = []

            def epoch(self):
                loss = ((self.w * x + self.b - y) ** 2).mean()
                self.losses.append(loss.item())
                loss.backward()
                for p in (self.w, self.b):
                    p.data -= 0.1 * p.grad
                    p.grad.zero_()

        trainer = Trainer()
        for _ in range(100):
            trainer.epoch()
        """,
    ),
    right(
        "curve-in-two-cells",
        loop("losses = []", "losses.append(loss.item())", epochs="range(50)"),
        loop("", "losses.append(loss.item())", epochs="range(50)", start=""),
    ),
    right(
        "curve-written-out-without-autograd",
        """
        w, b, losses = 0.0, 0.0, []
        for epoch in range(100):
            e = w * x + b - y
            losses.append((e * e).mean().item())
            w -= 0.1 * 2 * (e * x).mean()
            b -= 0.1 * 2 * e.mean()
        """,
    ),
    right(
        "curve-that-was-tried-before",
        loop("losses = []", "losses.append(loss.item())", epochs="range(10)"),
        loop("losses = []", "losses.append(loss.item())"),
    ),
)

STILL = "\n    loss.backward()\n    w.grad.zero_()\n    b.grad.zero_()\n"

WRONG: tuple[Case, ...] = (
    wrong(
        "curve-one-short",
        loop("losses = []", "losses.append(loss.item())", epochs="range(1, 100)"),
        share=0.5,
    ),
    wrong(
        "curve-one-too-many", loop("losses = []", "losses.append(loss.item())", epochs="range(101)")
    ),
    wrong(
        "curve-of-every-tenth",
        loop("losses = []", "if epoch % 10 == 0: losses.append(loss.item())"),
    ),
    wrong(
        "curve-along-the-gradient",
        loop("losses = []", "losses.append(loss.item())", step=STEP.replace("-=", "+=")),
    ),
    wrong("curve-that-stands-still", loop("losses = []", "losses.append(loss.item())", step=STILL)),
    wrong(
        "curve-of-small-steps",
        loop("losses = []", "losses.append(loss.item())", step=STEP.replace("0.1", "0.001")),
    ),
    wrong("curve-of-sums", loop("losses = []", "losses.append(loss.item() * len(x))")),
    wrong(
        "curve-of-the-slope-alone",
        loop(
            "losses = []",
            "losses.append(loss.item())",
            step=STEP.replace("b -= 0.1 * b.grad", "pass"),
        ),
        share=0.5,
    ),
    wrong("curve-only-printed", loop("", "print(loss.item())"), why="no list is kept"),
    wrong(
        "curve-typed-in", "losses = [16.0 * 0.85 ** k + 0.26 for k in range(100)]\nplt.plot(losses)"
    ),
    wrong("curve-turned-round", loop("losses = []", "losses.insert(0, loss.item())")),
    wrong("curve-of-the-last-loss", loop("", "pass"), "losses = [loss.item()] * 100"),
    wrong("no-curve", "print(x.mean(), y.mean())"),
)
