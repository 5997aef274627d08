"""The common mistakes of the step, and the share that each leaves."""

from __future__ import annotations

from . import given
from .case import GRADIENT_ONLY, Case, case
from .mistaken import CHANGE, DATA, GRADIENT, LINEAR, SLOW, STEP, ZEROED

CASES: tuple[Case, ...] = (
    case("zeroed-before-the-step", ZEROED, DATA, GRADIENT, "w.grad.data.zero_()", STEP, CHANGE),
    case(
        "zeroed-by-the-handout-s-cell",
        ZEROED,
        *given.EXPLANATION,
        """
        lr = 0.1
        w.data = w.data - lr * w.grad.data
        y_pred = x * w
        J_new = (y_pred - y).pow(2).sum()
        print('mudou', (J_new - J).data.numpy())
        """,
    ),
    case(
        "zeroed-by-the-optimizer",
        ZEROED,
        LINEAR,
        """
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        J = ((net(x) - y) ** 2).sum()
        J.backward()
        opt.zero_grad(set_to_none=False)
        opt.step()
        J_new = ((net(x) - y) ** 2).sum()
        dif = J_new - J
        """,
    ),
    case(
        "zeroed-to-none-by-the-optimizer",
        ZEROED,
        DATA,
        """
        opt = torch.optim.SGD([w], lr=0.1)
        J = F.mse_loss(x * w, y, reduction='sum')
        J.backward()
        opt.zero_grad()
        opt.step()
        J_new = F.mse_loss(x * w, y, reduction='sum')
        print('mudança', J_new.item() - J.item())
        """,
        why="zero_grad sets None by default: the step does nothing",
    ),
    case(
        "zeroed-in-a-function",
        ZEROED,
        DATA,
        """
        def passo(w):
            J = ((x * w - y) ** 2).sum()
            J.backward()
            w.grad = torch.zeros_like(w)
            with torch.no_grad():
                w_new = w - 0.1 * w.grad
            return w_new, ((x * w_new - y) ** 2).sum() - J

        w_new, dif = passo(w)
        """,
    ),
    case("lr-001", SLOW, DATA, GRADIENT, "lr = 0.01", STEP, CHANGE),
    case(
        "lr-001-by-sgd",
        SLOW,
        LINEAR,
        """
        opt = torch.optim.SGD(net.parameters(), lr=0.01)
        loss = nn.MSELoss(reduction='sum')(net(x), y)
        loss.backward()
        opt.step()
        loss_new = nn.MSELoss(reduction='sum')(net(x), y)
        print('change', (loss_new - loss).item())
        """,
    ),
    case(
        "lr-001-in-a-class",
        SLOW,
        """
        import torch

        class M:
            lr = 1e-2

            def __init__(self):
                self.x = torch.arange(0., 4.)
                self.y = 2 * self.x
                self.w = torch.ones(1, requires_grad=True)

            def J(self):
                return ((self.x * self.w - self.y) ** 2).sum()

        m = M()
        J = m.J()
        J.backward()
        m.w.data -= m.lr * m.w.grad
        dif = m.J() - J
        """,
    ),
    case("lr-1", GRADIENT_ONLY, DATA, GRADIENT, "w.data = w.data - w.grad.data", CHANGE),
    case(
        "lr-1-by-sgd",
        GRADIENT_ONLY,
        DATA,
        "opt = torch.optim.SGD([w], lr=1.)",
        GRADIENT,
        "opt.step()",
        CHANGE,
    ),
    case(
        "backward-twice",
        GRADIENT_ONLY,
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward(retain_graph=True)
        J.backward()
        print(w.grad)
        """,
        STEP,
        CHANGE,
        why="-28 was seen after the first backward",
    ),
    case("backward-in-two-cells", GRADIENT_ONLY, DATA, GRADIENT, GRADIENT, STEP, CHANGE),
    case(
        "backward-on-top-of-the-handout-s",
        GRADIENT_ONLY,
        *given.START,
        given.BACKWARD,
        """
        # atividade 1
        y_pred = x * w
        J = (y_pred - y).pow(2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = (x * w - y).pow(2).sum()
        (J_new - J).item()
        """,
        why="the gradients add up: nothing zeroed them in between",
    ),
    case("plus-sign", GRADIENT_ONLY, DATA, GRADIENT, "w.data = w.data + lr * w.grad.data", CHANGE),
    case(
        "plus-sign-by-add",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        "w.data.add_(w.grad, alpha=lr)\nw",
        CHANGE,
    ),
    case(
        "plus-sign-by-maximize",
        GRADIENT_ONLY,
        LINEAR,
        """
        opt = torch.optim.SGD(net.parameters(), lr=0.1, maximize=True)
        J = ((net(x) - y) ** 2).sum()
        J.backward()
        opt.step()
        J_new = ((net(x) - y) ** 2).sum()
        dif = J_new - J
        """,
    ),
    case(
        "x-times-w-plus-lr",
        GRADIENT_ONLY,
        *given.EXPLANATION,
        """
        lr = 0.1
        y_pred = x * (w + lr)
        J_new = (y_pred - y).pow(2).sum()
        print('mudou', (J_new - J).data.numpy())
        """,
    ),
    case(
        "x-times-w-plus-lr-with-a-name",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        """
        w_new = w + 0.1
        J_new = ((x * w_new - y) ** 2).sum()
        J_new - J
        """,
    ),
    case("plus-sign-and-lr-001", GRADIENT_ONLY, DATA, GRADIENT, "w.data += 0.01 * w.grad", CHANGE),
    case(
        "adam-in-place-of-a-plain-step",
        GRADIENT_ONLY,
        DATA,
        "opt = torch.optim.Adam([w], lr=0.1)",
        GRADIENT,
        "opt.step()",
        CHANGE,
    ),
    case(
        "two-steps-at-once",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        "w_new = w.data - 2 * lr * w.grad",
        """
        J_new = ((x * w_new - y) ** 2).sum()
        print(J_new - J)
        """,
    ),
)
