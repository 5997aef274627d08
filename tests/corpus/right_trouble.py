"""Right work among broken cells, wrong attempts, asserts and cells out of order."""

from __future__ import annotations

from . import given
from .case import Case, case, right

DATA = """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        """
STEP = """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        """
CHANGE = """
        J_new = ((x * w - y) ** 2).sum()
        print((J_new - J).data.numpy())
        """

CASES: tuple[Case, ...] = (
    right(
        "wrong-learning-rate-then-right",
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.01 * w.grad.data
        J_new = ((x * w - y) ** 2).sum()
        print(J_new - J)
        """,
        """
        # li de novo: o lr é 0.1!
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        J_new = ((x * w - y) ** 2).sum()
        print(J_new - J)
        """,
    ),
    right(
        "plus-sign-then-right",
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        tentativa1 = w.data + 0.1 * w.grad.data
        """,
        """
        tentativa2 = w.data - 0.1 * w.grad.data
        J_1 = ((x * tentativa1 - y) ** 2).sum()
        J_2 = ((x * tentativa2 - y) ** 2).sum()
        print('errado', J_1 - J)
        print('certo', J_2 - J)
        """,
    ),
    right(
        "right-then-played-with",
        DATA,
        STEP,
        CHANGE,
        """
        # testando outros valores
        lr = 5
        w.data = w.data - lr * w.grad.data
        w = torch.zeros(1)
        J = J_new = 0
        """,
    ),
    right(
        "leaf-error-then-right",
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        """,
        """
        w -= 0.1 * w.grad
        """,
        """
        w.data -= 0.1 * w.grad
        """,
        CHANGE,
        why="the first try raises RuntimeError: a leaf that requires grad",
    ),
    right(
        "second-backward-raises",
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        print(w.grad)
        """,
        "J.backward()",
        """
        w.data = w.data - 0.1 * w.grad.data
        """,
        CHANGE,
        why="RuntimeError: the graph is gone; the gradient stays",
    ),
    right("name-error-in-between", DATA, "print(nao_existe)", STEP, "JJ - J", CHANGE),
    right("zero-division-in-between", DATA, STEP, "1 / 0", CHANGE),
    right(
        "syntax-error-in-between",
        DATA,
        """
        w.data = w.data - lr * (w.grad.data
        print('ops'
        """,
        STEP,
        """
        print "J_new"
        """,
        CHANGE,
    ),
    right(
        "indentation-error-and-prose-in-a-code-cell",
        DATA,
        "  x = 1\n y = 2",
        STEP,
        "O gradiente deu o valor esperado, agora vou recalcular a perda.",
        CHANGE,
    ),
    right(
        "cell-that-raises-after-the-answer",
        DATA,
        STEP,
        """
        J_new = ((x * w - y) ** 2).sum()
        print((J_new - J).data.numpy())
        plt.plot([J.item(), J_new.item()])
        """,
        why="NameError: plt, in the very cell of the answer",
    ),
    right("import-of-a-missing-package", "import pacote_que_nao_existe", DATA, STEP, CHANGE),
    right(
        "file-that-is-not-there",
        "dados = open('/content/drive/dados.csv').read()",
        DATA,
        STEP,
        CHANGE,
    ),
    right("empty-and-comment-cells", "", DATA, "# seu código aqui", STEP, "   ", CHANGE, "pass"),
    right(
        "assert-on-the-gradient",
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        assert w.grad.item() == -28
        w.data = w.data - 0.1 * w.grad.data
        """,
        CHANGE,
    ),
    right(
        "asserts-on-everything",
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        assert J.item() == 14, 'J errado'
        J.backward()
        assert torch.equal(w.grad, torch.tensor([-28.]))
        w.data = w.data - 0.1 * w.grad.data
        assert abs(w.item() - 3.8) < 1e-5
        J_new = ((x * w - y) ** 2).sum()
        dif = J_new - J
        assert torch.allclose(dif, torch.tensor(31.36))
        """,
    ),
    right(
        "assert-inside-a-function",
        """
        import torch

        def passo(x, y, lr):
            w = torch.ones(1, requires_grad=True)
            J = ((x * w - y) ** 2).sum()
            J.backward()
            assert w.grad.item() == -28.0
            w.data -= lr * w.grad
            return w, ((x * w - y) ** 2).sum() - J

        x = torch.arange(0., 4.)
        w, dJ = passo(x, 2 * x, 0.1)
        """,
    ),
    right(
        "change-cell-first",
        CHANGE,
        DATA,
        STEP,
        why="NameError at first; the cell runs again once the name is there",
    ),
    right(
        "change-and-its-loss-first",
        """
        # Atividade 1, resposta
        J_new = ((x * w - y) ** 2).sum()
        mudanca = J_new - J
        print(mudanca)
        """,
        DATA,
        STEP,
    ),
    right("step-cell-first", STEP + CHANGE, DATA, why="all of it happens in the second run"),
    right(
        "function-used-before-its-definition",
        DATA,
        """
        J = perda(w)
        J.backward()
        w = w - 0.1 * w.grad
        J_new = perda(w)
        print(J_new - J)
        """,
        """
        def perda(w):
            return ((x * w - y) ** 2).sum()
        """,
    ),
    right(
        "import-in-the-last-cell",
        DATA.replace("import torch", "# dados"),
        STEP,
        CHANGE,
        "import torch",
    ),
    right(
        "handout-cells-last",
        """
        y_pred = x * w
        J_new = (y_pred - y).pow(2).sum()
        print((J_new - J).data.numpy())
        """,
        *given.START,
        """
        J.backward()
        w.data = w.data - 0.1 * w.grad.data
        """,
    ),
    right(
        "magics-and-shell-lines-around",
        "%matplotlib inline",
        "!ls\n!nvidia-smi",
        DATA,
        STEP,
        CHANGE,
    ),
    right(
        "warnings-silenced-and-a-seed-set",
        """
        import warnings
        warnings.filterwarnings('ignore')
        import torch
        torch.manual_seed(42)
        """,
        DATA,
        STEP,
        CHANGE,
    ),
    right("same-cells-twice", DATA, STEP, CHANGE, DATA, STEP, CHANGE),
    case(
        "raises-when-the-gradient-is-another",
        {"gradient-step": "pending", "loss-decrease": "pending"},
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        if w.grad.item() != -28:
            raise ValueError('gradiente errado')
        w.data = w.data - 0.1 * w.grad.data
        """,
        CHANGE,
        why="no assert statement: the cell raises in every variant, honest as it is",
    ),
    case(
        "tested-with-assert-close",
        {"gradient-step": "pending", "loss-decrease": "pending"},
        DATA,
        """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        torch.testing.assert_close(w.grad, torch.tensor([-28.]))
        w.data = w.data - 0.1 * w.grad.data
        """,
        CHANGE,
        why="a call that raises in every variant, honest as it is",
    ),
)
