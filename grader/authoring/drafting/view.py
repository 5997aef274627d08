"""Show what was drafted: the files, the answers that were taken, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.text import Text

from grader.assignment import READ_BY_A_PERSON
from grader.authoring.drafting.draft import Draft
from grader.authoring.drafting.plan import PlannedExercise
from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import READING_WIDTH

MAX_OTHERS = 4
"""Most other values of an exercise that are shown."""


def draft_view(draft: Draft, language: Language) -> RenderableType:
    """Show what was written, exercise by exercise, and what to look at.

    Args:
        draft: the draft.
        language: language of the words.
    """
    lines = _lines(draft, language)
    return Constrain(Group(*lines), READING_WIDTH)


def steps_view(
    draft: Draft,
    language: Language,
    *,
    valid: bool,
) -> RenderableType:
    """Show what the instructor does next.

    Args:
        draft: the draft.
        language: language of the words.
        valid: whether `grade validate` found nothing wrong.
    """
    steps = [] if valid else ["mend"]
    steps += ["assignment", "reference", "validate", "release", "grade"]
    heading = safe(word("draft-next", language), "bold")
    lines: list[RenderableType] = [Text(""), heading]
    for number, step in enumerate(steps, 1):
        text = word(
            f"draft-next-{step}",
            language,
            exercises=draft.exercises,
            solutions=draft.solutions,
            name=draft.name,
        )
        lines.append(_indented(f"{number}. {text}"))
    return Constrain(Group(*lines), READING_WIDTH)


def _lines(draft: Draft, language: Language) -> Iterator[RenderableType]:
    yield from _folders(draft, language)
    yield Text("")
    yield from _exercises(draft, language)
    yield Text("")
    for note in _notes(draft, language):
        yield _indented(note, columns=0)
    yield Text("")


def _folders(draft: Draft, language: Language) -> Iterator[RenderableType]:
    style = word(f"draft-of-{draft.notebook.style}", language)
    yield safe(word("draft-written", language, name=draft.name, style=style))
    exercises = word("draft-what-exercises", language)
    solutions = word("draft-what-solutions", language)
    yield _indented(f"{draft.exercises}/   {exercises}")
    yield _indented(f"{draft.solutions}/   {solutions}")
    for folder in draft.backups:
        yield _indented(word("draft-kept", language, folder=folder), style="yellow")


def _exercises(draft: Draft, language: Language) -> Iterator[RenderableType]:
    notebook = draft.solutions / f"{draft.name}.ipynb"
    yield safe(word("draft-look", language, notebook=notebook), "bold")
    for planned in draft.plan.exercises:
        yield from _exercise(planned, language)


def _exercise(planned: PlannedExercise, language: Language) -> Iterator[RenderableType]:
    exercise = planned.exercise
    head = word(
        "draft-exercise",
        language,
        id=exercise.id,
        points=exercise.points,
        check=exercise.check,
    )
    yield Padding(safe(head, "cyan"), (0, 0, 0, 2))
    yield from _answer(planned, language)
    if planned.answer.others:
        others = _join(planned.answer.others[:MAX_OTHERS])
        yield _indented(word("draft-others", language, others=others), "dim", columns=4)


def _answer(planned: PlannedExercise, language: Language) -> Iterator[RenderableType]:
    exercise = planned.exercise
    candidate = planned.answer.candidate
    cell = 0
    if planned.cell is not None:
        cell = planned.cell + 1

    if exercise.check in READ_BY_A_PERSON:
        text = word("draft-took-text", language, question=exercise.question)
        yield _indented(text, columns=4)
        return
    if candidate is None:
        text = word("draft-took-marked", language, cell=cell, title=exercise.title)
        yield _indented(text, columns=4)
        return

    text = word(
        "draft-took",
        language,
        expression=candidate.expression,
        cell=cell,
        title=planned.answer.task.title or exercise.title,
    )
    mark = f"# grade: {exercise.id} = {candidate.expression}"
    yield _indented(text, columns=4)
    yield _indented(planned.line, "dim", columns=6)
    yield _indented(mark, "dim", columns=6)


def _notes(draft: Draft, language: Language) -> Iterator[str]:
    """Say what there is to know of the whole, a sentence each."""
    notebook = draft.notebook
    for task in draft.plan.without_value:
        title = task.title or task.name
        if task.question:
            yield word("draft-without-question", language, title=title)
        else:
            yield word("draft-without-value", language, title=title)
    if notebook.dropped_tests:
        yield word("draft-left-out", language, count=notebook.dropped_tests)
    if notebook.doubtful:
        numbers = [str(index + 1) for index in notebook.doubtful]
        yield word("draft-doubtful", language, cells=_join(numbers))
    yield from _data_notes(draft, language)
    yield from _mistake_notes(draft, language)


def _data_notes(draft: Draft, language: Language) -> Iterator[str]:
    plan = draft.plan
    if plan.inputs:
        yield word("draft-data", language, names=_join(_data_names(draft)))
    elif plan.right_values and not plan.data.too_large:
        yield word("draft-no-data-runs" if plan.data.inputs else "draft-no-data", language)

    drawn = [drafted.data.name for drafted in plan.inputs if drafted.data.drawn]
    if drawn:
        yield word("draft-drawn", language, names=_join(drawn))
    if plan.data.too_large:
        yield word("draft-too-large", language, names=_join(plan.data.too_large))
    if plan.inputs and plan.constant:
        yield word("draft-constant", language, names=_join(plan.constant))


def _data_names(draft: Draft) -> Iterator[str]:
    """Name the data that varies, each with its relation to other data."""
    for drafted in draft.plan.inputs:
        data = drafted.data
        if data.relation:
            yield f"{data.name} = {data.relation}"
        else:
            yield data.name


def _mistake_notes(draft: Draft, language: Language) -> Iterator[str]:
    if draft.mistakes:
        names = [mistake.name[language] for mistake in draft.mistakes]
        yield word("draft-mistakes", language, count=len(names), names=_join(names))
    else:
        yield word("draft-no-mistakes", language)
    if draft.unworded:
        yield word("draft-unworded", language, names=_join(draft.unworded))


def _join(names: Iterable[str]) -> str:
    return ", ".join(names)


def _indented(
    text: str,
    style: str = "",
    columns: int = 2,
) -> RenderableType:
    return Padding(safe(text, style), (0, 0, 0, columns))
