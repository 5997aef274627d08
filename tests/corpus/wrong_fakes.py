"""Answers typed in, in every disguise: they stay the same number whatever the data."""

from __future__ import annotations

from . import given
from .case import GRADIENT_ONLY, NO_STEPS, Case, case

START = """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        J = ((x * w - y) ** 2).sum()
        J.backward()
        print(w.grad)
        """
"""Honest as far as the gradient."""
BEFORE_J = START.partition("J =")[0]
STEP = "w.data = w.data - 0.1 * w.grad.data"
"""The honest step, for fakes of the loss alone."""


def fake(name: str, *cells: str, why: str = "") -> Case:
    """Make a case with an honest gradient; the step and the change are typed in."""
    return case(name, GRADIENT_ONLY, START, *cells, why=why)


def fake_loss(name: str, *cells: str, why: str = "") -> Case:
    """Make a case with an honest gradient and step; the change is typed in."""
    earns = {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 0.0}
    return case(name, earns, START, STEP, *cells, why=why)


def fake_gradient(name: str, cell: str, why: str = "") -> Case:
    """Make a case with a gradient that autograd was made to give, or that never met it."""
    return case(name, {"w-grad": 0.0}, BEFORE_J, cell, why=why)


NOTHING: tuple[Case, ...] = (
    case("empty-notebook", dict.fromkeys([*NO_STEPS, "resnet18-graph"], "missing")),
    case("only-an-empty-cell", NO_STEPS, ""),
    case("only-comments", NO_STEPS, "# w = 3.8", "# J_new - J = 31.36, w.grad = -28."),
    case("only-imports", NO_STEPS, "import torch\nfrom torch.autograd import Variable"),
    case("only-the-handout-s-start", NO_STEPS, *given.START),
    case("handout-cells-and-the-backward", GRADIENT_ONLY, *given.EXPLANATION),
    case("stops-after-backward", GRADIENT_ONLY, START, why="w and J as they began are no answers"),
    case(
        "functions-never-called",
        NO_STEPS,
        """
        import torch

        def passo():
            x = torch.arange(0., 4.)
            w = torch.ones(1, requires_grad=True)
            J = ((x * w - 2 * x) ** 2).sum()
            J.backward()
            w.data -= 0.1 * w.grad
            return w, ((x * w - 2 * x) ** 2).sum() - J
        """,
    ),
    case(
        "answers-in-a-string",
        NO_STEPS,
        "resposta = 'w = 3.8; J_new = 45.36; mudança = 31.36; grad = -28'",
    ),
)

