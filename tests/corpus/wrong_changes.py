"""The step is right, the change of the loss is not, or not there."""

from __future__ import annotations

from . import given
from .case import GRADIENT_ONLY, Case, case
from .mistaken import DATA, GRADIENT, LINEAR, NO_CHANGE, STEP, STEP_ONLY

CASES: tuple[Case, ...] = (
    case(
        "prediction-not-recomputed",
        STEP_ONLY,
        DATA,
        "y_pred = x * w",
        """
        J = ((y_pred - y) ** 2).sum()
        J.backward()
        """,
        STEP,
        """
        J_new = ((y_pred - y) ** 2).sum()
        print((J_new - J).data.numpy())
        """,
    ),
    case(
        "prediction-not-recomputed-in-the-handout-s-names",
        STEP_ONLY,
        *given.START,
        """
        J.backward()
        lr = 0.1
        w.data = w.data - lr * w.grad.data
        J_new = e.pow(2).sum()
        dif = J_new - J
        dif
        """,
    ),
    case(
        "eps-change-in-place-of-the-loss",
        STEP_ONLY,
        *given.EXPLANATION,
        """
        w.grad = None
        J = (x * w - y).pow(2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        """,
        """
        # célula 1.3.1
        print('J diminuiu', (J_new - J).data.numpy())
        """,
        why="J_new is still the one with w + eps",
    ),
    case(
        "eps-change-with-a-name",
        GRADIENT_ONLY,
        DATA,
        GRADIENT,
        """
        eps = 0.001
        J_eps = ((x * (w + eps) - y) ** 2).sum()
        diminuiu = J_eps - J
        print(diminuiu)
        """,
    ),
    case(
        "eps-change-typed-in", GRADIENT_ONLY, DATA, GRADIENT, "dif = -0.02799\nprint(-0.027988434)"
    ),
    case("loss-never-recomputed", STEP_ONLY, DATA, GRADIENT, STEP),
    case(
        "new-loss-without-the-change",
        NO_CHANGE,
        DATA,
        GRADIENT,
        STEP,
        "J_new = ((x * w - y) ** 2).sum()\nJ_new",
    ),
    case(
        "new-loss-only-printed",
        NO_CHANGE,
        DATA,
        GRADIENT,
        STEP,
        """
        print('nova perda: %.2f' % ((x * w - y) ** 2).sum().item())
        """,
    ),
    case(
        "both-losses-without-the-change",
        NO_CHANGE,
        DATA,
        GRADIENT,
        STEP,
        """
        J_new = ((x * w - y) ** 2).sum()
        print(f'J antes {J.item():.2f}, J depois {J_new.item():.2f}')
        if J_new > J:
            print('aumentou!')
        """,
    ),
    case(
        "losses-in-a-list-without-the-change",
        NO_CHANGE,
        DATA,
        """
        losses = []
        for epoch in range(5):
            J = ((x * w - y) ** 2).sum()
            J.backward()
            w.data -= lr * w.grad
            w.grad.zero_()
            losses.append(J.item())
        print(losses)
        """,
    ),
    case(
        "loss-at-each-epoch-without-the-change",
        NO_CHANGE,
        LINEAR,
        """
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(3):
            opt.zero_grad()
            loss = ((net(x) - y) ** 2).sum()
            loss.backward()
            opt.step()
            print(f'epoch {epoch} loss {loss.item():.4f}')
        """,
    ),
    case(
        "old-loss-typed-in",
        NO_CHANGE,
        DATA,
        GRADIENT,
        STEP,
        """
        J_new = ((x * w - y) ** 2).sum()
        print('mudança', J_new.item() - 14)
        """,
        why="the new loss is computed, the change is right for the original data alone",
    ),
    case(
        "change-as-a-percentage",
        NO_CHANGE,
        DATA,
        GRADIENT,
        STEP,
        """
        J_new = ((x * w - y) ** 2).sum()
        print('J variou %.0f%%' % ((J_new / J - 1) * 100).item())
        """,
    ),
)
