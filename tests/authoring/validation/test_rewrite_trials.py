"""What becomes of right rewrites, with a grader that is told what to say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from grader.authoring.validation.effort import Budget
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.rewrite_findings import rewrite_findings
from grader.authoring.validation.rewrite_order import make_rewrites
from grader.authoring.validation.rewrite_trials import RewriteTrial, RewriteTrials
from grader.notebook.cells import NotebookCell
from tests.support.solved_references import solved_reference
from tests.support.traces import exercise

CELLS = ["a = 1\nb = 2", "c = a + b\nd = c"]
SOLVED = solved_reference(CELLS, {"b": 0, "d": 1})


class NothingKept:
    """Keeps no trial."""

    def key(self, *_: object) -> str:
        return ""

    def get(self, *_: object) -> None:
        return None

    def put(self, *_: object) -> None:
        """Forget it."""


def tried(says: Mapping[str, Any], raises: Sequence[str] = ()) -> list[RewriteTrial]:
    """Try all rewrites.

    Args:
        says: by the beginning of a trial's name, the status and credit of `d`.
        raises: names of trials in which a cell raises.
    """

    async def grade(name: str, cells: Sequence[NotebookCell]) -> Any:
        name = name.removeprefix("rewrite-")
        status, credit = next(
            (said for start, said in says.items() if name.startswith(start)), ("passed", 1.0)
        )
        error = "TypeError" if name in raises else ""
        runs = [SimpleNamespace(status="error" if error else "ok", error=error) for _ in cells]
        results = [
            SimpleNamespace(id="b", status="passed", credit=1.0),
            SimpleNamespace(id="d", status=status, credit=credit),
        ]
        base = SimpleNamespace(cells=runs)
        return SimpleNamespace(trace=SimpleNamespace(base=base), results=results)

    kept: Any = NothingKept()
    trials = RewriteTrials(SOLVED, grade, kept)
    budget = Budget(None, lambda: 0.0)
    return asyncio.run(trials.try_all(make_rewrites(SOLVED), budget, lambda _: None))


def judged(trials: list[RewriteTrial]) -> list[ValidationFinding]:
    assignment: Any = SimpleNamespace(exercises=(exercise("b"), exercise("d")))
    return list(rewrite_findings(trials, assignment))


def red(trials: list[RewriteTrial]) -> list[tuple[str, object, object]]:
    found = [finding.message for finding in judged(trials) if not finding.ok]
    return [(each.id, each.params["exercise"], each.params["cell"]) for each in found]


def test_rewrites_that_keep_their_points_are_counted() -> None:
    trials = tried({})
    [finding] = judged(trials)
    count = len(make_rewrites(SOLVED))
    assert (True, {"count": count, "kept": count}) == (finding.ok, finding.message.params)


def test_a_right_notebook_that_loses_points_is_red_with_its_exercise_and_cell() -> None:
    assert [("validate.rewrite-split", "d", 1)] == red(tried({"split": ("failed", 0.0)}))


def test_a_part_of_the_points_is_lost_too() -> None:
    assert [("validate.rewrite-renamed", "d", 1)] == red(tried({"renamed": ("partial", 0.5)}))


def test_one_that_waits_for_a_person_loses_nothing_and_is_said_to_wait() -> None:
    trials = tried({"function": ("pending", 0.0)})
    assert [] == red(trials)
    [detail] = judged(trials)[-1].details
    assert ("validate.rewrite-waits", "d", 1) == (
        detail.id,
        detail.params["exercise"],
        detail.params["count"],
    )


def test_what_the_reference_itself_loses_is_said_once() -> None:
    trials = tried({"": ("failed", 0.0)})
    assert [("validate.reference-handed-in", "d", 1)] == red(trials)


def test_a_rewrite_that_does_not_run_is_tried_change_by_change() -> None:
    says = {"split-2": ("failed", 0.0)}
    assert [("validate.rewrite-split", "d", 1)] == red(tried(says, raises=["split-1-2"]))


def test_one_that_never_runs_says_nothing() -> None:
    says = {"split": ("failed", 0.0)}
    assert [] == red(tried(says, raises=["split-1-2", "split-1", "split-2"]))
