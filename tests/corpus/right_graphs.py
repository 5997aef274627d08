"""Every right way to the graph of resnet18."""

from __future__ import annotations

from . import given
from .case import Case, graph

NET = """
        import torch
        from torchvision import models
        from torchviz import make_dot
        xin = torch.randn(1, 3, 224, 224)
        resnet18 = models.resnet18()
        """
NET_AND_OUTPUT = NET.rstrip(" ") + "        y = resnet18(xin)\n"

CASES: tuple[Case, ...] = (
    graph(
        "graph-assigned-and-displayed",
        """
        import torch
        from torch.autograd import Variable
        from torchviz import make_dot, make_dot_from_trace
        """,
        """
        %pip install torchvision
        from torchvision import models
        xin = torch.randn(1,3,224,224)
        resnet18 = models.resnet18()
        y = resnet18(Variable(xin))
        g = make_dot(y, dict(resnet18.named_parameters()))
        g
        """,
    ),
    graph(
        "graph-after-the-handout-cells",
        *given.EXPLANATION,
        """
        from torchvision import models
        xin = torch.randn(1,3,224,224)
        resnet18 = models.resnet18()
        y = resnet18(Variable(xin))
        g = make_dot(y, params=dict(resnet18.named_parameters()))
        g
        """,
    ),
    graph(
        "graph-assigned",
        NET_AND_OUTPUT,
        "grafo = make_dot(y, params=dict(resnet18.named_parameters()))",
    ),
    graph(
        "graph-only-displayed",
        NET_AND_OUTPUT,
        "make_dot(y, params=dict(resnet18.named_parameters()))",
    ),
    graph("graph-displayed-by-display", NET_AND_OUTPUT, "display(make_dot(y))"),
    graph("graph-in-one-expression", NET, "make_dot(resnet18(xin))"),
    graph(
        "graph-rendered-in-one-expression",
        NET_AND_OUTPUT,
        "make_dot(y).render('g')",
        why="raises where there is no dot program; the graph was made all the same",
    ),
    graph(
        "graph-rendered-as-png",
        NET_AND_OUTPUT,
        """
        g = make_dot(y, params=dict(resnet18.named_parameters()))
        g.format = 'png'
        g.render('resnet18_graph', view=False, cleanup=True)
        """,
        """
        from IPython.display import Image
        Image('resnet18_graph.png')
        """,
    ),
    graph(
        "graph-piped",
        NET_AND_OUTPUT,
        "from IPython.display import SVG\nSVG(make_dot(y).pipe(format='svg'))",
    ),
    graph("graph-saved-as-source", NET_AND_OUTPUT, "g = make_dot(y)\ng.save('resnet18.dot')"),
    graph("graph-source-printed", NET_AND_OUTPUT, "dot = make_dot(y)\nprint(dot.source[:500])"),
    graph(
        "graph-resized",
        NET_AND_OUTPUT,
        """
        g = make_dot(y)
        g.graph_attr.update(size='12,120')
        g.attr(rankdir='LR')
        g
        """,
    ),
    graph("graph-of-a-batch-of-two", NET, "g = make_dot(resnet18(torch.randn(2, 3, 224, 224)))"),
    graph(
        "graph-of-a-small-image", NET, "saida = resnet18(torch.rand(1, 3, 64, 64))\nmake_dot(saida)"
    ),
    graph("graph-of-a-small-batch", NET, "make_dot(resnet18(torch.zeros(4, 3, 96, 128)))"),
    graph(
        "graph-in-eval-mode",
        NET,
        """
        resnet18.eval()
        y = resnet18(xin)
        g = make_dot(y, params=dict(resnet18.named_parameters()))
        """,
    ),
    graph("graph-without-params", NET_AND_OUTPUT, "g = make_dot(y)\ng"),
    graph(
        "graph-with-params-as-a-second-argument",
        NET_AND_OUTPUT,
        "make_dot(y, dict(resnet18.named_parameters()))",
    ),
    graph(
        "graph-with-the-input-among-params",
        NET,
        """
        xin.requires_grad_(True)
        y = resnet18(xin)
        make_dot(y, params=dict(list(resnet18.named_parameters()) + [('xin', xin)]))
        """,
    ),
    graph(
        "graph-of-an-input-that-requires-grad",
        NET,
        "xin.requires_grad = True\nmake_dot(resnet18(xin))",
    ),
    graph("graph-with-attributes", NET_AND_OUTPUT, "make_dot(y, show_attrs=True)"),
    graph(
        "graph-with-attributes-and-saved-tensors",
        NET_AND_OUTPUT,
        "g = make_dot(y, params=dict(resnet18.named_parameters()), "
        "show_attrs=True, show_saved=True)",
    ),
    graph(
        "graph-of-the-mean",
        NET_AND_OUTPUT,
        "g = make_dot(y.mean(), params=dict(resnet18.named_parameters()))\ng",
    ),
    graph("graph-of-the-sum", NET_AND_OUTPUT, "make_dot(y.sum())"),
    graph(
        "graph-with-weights-by-name",
        """
        import torch
        from torchvision.models import resnet18
        from torchviz import make_dot
        model = resnet18(weights='IMAGENET1K_V1')
        make_dot(model(torch.randn(1, 3, 224, 224)), params=dict(model.named_parameters()))
        """,
        why="no download: the weights are random, and the report says so",
    ),
    graph(
        "graph-with-weights-by-enum",
        """
        import torch
        import torchvision
        from torchviz import make_dot
        from torchvision.models import resnet18, ResNet18_Weights
        rede = resnet18(weights=ResNet18_Weights.DEFAULT).eval()
        imagem = torch.rand(1, 3, 224, 224)
        grafo = make_dot(rede(imagem))
        grafo
        """,
    ),
    graph(
        "graph-pretrained",
        NET,
        """
        resnet18 = models.resnet18(pretrained=True)
        g = make_dot(resnet18(xin), params=dict(resnet18.named_parameters()))
        g
        """,
    ),
    graph(
        "graph-not-pretrained", NET, "net = models.resnet18(pretrained=False)\nmake_dot(net(xin))"
    ),
    graph(
        "graph-from-the-hub",
        """
        import torch
        from torchviz import make_dot
        model = torch.hub.load('pytorch/vision:v0.10.0', 'resnet18', pretrained=True)
        model.eval()
        """,
        """
        y = model(torch.randn(1, 3, 224, 224))
        make_dot(y, params=dict(model.named_parameters()))
        """,
    ),
    graph(
        "graph-by-get-model",
        """
        import torch, torchvision, torchviz
        rede = torchvision.models.get_model('resnet18', weights=None)
        torchviz.make_dot(rede(torch.randn(1, 3, 224, 224)))
        """,
    ),
    graph(
        "graph-of-an-imported-resnet18",
        """
        from torchvision.models import resnet18
        import torch
        from torchviz import make_dot
        net = resnet18()
        out = net(torch.ones(1, 3, 224, 224))
        dot = make_dot(out)
        """,
    ),
    graph(
        "graph-by-the-module-name",
        """
        import torch
        import torchvision.models as models
        import torchviz
        resnet18 = models.resnet18()
        y = resnet18(torch.randn(1, 3, 224, 224))
        torchviz.make_dot(y, params=dict(resnet18.named_parameters()))
        """,
    ),
    graph(
        "graph-by-another-name",
        """
        import torch as th
        from torchvision.models import resnet18 as rede
        from torchviz import make_dot as desenha
        r = rede()
        desenha(r(th.randn(1, 3, 224, 224)), dict(r.named_parameters()))
        """,
    ),
    graph(
        "graph-inside-a-function",
        """
        import torch
        from torchvision import models
        from torchviz import make_dot

        def visualiza(nome, tamanho=224):
            rede = getattr(models, nome)()
            y = rede(torch.randn(1, 3, tamanho, tamanho))
            return make_dot(y, params=dict(rede.named_parameters()))

        visualiza('resnet18')
        """,
    ),
    graph(
        "graph-inside-a-function-that-only-renders",
        """
        def desenhar_rede():
            import torch
            from torchvision.models import resnet18
            from torchviz import make_dot
            net = resnet18()
            make_dot(net(torch.randn(1, 3, 224, 224))).render('rede', format='pdf')

        desenhar_rede()
        """,
    ),
    graph(
        "graph-in-a-dict-among-others",
        NET,
        """
        grafos = {}
        for nome in ['squeezenet1_1', 'resnet18']:
            grafos[nome] = make_dot(getattr(models, nome)()(xin))
        grafos['resnet18']
        """,
    ),
    graph(
        "graph-of-another-network-then-right",
        NET,
        """
        outra = models.resnet34()
        make_dot(outra(xin))
        """,
        """
        # era a 18
        make_dot(resnet18(xin))
        """,
    ),
    graph(
        "graph-after-a-broken-try",
        """
        import torch
        from torchvision import models
        resnet18 = models.resnet18()
        y = resnet18(torch.randn(3, 224))
        g = make_dot(y)
        """,
        """
        from torchviz import make_dot
        g = make_dot(resnet18(torch.randn(1, 3, 224, 224)))
        """,
        why="the first cell raises: the shape is wrong",
    ),
    graph(
        "graph-cell-before-the-import",
        """
        import torch
        from torchvision import models
        resnet18 = models.resnet18()
        g = make_dot(resnet18(torch.randn(1, 3, 224, 224)))
        """,
        "from torchviz import make_dot",
        why="NameError at first; the cell runs again once the name is there",
    ),
    graph(
        "graph-on-the-device-at-hand",
        NET,
        """
        device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        resnet18 = resnet18.to(device)
        y = resnet18(xin.to(device))
        make_dot(y, params=dict(resnet18.named_parameters()))
        """,
    ),
)

