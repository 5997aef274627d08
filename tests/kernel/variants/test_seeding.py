"""Seeds that code sets: recorded, left alone, shifted, replaced."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.kernel.variants import seed_hooks, seeding
from grader.kernel.variants.seeding import UNCHANGED, SeedPlan, Seeds, shifted

NUMPY_NAMES = ("seed", "RandomState", "default_rng", *seed_hooks.BIT_GENERATORS)

Draw = Callable[[], float]


class Hooked:
    """Seeds of this process, and what was recorded of them."""

    def __init__(self) -> None:
        self.recorded: list[str] = []
        self.seeds = Seeds(self.recorded.append, watches_draws=True)
        seed_hooks.install(self.seeds)

    def begin(self, plan: SeedPlan = UNCHANGED) -> None:
        """Begin a run."""
        self.recorded.clear()
        self.seeds.begin_run(plan, 5)
        self.seeds.start()

    def under(self, plan: SeedPlan, draw: Draw) -> float:
        """Draw under a plan."""
        self.begin(plan)
        return draw()


@pytest.fixture(scope="module")
def hooks() -> Iterator[Hooked]:
    """Libraries that ask for their seeds; they are put back afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random, "seed", random.seed)
        patch.setattr(random.Random, "seed", random.Random.seed)
        patch.setattr(np.random.mtrand, "seed", np.random.mtrand.seed)
        patch.setattr(np.random.mtrand, "RandomState", np.random.RandomState)
        for name in NUMPY_NAMES:
            patch.setattr(np.random, name, getattr(np.random, name))
        patch.setattr(torch, "manual_seed", torch.manual_seed)
        patch.setattr(torch.random, "manual_seed", torch.random.manual_seed)
        patch.setattr(torch, "Generator", torch.Generator)
        yield Hooked()


@pytest.fixture
def hooked(hooks: Hooked) -> Hooked:
    hooks.begin()
    return hooks


def seeded_torch() -> float:
    torch.manual_seed(3)
    return torch.rand(1).item()


def seeded_numpy() -> float:
    np.random.seed(3)
    return float(np.random.rand())


def seeded_random() -> float:
    random.seed(3)
    return random.random()


def seeded_by_text() -> float:
    random.seed("three")
    return random.random()


def state_seeded_again() -> float:
    state = np.random.RandomState()
    state.seed(3)
    return float(state.rand())


def torch_generator() -> float:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(1, generator=generator).item()


def split_by_sklearn() -> float:
    from sklearn.model_selection import train_test_split

    rest, _ = train_test_split(range(60), random_state=3)
    return float(sum(place * number for place, number in enumerate(rest)))


def sampled_by_pandas() -> float:
    import pandas as pd

    sample = pd.Series(range(500)).sample(3, random_state=3)
    return float(sample.sum())


DRAWS: dict[str, Draw] = {
    "torch": seeded_torch,
    "torch.Generator": torch_generator,
    "numpy": seeded_numpy,
    "numpy.Generator": lambda: float(np.random.default_rng(3).random()),
    "numpy.Generator of a bit generator": lambda: float(
        np.random.Generator(np.random.PCG64(3)).random()
    ),
    "numpy.Generator of several": lambda: float(np.random.default_rng([3, 4]).random()),
    "numpy.RandomState": lambda: float(np.random.RandomState(3).rand()),
    "numpy.RandomState, seeded again": state_seeded_again,
    "numpy.RandomState of sklearn": split_by_sklearn,
    "numpy.RandomState of pandas": sampled_by_pandas,
    "random": seeded_random,
    "random by a text": seeded_by_text,
    "random.Random": lambda: random.Random(3).random(),
}


@pytest.mark.parametrize("name", DRAWS)
def test_an_ordinary_run_draws_what_python_draws_and_its_seeds_are_recorded(
    hooked: Hooked, name: str
) -> None:
    family = name.partition(",")[0].partition(" ")[0]
    before = hooked.under(UNCHANGED, DRAWS[name])
    assert before == hooked.under(UNCHANGED, DRAWS[name])
    assert family == hooked.recorded[0].split()[0]


def test_what_is_drawn_is_what_it_is_without_hooks(hooked: Hooked) -> None:
    torch.manual_seed(3)
    assert 0.0042635 == pytest.approx(torch.rand(1).item(), rel=1e-4)
    assert 0.5507979 == pytest.approx(seeded_numpy())
    assert 0.0856492 == pytest.approx(np.random.default_rng(3).random())
    assert 0.2379646 == pytest.approx(seeded_random())


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("plan", [SeedPlan(offset=1), SeedPlan(draws=1), SeedPlan(every=8)])
def test_another_seed_or_another_draw_gives_other_numbers(
    hooked: Hooked, name: str, plan: SeedPlan
) -> None:
    assert hooked.under(UNCHANGED, DRAWS[name]) != hooked.under(plan, DRAWS[name])


