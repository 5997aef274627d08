"""Find the answers that depend on data which seeded cells of the handout draw. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.plan import Plan
from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.proposals.values import hangs_on_own_draws
from grader.grading.checks.registry import CHECKS


def needs_seeds(plan: Plan, tasks: Sequence[TaskCode], observed: Observed) -> frozenset[str]:
    """Find the exercises with answers that change with seeds, as with other data.

    Args:
        plan: the plan.
        tasks: its exercises, in its order.
        observed: results of the runs with other seeds.

    Returns:
        Their ids.
    """
    moved: set[str] = set()
    for planned, task in zip(plan.exercises, tasks, strict=True):
        proposal = planned.proposal
        if proposal.value is None:
            continue
        if not CHECKS[proposal.check].follows_data:
            continue
        if any(_moves_with_given_draws(task, mark, observed) for mark in proposal.marks):
            moved.add(planned.id)
    return frozenset(moved)


def _moves_with_given_draws(task: TaskCode, mark: AnswerCandidate, observed: Observed) -> bool:
    """Return whether seeds change a value through draws of given cells."""
    if observed.stability(mark) == "fixed":
        return False
    return not hangs_on_own_draws(task, mark, observed)