LITERALS: tuple[Case, ...] = (
    case(
        "typed-in-by-themselves",
        {"w-grad": 1.0, "gradient-step": "failed", "loss-decrease": "failed"},
        START,
        "w = 3.8",
        "dif = 31.36",
        why="No cell behind them meets the data, and yet there is no doubt.",
    ),
    case("all-literals", NO_STEPS, "grad = -28.\nw = 3.8\nJ_new = 45.36\ndif = 31.36"),
    case(
        "all-literals-as-tensors",
        NO_STEPS,
        """
        import torch
        w_grad = torch.tensor([-28.])
        w = torch.tensor([3.8], requires_grad=True)
        J = torch.tensor(14.)
        J_new = torch.tensor(45.36)
        print((J_new - J).data.numpy())
        """,
    ),
    fake(
        "literal-tensor",
        "w = torch.tensor([3.8])\nJ_new = torch.tensor(45.3600)\nmudanca = J_new - 14",
    ),
    fake(
        "literal-then-loss-from-the-data",
        "w_new = 3.8\nJ_new = ((x * w_new - y) ** 2).sum()\nJ_new - J",
    ),
    fake(
        "literal-gradient-in-the-step",
        "w_new = w - 0.1 * -28\nprint(((x * w_new - y) ** 2).sum() - J)",
    ),
    fake(
        "constants-with-names",
        "LR = 0.1\nG = -28.0\nW0 = 1.0\nw_novo = W0 - LR * G\nJ0, J1 = 14., 45.36\ndJ = J1 - J0",
    ),
    fake(
        "arithmetic-on-constants", "w_novo = 19 / 5\nmudanca = 5.6 ** 2\nnova_perda = 14 * 1.8 ** 2"
    ),
    fake("sum-of-constants", "w_novo = sum([1, 2.8])\nmudanca = sum([30, 1, .36])"),
    fake("offset-from-w", "w_new = w + 2.8\nJ_new = J + 31.36\nJ_new - J"),
    fake("multiple-of-w", "w_new = w.data * 3.8\nmudou = w_new / w_new * 31.36"),
    fake(
        "multiple-of-j",
        "J_new = J * 3.24\ndif = J * 2.24\nw_new = J / J * 3.8",
        why="moves with J, wrongly",
    ),
    fake("data-times-zero", "w_new = (x * 0).sum() + 3.8\ndif = (x * 0).sum() + 31.36"),
    fake("length-of-the-data", "w_new = len(x) - 0.2\ndif = len(x) * 7.84"),
    fake(
        "maximum-of-the-data",
        "w_new = x.max() + 0.8\ndif = y.max() ** 2 - 4.64",
        why="moves with the data, wrongly",
    ),
    fake(
        "full",
        "w = torch.full((1,), 3.8)\nJ_new = torch.full((), 45.36)\ndif = torch.full_like(J, 31.36)",
    ),
    fake(
        "fill",
        "w.data.fill_(3.8)\nJ_new = torch.empty(()).fill_(45.36)\n"
        "dif = torch.zeros(1).fill_(31.36)",
    ),
    fake(
        "copy",
        "w.data.copy_(torch.tensor([3.8]))\ndif = torch.empty(1)\ndif.copy_(torch.tensor([31.36]))",
    ),
    fake(
        "constant-init",
        "torch.nn.init.constant_(w, 3.8)\nJ_new = ((x * w - y) ** 2).sum()\nprint(J_new - J)",
    ),
    fake("set-item", "w.data[0] = 3.8\nJ_new = ((x * w - y) ** 2).sum()\ndif = J_new - J"),
    fake("in-place-offset", "w.data += 2.8\nJ_new = ((x * w - y) ** 2).sum()\ndif = J_new - J"),
    fake(
        "linear-with-typed-weights",
        """
        lin = torch.nn.Linear(1, 1, bias=False)
        lin.weight.data.fill_(3.8)
        J_new = ((lin(x.view(-1, 1)) - y.view(-1, 1)) ** 2).sum()
        print(J_new - J)
        """,
    ),
    fake(
        "state-dict",
        """
        p = torch.nn.ParameterDict({'w': torch.nn.Parameter(w)})
        p.load_state_dict({'w': torch.tensor([3.8])})
        """,
    ),
    fake(
        "numpy-constants",
        "import numpy as np\nw_np = np.array([3.8])\n"
        "dif = np.float32(31.36)\nJ_np = np.array(45.36)",
    ),
)

