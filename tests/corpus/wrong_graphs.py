"""Graphs that are not the autograd graph of resnet18."""

from __future__ import annotations

from . import given
from .case import Case, case, graph

NET = """
        import torch
        from torchvision import models
        from torchviz import make_dot
        xin = torch.randn(1, 3, 224, 224)
        """


def wrong(name: str, *cells: str, why: str = "") -> Case:
    """Make a case with a graph that earns nothing."""
    return graph(name, *cells, share=0.0, why=why)


CASES: tuple[Case, ...] = (
    wrong(
        "digraph-by-hand",
        """
        from graphviz import Digraph
        resnet18 = Digraph('resnet18')
        resnet18.node('entrada', 'xin')
        resnet18.node('conv1', 'ConvolutionBackward0')
        resnet18.node('bn1', 'NativeBatchNormBackward0')
        resnet18.node('fc', 'AddmmBackward0')
        resnet18.edges([('entrada', 'conv1')])
        resnet18.edge('conv1', 'bn1')
        resnet18.edge('bn1', 'fc')
        resnet18
        """,
    ),
    wrong(
        "digraph-with-twenty-made-up-convolutions",
        """
        import graphviz
        g = graphviz.Digraph()
        anterior = 'x'
        for i in range(20):
            for op in ['Convolution', 'NativeBatchNorm', 'Relu']:
                nome = f'{op}Backward0_{i}'
                g.node(nome, f'{op}Backward0')
                g.edge(anterior, nome)
                anterior = nome
        g.node('fc', 'AddmmBackward0')
        g.edge(anterior, 'fc')
        g
        """,
    ),
    wrong(
        "dot-source-typed-in",
        """
        from graphviz import Source
        g = Source('digraph { conv1 -> bn1 -> relu -> layer1 -> layer2 -> layer3 -> layer4 -> fc }')
        g
        """,
    ),
    wrong(
        "class-called-resnet18",
        NET,
        """
        class resnet18(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1 = torch.nn.Conv2d(3, 64, 7, 2, 3)
                self.fc = torch.nn.Linear(64, 1000)

            def forward(self, x):
                return self.fc(torch.relu(self.conv1(x)).mean((2, 3)))

        net = resnet18()
        make_dot(net(xin), params=dict(net.named_parameters()))
        """,
    ),
    wrong(
        "eighteen-linear-layers",
        NET,
        """
        camadas = torch.nn.Sequential(*[torch.nn.Linear(8, 8) for _ in range(18)])
        g = make_dot(camadas(torch.randn(1, 8)))
        g
        """,
    ),
    wrong(
        "resnet34",
        NET,
        "rede = models.resnet34()\ny = rede(xin)\n"
        "make_dot(y, params=dict(rede.named_parameters()))",
    ),
    wrong(
        "resnet34-under-the-name-of-resnet18",
        """
        import torch, torchvision, torchviz
        resnet18 = torchvision.models.resnet34()
        y = resnet18(torch.randn(1, 3, 64, 64))
        g = torchviz.make_dot(y)
        """,
    ),
    wrong("resnet50", NET, "resnet = models.resnet50()\ng = make_dot(resnet(xin))\ng"),
    wrong(
        "resnet50-in-a-function",
        """
        import torch
        from torchvision.models import resnet50
        from torchviz import make_dot

        def grafo(tam=64):
            net = resnet50()
            return make_dot(net(torch.randn(1, 3, tam, tam)), params=dict(net.named_parameters()))

        grafo()
        """,
    ),
    wrong("squeezenet", NET, "net = models.squeezenet1_1()\nmake_dot(net(xin))"),
    wrong("mobilenet", NET, "resnet18 = models.mobilenet_v3_small()\nmake_dot(resnet18(xin))"),
    wrong(
        "graph-under-no-grad",
        NET,
        """
        resnet18 = models.resnet18()
        with torch.no_grad():
            y = resnet18(xin)
        g = make_dot(y, params=dict(resnet18.named_parameters()))
        g
        """,
    ),
    wrong(
        "graph-under-no-grad-by-decorator",
        NET,
        """
        @torch.no_grad()
        def inferencia(rede, x):
            return rede.eval()(x)

        make_dot(inferencia(models.resnet18(), xin))
        """,
    ),
    wrong(
        "graph-with-grad-switched-off",
        NET,
        """
        torch.set_grad_enabled(False)
        net = models.resnet18()
        make_dot(net(xin))
        """,
    ),
    wrong(
        "graph-under-inference-mode",
        NET,
        """
        net = models.resnet18()
        with torch.inference_mode():
            y = net(xin)
        make_dot(y)
        """,
    ),
    wrong(
        "graph-of-a-detached-output",
        NET,
        "net = models.resnet18()\ny = net(xin).detach()\nmake_dot(y)",
    ),
    wrong(
        "graph-of-output-data", NET, "net = models.resnet18()\ny = net(xin)\ng = make_dot(y.data)"
    ),
    wrong(
        "graph-of-a-frozen-network",
        NET,
        """
        net = models.resnet18()
        for p in net.parameters():
            p.requires_grad = False
        make_dot(net(xin))
        """,
    ),
    case(
        "graph-of-j",
        {"w-grad": 1.0, "resnet18-graph": 0.0},
        *given.EXPLANATION,
        """
        # grafo
        J = ((w * x) - y).pow(2).sum()
        g = make_dot(J, params={'w': w})
        g
        """,
    ),
    wrong(
        "graph-of-j-beside-the-network",
        """
        import torch
        from torchviz import make_dot
        from torchvision.models import resnet18
        x = torch.arange(0., 4.)
        w = torch.ones(1, requires_grad=True)
        J = (x * w - 2 * x).pow(2).sum()
        net = resnet18()
        saida = net(torch.randn(1, 3, 224, 224))
        make_dot(J, params=dict(net.named_parameters()))
        """,
        why="the network's parameters are named, its output is not given",
    ),
    wrong(
        "graph-of-the-handed-out-y",
        """
        import torch
        from torchviz import make_dot
        y = 2 * torch.arange(0., 4.)
        g = make_dot(y)
        g
        """,
    ),
    wrong("graph-of-a-parameter", NET, "net = models.resnet18()\nmake_dot(next(net.parameters()))"),
    wrong(
        "graph-of-the-first-layer",
        NET,
        "net = models.resnet18()\nmake_dot(net.bn1(net.conv1(xin)))",
    ),
    wrong(
        "graph-of-the-last-layer",
        NET,
        "net = models.resnet18()\nmake_dot(net.fc(torch.randn(1, 512)))",
    ),
    wrong(
        "graph-without-the-last-layer",
        NET,
        """
        net = models.resnet18()
        corpo = torch.nn.Sequential(*list(net.children())[:-1])
        make_dot(corpo(xin))
        """,
    ),
    wrong(
        "graph-of-a-network-cut-in-the-middle",
        NET,
        """
        net = models.resnet18()
        h = net.maxpool(net.relu(net.bn1(net.conv1(xin))))
        h = net.layer2(net.layer1(h)).detach()
        h = net.avgpool(net.layer4(net.layer3(h)))
        make_dot(net.fc(h.flatten(1)))
        """,
    ),
    wrong("network-printed-in-place-of-its-graph", NET, "net = models.resnet18()\nprint(net)"),
    wrong(
        "graph-line-left-commented",
        NET,
        """
        resnet18 = models.resnet18()
        y = resnet18(xin)
        #g = make_dot(y, dict(resnet18.named_parameters()))
        #g
        """,
    ),
    wrong(
        "graph-in-a-function-never-called",
        NET,
        """
        def grafo():
            net = models.resnet18()
            return make_dot(net(xin))
        """,
    ),
    wrong(
        "graph-given-a-module",
        NET,
        "resnet18 = models.resnet18()\nmake_dot(resnet18)",
        why="raises",
    ),
    wrong("graph-source-in-a-string", "g = 'digraph { resnet18 }'\nprint(g)"),
    wrong("empty-digraph", "from graphviz import Digraph\ng = Digraph('resnet18')\ng"),
    wrong(
        "make-dot-of-the-student-s-own",
        """
        from graphviz import Digraph

        def make_dot(saida, params=None):
            g = Digraph()
            g.edge('ConvolutionBackward0', 'AddmmBackward0')
            return g

        make_dot('resnet18')
        """,
    ),
)
