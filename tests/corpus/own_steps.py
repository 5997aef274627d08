"""Steps that no known mistake explains: a new loss that is right for them earns a quarter."""

from __future__ import annotations

from .case import GRADIENT_ONLY, Case, case
from .mistaken import CHANGE, DATA, GRADIENT, LINEAR

QUARTER = {**GRADIENT_ONLY, "loss-decrease": 0.25}

CASES: tuple[Case, ...] = (
    case("step-of-another-rate", QUARTER, DATA, GRADIENT, "w.data -= 0.3 * w.grad", CHANGE),
    case(
        "step-of-another-rate-by-sgd",
        QUARTER,
        LINEAR,
        """
        opt = torch.optim.SGD(net.parameters(), lr=0.07)
        J = ((net(x) - y) ** 2).sum()
        J.backward()
        opt.step()
        J_new = ((net(x) - y) ** 2).sum()
        print(J_new - J)
        """,
    ),
    case(
        "step-of-another-rate-in-functions",
        {"w-grad": 1.0, "loss-decrease": 0.25},
        DATA,
        """
        def perda(v):
            return ((x * v - y) ** 2).sum()

        def passo(v, rate):
            perda(v).backward()
            return v - rate * v.grad

        w2 = passo(w, 0.3)
        dif = perda(w2) - perda(w)
        """,
    ),
    case(
        "step-of-another-rate-by-hand",
        {**QUARTER, "w-grad": 0.0},
        """
        import numpy as np
        x = np.arange(0., 4.)
        y = 2 * x
        w = np.ones(1)
        J = np.sum((x * w - y) ** 2)
        dw = np.sum(2 * (x * w - y) * x)
        w_new = w - 0.3 * dw
        print('J mudou', np.sum((x * w_new - y) ** 2) - J)
        """,
    ),
    case(
        "step-without-the-old-weight", QUARTER, DATA, GRADIENT, "w.data = lr * w.grad.data", CHANGE
    ),
    case(
        "new-loss-after-another-rate",
        QUARTER,
        DATA,
        GRADIENT,
        "w_new = w - 0.3 * w.grad",
        "print('J nova %.3f' % ((x * w_new - y) ** 2).sum().item())",
    ),
    case(
        "step-of-another-rate-and-a-loss-typed-in",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        "w.data -= 0.3 * w.grad",
        "J_new = 766.64\nprint(J_new - 14)",
    ),
    case(
        "step-of-another-rate-and-a-scan",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        "w.data -= 0.3 * w.grad",
        "for v in torch.linspace(0, 10, 101):\n    print(((x * v - y) ** 2).sum() - J)",
    ),
    case(
        "rates-tried-from-the-start-each",
        GRADIENT_ONLY,
        DATA,
        """
        for lr in [0.05, 0.3, 0.07]:
            w = torch.ones(1, requires_grad=True)
            J = ((x * w - y) ** 2).sum()
            J.backward()
            w.data -= lr * w.grad
            J_new = ((x * w - y) ** 2).sum()
            print(lr, w, J_new - J)
        """,
    ),
    case(
        "weight-typed-in-after-the-gradient",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        "w.data = torch.tensor([5.5])",
        CHANGE,
    ),
)