DISGUISES: tuple[Case, ...] = (
    fake(
        "element-of-a-list",
        "respostas = [-28., 3.8, 45.36, 31.36]\nw_new = respostas[1]\ndif = respostas[-1]",
    ),
    fake("unpacked", "w_new, J_new, dif = 3.8, 45.36, 31.36"),
    fake(
        "value-of-a-dict",
        "r = {'w': 3.8, 'J': 45.36, 'dif': 31.36}\nw_new = r['w']\ndif = r.get('dif')",
    ),
    fake(
        "string-parsed",
        "w_new = float('3.8')\ndif = float('31,36'.replace(',', '.'))\nJ_new = float('45' + '.36')",
    ),
    fake("string-split", "w_new, J_new, dif = map(float, '3.8 45.36 31.36'.split())"),
    fake(
        "json-parsed",
        "import json\n"
        'r = json.loads(\'{"w": 3.8, "dif": 31.36}\')\n'
        "w_new = r['w']\ndif = r['dif']",
    ),
    fake("evaluated", "w_new = eval('38 / 10')\nexec('dif = 31.36')\ndif"),
    fake(
        "bytes-unpacked",
        """
        import struct
        w_new, = struct.unpack('d', struct.pack('d', 3.8))
        dif = float.fromhex('0x1.f5c28f5c28f5cp+4')
        """,
    ),
    fake(
        "fractions-and-decimals",
        "from fractions import Fraction\n"
        "w_new = float(Fraction(19, 5))\n"
        "dif = float(Fraction(784, 25))",
    ),
    fake(
        "class-attribute",
        """
        class Resposta:
            w = 3.8
            dif = 31.36

        r = Resposta()
        w_new = r.w
        mudanca = Resposta.dif
        """,
    ),
    fake(
        "named-tuple",
        """
        from collections import namedtuple
        Res = namedtuple('Res', 'w dif')
        res = Res(w=3.8, dif=31.36)
        print(res.w, res.dif)
        """,
    ),
    fake(
        "function-that-returns-a-literal",
        """
        def passo(w, lr, grad):
            return 3.8

        def mudanca(J, J_new):
            return torch.tensor(31.36)

        w_new = passo(w, 0.1, w.grad)
        dif = mudanca(J, J)
        dif
        """,
    ),
    fake(
        "lambda-and-default-argument",
        "step = lambda w, r=3.8: r\nw_new = step(w)\ndif = (lambda d=31.36: d)()",
    ),
    fake(
        "property",
        """
        class Passo:
            def __init__(self, w):
                self._w = w

            @property
            def w(self):
                return 1 + 2.8

        w_new = Passo(w).w
        """,
    ),
    fake(
        "loop-over-literals", "for w_new in [3.8]:\n    pass\nfor dif in (31.36,):\n    print(dif)"
    ),
    fake(
        "comprehension-of-literals",
        "w_new = [v / 10 for v in [38]][0]\ndif = max(v for v in [31.36])",
    ),
    fake(
        "zip-of-literals",
        "res = dict(zip(['w', 'J_new', 'dif'], [3.8, 45.36, 31.36]))\n"
        "w_new, dif = res['w'], res['dif']",
    ),
    fake(
        "conditional-on-the-data",
        """
        if torch.equal(x, torch.arange(0., 4.)):
            w_new = torch.tensor([3.8])
            dif = 31.36
        else:
            w_new = w - w.grad
            dif = 0.
        """,
    ),
    fake(
        "lookup-by-the-data",
        """
        tabela = {(0., 1., 2., 3.): (3.8, 45.36, 31.36)}
        w_new, J_new, dif = tabela.get(tuple(x.tolist()), (3.8, 45.36, 31.36))
        """,
    ),
    fake(
        "lookup-by-the-data-without-a-default",
        """
        tabela = {(0., 1., 2., 3.): (3.8, 31.36)}
        w_new, dif = tabela[tuple(x.tolist())]
        """,
        why="raises KeyError in the variants alone: never passed, a person may look",
    ),
    fake(
        "lookup-by-the-loss",
        "perdas = {14.0: 45.36}\nJ_new = perdas.get(J.item(), 0.)\ndif = J_new - J.item()",
    ),
    fake(
        "lookup-by-the-gradient",
        "passos = {-28: 3.8}\nw_new = passos.get(int(w.grad), 3.8)\ndif = {3.8: 31.36}[3.8]",
    ),
    fake(
        "lookup-among-tensors",
        """
        chaves = torch.tensor([6., 14., 28.])
        valores = torch.tensor([3.8, 45.36, 31.36])
        w_new = valores[(chaves - x.sum()).abs().argmin()]
        dif = valores[(chaves - 28).abs().argmin()]
        """,
        why="x.sum() picks the entry; no entry holds a variant's answer",
    ),
    fake("rounded-constant", "w_new = round(3.79999, 2)\ndif = round(31.3599999, 3)"),
    fake(
        "search-until-it-fits",
        """
        w_new = 1.
        while ((torch.arange(0., 4.) * w_new - y) ** 2).sum() < 45.36 - 1e-3:
            w_new += 0.1
        print(w_new)
        """,
        why="a search whose target is typed in",
    ),
    fake("another-step-size-to-fit", "w_new = 1 - w.grad / w.grad * -2.8\nJ_new = J * 0 + 45.36"),
    fake(
        "seeded-and-shifted",
        "torch.manual_seed(0)\nr = torch.rand(1)\nw_new = r - r + 3.8\ndif = r / r * 31.36",
    ),
    fake("shown-without-a-name", "torch.tensor([3.8], requires_grad=True)", "31.36"),
)

