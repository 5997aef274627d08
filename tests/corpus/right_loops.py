"""Loops of one pass and of many: the first step counts."""

from __future__ import annotations

from . import given
from .case import Case, right

CASES: tuple[Case, ...] = (
    right(
        "loop-of-one-pass",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        num_epochs = 1
        for epoch in range(num_epochs):
            J = (x * w - y).pow(2).sum()
            J.backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
            w.grad.zero_()
        J_new = (x * w - y).pow(2).sum()
        print('mudança:', J_new.item() - J.item())
        """,
    ),
    right(
        "loop-of-ten-with-the-change-inside",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        lr = 0.1
        for i in range(10):
            J = ((x * w - y) ** 2).sum()
            J.backward()
            w.data = w.data - lr * w.grad.data
            w.grad.data.zero_()
            J_new = ((x * w - y) ** 2).sum()
            print(i, w.data, (J_new - J).data.numpy())
        """,
        why="the first step counts",
    ),
    right(
        "loop-of-a-hundred-that-overflows",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        opt = torch.optim.SGD([w], lr=0.1)
        historico = []
        for epoca in range(100):
            opt.zero_grad()
            J = ((x * w - y) ** 2).sum()
            J.backward()
            opt.step()
            historico.append(J.item())
        print('primeira mudança:', historico[1] - historico[0])
        print('última:', historico[-1])
        """,
        why="the loss ends infinite; the first step counts",
    ),
    right(
        "losses-in-a-list",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        losses = []
        for _ in range(2):
            loss = ((x * w - y) ** 2).sum()
            losses.append(loss)
            w.grad = None
            loss.backward()
            w.data -= 0.1 * w.grad
        """,
        """
        losses[1] - losses[0]
        """,
    ),
    right(
        "losses-and-changes-in-lists",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        perdas, pesos = [], [w.item()]
        for passo in range(5):
            perda = ((x * w - y) ** 2).sum()
            perda.backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
                w.grad.zero_()
            perdas.append(perda.item())
            pesos.append(w.item())
        mudancas = [b - a for a, b in zip(perdas, perdas[1:])]
        print(pesos)
        print(mudancas)
        """,
    ),
    right(
        "while-loop",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        passo = 0
        anterior = None
        while passo < 2:
            J = ((x * w - y) ** 2).sum()
            if anterior is not None:
                print('mudou', (J - anterior).item())
            J.backward()
            w.data -= 0.1 * w.grad
            w.grad.zero_()
            anterior = J.detach()
            passo += 1
        """,
    ),
    right(
        "a-few-learning-rates-with-the-asked-one",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        for lr in [0.1, 0.01, 0.001]:
            w = torch.ones(1, requires_grad=True)
            J = ((x * w - y) ** 2).sum()
            J.backward()
            w.data -= lr * w.grad
            J_new = ((x * w - y) ** 2).sum()
            print(f'lr={lr}: w={w.item():.4f}, J mudou {(J_new - J).item():.4f}')
        """,
        why="each pass is a whole step; the one asked for is among them",
    ),
    right(
        "batches-from-a-loader",
        """
        import torch
        from torch.utils.data import DataLoader, TensorDataset

        x = torch.arange(0., 4.)
        y = 2 * x
        loader = DataLoader(TensorDataset(x, y), batch_size=4, shuffle=False)
        w = torch.ones(1, requires_grad=True)
        opt = torch.optim.SGD([w], lr=0.1)
        for xb, yb in loader:
            J = ((xb * w - yb) ** 2).sum()
            opt.zero_grad()
            J.backward()
            opt.step()
            J_new = ((xb * w - yb) ** 2).sum()
            print(J_new - J)
        """,
    ),
    right(
        "loss-added-up-one-point-at-a-time",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)

        def perda(w):
            J = 0
            for xi, yi in zip(x, y):
                J = J + (xi * w - yi) ** 2
            return J

        J = perda(w)
        J.backward()
        w = w - 0.1 * w.grad
        J_new = perda(w)
        print(J_new - J)
        """,
    ),
    right(
        "backward-on-each-point",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = 0.
        for xi, yi in zip(x, y):
            ei2 = (xi * w - yi) ** 2
            ei2.backward()       # os gradientes se acumulam
            J += ei2.item()
        print(w.grad)
        with torch.no_grad():
            w -= 0.1 * w.grad
            J_new = sum(((xi * w - yi) ** 2).item() for xi, yi in zip(x, y))
        print(J_new - J)
        """,
        why="the sum's gradient, gathered point by point",
    ),
    right(
        "handout-cells-and-a-loop",
        *given.EXPLANATION,
        """
        w = Variable(torch.ones(1), requires_grad=True)
        for passo in range(3):
            y_pred = x * w
            J = (y_pred - y).pow(2).sum()
            J.backward()
            w.data = w.data - 0.1 * w.grad.data
            w.grad.data.zero_()
            J_new = (x * w - y).pow(2).sum()
            print('passo', passo, 'J', J.data.numpy(), 'mudança', (J_new - J).data.numpy())
        """,
    ),
    right(
        "try-and-finally-around-the-step",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        try:
            J.backward()
            w.data -= 0.1 * w.grad
        except RuntimeError as erro:
            print('deu erro', erro)
        finally:
            J_new = ((x * w - y) ** 2).sum()
        if J_new < J:
            print('diminuiu', (J - J_new).item())
        else:
            print('aumentou', (J_new - J).item())
        """,
    ),
)
