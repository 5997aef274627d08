"""What asks for a GPU runs on the processor, and the report is told."""

from __future__ import annotations

import builtins
import copy
import io
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from grader.kernel.gpu import devices
from grader.kernel.gpu.demands import GO_ON_NAME
from tests.support.recording import Recording, of_kind
from tests.support.torch_state import torch_put_back

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Recording]:
    """A notebook without a GPU, alone in its folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(builtins, GO_ON_NAME, None, raising=False)
    with torch_put_back():
        yield Recording()


@pytest.fixture
def gpu_notebook(recording: Recording) -> Recording:
    """A notebook that names a GPU."""
    devices.install(recording.recorder, ["device = 'cuda'"])
    recording.run("import io\nimport torch\nfrom torch import nn\nx = torch.ones(2)")
    return recording


def noted(recording: Recording) -> list[str]:
    """The devices that the report tells of."""
    notes = [event.text for event in of_kind(recording.events(), "note")]
    return [note.removeprefix("device ") for note in notes]


@pytest.mark.parametrize(
    ("expression", "device"),
    [
        ("x.cuda()", "cuda"),
        ("x.cuda(1)", "cuda:1"),
        ("x.cuda(device='cuda:0', non_blocking=True)", "cuda:0"),
        ("x.to('cuda')", "cuda"),
        ("x.to(0)", "cuda:0"),
        ("x.to('mps')", "mps"),
        ("x.to(torch.device('cuda', 1))", "cuda:1"),
        ("x.to(device='cuda', dtype=torch.float64)", "cuda"),
        ("x.to('cuda', torch.float16, True, copy=True)", "cuda"),
        ("x.to(torch.device(0))", "cuda:0"),
        ("x.to(torch.device(type='cuda', index=0))", "cuda:0"),
        ("x.pin_memory().to('cuda', non_blocking=True)", "cuda"),
        ("x.new_zeros(2, device='cuda')", "cuda"),
        ("torch.zeros(2, device='cuda')", "cuda"),
        ("torch.zeros(2, device=0, pin_memory=True)", "cuda:0"),
        ("torch.tensor([1.0, 2.0], device=torch.device('cuda'))", "cuda"),
        ("torch.randn(2, device='cuda:0')", "cuda:0"),
        ("torch.arange(2, device='cuda')", "cuda"),
        ("torch.ones_like(x, device='cuda')", "cuda"),
        ("torch.normal(0.0, 1.0, (2,), device='cuda')", "cuda"),
        ("torch.as_tensor([1.0], device='xpu')", "xpu"),
        ("torch.fft.fftfreq(4, device='cuda')", "cuda"),
        ("torch.rand(2, generator=torch.Generator(device='cuda'), device='cuda')", "cuda"),
        ("nn.Linear(2, 1, device='cuda')(x)", "cuda"),
        ("nn.Linear(2, 1).cuda()(x.cuda())", "cuda"),
        ("nn.Linear(2, 1).to(torch.device('cuda'))(x)", "cuda"),
        ("nn.Linear(2, 1).to(0)(x)", "cuda:0"),
        ("nn.Linear(2, 1, device='meta').to_empty(device='cuda')(x)", "cuda"),
        ("nn.DataParallel(nn.Linear(2, 1), device_ids=[0]).cuda()(x)", "cuda"),
        ("x.to(torch.accelerator.current_accelerator())", "accelerator"),
    ],
)
def test_a_tensor_is_made_on_the_processor(gpu_notebook, expression, device):
    gpu_notebook.run(f"made = {expression}")

    assert "cpu" == gpu_notebook.names["made"].device.type
    assert [device] == noted(gpu_notebook)


@pytest.mark.filterwarnings("ignore:torch.set_default_tensor_type:UserWarning")
@pytest.mark.parametrize(
    "statement",
    [
        "torch.set_default_device('cuda')",
        "torch.set_default_device(device=torch.device('cuda'))",
        "torch.set_default_tensor_type(torch.cuda.FloatTensor)",
        "torch.set_default_tensor_type('torch.cuda.FloatTensor')",
    ],
)
def test_the_processor_stays_the_default(gpu_notebook, statement):
    gpu_notebook.run(f"{statement}\nmade = torch.ones(2)\ndevice = torch.get_default_device()")
    assert torch.device("cpu") == gpu_notebook.names["made"].device
    assert torch.device("cpu") == gpu_notebook.names["device"]


def test_a_device_for_a_block_is_the_processor(gpu_notebook):
    gpu_notebook.run("with torch.device('cuda'):\n    net = nn.Linear(2, 1)")
    assert torch.device("cpu") == gpu_notebook.names["net"].weight.device


def test_another_device_for_a_block_still_is(gpu_notebook):
    gpu_notebook.run("with torch.device('meta'):\n    made = torch.zeros(2)")
    assert gpu_notebook.names["made"].is_meta


@pytest.mark.parametrize("kind", ["torch.cuda.LongTensor", "'torch.cuda.LongTensor'"])
def test_a_type_of_tensors_of_a_gpu_is_one_of_the_processor(gpu_notebook, kind):
    gpu_notebook.run(f"made = x.type({kind})")
    assert torch.int64 == gpu_notebook.names["made"].dtype


@pytest.mark.parametrize(
    "location",
    ["'cuda'", "torch.device('cuda:0')", "lambda storage, _: storage.cuda(0)", "{'cpu': 'cuda:1'}"],
)
def test_what_was_saved_is_loaded(gpu_notebook, location):
    gpu_notebook.run(
        f"""
        file = io.BytesIO()
        torch.save({{'x': x, 'device': torch.device('cpu')}}, file)
        file.seek(0)
        made = torch.load(file, map_location={location})
        """
    )
    assert [1.0, 1.0] == gpu_notebook.names["made"]["x"].tolist()


def test_what_was_saved_on_a_gpu_is_loaded_by_a_notebook_that_names_none(recording):
    devices.install(recording.recorder, ["x = 1"])
    storage = torch.ones(2).untyped_storage()
    assert storage is torch.serialization.default_restore_location(storage, "cuda:0")


def test_a_leaf_stays_a_leaf_without_another_node_in_its_graph(gpu_notebook):
    gpu_notebook.run(
        """
        w = torch.ones(1, requires_grad=True).to('cuda')
        J = (w.cuda() * 3).sum()
        J.backward()
        node = J.grad_fn.next_functions[0][0].next_functions[0][0]
        """
    )
    assert 3.0 == gpu_notebook.names["w"].grad.item()
    assert gpu_notebook.names["node"].variable is gpu_notebook.names["w"]


@pytest.mark.parametrize("move", ["cuda()", "to('cuda')", "to(device=torch.device('cuda'))"])
def test_what_is_moved_shares_no_memory(gpu_notebook, move):
    gpu_notebook.run(f"y = x.{move}\ny += 1\nback = y.cpu()\ny += 1")
    assert [1.0, 1.0] == gpu_notebook.names["x"].tolist()
    assert [2.0, 2.0] == gpu_notebook.names["back"].tolist()


def test_memory_is_shared_as_ever_where_no_gpu_was_asked_for(gpu_notebook):
    gpu_notebook.run("y = x.to('cpu').cpu()")
    assert gpu_notebook.names["y"] is gpu_notebook.names["x"]


def test_a_device_equals_that_of_what_was_moved_to_it(gpu_notebook):
    gpu_notebook.run("device = torch.device('cuda')\nsame = x.to(device).device == device")
    assert gpu_notebook.names["same"]


@pytest.mark.filterwarnings("ignore:.*CUDA is not available:UserWarning")
@pytest.mark.parametrize("kind", ["'cuda', dtype=torch.float16", "torch.device('cuda').type"])
def test_mixed_precision_is_left_out(gpu_notebook, kind):
    gpu_notebook.run(
        f"with torch.autocast({kind}):\n    made = torch.ones(2, 2) @ torch.ones(2, 2)"
    )
    assert torch.float32 == gpu_notebook.names["made"].dtype


def test_mixed_precision_on_the_processor_is_as_the_notebook_says(gpu_notebook):
    gpu_notebook.run("with torch.autocast('cpu'):\n    made = torch.ones(2, 2) @ torch.ones(2, 2)")
    assert torch.bfloat16 == gpu_notebook.names["made"].dtype


def test_the_numbers_drawn_are_those_without_a_gpu(gpu_notebook):
    torch.manual_seed(3)
    expected = torch.rand(2)
    gpu_notebook.run(
        """
        torch.manual_seed(3)
        torch.cuda.manual_seed(1)
        torch.cuda.manual_seed_all(2)
        torch.mps.manual_seed(3)
        made = torch.rand(2, device='cuda')
        """
    )
    assert expected.tolist() == gpu_notebook.names["made"].tolist()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("torch.zeros(2, device='cuda:first')", "Invalid device string"),
        ("torch.zeros(2, device='banana')", "Expected one of cpu, cuda"),
        ("torch.device('banana')", "Expected one of cpu, cuda"),
    ],
)
def test_a_device_that_torch_does_not_know_raises_as_ever(gpu_notebook, statement, error):
    with pytest.raises(RuntimeError, match=error):
        gpu_notebook.run(statement)


def test_a_notebook_that_only_asks_whether_there_is_a_gpu_is_told_nothing(gpu_notebook):
    gpu_notebook.run(
        """
        torch.manual_seed(0)
        device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        made = torch.ones(2, device=device).to(device)
        print(torch.cuda.device_count(), torch.accelerator.is_available())
        loader = torch.utils.data.DataLoader([1], pin_memory=device.type == 'cuda')
        """
    )
    assert [] == noted(gpu_notebook)


def test_a_device_is_told_once(gpu_notebook):
    gpu_notebook.run("for _ in range(3):\n    x = x.to('cuda:0')")
    assert ["cuda:0"] == noted(gpu_notebook)


def test_a_notebook_that_names_no_gpu_has_torch_as_it_is(recording):
    plain = (torch.zeros, torch.tensor, torch.device, torch.Generator, nn.Module.to)
    devices.install(recording.recorder, ["timestamps = [1]\nx = torch.ones(2).to(torch.float64)"])
    assert plain == (torch.zeros, torch.tensor, torch.device, torch.Generator, nn.Module.to)
    assert "to" not in vars(torch.Tensor)


def test_a_file_beside_the_notebook_may_name_the_gpu(recording):
    Path("helper.py").write_text("device = 'cuda'\n", encoding="utf-8")
    devices.install(recording.recorder, ["from helper import device"])
    assert torch.device("cpu") == torch.zeros(2, device="cuda").device


def test_where_there_is_a_gpu_nothing_is_replaced(recording, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    plain = (torch.zeros, torch.cuda.synchronize)
    devices.install(recording.recorder, ["device = 'cuda'"])
    assert plain == (torch.zeros, torch.cuda.synchronize)
    assert "cuda" not in vars(torch.Tensor)


def test_the_class_of_devices_is_what_it_was(gpu_notebook):
    gpu_notebook.run(
        """
        def is_device(value: torch.device | None):
            return isinstance(value, torch.device | str)

        device = torch.device('cuda:0')
        both = is_device(device), type(device) == torch.device
        """
    )
    device = gpu_notebook.names["device"]
    assert (True, True) == gpu_notebook.names["both"]
    assert "<class 'torch.device'>" == repr(torch.device)
    assert device == pickle.loads(pickle.dumps(device)) == copy.deepcopy(device)


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_a_function_of_torchscript_still_knows_torch(gpu_notebook):
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(2, 1).cuda()), file)
    file.seek(0)
    loaded = torch.jit.load(file, map_location="cuda")
    assert torch.device("cpu") == loaded.weight.device
