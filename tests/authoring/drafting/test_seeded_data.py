"""Answers that follow data which seeded code of the handout draws."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.authoring.drafting.plan import make_plan
from grader.authoring.drafting.proposals.choose import proposals_for
from grader.authoring.drafting.seeded_data import needs_seeds
from grader.authoring.drafting.solved import SolvedNotebook
from grader.trace import DRAWN, Event
from tests.authoring.drafting.proposals.notebooks import observed, task_of, tensor


@pytest.mark.parametrize(
    ("given", "module_seeds", "moves"),
    [
        ("x = torch.rand(3)", False, False),
        ("torch.manual_seed(0)\nx = torch.rand(3)", False, True),
        ("import numpy as np\nx = np.random.default_rng(seed).normal(size=3)", False, True),
        ("import numpy as np\nx = np.random.default_rng().normal(size=3)", False, False),
        ("from course import draw\nx = draw(torch.rand)", True, True),
    ],
    ids=["no-seed", "seed", "generator-with-seed", "generator", "seed-of-a-module"],
)
def test_answers_to_data_that_seeds_make_are_found(
    given: str, module_seeds: bool, moves: bool
) -> None:
    task = task_of("total = x.sum()\ntotal", words="# Sum\nPut the sum into `total`.", given=given)
    values = {"total": tensor(1.5)}
    seen = observed(task, values, other_seed={"total": tensor(2.5)})
    events = [Event(run="solved", kind="seed", cell=0, text=DRAWN)]
    if module_seeds:
        events.append(Event(run="solved", kind="seed", cell=0, text="numpy 1"))
    run = seen.run.model_copy(update={"events": tuple(events)})
    seen = replace(seen, run=run, drawing=frozenset((0,)))
    notebook = SolvedNotebook("plain", tuple(task.code.cells), (task.task,))
    plan = make_plan(notebook, [proposals_for(task, seen)])
    assert moves == bool(needs_seeds(plan, [task], seen))
