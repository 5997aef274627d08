"""What the marks of a reference recorded in a run, as answers; and when something changed in it changes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.expectation import Answer, Tolerance, agrees, as_number
from grader.kernel.values import places
from grader.reference.markers import Mark
from grader.trace import BASE, MAX_ELEMENTS, Array, Run, Value

MAX_PASSES = 10_000
"""Most passes of `# grade each:`: each is an event of its own."""


def answers_of(
    run: Run, label: str, mark: Mark, number: int, exercise: Exercise
) -> dict[str, Answer]:
    """What a mark recorded in a run, by the runs that it is the answer in: this one; of a function, each call.

    Args:
        run: what was recorded.
        label: what this run is called where answers are looked for in it.
        mark: the mark.
        number: which it is of its exercise's.
        exercise: the exercise that it answers.

    Raises:
        AssignmentError: a pass of `# grade each:` gave no number, or there were too many.
    """
    if exercise.asked is None:
        answer = answer_of(run, mark, number)
        return {label: answer} if answer is not None else {}
    if label != BASE:  # calls bring data of their own
        return {}
    found = {call: _values(run, number, call) for call in exercise.asked.labels}
    return {
        call: Answer(value=values[-1], credit=mark.credit)
        for call, values in found.items()
        if values
    }


def answer_of(run: Run, mark: Mark, number: int) -> Answer | None:
    """What a mark recorded in a run: its last pass, or, of `# grade each:`, the numbers of all passes as one list.

    Raises:
        AssignmentError: a pass of `# grade each:` gave no number, or there were too many.
    """
    values = _values(run, number, mark.key)
    if not values:
        return None
    return Answer(value=_passes(values, mark) if mark.each else values[-1], credit=mark.credit)


def _values(run: Run, number: int, key: str) -> list[Value]:
    marks = (event for event in run.events if event.kind == "mark" and event.alternative == number)
    return [event.values[key] for event in marks if key in event.values]


def _passes(values: Sequence[Value], mark: Mark) -> Array:
    """The numbers of all passes, as the recorder takes down a list: of a long one, those at fixed places."""
    numbers = [one for value in values if (one := as_number(value)) is not None]
    if len(numbers) != len(values) or len(numbers) > MAX_PASSES:
        raise AssignmentError(
            f"'# grade each: {mark.exercise}' needs a number on each of at most {MAX_PASSES} passes.",
            "Mark the list of them after the loop.",
        )
    kept = (
        numbers
        if len(numbers) <= MAX_ELEMENTS
        else [numbers[place] for place in places(len(numbers))]
    )
    return Array(origin="list", shape=(len(numbers),), dtype="list", elements=tuple(kept))


def is_changed(
    answers: Mapping[str, tuple[Answer, ...]],
    reference: Mapping[str, tuple[Answer, ...]],
    exercise: Exercise,
) -> bool:
    """Whether some alternative that earns everything differs, on some run.

    However loose the exercise's check is: that it lets a mistake pass is for `validate` to find.
    """
    strict = strict_tolerance(exercise)
    for label, alternatives in answers.items():
        full = [answer for answer in reference.get(label, ()) if answer.credit >= 1]
        for answer in alternatives:
            if answer.credit >= 1 and not any(agrees(answer.value, o.value, strict) for o in full):
                return True
    return False


def strict_tolerance(exercise: Exercise) -> Tolerance:
    """The tolerance of an exercise, or the usual one where that is narrower.

    Of a series it is what is asked of it that may change: one that begins elsewhere and ends there is the same.
    """
    usual = Tolerance()
    atol = min(exercise.atol, usual.atol)
    if exercise.check == "series":
        band = min(exercise.series.band, usual.rtol)
        return Tolerance(
            rtol=band, atol=atol, series=exercise.series.model_copy(update={"band": band})
        )
    return Tolerance(rtol=min(exercise.rtol, usual.rtol), atol=atol)
