"""Installs are skipped, and weights that would be downloaded are random."""

from __future__ import annotations

import ast
import builtins
import sys

import pytest
import torch
import torchvision
from IPython.core.inputtransformer2 import TransformerManager

from grader.kernel.portability import offline
from grader.kernel.portability.offline import SKIP_NAME, skip_installs
from tests.support.recording import Recording, of_kind


def transformed(cell: str) -> str:
    """A cell as IPython compiles it."""
    manager = TransformerManager()
    manager.cleanup_transforms.append(skip_installs)
    return manager.transform_cell(cell)


def skipped(cell: str) -> list[str]:
    """The commands of a cell that are skipped."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(transformed(cell)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == SKIP_NAME
    ]


@pytest.mark.parametrize(
    "command",
    [
        "!pip install torchviz",
        "! pip install -q torchviz",
        "!!pip install torchviz",
        "!pip3 install torchviz",
        "!pip3.11 install -U torch torchvision",
        "%pip install torchviz",
        "pip install torchviz",
        "pip -q install torchviz",
        "pip install git+https://github.com/szagoruyko/pytorchviz",
        "!pip install 'torch>=2' \"x[y]\"",
        "!pip uninstall -y torch",
        "!python -m pip install torchviz",
        "!python3 -m pip install torchviz",
        "!/usr/bin/python3 -m pip install torchviz",
        "!{sys.executable} -m pip install torchviz",
        '!"{sys.executable}" -m pip install torchviz',
        "!sudo apt-get install -y graphviz",
        "!apt-get -qq install graphviz",
        "!apt-get update",
        "!apt install graphviz",
        "%conda install torchviz",
        "!conda install -y -c conda-forge graphviz",
        "!mamba install graphviz",
        "!uv pip install torchviz",
        "!uv add torchviz",
        "!pip install torchviz && echo done",
        "!pip install torchviz > /dev/null 2>&1  # quiet",
    ],
)
def test_an_install_is_skipped_and_told(command):
    assert [command] == skipped(command)


@pytest.mark.parametrize(
    "source",
    [
        "import pip",
        "pip = 1",
        "pip.install('x')",
        "x = 'pip install torch'",
        "# pip install torch",
        "print('!pip install torch')",
        "!echo pip install",
        "%pip list",
        "!pip --version",
        'text = """\npip install torch\n!pip install x\n"""',
        "def f():\n    '''Needs:\n\n    pip install torch\n    '''\n",
        "f'''\npip install {1}\n'''",
    ],
)
def test_what_is_no_install_stays(source):
    plain = TransformerManager().transform_cell(source)
    assert plain == transformed(source)


def test_the_lines_after_an_install_keep_their_numbers():
    cell = "import os\n!pip install a \\\n   b \\\n   c\nx = 1\n"
    assert (["!pip install a"], 5) == (skipped(cell), ast.parse(transformed(cell)).body[-1].lineno)


def test_an_install_in_a_block_keeps_its_indentation():
    cell = (
        "try:\n    import torchviz\nexcept ImportError:\n"
        "    !pip install torchviz\n    import torchviz\nx = 1\n"
    )
    assert (["!pip install torchviz"], 6) == (
        skipped(cell),
        ast.parse(transformed(cell)).body[-1].lineno,
    )


def test_an_install_that_is_assigned_still_assigns():
    cell = "out = !pip install torchviz\nx = out\n"
    assert (["!pip install torchviz"], ["out"]) == (
        skipped(cell),
        [target.id for target in ast.parse(transformed(cell)).body[0].targets],
    )


def test_an_install_after_a_string_is_skipped():
    assert ["!pip install x"] == skipped('"""words\npip install y\n"""\n!pip install x\n')


def test_an_install_under_capture_is_skipped():
    assert SKIP_NAME in transformed("%%capture\n!pip install torchviz\n")


def test_a_shell_cell_that_does_nothing_but_install_is_skipped():
    cell = "%%bash\n# tools\npip install torchviz\napt-get install -y graphviz\n"
    assert ["pip install torchviz", "apt-get install -y graphviz"] == skipped(cell)


@pytest.mark.parametrize(
    "cell",
    ["%%bash\necho hi\npip install x\n", "%%writefile r.txt\npip install x\n", "%%html\n<b>"],
)
def test_a_cell_in_another_language_stays(cell):
    assert TransformerManager().transform_cell(cell) == transformed(cell)


def test_an_unfinished_string_does_not_stop_the_search():
    assert skip_installs(["!pip install x\n", "s = '''\n"])[0].startswith(SKIP_NAME)


@pytest.fixture
def recording(monkeypatch):
    """A recorder that stands in for the network; what is replaced is put back."""
    made = Recording()
    for holder, name in (
        (torch.hub, "load"),
        (torch.hub, "load_state_dict_from_url"),
        (torch.nn.Module, "load_state_dict"),
    ):
        monkeypatch.setattr(holder, name, getattr(holder, name))
    api = sys.modules["torchvision.models._api"]
    plain = api.WeightsEnum.__dict__["get_state_dict"]
    monkeypatch.setattr(builtins, SKIP_NAME, None, raising=False)
    offline.install(made.recorder)
    yield made
    api.WeightsEnum.get_state_dict = plain


def notes(recording: Recording) -> list[str]:
    return [event.text for event in of_kind(recording.events(), "note")]


def test_a_skipped_command_is_an_event(recording):
    recording.run(f"{SKIP_NAME}('!pip install x')")
    assert ["!pip install x"] == [event.text for event in of_kind(recording.events(), "skipped")]


def test_weights_are_random_and_the_trace_says_so(recording):
    recording.run(
        "from torchvision.models import resnet18\nnet = resnet18(weights='IMAGENET1K_V1')"
    )
    assert ["random-weights ResNet18_Weights.IMAGENET1K_V1"] == notes(recording)


@pytest.mark.filterwarnings(
    "ignore:The parameter 'pretrained':UserWarning", "ignore:Arguments other than:UserWarning"
)
def test_pretrained_weights_are_random_and_the_trace_says_so(recording):
    recording.run("from torchvision import models\nnet = models.resnet18(pretrained=True)")
    assert ["random-weights ResNet18_Weights.IMAGENET1K_V1"] == notes(recording)


@pytest.mark.parametrize(
    "call",
    [
        "torch.hub.load('pytorch/vision:v0.10.0', 'resnet18', weights=None, verbose=False)",
        "torch.hub.load(repo_or_dir='pytorch/vision', model='resnet18', trust_repo=True)",
    ],
)
def test_a_network_of_the_hub_comes_from_torchvision(recording, call):
    recording.run(f"import torch\nnet = {call}")
    assert (torchvision.models.ResNet, ["random-weights resnet18"]) == (
        type(recording.names["net"]),
        notes(recording),
    )


def test_another_repository_of_the_hub_says_that_there_is_no_network(recording):
    with pytest.raises(RuntimeError, match="no network"):
        recording.run("import torch\ntorch.hub.load('someone/else', 'net')")


def test_weights_of_a_url_leave_a_network_as_it_was_made(recording):
    recording.run("""
        import torch
        net = torch.nn.Linear(1, 1)
        before = net.weight.item()
        answer = net.load_state_dict(torch.hub.load_state_dict_from_url('https://example.org/w.pth'))
        same = net.weight.item() == before
    """)
    assert (True, "<All keys matched successfully>") == (
        recording.names["same"],
        repr(recording.names["answer"]),
    )


def test_a_students_own_weights_are_loaded(recording):
    recording.run("""
        import torch
        a, b = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
        b.load_state_dict(a.state_dict())
        same = a.weight.item() == b.weight.item()
    """)
    assert recording.names["same"]