def test_each_seed_of_a_family_is_replaced_by_the_one_in_its_place(hooked: Hooked) -> None:
    hooked.begin(SeedPlan(seeds={"torch": [8, None]}))
    torch.manual_seed(3)
    first = torch.initial_seed()
    torch.manual_seed(4)
    second = torch.initial_seed()
    torch.manual_seed(5)
    assert (8, 4, 5) == (first, second, torch.initial_seed())


def test_a_replaced_seed_is_shifted_as_the_one_it_stands_for_would_be(hooked: Hooked) -> None:
    hooked.begin(SeedPlan(offset=2, seeds={"torch": [8]}))
    torch.manual_seed(3)
    assert 10 == torch.initial_seed()


def test_another_family_keeps_its_seeds(hooked: Hooked) -> None:
    plain = hooked.under(UNCHANGED, seeded_numpy)
    assert plain == hooked.under(SeedPlan(seeds={"torch": [8]}), seeded_numpy)


def test_the_order_of_a_data_loader_is_no_seed_of_the_notebook(hooked: Hooked) -> None:
    from torch.utils.data import DataLoader

    torch.manual_seed(3)
    list(DataLoader(range(4), shuffle=True))  # type: ignore[arg-type]
    assert ["torch 3"] == hooked.recorded


@pytest.mark.parametrize(("file", "recorded"), [("probes.py", []), ("../cell.py", ["torch 3"])])
def test_a_seed_that_a_question_sets_is_no_seed_of_the_notebook(
    hooked: Hooked, file: str, recorded: list[str]
) -> None:
    runs_a_text = "exec('torch.manual_seed(3)', {'torch': torch})"
    path = (Path(seeding.GRADER) / file).resolve()
    code = compile(runs_a_text, str(path), "exec")
    exec(code, {"torch": torch})
    assert recorded == hooked.recorded


def test_a_loop_that_seeds_is_recorded_for_its_first_passes(hooked: Hooked) -> None:
    for number in range(100):
        random.seed(number)
    assert seeding.MAX_RECORDED == len(hooked.recorded)


@pytest.mark.parametrize("unseeded", [random.Random, np.random.RandomState, np.random.default_rng])
def test_a_generator_without_a_seed_is_none(hooked: Hooked, unseeded: Callable[[], Any]) -> None:
    unseeded()
    assert [] == hooked.recorded


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: np.random.seed(-1), ValueError),
        (lambda: torch.manual_seed("three"), ValueError),  # type: ignore[arg-type]
        (lambda: random.seed({}), TypeError),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_seed_raises_as_before(
    hooked: Hooked, wrong: Callable[[], Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        wrong()


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.random.RandomState(3),
        lambda: np.random.default_rng(3),
        lambda: np.random.Generator(np.random.PCG64(3)),
        lambda: np.random.MT19937(3),
        lambda: torch.Generator().manual_seed(3),
    ],
)
def test_generators_can_be_pickled_and_copied(hooked: Hooked, make: Callable[[], Any]) -> None:
    generator = make()
    assert type(pickle.loads(pickle.dumps(generator))).__name__ == type(generator).__name__
    assert copy.deepcopy(generator) is not generator


def test_generators_that_libraries_make_are_instances(hooked: Hooked) -> None:
    assert isinstance(np.random.mtrand._rand, np.random.RandomState)
    assert isinstance(np.random.default_rng(3).bit_generator, np.random.PCG64)
    assert isinstance(torch.default_generator, torch.Generator)


@pytest.mark.parametrize(
    ("seed", "other"),
    [(3, 5), (2**32 - 1, 2**32 - 3), (-1, 1), (1.5, 3.5), ("a", "a2"), ([1, 2], [3, 4])],
)
def test_a_shifted_seed_is_of_the_same_kind(seed: Any, other: Any) -> None:
    assert other == shifted(seed, 2)


def test_the_graders_own_seed_is_shifted_too(hooked: Hooked) -> None:
    assert (5, 7) == (
        hooked.seeds.begin_run(UNCHANGED, 5),
        hooked.seeds.begin_run(SeedPlan(offset=2), 5),
    )


def test_a_run_that_draws_is_told_from_one_that_does_not(hooked: Hooked) -> None:
    still = hooked.seeds.have_drawn()
    torch.rand(1)
    assert (False, True, False) == (
        still,
        hooked.seeds.have_drawn(),
        hooked.seeds.have_drawn(),
    )
