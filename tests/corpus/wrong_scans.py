"""Loops and curves that pass through the right numbers without computing them."""

from __future__ import annotations

from .case import GRADIENT_ONLY, NO_STEPS, Case, case

DATA = """
        import numpy as np
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        """


def scan(name: str, *cells: str, why: str = "") -> Case:
    """Make a case with a scan that earns nothing of activity 1."""
    return case(name, NO_STEPS, DATA, *cells, why=why)


CASES: tuple[Case, ...] = (
    scan(
        "losses-over-a-linspace",
        """
        ws = torch.linspace(-2, 6, 81)
        losses = [((x * wi - y) ** 2).sum().item() for wi in ws]
        losses
        """,
    ),
    scan(
        "losses-over-a-list-of-weights",
        """
        pesos = [0., 1., 2., 3., 3.8, 4., 5.]
        perdas = []
        for p in pesos:
            perdas.append(((x * p - y) ** 2).sum())
            print(p, perdas[-1])
        """,
    ),
    scan(
        "differences-over-a-list-of-weights",
        """
        for p in [3.8, 1., 5.6]:
            dif = ((x * p - y) ** 2).sum() - J
            print(f'w={p:.2f} dif={dif:.2f}')
        """,
        why="3.8 is right on the original data and 5.6 on one variant: none is right on all",
    ),
    scan(
        "while-loop-that-prints",
        """
        v = 0.
        while v < 6:
            perda = ((x * v - y) ** 2).sum().item()
            print(f'w = {v:.2f}  J = {perda:.2f}  J - J0 = {perda - J.item():.2f}')
            v += 0.1
        """,
    ),
    scan(
        "fine-scan-that-prints-every-loss",
        """
        for i in range(8000):
            v = i / 1000
            print(f'{v:.2f} {((x * v - y) ** 2).sum().item():.1f}')
        """,
        why="so fine and printed so short that a right number is near on every variant",
    ),
    scan(
        "fine-scan-kept-in-a-list",
        """
        grade = [i / 1000 for i in range(8001)]
        perdas = [((x * v - y) ** 2).sum().item() for v in grade]
        mudancas = [p - J.item() for p in perdas]
        """,
    ),
    scan(
        "curve-as-one-tensor",
        """
        ws = torch.linspace(-6, 10, 161)
        curva = ((x[None, :] * ws[:, None] - y) ** 2).sum(1)
        print(ws)
        print(curva)
        print(curva - J)
        """,
    ),
    scan(
        "plotted-curve",
        """
        import matplotlib.pyplot as plt
        ws = np.linspace(-2, 6, 81)
        Js = [((x.numpy() * v - y.numpy()) ** 2).sum() for v in ws]
        plt.plot(ws, Js)
        plt.xlabel('w')
        plt.ylabel('J')
        plt.show()
        """,
    ),
    scan(
        "minimum-of-a-curve",
        """
        ws = np.arange(-2, 6, 0.1)
        Js = np.array([((x.numpy() * v - y.numpy()) ** 2).sum() for v in ws])
        melhor = ws[Js.argmin()]
        print('melhor w', melhor, 'J', Js.min())
        """,
    ),
    scan(
        "function-called-along-a-curve",
        """
        def perda(v):
            return ((x * v - y) ** 2).sum().item()

        print([round(perda(v / 10), 2) for v in range(0, 60, 2)])
        """,
    ),
    scan(
        "element-picked-from-a-curve",
        """
        ws = torch.linspace(0, 6, 61)
        Js = ((x[None, :] * ws[:, None] - y) ** 2).sum(1)
        w_new = ws[38]
        J_new = Js[38]
        print(J_new - J)
        """,
        why="picked by a typed index: 3.8 whatever the data",
    ),
    scan(
        "loop-counter-in-tenths",
        """
        for i in range(100):
            w_new = i / 10
            print(w_new)
        """,
    ),
    scan(
        "loop-counter-in-hundredths",
        """
        for i in range(5000):
            print(f'{i / 100:.2f}')
        """,
    ),
    scan(
        "loop-counter-down-to-minus-28",
        """
        grad = 0
        while grad > -50:
            grad -= 1
            print(grad, float(grad))
        """,
    ),
    scan(
        "loop-counter-as-tensors",
        """
        for g in torch.arange(-60., 0.):
            print(g)
        """,
    ),
    scan(
        "loop-that-ends-on-the-answer",
        """
        for w_new in np.arange(1., 3.85, 0.1):
            pass
        for dif in np.arange(0.36, 31.4, 1.):
            pass
        print(w_new, dif)
        """,
    ),
    scan(
        "random-search",
        """
        torch.manual_seed(0)
        for _ in range(3000):
            v = torch.rand(1) * 10
            print(f'{v.item():.2f} {((x * v - y) ** 2).sum().item():.1f}')
        """,
    ),
    scan(
        "grid-of-weights-and-rates",
        """
        for v in np.arange(0, 6, 0.2):
            for lr in (0.01, 0.1):
                print(f'{v - lr * 28:.2f} {v + lr * 28:.2f}')
        """,
    ),
    case(
        "gradients-along-a-curve",
        {"gradient-step": 0.0, "loss-decrease": 0.0},
        DATA,
        """
        for v in np.arange(-1., 5., 0.5):
            wi = torch.tensor([v], requires_grad=True)
            Ji = ((x * wi - y) ** 2).sum()
            Ji.backward()
            print(v, Ji.item(), wi.grad.item())
        """,
        why="one of the gradients is the one asked for, by autograd: not judged here",
    ),
    case(
        "gradient-then-a-scan",
        GRADIENT_ONLY,
        DATA,
        "J.backward()\nprint(w.grad)",
        """
        for v in [1., 2., 3., 3.8, 4.]:
            J_new = ((x * v - y) ** 2).sum()
            print(v, J_new.item(), (J_new - J).item())
        """,
    ),
    case(
        "rates-tried-without-the-asked-one",
        GRADIENT_ONLY,
        DATA,
        """
        J.backward()
        for lr in [0.05, 0.2, 0.5]:
            w_new = w.data - lr * w.grad
            J_new = ((x * w_new - y) ** 2).sum()
            print(lr, w_new, J_new - J)
        """,
    ),
)