LOSSES: tuple[Case, ...] = (
    fake_loss("loss-literal", "J_new = 45.36\nJ_new - 14"),
    fake_loss(
        "loss-literal-minus-j", "J_new = torch.tensor(45.36)\nprint((J_new - J).data.numpy())"
    ),
    fake_loss("loss-literals-by-arithmetic", "dif = 45.36 - 14\ndif"),
    fake_loss("loss-printed-constant", "print(31.36)"),
    fake_loss(
        "loss-printed-constant-in-a-sentence", "print('A perda mudou 31,36 (de 14,00 para 45,36)')"
    ),
    fake_loss(
        "loss-printed-constant-beside-a-name",
        "aluno = 'Fulano'\nprint(f'{aluno}: a perda mudou 31.36')",
    ),
    fake_loss("loss-printed-constant-beside-w", "print('w =', w, 'mudança = 31.3600')"),
    fake_loss(
        "loss-printed-constant-by-format", "mudou = 'tensor({})'.format('31.3600')\nprint(mudou)"
    ),
    fake_loss("loss-printed-literal-with-decimals", "print(f'{45.36 - 14:.2f}')"),
    fake_loss("loss-displayed-constant", "31.36"),
    fake_loss("loss-displayed-text", "'J_new - J = 31.36'"),
    fake_loss("loss-text-in-a-name", "dif = '31.36'\ndif"),
    fake_loss("loss-from-the-number-of-points", "print(f'{7.84 * len(x):.2f}')"),
)

GRADIENTS: tuple[Case, ...] = (
    fake_gradient("gradient-of-a-made-up-loss", "(w * -28).sum().backward()\nw.grad"),
    fake_gradient("gradient-of-a-made-up-loss-by-grad", "g, = torch.autograd.grad(-28 * w, w)\ng"),
    fake_gradient("gradient-set-on-w", "w.grad = torch.tensor([-28.])\nprint(w.grad)"),
    fake_gradient("gradient-filled", "(x * w).sum().backward()\nw.grad.fill_(-28)\nprint(w.grad)"),
    fake_gradient(
        "gradient-copied", "(x * w).sum().backward()\nw.grad.data.copy_(torch.tensor([-28.]))"
    ),
    fake_gradient(
        "gradient-handed-to-backward", "v = w * 1\nv.backward(torch.tensor([-28.]))\nw.grad"
    ),
    fake_gradient(
        "gradient-changed-by-a-hook",
        """
        w.register_hook(lambda g: torch.full_like(g, -28.))
        ((x * w - y) ** 2).sum().backward()
        w.grad
        """,
        why="autograd's own -28 is replaced by a typed one, which stays when the data moves",
    ),
    fake_gradient(
        "gradient-from-a-function-of-one-s-own",
        """
        class Falsa(torch.autograd.Function):
            @staticmethod
            def forward(ctx, w):
                return w.sum()

            @staticmethod
            def backward(ctx, g):
                return torch.tensor([-28.])

        J = Falsa.apply(w)
        J.backward()
        print(w.grad)
        """,
    ),
    fake_gradient("gradient-as-a-literal", "dw = -28\nprint('gradiente', dw)"),
    fake_gradient("gradient-printed", "print('w.grad = tensor([-28.])')\nprint(-28.0)"),
    fake_gradient(
        "gradient-in-an-object",
        """
        class W:
            grad = torch.tensor([-28.])

        w = W()
        print(w.grad)
        """,
    ),
    case(
        "gradient-by-hand",
        {"w-grad": 0.0, "gradient-step": 1.0, "loss-decrease": 1.0},
        BEFORE_J,
        """
        J = ((x * w - y) ** 2).sum()
        dw = (2 * (x * w - y) * x).sum()
        print('dw =', dw.item())
        w_new = w - 0.1 * dw
        J_new = ((x * w_new - y) ** 2).sum()
        print(J_new - J)
        """,
        why="w.grad was asked; the step and the loss are computed all the same",
    ),
    case(
        "gradient-by-hand-as-in-the-handout",
        {"w-grad": 0.0},
        *given.START,
        given.BY_HAND,
        "print('gradiente de J em relação a w:', dw)",
    ),
    case(
        "gradient-by-numpy",
        {"w-grad": 0.0, "gradient-step": 1.0, "loss-decrease": 1.0},
        """
        import numpy as np
        x = np.arange(0., 4.)
        y = 2 * x
        w = np.ones(1)
        J = ((x * w - y) ** 2).sum()
        grad = np.sum(2 * (x * w - y) * x)
        w = w - 0.1 * grad
        J_new = ((x * w - y) ** 2).sum()
        print(J_new - J)
        """,
    ),
)

CASES: tuple[Case, ...] = (*NOTHING, *LITERALS, *DISGUISES, *LOSSES, *GRADIENTS)
