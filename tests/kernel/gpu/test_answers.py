"""What a notebook asks of a GPU that is not here does the harmless thing."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import pytest
import torch

from grader.kernel.gpu import devices
from grader.kernel.gpu.demands import GO_ON_NAME
from tests.support.recording import Recording
from tests.support.torch_state import torch_put_back

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """A notebook that names a GPU."""
    monkeypatch.setattr(builtins, GO_ON_NAME, None, raising=False)
    with torch_put_back():
        made = Recording()
        devices.install(made.recorder, ["device = 'cuda'"])
        made.run("import torch\nx = torch.ones(2)")
        yield made


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("torch.cuda.is_available()", False),
        ("torch.cuda.device_count()", 0),
        ("torch.cuda.current_device()", 0),
        ("len(torch.cuda.get_device_name(0)) > 0", True),
        ("torch.cuda.get_device_capability()", (0, 0)),
        ("torch.cuda.get_device_properties('cuda').total_memory > 0", True),
        ("torch.cuda.mem_get_info()[0] > 0", True),
        ("torch.cuda.memory_allocated()", 0),
        ("torch.cuda.max_memory_allocated() / 1e9", 0),
        ("torch.cuda.memory_summary()", ""),
        ("torch.cuda.is_bf16_supported()", False),
        ("torch.cuda.utilization()", 0),
        ("torch.cuda.initial_seed()", 0),
        ("torch.cuda.synchronize()", None),
        ("torch.cuda.empty_cache()", None),
        ("torch.cuda.reset_peak_memory_stats()", None),
        ("torch.cuda.set_device(0)", None),
        ("torch.cuda.init()", None),
        ("torch.mps.synchronize()", None),
        ("torch.mps.empty_cache()", None),
        ("torch.mps.current_allocated_memory()", 0),
        ("torch.accelerator.synchronize()", None),
        ("torch.backends.cudnn.version() and None", None),
        ("torch.cuda.memory_stats()['allocated_bytes.all.peak']", 0),
        ("torch.cuda.memory._record_memory_history()", None),
        ("torch.backends.cuda.cufft_plan_cache[0].max_size > 0", True),
        ("torch.cuda.is_current_stream_capturing()", False),
    ],
)
def test_a_question_is_answered(recording, expression, expected):
    recording.run(f"answer = {expression}")
    assert expected == recording.names["answer"]


def test_a_time_is_taken_between_events(recording):
    recording.run(
        """
        start = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        start.record()
        end.record()
        torch.cuda.synchronize()
        elapsed = start.elapsed_time(end)
        """
    )
    assert recording.names["elapsed"] > 0


def test_a_stream_does_its_work_at_once(recording):
    recording.run(
        """
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream), torch.cuda.device(0):
            y = x.cuda() + 1
        torch.cuda.current_stream().wait_stream(stream)
        y.record_stream(stream)
        """
    )
    assert [2.0, 2.0] == recording.names["y"].tolist()


@pytest.mark.filterwarnings("ignore:.*CUDA is not available:UserWarning")
def test_losses_are_not_scaled(recording):
    recording.run(
        """
        scaler = torch.amp.GradScaler('cuda')
        scaled = scaler.scale(x.sum()).item()
        """
    )
    assert 2.0 == recording.names["scaled"]


@pytest.mark.parametrize(
    "backends", ["SDPBackend.EFFICIENT_ATTENTION", "[SDPBackend.CUDNN_ATTENTION]"]
)
def test_attention_is_computed_without_the_kernels_of_a_gpu(recording, backends):
    recording.run(
        f"""
        from torch.nn.attention import SDPBackend, sdpa_kernel
        q = torch.ones(1, 1, 2, 4)
        with sdpa_kernel({backends}):
            made = torch.nn.functional.scaled_dot_product_attention(q, q, q)
        """
    )
    assert 8.0 == recording.names["made"].sum().item()


@pytest.mark.parametrize(
    "code",
    [
        "with torch.autograd.profiler.emit_nvtx(): y = x + 1",
        "with torch.cuda.profiler.profile(): y = x + 1",
        "with torch.cuda.use_mem_pool(torch.cuda.MemPool()): y = x + 1",
        "with torch.random.fork_rng(devices=[0]): y = x + 1",
        "with torch.Stream(device='cuda'): y = x + 1",
        "torch.Event(device='cuda').synchronize(); y = x + 1",
        "import torch.cuda.comm as c; y = c.gather(c.scatter(x + 1, [0, 1]), destination=0)",
        "import torch.cuda.comm as comm; y = comm.reduce_add([x, torch.ones(2)], 0)",
        "from torch.nn.parallel import data_parallel; y = data_parallel(lambda t: t + 1, x, [0])",
        "y = torch.nn.DataParallel(torch.nn.Identity(), device_ids=[0, 1])(x + 1)",
    ],
)
def test_what_tunes_or_spreads_work_lets_it_be_done(recording, code):
    recording.run(code)
    assert [2.0, 2.0] == recording.names["y"].tolist()


def test_what_the_compiler_looks_for_in_a_function_is_still_there(recording):
    """torch's compiler is imported by torchvision, and looks at this as it is."""
    recording.run(
        "inner = torch.cuda.use_mem_pool.__wrapped__\nwith torch.cuda.use_mem_pool(1): pass"
    )
    assert callable(recording.names["inner"])
