"""One step by an optimizer, on w itself or on a linear layer."""

from __future__ import annotations

from .case import Case, right

CASES: tuple[Case, ...] = (
    right(
        "sgd-on-w",
        """
        import torch
        from torch import optim

        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        optimizer = optim.SGD([w], lr=0.1)
        """,
        """
        J = (x * w - y).pow(2).sum()
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        J_new = (x * w - y).pow(2).sum()
        print(w, J_new.item() - J.item())
        """,
    ),
    right(
        "sgd-then-zero-grad",
        """
        import torch
        x = torch.arange(0., 4.); y = 2 * x
        w = torch.nn.Parameter(torch.ones(1))
        opt = torch.optim.SGD([w], lr=0.1)
        criterio = torch.nn.MSELoss(reduction='sum')
        J = criterio(x * w, y)
        J.backward()
        opt.step()
        opt.zero_grad()
        J2 = criterio(x * w, y)
        delta = J2 - J
        """,
        why="the gradient is gone (None) when the cell ends",
    ),
    right(
        "linear-without-bias",
        """
        import torch
        import torch.nn as nn

        x = torch.arange(0., 4.).unsqueeze(1)
        y = 2 * x
        model = nn.Linear(1, 1, bias=False)
        with torch.no_grad():
            model.weight.fill_(1.)
        """,
        """
        loss_fn = nn.MSELoss(reduction="sum")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()

        loss_after = loss_fn(model(x), y)
        print("Loss change:", (loss_after - loss).item())
        """,
    ),
    right(
        "linear-without-bias-init-ones",
        """
        import torch
        from torch import nn
        import torch.nn.functional as F
        x = torch.arange(0., 4.).reshape(-1, 1)
        y = 2 * x
        rede = nn.Linear(in_features=1, out_features=1, bias=False)
        nn.init.ones_(rede.weight)
        otimizador = torch.optim.SGD(rede.parameters(), lr=0.1)
        perdas = []
        for epoca in range(2):
            otimizador.zero_grad()
            perda = F.mse_loss(rede(x), y, reduction='sum')
            perda.backward()
            perdas.append(perda.item())
            otimizador.step()
        print(perdas[1] - perdas[0])
        """,
    ),
    right(
        "linear-with-a-bias-that-stays-zero",
        """
        import torch
        x = torch.arange(0., 4.).view(4, 1)
        y = 2 * x
        lin = torch.nn.Linear(1, 1)
        lin.weight.data.fill_(1.)
        lin.bias.data.zero_()
        """,
        """
        opt = torch.optim.SGD([lin.weight], lr=0.1)   # só o peso
        J = ((lin(x) - y) ** 2).sum()
        J.backward()
        opt.step()
        J_new = ((lin(x) - y) ** 2).sum()
        print(lin.weight, lin.weight.grad)
        print((J_new - J).data.numpy())
        """,
    ),
)
