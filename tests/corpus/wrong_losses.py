"""Another loss, another start or other data: nothing of it was asked."""

from __future__ import annotations

from .case import NO_STEPS, Case, case
from .mistaken import CHANGE, DATA, GRADIENT, LINEAR, STEP

CASES: tuple[Case, ...] = (
    case(
        "mean-for-sum",
        NO_STEPS,
        DATA,
        """
        J = ((x * w - y) ** 2).mean()
        J.backward()
        w.data = w.data - lr * w.grad.data
        J_new = ((x * w - y) ** 2).mean()
        print(J_new - J)
        """,
    ),
    case(
        "mean-by-mse-loss",
        NO_STEPS,
        LINEAR,
        """
        loss_fn = nn.MSELoss()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        J = loss_fn(net(x), y)
        J.backward()
        opt.step()
        print((loss_fn(net(x), y) - J).item())
        """,
    ),
    case(
        "half-of-the-sum",
        NO_STEPS,
        DATA,
        """
        J = 0.5 * ((x * w - y) ** 2).sum()
        J.backward()
        with torch.no_grad():
            w -= lr * w.grad
        J_new = 0.5 * ((x * w - y) ** 2).sum()
        dif = J_new - J
        """,
    ),
    case(
        "half-of-the-sum-in-a-function",
        NO_STEPS,
        DATA,
        """
        def custo(w):
            return torch.sum((x * w - y) ** 2) / 2

        g = torch.autograd.grad(custo(w), w)[0]
        w_new = w - lr * g
        print(custo(w_new) - custo(w))
        """,
    ),
    case(
        "absolute-for-square",
        NO_STEPS,
        DATA,
        """
        J = (x * w - y).abs().sum()
        J.backward()
        w.data -= lr * w.grad
        J_new = (x * w - y).abs().sum()
        J_new - J
        """,
    ),
    case(
        "absolute-by-l1-loss",
        NO_STEPS,
        LINEAR,
        """
        criterio = nn.L1Loss(reduction='sum')
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        J = criterio(net(x), y)
        J.backward()
        opt.step()
        print(criterio(net(x), y) - J)
        """,
    ),
    case(
        "no-square",
        NO_STEPS,
        DATA,
        """
        J = (x * w - y).sum()
        J.backward()
        w.data = w.data - lr * w.grad.data
        J_new = (x * w - y).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    case(
        "no-square-in-steps",
        NO_STEPS,
        """
        import torch
        from torch.autograd import Variable
        x = Variable(torch.arange(0., 4.))
        y = Variable(2 * torch.arange(0., 4.))
        w = Variable(torch.ones(1), requires_grad=True)
        e = x * w - y
        J = e.sum()
        J.backward()
        w = w - 0.1 * w.grad.data
        e = x * w - y
        J_new = e.sum()
        mudou = J_new - J
        """,
    ),
    case(
        "w-from-zero",
        NO_STEPS,
        DATA.replace("torch.ones(1", "torch.zeros(1"),
        GRADIENT,
        STEP,
        CHANGE,
    ),
    case(
        "w-from-zero-as-a-scalar",
        NO_STEPS,
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.tensor(0., requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w_new = w.item() - 0.1 * w.grad.item()
        dif = ((x * w_new - y) ** 2).sum().item() - J.item()
        """,
    ),
    case(
        "w-from-chance",
        {**NO_STEPS, "loss-decrease": 0.25},
        DATA.replace("torch.ones(1", "torch.rand(1"),
        GRADIENT,
        STEP,
        CHANGE,
        why="the new loss is right for the w that their own step gave",
    ),
    case(
        "linear-as-it-comes",
        NO_STEPS,
        LINEAR.replace("nn.init.ones_(net.weight)", "net"),
        """
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        J = ((net(x) - y) ** 2).sum()
        J.backward()
        opt.step()
        print(((net(x) - y) ** 2).sum() - J)
        """,
        why="its weight starts at random",
    ),
    case(
        "other-data",
        NO_STEPS,
        DATA.replace("torch.arange(0., 4.)", "torch.arange(1., 5.)"),
        GRADIENT,
        STEP,
        CHANGE,
    ),
)
