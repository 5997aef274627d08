"""The loss under any name, or never named and only shown."""

from __future__ import annotations

from . import given
from .case import Case, case, right

STEP = """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        """
"""Data, gradient and step, for the cases that are about what comes after."""

CASES: tuple[Case, ...] = (
    right("loss-called-j2", STEP, "J2 = ((x * w - y) ** 2).sum()", "dif = J2 - J\ndif"),
    right(
        "loss-called-new-j",
        STEP,
        """
        new_y_pred = x * w
        new_J = (new_y_pred - y).pow(2).sum()
        print(f"J: {J}  new J: {new_J}  change: {new_J - J}")
        """,
    ),
    right(
        "old-loss-kept-as-a-copy",
        STEP,
        """
        J_antigo = J.data.clone()
        J = ((x * w - y) ** 2).sum()
        quanto_mudou = J.data - J_antigo
        quanto_mudou
        """,
    ),
    right(
        "old-loss-kept-as-a-float",
        STEP,
        """
        perda_inicial = float(J)
        J = ((x * w - y) ** 2).sum()
        perda_final = float(J)
        reducao = perda_inicial - perda_final
        print('Redução da perda:', reducao)
        """,
    ),
    right(
        "losses-with-accents-in-their-names",
        STEP,
        """
        variação = ((x * w - y) ** 2).sum().item() - J.item()
        print('variação', variação)
        """,
    ),
    right(
        "change-printed-with-two-decimals",
        STEP,
        """
        print('A perda mudou %.2f' % (((x * w - y) ** 2).sum().item() - J.item()))
        """,
    ),
    right(
        "change-printed-by-an-f-string",
        STEP,
        """
        print(f'A perda mudou {((x * w - y) ** 2).sum().item() - J.item():.2f} depois de um passo')
        """,
    ),
    right(
        "change-printed-with-one-decimal",
        STEP,
        """
        print('aumento de {:.1f} em J'.format((((x * w - y) ** 2).sum() - J).item()))
        """,
        why="three significant digits: it counts to its printed precision",
    ),
    right(
        "change-printed-with-a-comma",
        STEP,
        """
        print(f'A perda mudou {((x * w - y) ** 2).sum().item() - J.item():.2f}'.replace('.', ','))
        """,
        why="31,36",
    ),
    right(
        "change-printed-with-a-comma-and-a-unit",
        STEP,
        "antes = J.item()\n"
        "print('ΔJ = ' + str(round(((x * w - y) ** 2).sum().item() - antes, 3))"
        ".replace('.', ',') + ' (subiu)')",
    ),
    right(
        "decrease-printed-as-a-negative-number",
        STEP,
        """
        print('diminuiu', round(J.item() - ((x * w - y) ** 2).sum().item(), 2))
        """,
    ),
    right(
        "change-printed-as-a-tensor",
        STEP,
        """
        print(((x * w - y) ** 2).sum() - J)
        """,
        why="tensor(31.3600, grad_fn=<SubBackward0>)",
    ),
    right(
        "change-printed-as-an-array",
        STEP,
        """
        print(((x * w - y).pow(2).sum() - J).data.numpy())
        """,
    ),
    right(
        "change-only-displayed",
        STEP,
        """
        # quanto mudou:
        ((x * w - y) ** 2).sum() - J
        """,
    ),
    right(
        "change-only-displayed-by-display",
        STEP,
        """
        from IPython.display import display
        display((((x * w - y) ** 2).sum() - J).item())
        """,
    ),
    right(
        "change-printed-inside-a-sentence-of-numbers",
        STEP,
        "print(f'lr=0.1: w foi de 1.0 para {w.item():.3f} e J de {J.item():.2f} para '\n"
        "      f'{((x*w-y)**2).sum().item():.2f}, "
        "ou seja {((x*w-y)**2).sum().item() - J.item():+.2f}')",
    ),
    right(
        "everything-only-printed",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        ((x * w - y) ** 2).sum().backward()
        print(w.grad)
        print(((x * (w - 0.1 * w.grad) - y) ** 2).sum() - ((x * w - y) ** 2).sum())
        with torch.no_grad():
            w -= 0.1 * w.grad
        print(w)
        """,
    ),
    right(
        "change-written-to-standard-output",
        STEP,
        """
        import sys
        J_depois = ((x * w - y) ** 2).sum()
        sys.stdout.write('mudança de %g\\n' % (J_depois - J).item())
        """,
    ),
    right(
        "change-rounded-and-named",
        STEP,
        """
        dif = round((((x * w - y) ** 2).sum() - J).item(), 2)
        print('J aumentou', dif)
        """,
        why="two decimals are within the tolerance",
    ),
    case(
        "handout-cells-and-the-change-from-the-handout",
        {"w-grad": 1.0, "gradient-step": 1.0},
        *given.START,
        """
        J.backward()
        print(w.grad)
        """,
        """
        lr = 0.1
        w.data = w.data - lr * w.grad.data
        print('novo w:', w)
        """,
        """
        y_pred = x * w
        J_new = (y_pred - y).pow(2).sum()
        J_new
        """,
        given.CHANGE,
        why="the exercise says to run the handout's cell again: only that cell subtracts",
    ),
)