PIP_LINES: tuple[tuple[str, str], ...] = (
    ("bang", "!pip install torchviz"),
    ("bang-quiet", "!pip install -q torchviz graphviz > /dev/null"),
    ("magic", "%pip install torchviz"),
    ("bare", "pip install torchviz"),
    ("git", "!pip install git+https://github.com/szagoruyko/pytorchviz"),
    ("magic-git", "%pip install -q git+https://github.com/szagoruyko/pytorchviz.git@master"),
    ("python-m", "!python -m pip install --upgrade torchviz"),
    ("sys-executable", "import sys\n!{sys.executable} -m pip install torchviz"),
    ("pip3-and-apt", "!apt-get -qq install -y graphviz\n!pip3 install torchviz"),
    ("several", "!pip install graphviz\n%pip install torchvision\n!pip install torchviz"),
    ("conda", "%conda install -y graphviz"),
    ("in-an-if", "if True:\n    !pip install torchviz"),
    ("in-a-try", "try:\n    import torchviz\nexcept ImportError:\n    !pip install torchviz"),
)
"""Ways to install, by what they are called."""

BODY = """\
import torch
from torchvision import models
from torchviz import make_dot
resnet18 = models.resnet18()
y = resnet18(torch.randn(1, 3, 224, 224))
make_dot(y, params=dict(resnet18.named_parameters()))"""

CASES += tuple(
    graph(f"graph-with-pip-{name}-in-its-cell", f"{line}\n{BODY}") for name, line in PIP_LINES
)
CASES += tuple(
    graph(f"graph-with-pip-{name}-in-a-cell-of-its-own", line, BODY)
    for name, line in PIP_LINES
    if name in {"bang", "magic", "bare", "git"}
)
CASES += (graph("graph-with-pip-captured", "%%capture\n!pip install torchviz", BODY),)
