"""Find the data that each answer of a reference depends on.

A variant decides only the exercises with an answer that it changes. Each input is varied by itself,
and the answers that move depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.grading.agreement import Tolerance, agrees
from grader.grading.expectation import Answer
from grader.job import VariedInput
from grader.reference.answers import AnswerReader
from grader.reference.records import Dependencies, RunAnswers
from grader.reference.replay_plan import ReplayPlanner, label_of
from grader.running.session import Session
from grader.trace import BASE, Run


class DependencySearch:
    """Varies one input at a time in the kernel of a reference."""

    def __init__(self, planner: ReplayPlanner, session: Session, reader: AnswerReader) -> None:
        """Take what plans runs, what makes them, and what reads the answers."""
        self._planner = planner
        self._session = session
        self._reader = reader

    async def of(
        self, inputs: tuple[VariedInput, ...], handed_out: Run, variants: Mapping[str, Run]
    ) -> Dependencies:
        """Return the inputs that each answer depends on.

        Args:
            inputs: data and variants.
            handed_out: the run of the reference on the data as it was handed out.
            variants: its run on each variant, by the labels.
        """
        runs_by_input: dict[str, Mapping[str, Run]] = {}
        if len(inputs) == 1:
            runs_by_input[inputs[0].name] = variants
        else:
            runs_by_input = await self._vary_alone(inputs)

        original = self._reader.answers({BASE: handed_out})
        depends: dict[str, list[str]] = {}
        for exercise in self._planner.follow_data:
            depends[exercise.id] = []
        for name, runs in runs_by_input.items():
            varied = self._reader.answers(runs)
            for exercise_id, names in depends.items():
                answers = original.get(exercise_id, {}).get(BASE, ())
                if moves(answers, varied.get(exercise_id, {}), runs):
                    names.append(name)
        return {exercise_id: tuple(names) for exercise_id, names in depends.items()}

    async def _vary_alone(self, inputs: tuple[VariedInput, ...]) -> dict[str, Mapping[str, Run]]:
        """Run the reference with each input varied by itself; return the runs per input."""
        runs_by_input: dict[str, Mapping[str, Run]] = {}
        for name, replays in self._planner.alone(inputs).items():
            await self._session.replay_all(replays)
            runs: dict[str, Run] = {}
            for replay in replays:
                label = label_of(replay)
                runs[label] = self._session.run_of(replay.label)
            runs_by_input[name] = runs
        return runs_by_input


def moves(original: Sequence[Answer], varied: RunAnswers, labels: Iterable[str]) -> bool:
    """Tell whether an answer is another one in some run.

    The exercise's tolerance does not count, however loose it is. A run without the answer counts as
    one in which it moves: what it lacks was computed from the data.

    Args:
        original: the alternatives on the handed-out data.
        varied: the alternatives in each run.
        labels: the runs.
    """
    return any(_differ(original, varied.get(label, ())) for label in labels)


def _differ(original: Sequence[Answer], varied: Sequence[Answer]) -> bool:
    if len(original) != len(varied):
        return True
    tolerance = Tolerance()
    pairs = zip(original, varied, strict=True)
    return not all(agrees(other.value, answer.value, tolerance) for answer, other in pairs)
