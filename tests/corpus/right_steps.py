"""One step by hand, in every way to write it."""

from __future__ import annotations

from . import given
from .case import Case, right

CASES: tuple[Case, ...] = (
    right(
        "w-data-minus-lr-grad-data",
        """
        import torch
        from torch.autograd import Variable

        y = Variable(2 * torch.arange(0., 4.))
        x = Variable(torch.arange(0., 4.))
        w = Variable(torch.ones(1), requires_grad=True)
        """,
        """
        y_pred = x * w
        J = (y_pred - y).pow(2).sum()
        J.backward()
        w.grad
        """,
        """
        lr = 0.1
        w.data = w.data - lr * w.grad.data
        w
        """,
        """
        J_new = (x * w - y).pow(2).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    right(
        "handout-cells-around-a-step",
        *given.EXPLANATION,
        """
        # recalculo tudo porque a célula de cima zerou o gradiente
        y_pred = x * w
        J = (y_pred - y).pow(2).sum()
        J.backward()
        lr = 0.1
        w.data = w.data - lr * w.grad.data

        y_pred = x * w
        J_new = (y_pred - y).pow(2).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    right(
        "handout-cells-and-fresh-names",
        *given.EXPLANATION,
        """
        peso = torch.ones(1, requires_grad=True)
        perda_antes = ((x * peso - y) ** 2).sum()
        perda_antes.backward()
        print('gradiente:', peso.grad)
        """,
        """
        taxa = 0.1
        peso_depois = peso.detach() - taxa * peso.grad
        perda_depois = ((x * peso_depois - y) ** 2).sum()
        diminuiu = perda_antes - perda_depois
        diminuiu
        """,
    ),
    right(
        "w-becomes-a-new-tensor",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        """,
        """
        lr = 0.1
        w = w - lr * w.grad.data
        print(w, w.grad)
        """,
        """
        J_new = ((x * w - y) ** 2).sum()
        J_new - J
        """,
        why="after the step w is no leaf and w.grad is None, with a warning",
    ),
    right(
        "handout-cells-and-w-becomes-a-new-tensor",
        *given.START,
        given.BACKWARD,
        """
        lr = 0.1
        w = w - lr * w.grad.data
        y_pred = x * w
        J_new = (y_pred - y).pow(2).sum()
        print('A perda mudou', (J_new - J).data.numpy())
        """,
    ),
    right(
        "no-grad-in-place",
        """
        import torch

        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        learning_rate = 1e-1

        loss = torch.sum((x * w - y) ** 2)
        loss.backward()
        with torch.no_grad():
            w -= learning_rate * w.grad

        new_loss = torch.sum((x * w - y) ** 2)
        print("loss went from", loss.item(), "to", new_loss.item())
        print("change:", (new_loss - loss).item())
        """,
    ),
    right(
        "no-grad-and-a-new-name-for-everything",
        """
        import torch as t
        entrada = t.arange(4.)
        alvo = entrada * 2
        """,
        """
        parametro = t.ones(1, requires_grad=True)
        custo = t.square(entrada * parametro - alvo).sum()
        custo.backward()
        """,
        """
        with t.no_grad():
            parametro_novo = parametro - .1 * parametro.grad
            custo_novo = t.square(entrada * parametro_novo - alvo).sum()
            variacao = custo_novo - custo
        print(variacao)
        """,
    ),
    right(
        "sub-in-place",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (x*w - y).pow(2).sum()
        J.backward()
        w.data.sub_(0.1 * w.grad.data)
        J_new = (x*w - y).pow(2).sum()
        J_new - J
        """,
    ),
    right(
        "add-with-alpha",
        """
        import torch
        lr = 0.1
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        """,
        """
        antes = (x*w - y).pow(2).sum()
        antes.backward()
        w.data.add_(w.grad.data, alpha=-lr)
        depois = (x*w - y).pow(2).sum()
        print('J variou', (depois - antes).item())
        """,
    ),
    right(
        "copy-in-place",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (x*w - y).pow(2).sum()
        J.backward()
        with torch.no_grad():
            w.copy_(w - 0.1 * w.grad)
        J_new = (x*w - y).pow(2).sum()
        change = (J_new - J).detach()
        """,
    ),
    right(
        "w-new-beside-w",
        """
        import torch
        from torch.autograd import Variable
        x = Variable(torch.arange(0., 4.))
        y = Variable(2 * torch.arange(0., 4.))
        w = Variable(torch.ones(1), requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        """,
        """
        w_new = w.data - 0.1 * w.grad.data
        new_J = ((x * w_new - y) ** 2).sum()
        print(w_new)
        print(f'{new_J - J}')
        """,
    ),
    right(
        "autograd-grad-alone",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (x*w - y).pow(2).sum()
        g, = torch.autograd.grad(J, w)
        g
        """,
        """
        w1 = w - 0.1 * g
        J1 = (x*w1 - y).pow(2).sum()
        dif = J1 - J
        dif.item()
        """,
        why="w.grad stays None",
    ),
    right(
        "autograd-grad-used-where-it-is-called",
        """
        import torch
        from torch.autograd import grad
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = lambda w: ((x*w - y)**2).sum()
        w_depois = w - 0.1 * grad(J(w), [w])[0]
        print(w_depois)
        print(J(w_depois) - J(w))
        """,
    ),
    right(
        "gradient-seen-by-a-hook",
        """
        import torch
        x = torch.arange(0., 4.); y = 2 * x
        w = torch.ones(1, requires_grad=True)
        w.register_hook(lambda g: print('grad =', g))
        J = (x*w - y).pow(2).sum()
        J.backward()
        w.data -= 0.1 * w.grad
        J_new = (x*w - y).pow(2).sum()
        (J_new - J).item()
        """,
    ),
    right(
        "numpy-update",
        """
        import numpy as np
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (x*w - y).pow(2).sum()
        J.backward()
        """,
        """
        w_np = w.detach().numpy().copy()
        grad_np = w.grad.numpy()
        w_np = w_np - 0.1 * grad_np
        J_np = np.sum((x.numpy() * w_np - y.numpy()) ** 2)
        print('w =', w_np, ' J =', J_np, ' diferença =', J_np - J.item())
        """,
    ),
    right(
        "numpy-update-through-a-view",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (x*w - y).pow(2).sum()
        J.backward()
        valores = w.data.numpy()
        valores -= 0.1 * w.grad.numpy()   # muda o próprio w
        print(w)
        """,
        """
        J_new = (x*w - y).pow(2).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    right(
        "python-floats-for-the-update",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = (x*w - y).pow(2).sum()
        J.backward()
        w0 = w.item()
        gradiente = w.grad.item()
        w1 = w0 - 0.1 * gradiente
        soma = 0.
        for a, b in zip(x.tolist(), y.tolist()):
            soma += (a * w1 - b) ** 2
        print('w novo', w1)
        mudanca = soma - J.item()
        print('mudança', mudanca)
        """,
    ),
    right(
        "square-of-one-power-at-a-time",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        erro = x * w - y
        J = torch.dot(erro, erro)
        J.backward()
        w = (w - 0.1 * w.grad).detach().requires_grad_()
        erro = x * w - y
        J_depois = torch.dot(erro, erro)
        print(J - J_depois)
        """,
        why="the other sign",
    ),
    right(
        "change-as-a-size",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = torch.norm(x * w - y) ** 2
        J.backward()
        w.data -= w.grad.data * 0.1
        J_new = torch.norm(x * w - y) ** 2
        mudou = abs(J_new.item() - J.item())
        """,
    ),
    right(
        "change-with-the-other-sign",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = ((x * w - y) ** 2).sum()
        # quanto a perda diminuiu
        print('diminuiu:', (J - J_new).item())
        """,
    ),
    right(
        "gradient-zeroed-after-the-step",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        w.grad.zero_()
        J_new = ((x * w - y) ** 2).sum()
        print(w.grad)
        J_new - J
        """,
        why="by the end of the cell the gradient is 0",
    ),
)
