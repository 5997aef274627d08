"""Jobs in real kernels: gradients, graphs and weights, replays, and variants of the data."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from grader.job import Job, VariedInput, VariedNumbers
from grader.running.notebook import executed, run, run_again, variant_numbers
from grader.running.replays import Replay
from grader.running.session import Launch, Session
from grader.settings import Limits
from grader.trace import Array, CodeCell, Run, Trace
from tests.support.recording import at
from tests.support.running import Kernels, Ran, job, ran, statuses, texts

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("kernels")]

SETUP = """
import torch
x = torch.arange(0., 4.)
y = 2 * x
"""
STEP = """
w = torch.tensor([1.], requires_grad=True)
J = ((w * x - y) ** 2).sum()
J.backward()
w.data = w.data - .1 * w.grad.data
w.grad.zero_()
"""
TORCH = {
    "seed": "import torch\nr = torch.rand(1).item()",
    "setup": SETUP,
    "step": STEP,
    "threads": "t = torch.get_num_threads()",
    "resnet": "from torchvision.models import resnet18\nnet = resnet18(weights='IMAGENET1K_V1')",
    "graph": "from torchviz import make_dot\nout = net(torch.ones(1, 3, 64, 64))\n"
    "dot = make_dot(out, params=dict(net.named_parameters()))\ndot",
    "loader": "from torch.utils.data import DataLoader, TensorDataset\n"
    "got = [b[0].sum().item() for b in DataLoader(TensorDataset(torch.arange(4.)), "
"batch_size=2, num_workers=2)]",
    "modes": "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)",
    "bomb": "kept = []\nwhile True: kept.append(torch.ones(20_000_000))",
    "after the bomb": "kept = None\ntorch.set_grad_enabled(True)\nafter = torch.ones(2).sum()",
}  # fmt: skip
INPUTS = (
    VariedNumbers(
        name="x",
        original=Array(origin="tensor", shape=(4,), dtype="float32", elements=(0, 1, 2, 3)),
        variants=(Array(origin="tensor", shape=(4,), dtype="float32", elements=(1, 3, 2, 3)),),
    ),
    VariedNumbers(
        name="y",
        original=Array(origin="tensor", shape=(4,), dtype="float32", elements=(0, 2, 4, 6)),
        variants=(Array(origin="tensor", shape=(4,), dtype="float32", elements=(2, 6, 4, 6)),),
    ),
)


async def _with_torch() -> Trace:
    async with Session(job(*TORCH.values(), memory_mib=3000), Kernels.launch) as session:
        await session.run_cells()
        cells = [(0, TORCH["seed"]), (1, SETUP), (2, STEP)]
        await session.replay("variant-1", cells, numbers=variant_numbers(INPUTS, 0))
        await session.replay("plain", [*cells, (3, "1 / 0"), (4, "late = 1.5")])
        await session.replay("names", [(0, "left = 'w' in globals()\nmain = __name__")])
        return session.trace()


@pytest.fixture(scope="module")
def torch(kernels: Launch) -> Ran:
    return Ran(TORCH, asyncio.run(_with_torch()))


def test_the_gradient_is_seen_before_it_is_zeroed(torch):
    assert [(-28.0,)] == at(torch.events("step", "grad"), "w.grad")


def test_the_step_is_seen_though_it_was_written_into_data(torch):
    assert (1.0, pytest.approx(3.8)) == tuple(
        found[0] for found in at(torch.events("step", "value"), "w")
    )


def test_torch_is_seeded_and_has_the_threads_it_was_given(torch):
    replayed = [e for e in torch.trace.run("plain").events if "r" in e.values]
    assert (at(replayed, "r"), [1.0]) == (
        at(torch.events("seed"), "r"),
        at(torch.events("threads"), "t"),
    )


def test_weights_are_random_and_the_trace_says_so(torch):
    assert ["random-weights ResNet18_Weights.IMAGENET1K_V1"] == texts(
        torch.events("resnet", "note")
    )


def test_the_graph_of_resnet18_is_recorded_also_without_dot(torch):
    graph = torch.events("graph", "graph")[0].values["make_dot"]
    assert (20, 62, "ok") == (
        sum("Convolution" in label for label in graph.labels),
        sum(label.startswith("parameter") for label in graph.labels),
        torch.cell("graph").status,
    )


def test_the_workers_of_a_data_loader_do_not_disturb_the_recorder(torch):
    assert [(1.0, 5.0)] == at(torch.events("loader"), "got")


def test_an_allocation_of_torch_that_fails_is_an_error_in_its_cell_and_the_kernel_goes_on(torch):
    assert (("error", "RuntimeError"), [(2.0,)]) == (
        torch.status("bomb"),
        at(torch.events("after the bomb"), "after"),
    )


def test_a_variant_computes_with_other_numbers(torch):
    variant = torch.trace.run("variant-1")
    assert ([(-46.0,)], {"x": True}) == (at(list(variant.events), "w.grad"), variant.carried)


def test_a_replay_on_the_data_as_it_is_gives_what_the_run_gave(torch):
    assert [(-28.0,)] == at(list(torch.trace.run("plain").events), "w.grad")


def test_a_replay_starts_with_torchs_modes_as_they_were(torch):
    dtypes = {e.values["w"].dtype for e in torch.trace.run("plain").events if "w" in e.values}
    assert {"float32"} == dtypes


def test_a_replay_goes_on_after_an_error_and_tells_it(torch):
    replayed = torch.trace.run("plain")
    assert (["ok", "ok", "ok", "error", "ok"], "ZeroDivisionError", [1.5]) == (
        [cell.status for cell in replayed.cells],
        replayed.cells[3].error,
        at(list(replayed.events), "late"),
    )


def test_a_replay_has_a_namespace_of_its_own(torch):
    replayed = list(torch.trace.run("names").events)
    assert ([False], ["__main__"]) == (at(replayed, "left"), at(replayed, "main"))


def test_no_honest_torch_counts_as_forged(torch):
    assert (0, False) == (torch.trace.forged, torch.trace.truncated)


# Jobs as a whole


def whole(
    *cells: str, chosen: tuple[int, ...] = (), inputs: tuple[VariedInput, ...] = INPUTS
) -> Trace:
    async def ask(_trace: Trace) -> tuple[int, ...]:
        return chosen

    code = tuple(CodeCell(cell=index, source=cell) for index, cell in enumerate(cells))
    return asyncio.run(
        run(Job(cells=code, inputs=inputs, limits=Limits(cell_timeout_s=3)), ask, Kernels.launch)
    )


def test_the_variants_run_for_the_cells_that_matter():
    trace = whole("v = [0., 1., 2., 3.]", "u = sum(v)", "z = 1.5", chosen=(0, 1))
    assert ([9.0], []) == (
        at(list(trace.run("variant-1").events), "u"),
        at(list(trace.run("variant-1").events), "z"),
    )


def test_without_a_cell_that_matters_no_variant_runs():
    assert ["base"] == [found.label for found in whole("v = [0., 1., 2., 3.]").runs]


def test_a_variant_runs_though_the_kernel_ended():
    trace = whole("v = [0., 1., 2., 3.]", "import os; os._exit(0)", chosen=(0,))
    assert (["ok", "died"], [(1.0, 3.0, 2.0, 3.0)]) == (
        statuses(trace),
        at(list(trace.run("variant-1").events), "v"),
    )


def test_a_variant_that_never_ends_is_ended():
    code = "v = [0., 1., 2., 3.]\nwhile v[0]: pass"
    cells = tuple(CodeCell(cell=0, source=source) for source in (code,))

    async def ask(_trace: Trace) -> tuple[int, ...]:
        return (0,)

    trace = asyncio.run(
        run(
            Job(cells=cells, inputs=INPUTS, limits=Limits(notebook_timeout_s=1)),
            ask,
            Kernels.launch,
        )
    )
    assert ("KeyboardInterrupt", [(1.0, 3.0, 2.0, 3.0)] * 1) == (
        trace.run("variant-1").cells[0].error,
        at(list(trace.run("variant-1").events), "v")[:1],
    )


def test_in_the_fresh_kernel_that_confirms_a_denial_integers_stay():
    job_ = Job(
        cells=(CodeCell(cell=0, source="v = [0, 1, 2, 3]\nu = [0., 1., 2., 3.]"),), inputs=INPUTS
    )
    (found,) = asyncio.run(
        run_again(job_, [(0, job_.cells[0].source)], suffix="-again", launch=Kernels.launch)
    ).runs
    assert ("variant-1-again", [(0.0, 1.0, 2.0, 3.0)]) == (found.label, at(list(found.events), "v"))


def test_a_cell_that_ran_twice_stands_twice_in_the_order():
    trace = ran("n = later", "later = 1")
    assert [0, 1, 0] == [cell for cell, _ in executed(trace)]


# What is evaluated for its marks alone

MARKED = """
import torch
x = torch.arange(0., 4.)
w = torch.ones(1, requires_grad=True)
J = ((x * w - 2 * x) ** 2).sum()
J.backward()
print('seen by nobody')
_grader_mark('grad', 0, 1.0, (w.grad))
w = _grader_given(w)
_grader_mark('w', 0, 1.0, (w))
_grader_mark('leaf', 0, 1.0, (w.requires_grad))
"""


async def _evaluated(replays: Sequence[Replay], limits: Limits) -> dict[str, Run]:
    async with Session(Job(cells=(), trusted=True, limits=limits), Kernels.launch) as session:
        await session.replay_all(replays)
        return {run.label: run for run in session.trace().runs}


def evaluated(*replays: Replay, **limits: float) -> dict[str, Run]:
    return asyncio.run(_evaluated(replays, Limits.model_validate(limits)))


def marked(run: Run, name: str):
    return at([event for event in run.events if event.kind == "mark"], name)


def test_a_reference_is_evaluated_for_its_marks_and_nothing_else():
    run = evaluated(Replay("own", [(0, MARKED)], marks_only=True, given=[1.0]))["own"]
    assert ([(-28.0,)], {"mark"}) == (marked(run, "grad"), {event.kind for event in run.events})


def test_it_follows_other_numbers_as_a_run_does():
    numbers = variant_numbers(INPUTS, 0)
    run = evaluated(Replay("other", [(0, MARKED)], numbers, marks_only=True, given=[1.0]))["other"]
    assert [(-2.0 * (1 + 9 + 4 + 9),)] == marked(run, "grad")


def test_a_given_value_takes_the_place_of_the_reference_s_own():
    run = evaluated(Replay("given", [(0, MARKED)], marks_only=True, given=[2.5]))["given"]
    assert ([(2.5,)], [True]) == (marked(run, "w"), marked(run, "leaf"))


def test_many_are_evaluated_each_in_a_namespace_of_its_own():
    count = [(0, "n = globals().get('n', 0) + 1\n_grader_mark('n', 0, 1.0, (n))")]
    runs = evaluated(*(Replay(f"run-{number}", count, marks_only=True) for number in range(120)))
    assert [[1.0]] * 120 == [marked(runs[f"run-{number}"], "n") for number in range(120)]


def test_an_error_in_it_is_told_and_the_next_cell_goes_on():
    cells = [(0, "1 / 0"), (1, "_grader_mark('late', 0, 1.0, (1.5))")]
    run = evaluated(Replay("bad", cells, marks_only=True))["bad"]
    assert (["ZeroDivisionError", ""], [1.5]) == (
        [cell.error for cell in run.cells],
        marked(run, "late"),
    )


def test_a_cell_that_awaits_is_evaluated():
    source = "import asyncio\nx = await asyncio.sleep(0, 2.5)\n_grader_mark('x', 0, 1.0, (x))"
    assert [2.5] == marked(
        evaluated(Replay("awaits", [(0, source)], marks_only=True))["awaits"], "x"
    )


def test_a_cell_of_it_without_end_is_ended_and_the_next_replay_goes_on():
    endless = Replay("endless", [(0, "while True: pass")], marks_only=True)
    after = Replay("after", [(0, "_grader_mark('x', 0, 1.0, (1.5))")], marks_only=True)
    runs = evaluated(endless, after, cell_timeout_s=0.2)
    assert (["TimeoutError"], [1.5]) == (
        [cell.error for cell in runs["endless"].cells],
        marked(runs["after"], "x"),
    )


async def _after_one_that_goes_on(kernels: Launch) -> Trace:
    endless = Replay("endless", [(0, "n = 1"), (1, "while True: n += 1")])
    async with Session(job("pass"), kernels) as session:
        await session.replay_all([endless], timeout_s=0.5)
        await session.replay("after", [(0, "n = 2")])
        return session.trace()


def test_a_replay_that_takes_too_long_is_ended_and_the_next_one_runs(kernels):
    trace = asyncio.run(_after_one_that_goes_on(kernels))
    endless, after = (trace.run(label) for label in ("endless", "after"))
    assert [["", "KeyboardInterrupt"], [""]] == [
        [cell.error for cell in run.cells] for run in (endless, after)
    ]
