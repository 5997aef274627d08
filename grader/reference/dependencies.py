"""Find the data that each answer of a reference depends on.

A variant decides only the exercises with an answer that it changes. Each input is varied alone; the
answers that change depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.grading.agreement import Tolerance, agrees
from grader.grading.expectation import Answer
from grader.job import VariedInput
from grader.reference.answers import AnswerReader
from grader.reference.records import Answers, Dependencies, RunAnswers
from grader.reference.replay_plan import ReplayPlanner, label_of
from grader.running.session import Session
from grader.trace import BASE, Run

Inputs = tuple[VariedInput, ...]
"""Data and variants."""

Runs = Mapping[str, Run]
"""Runs by their labels."""

RunsByInput = dict[str, Runs]


class DependencySearch:
    """Varies one input at a time in the kernel of a reference."""

    def __init__(self, planner: ReplayPlanner, session: Session, reader: AnswerReader) -> None:
        """Initialise with a planner of runs, a runner, and a reader of answers."""
        self._planner = planner
        self._session = session
        self._reader = reader

    async def of(self, inputs: Inputs, handed_out: Run, variants: Runs) -> Dependencies:
        """Return the inputs that each answer depends on.

        Args:
            inputs: data and variants.
            handed_out: the run of the reference on the original data.
            variants: its run on each variant, by the labels.
        """
        if len(inputs) == 1:
            (only_input,) = inputs
            runs_by_input: RunsByInput = {only_input.name: variants}
        else:
            runs_by_input = await self._vary_alone(inputs)

        original = self._reader.answers({BASE: handed_out})
        varied: dict[str, Answers] = {}
        for name, runs in runs_by_input.items():
            varied[name] = self._reader.answers(runs)

        depends: Dependencies = {}
        for exercise in self._planner.follow_data:
            by_run = original.get(exercise.id, {})
            answers = by_run.get(BASE, ())
            moving = []
            for name, runs in runs_by_input.items():
                other_answers = varied[name].get(exercise.id, {})
                if moves(answers, other_answers, runs):
                    moving.append(name)
            depends[exercise.id] = tuple(moving)
        return depends

    async def _vary_alone(self, inputs: Inputs) -> RunsByInput:
        """Run the reference with each input varied alone; return the runs by input."""
        runs_by_input: RunsByInput = {}
        planned = self._planner.single_input_runs(inputs)
        for name, replays in planned.items():
            await self._session.replay_all(replays)
            runs: dict[str, Run] = {}
            for replay in replays:
                label = label_of(replay)
                runs[label] = self._session.run_of(replay.label)
            runs_by_input[name] = runs
        return runs_by_input


def moves(original: Sequence[Answer], varied: RunAnswers, labels: Iterable[str]) -> bool:
    """Return whether an answer changes in some run.

    The exercise's tolerance does not count, however loose it is. A run without the answer counts as
    one in which it changes: the missing value was computed from the data.

    Args:
        original: the alternatives on the original data.
        varied: the alternatives in each run.
        labels: the runs.
    """
    for label in labels:
        answers = varied.get(label, ())
        if _differ(original, answers):
            return True
    return False


def _differ(original: Sequence[Answer], varied: Sequence[Answer]) -> bool:
    if len(original) != len(varied):
        return True
    tolerance = Tolerance()
    for answer, other in zip(original, varied, strict=True):
        if not agrees(other.value, answer.value, tolerance):
            return True
    return False
