"""The original data written in every way: types, shapes, inline, as lists."""

from __future__ import annotations

from .case import Case, case, right

CASES: tuple[Case, ...] = (
    right(
        "float64",
        """
        import torch
        x = torch.arange(0, 4, dtype=torch.float64)
        y = 2 * x
        w = torch.ones(1, dtype=torch.double, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data -= 0.1 * w.grad
        J_new = ((x * w - y) ** 2).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    right(
        "float64-from-numpy",
        """
        import numpy as np
        import torch
        x_np = np.arange(4.)
        y_np = 2 * x_np
        x, y = torch.from_numpy(x_np), torch.from_numpy(y_np)
        """,
        """
        w = torch.ones(1, dtype=x.dtype, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w_novo = w.detach().numpy() - 0.1 * w.grad.numpy()
        J_novo = ((x_np * w_novo - y_np) ** 2).sum()
        print(w_novo, J_novo - J.item())
        """,
    ),
    right(
        "integer-data",
        """
        import torch
        x = torch.arange(4)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = ((x * w - y) ** 2).sum()
        dif = J_new - J
        """,
    ),
    right(
        "integer-data-written-out",
        """
        import torch
        entradas = torch.tensor([0, 1, 2, 3])
        saidas = torch.tensor([0, 2, 4, 6])
        w = torch.tensor([1.0], requires_grad=True)
        custo = torch.sum(torch.pow(entradas * w - saidas, 2))
        custo.backward()
        w.data -= 0.1 * w.grad.data
        custo2 = torch.sum(torch.pow(entradas * w - saidas, 2))
        print(custo2.item() - custo.item())
        """,
    ),
    right(
        "column-vectors",
        """
        import torch
        x = torch.arange(0., 4.).view(-1, 1)
        y = 2 * x
        w = torch.ones(1, 1, requires_grad=True)
        """,
        """
        J = (x.mm(w) - y).pow(2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = (x.mm(w) - y).pow(2).sum()
        J_new - J
        """,
    ),
    right(
        "column-vectors-and-the-transposed-w",
        """
        import torch
        X = torch.tensor([[0.], [1.], [2.], [3.]])
        Y = torch.tensor([[0.], [2.], [4.], [6.]])
        W = torch.ones((1, 1), requires_grad=True)
        J = torch.sum((X @ W.t() - Y) ** 2)
        J.backward()
        with torch.no_grad():
            W -= 0.1 * W.grad
        J_new = torch.sum((X @ W.t() - Y) ** 2)
        (J_new - J).item()
        """,
    ),
    right(
        "row-vectors",
        """
        import torch
        x = torch.arange(0., 4.).reshape(1, 4)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (w * x - y).square().sum()
        J.backward()
        w2 = w.data - 0.1 * w.grad
        J2 = (w2 * x - y).square().sum()
        J2 - J
        """,
    ),
    right(
        "scalar-w",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.tensor(1., requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = ((x * w - y) ** 2).sum()
        print(w.item(), (J_new - J).item())
        """,
    ),
    right(
        "scalar-w-in-place",
        """
        import torch
        x, w = torch.linspace(0, 3, 4), torch.tensor(1.0, requires_grad=True)
        y = x + x
        antes = ((w * x - y) ** 2).sum()
        antes.backward()
        with torch.no_grad():
            w -= w.grad * 0.1
        depois = ((w * x - y) ** 2).sum()
        print(depois - antes)
        """,
    ),
    right(
        "data-inline",
        """
        import torch
        w = torch.ones(1, requires_grad=True)
        J = ((torch.tensor([0., 1., 2., 3.]) * w - torch.tensor([0., 2., 4., 6.])) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = ((torch.tensor([0., 1., 2., 3.]) * w - torch.tensor([0., 2., 4., 6.])) ** 2).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    right(
        "data-inline-as-arange",
        """
        import torch
        w = torch.ones(1, requires_grad=True)
        J = (torch.arange(0., 4.) * w - 2 * torch.arange(0., 4.)).pow(2).sum()
        J.backward()
        w = w - 0.1 * w.grad
        mudanca = (torch.arange(0., 4.) * w - 2 * torch.arange(0., 4.)).pow(2).sum() - J
        """,
    ),
    right(
        "data-inline-for-a-function",
        """
        import torch

        def passo(x, y, w=1., lr=0.1):
            w = torch.tensor(w, requires_grad=True)
            J = ((x * w - y) ** 2).sum()
            J.backward()
            w1 = w.item() - lr * w.grad.item()
            return w1, (((x * w1 - y) ** 2).sum() - J).item()

        passo(torch.Tensor([0, 1, 2, 3]), torch.Tensor([0, 2, 4, 6]))
        """,
    ),
    right(
        "data-as-lists",
        """
        import torch
        x = [0., 1., 2., 3.]
        y = [0., 2., 4., 6.]
        w = torch.tensor(1., requires_grad=True)

        J = sum((xi * w - yi) ** 2 for xi, yi in zip(x, y))
        J.backward()
        """,
        """
        w_novo = w.item() - 0.1 * w.grad.item()
        J_novo = sum((xi * w_novo - yi) ** 2 for xi, yi in zip(x, y))
        print("mudança", J_novo - J.item())
        """,
    ),
    right(
        "data-as-integer-lists",
        """
        import torch
        lista_x = [0, 1, 2, 3]
        lista_y = [2 * v for v in lista_x]
        x = torch.FloatTensor(lista_x)
        y = torch.FloatTensor(lista_y)
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data.sub_(w.grad.data * 0.1)
        J_new = ((x * w - y) ** 2).sum()
        print((J_new - J).item())
        """,
    ),
    right(
        "data-as-a-list-of-pairs",
        """
        import torch
        pontos = [(0., 0.), (1., 2.), (2., 4.), (3., 6.)]
        x = torch.tensor([p[0] for p in pontos])
        y = torch.tensor([p[1] for p in pontos])
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data -= 0.1 * w.grad
        J_new = ((x * w - y) ** 2).sum()
        J_new - J
        """,
    ),
    right(
        "data-from-a-range",
        """
        import torch
        x = torch.tensor(list(range(4)), dtype=torch.float32)
        y = torch.stack([2 * xi for xi in x])
        w = torch.nn.Parameter(torch.tensor([1.]))
        loss = torch.nn.functional.mse_loss(w * x, y, reduction='sum')
        loss.backward()
        print('dJ/dw =', w.grad)
        w.data = w.data - 1e-1 * w.grad
        loss2 = torch.nn.functional.mse_loss(w * x, y, reduction='sum')
        print('perda mudou de', loss.item(), 'para', loss2.item(), '=', loss2.item() - loss.item())
        """,
    ),
    right(
        "plain-tensors-in-one-cell",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        y_pred = x * w
        e = y_pred - y
        e2 = e ** 2
        J = e2.sum()
        J.backward()
        print('gradiente', w.grad)
        w.data = w.data - 0.1 * w.grad.data
        print('w', w)
        y_pred = x * w
        e = y_pred - y
        e2 = e ** 2
        J_new = e2.sum()
        print('J', J, 'J_new', J_new, 'diferença', J_new - J)
        """,
    ),
    right(
        "variables-in-one-cell",
        """
        import torch
        from torch.autograd import Variable
        x = Variable(torch.arange(0., 4.)); y = Variable(2 * torch.arange(0., 4.))
        w = Variable(torch.ones(1), requires_grad=True)
        J = (x * w - y).pow(2).sum(); J.backward(); g = w.grad.data.clone()
        w.data = w.data - 0.1 * g; w.grad.data.zero_()
        J_new = (x * w - y).pow(2).sum(); print((J_new - J).data.numpy())
        """,
    ),
    right(
        "tensor-with-grad-in-place-of-variable",
        """
        import torch
        w = torch.tensor(data=[1.], requires_grad=True)
        x = torch.arange(start=0., end=4.)
        y = x.mul(2)
        J = w.mul(x).sub(y).pow(2).sum()
        J.backward()
        """,
        """
        w = w.sub(w.grad.mul(0.1))
        J_new = w.mul(x).sub(y).pow(2).sum()
        J_new.sub(J)
        """,
    ),
    case(
        "data-never-held-together",
        {"w-grad": "pending", "gradient-step": "pending", "loss-decrease": "pending"},
        """
        import torch
        w = torch.tensor(1., requires_grad=True)
        J = torch.tensor(0.)
        for i in range(4):
            J = J + (i * w - 2 * i) ** 2
        J.backward()
        w1 = w - 0.1 * w.grad
        J_new = torch.tensor(0.)
        for i in range(4):
            J_new = J_new + (i * w1 - 2 * i) ** 2
        print(J_new - J)
        """,
        why="honest, but no value of it is the data, so no variant can reach it",
    ),
)
