"""Read the answers that marks recorded in runs of the reference. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.agreement import Tolerance, agrees, as_number
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Answer
from grader.grading.search import candidates, is_computed
from grader.kernel.recording.values import sample_indices
from grader.notebook.folding import fold
from grader.reference.files import ReferenceFiles
from grader.reference.markers import Mark
from grader.reference.records import Answers, ExerciseValues, RunAnswers, Told
from grader.trace import BASE, MAX_ELEMENTS, Array, Event, Run, Value

MAX_PASSES = 10_000
"""Most passes of `# grade each:`: each is an event of its own."""


class AnswerReader:
    """Reads the recorded values of one reference's marks."""

    def __init__(self, solution: ReferenceFiles) -> None:
        """Initialise with the reference that ran."""
        assignment = solution.assignment
        exercises = assignment.exercises
        cells = solution.marked_cells
        handout = assignment.handout_sources()

        ids = {exercise.id for exercise in exercises}
        self._marks: list[Mark] = []
        for cell in cells:
            self._marks += [mark for mark in cell.marks if mark.exercise in ids]
        self._automatic = [exercise for exercise in exercises if exercise.automatic]
        self._handout_cells = {cell.cell for cell in cells if fold(cell.code) in handout}

    def answers(self, runs: Mapping[str, Run]) -> Answers:
        """Read the answers of all exercises.

        Args:
            runs: by their labels.

        Raises:
            AssignmentError: a pass of `# grade each:` gave no number, or there were too many.
        """
        answers: Answers = {}
        for exercise in self._automatic:
            by_run = self._answers_by_run(exercise, runs)
            if by_run:
                answers[exercise.id] = by_run
        return answers

    def _answers_by_run(self, exercise: Exercise, runs: Mapping[str, Run]) -> RunAnswers:
        # A dict in place of a set, since the order of alternatives matters.
        by_run: dict[str, dict[Answer, None]] = {}
        for label, run in runs.items():
            for answered_run, answer in self._alternatives(exercise, run, label):
                in_run = by_run.setdefault(answered_run, {})
                in_run[answer] = None
        return {label: tuple(alternatives) for label, alternatives in by_run.items()}

    def _alternatives(
        self, exercise: Exercise, run: Run, label: str
    ) -> Iterator[tuple[str, Answer]]:
        all_marks = [mark for mark in self._marks if mark.exercise == exercise.id]
        marks = [mark for mark in all_marks if not mark.label]
        for index, mark in enumerate(marks):
            part = index if exercise.every else 0
            recorded = answers_of(run, label, mark, index, exercise)
            for answered_run, answer in recorded.items():
                of_part = answer.model_copy(update={"part": part})
                yield answered_run, of_part

    def told(self, base: Run) -> Told:
        """Read the values for the instructor: `# tell: …`."""
        told: Told = {}
        labelled = [mark for mark in self._marks if mark.label]
        for mark in labelled:
            answer = answer_of(base, mark, 0)
            if answer is not None:
                by_label = told.setdefault(mark.exercise, {})
                by_label[mark.label] = answer
        return told

    def right_values(self, base: Run, *, handout: bool) -> ExerciseValues:
        """Read the intermediate values of a right solution, which show no mistake, by exercise.

        Args:
            base: the run on the original data.
            handout: whether values of the handout's own cells are among them.
        """
        excluded_cells = set() if handout else self._handout_cells
        values: ExerciseValues = {}
        for exercise in self._automatic:
            computed = _computed_values(exercise, base, excluded_cells)
            values[exercise.id] = tuple(computed)
        return values


def _computed_values(
    exercise: Exercise,
    base: Run,
    excluded_cells: Collection[int],
) -> Iterator[Answer]:
    """Yield the values of cells in which an exercise's answer is searched."""
    check = check_of(exercise)
    look_in = check.look_for_right_values_in(exercise)
    for candidate in candidates(base, look_in, excluded_cells):
        is_exact = candidate.half_unit is None
        if is_exact and is_computed(candidate):
            yield Answer(value=candidate.value)


