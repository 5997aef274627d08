"""Shows what was drafted: where it lies, what was taken for the answers, what to look at, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.text import Text

from grader.authoring.drafting.draft import Draft
from grader.authoring.drafting.plan import Taken
from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import READING_WIDTH


def draft_view(draft: Draft, language: Language) -> RenderableType:
    """What was written, exercise by exercise, and what to look at.

    Args:
        draft: what was drafted.
        language: language of the words.
    """
    return Constrain(Group(*_lines(draft, language)), READING_WIDTH)


def steps_view(draft: Draft, language: Language, *, valid: bool) -> RenderableType:
    """What the instructor does next.

    Args:
        draft: what was drafted.
        language: language of the words.
        valid: whether `grade validate` found nothing wrong.
    """
    folders = {"exercises": draft.exercises, "solutions": draft.solutions, "name": draft.name}
    first = [] if valid else [word("draft-next-mend", language, **folders)]
    steps = [
        *first,
        word("draft-next-assignment", language, **folders),
        word("draft-next-reference", language, **folders),
        word("draft-next-validate", language, **folders),
        word("draft-next-release", language, **folders),
        word("draft-next-grade", language, **folders),
    ]
    lines = [_indented(f"{number}. {step}") for number, step in enumerate(steps, 1)]
    return Constrain(
        Group(Text(""), safe(word("draft-next", language), "bold"), *lines), READING_WIDTH
    )


def _lines(draft: Draft, language: Language) -> Iterator[RenderableType]:
    yield safe(
        word(
            "draft-written",
            language,
            name=draft.name,
            style=word(f"draft-of-{draft.reading.style}", language),
        )
    )
    yield _indented(f"{draft.exercises}/   {word('draft-what-exercises', language)}")
    yield _indented(f"{draft.solutions}/   {word('draft-what-solutions', language)}")
    for folder in draft.kept:
        yield _indented(word("draft-kept", language, folder=folder), style="yellow")
    yield Text("")
    yield safe(
        word("draft-look", language, notebook=draft.solutions / f"{draft.name}.ipynb"), "bold"
    )
    for taken in draft.plan.taken:
        yield from _exercise(taken, language)
    yield Text("")
    yield from (_indented(note, columns=0) for note in _notes(draft, language))
    yield Text("")


def _exercise(taken: Taken, language: Language) -> Iterator[RenderableType]:
    exercise, answer = taken.exercise, taken.proposal.candidate
    head = word(
        "draft-exercise", language, id=exercise.id, points=exercise.points, check=exercise.check
    )
    yield Padding(safe(head, "cyan"), (0, 0, 0, 2))
    cell = 0 if taken.cell is None else taken.cell + 1
    if exercise.check == "text":
        yield _indented(word("draft-took-text", language, question=exercise.question), columns=4)
    elif answer is None:
        yield _indented(
            word("draft-took-marked", language, cell=cell, title=exercise.title), columns=4
        )
    else:
        told = {
            "expression": answer.expression,
            "cell": cell,
            "title": taken.proposal.task.title or exercise.title,
        }
        yield _indented(word("draft-took", language, **told), columns=4)
        yield _indented(taken.line, "dim", columns=6)
        yield _indented(f"# grade: {exercise.id} = {answer.expression}", "dim", columns=6)
    if taken.proposal.others:
        others = ", ".join(taken.proposal.others[:4])
        yield _indented(word("draft-others", language, others=others), "dim", columns=4)


def _notes(draft: Draft, language: Language) -> Iterator[str]:
    """What there is to know of the whole, a sentence each."""
    plan = draft.plan
    for task in plan.without_value:
        told = {"title": task.title or task.name}
        yield word(
            "draft-without-question" if task.question else "draft-without-value", language, **told
        )
    if draft.reading.left_out:
        yield word("draft-left-out", language, count=draft.reading.left_out)
    if draft.reading.doubtful:
        cells = ", ".join(str(place + 1) for place in draft.reading.doubtful)
        yield word("draft-doubtful", language, cells=cells)
    yield from _data_notes(draft, language)
    if draft.mistakes:
        names = ", ".join(mistake.name[language] for mistake in draft.mistakes)
        yield word("draft-mistakes", language, count=len(draft.mistakes), names=names)
    else:
        yield word("draft-no-mistakes", language)
    if draft.unworded:
        yield word("draft-unworded", language, names=", ".join(draft.unworded))


def _data_notes(draft: Draft, language: Language) -> Iterator[str]:
    plan = draft.plan
    if plan.inputs:
        related = (
            f"{d.name} = {d.relation}" if d.relation else d.name
            for d in (one.data for one in plan.inputs)
        )
        yield word("draft-data", language, names=", ".join(related))
    elif plan.right and not plan.data.too_large:
        yield word("draft-no-data-runs" if plan.data.inputs else "draft-no-data", language)
    if drawn := [one.data.name for one in plan.inputs if one.data.drawn]:
        yield word("draft-drawn", language, names=", ".join(drawn))
    if plan.data.too_large:
        yield word("draft-too-large", language, names=", ".join(plan.data.too_large))
    if plan.inputs and plan.constant:
        yield word("draft-constant", language, names=", ".join(plan.constant))


def _indented(text: str, style: str = "", columns: int = 2) -> RenderableType:
    return Padding(safe(text, style), (0, 0, 0, columns))