def answers_of(
    run: Run,
    label: str,
    mark: Mark,
    number: int,
    exercise: Exercise,
) -> dict[str, Answer]:
    """Read the recorded values of a mark, by run.

    Args:
        run: the recorded run.
        label: the run's label when answers are looked up.
        mark: the mark.
        number: index of the mark among those of its exercise.
        exercise: the exercise that it answers.

    Returns:
        One answer, of this run; for a function, one for each call; for expressions, one for each,
        what each name of them stands for, and what explains a failure.

    Raises:
        AssignmentError: a pass of `# grade each:` gave no number, or there were too many.
    """
    if exercise.asked is None:
        answer = answer_of(run, mark, number)
        if answer is None:
            return {}
        return {label: answer}
    if label != BASE:  # calls bring data of their own
        return {}

    answers: dict[str, Answer] = {}
    question = exercise.asked
    kinds = (question.kind_label(name) for name in question.names)
    for call in (*question.labels, *kinds, *question.fact_labels):
        values = _recorded_values(run, number, call)
        if values:
            answers[call] = Answer(value=values[-1], credit=mark.credit)
    return answers


def answer_of(run: Run, mark: Mark, number: int) -> Answer | None:
    """Read the recorded value of a mark: of its last pass, or of all for `# grade each:`.

    Raises:
        AssignmentError: a pass of `# grade each:` gave no number, or there were too many.
    """
    values = _recorded_values(run, number, mark.key)
    if not values:
        return None
    value = _as_list(values, mark) if mark.each else values[-1]
    return Answer(value=value, credit=mark.credit)


def _recorded_values(run: Run, number: int, key: str) -> list[Value]:
    values: list[Value] = []
    for event in run.events:
        if _is_mark(event, number) and key in event.values:
            value = event.values[key]
            values.append(value)
    return values


def _is_mark(event: Event, number: int) -> bool:
    return event.kind == "mark" and event.alternative == number


def _as_list(values: Sequence[Value], mark: Mark) -> Array:
    """Combine the numbers of all passes into a list, as the recorder does: sampled if long."""
    numbers = _numbers(values)
    count = len(numbers)
    if count != len(values) or count > MAX_PASSES:
        raise AssignmentError(
            f"'# grade each: {mark.exercise}' needs a number on each of at most "
            f"{MAX_PASSES} passes.",
            "Mark the list of them after the loop.",
        )

    elements = numbers
    if count > MAX_ELEMENTS:
        elements = [numbers[index] for index in sample_indices(count)]
    return Array(
        origin="list",
        shape=(count,),
        dtype="list",
        elements=tuple(elements),
    )


def _numbers(values: Sequence[Value]) -> list[float]:
    """Return the values that are numbers."""
    numbers: list[float] = []
    for value in values:
        number = as_number(value)
        if number is not None:
            numbers.append(number)
    return numbers


def deciding_labels(exercise: Exercise, labels: Iterable[str]) -> list[str]:
    """Remove the labels of runs that only explain failures, or describe stand-ins."""
    question = exercise.asked
    if question is None:
        return list(labels)
    return [label for label in labels if label in question.labels]


def is_changed(
    answers: RunAnswers,
    reference: RunAnswers,
    exercise: Exercise,
) -> bool:
    """Return whether some alternative with full points differs, in some run.

    The exercise's tolerance does not count, however loose it is: that it lets a mistake pass is for
    `validate` to find.
    """
    check = check_of(exercise)
    strict = check.strict_tolerance(exercise)
    for label in deciding_labels(exercise, answers):
        right_answers = _full_answers(reference.get(label, ()))
        for answer in _full_answers(answers[label]):
            if not _agrees_with_any(answer, right_answers, strict):
                return True
    return False


def _full_answers(alternatives: Sequence[Answer]) -> list[Answer]:
    """Return the alternatives with full points."""
    return [answer for answer in alternatives if answer.credit >= 1]


def _agrees_with_any(answer: Answer, others: Sequence[Answer], tolerance: Tolerance) -> bool:
    return any(agrees(answer.value, other.value, tolerance) for other in others)
