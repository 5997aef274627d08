"""Show the draft: the files, the chosen answers, and the next steps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.text import Text

from grader.authoring.drafting.draft import Draft
from grader.authoring.drafting.failures import FailedCell
from grader.authoring.drafting.own_data import data_of_students
from grader.authoring.drafting.plan import PlannedExercise
from grader.authoring.drafting.proposals.notebook_code import NotebookCode
from grader.authoring.drafting.toml import field_lines
from grader.machine import install_name
from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import READING_WIDTH

MAX_OTHERS = 4
"""Most other values of an exercise that are shown."""
MAX_FIELD_LINES = 6
"""Most lines of an exercise's fields that are shown."""


def draft_view(draft: Draft, language: Language) -> RenderableType:
    """Show the written exercises, and the lines to check.

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
    """Show the instructor's next steps.

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
    yield from _count(draft, language)
    yield Text("")
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
        yield from _exercise(planned, draft, language)


def _count(draft: Draft, language: Language) -> Iterator[RenderableType]:
    """Show how much is graded automatically, which exercises wait for a person, and why."""
    exercises = draft.plan.exercises
    automatic = []
    for planned in exercises:
        if planned.is_automatic:
            automatic.append(planned)
    waiting = []
    for planned in exercises:
        if not planned.is_automatic:
            waiting.append(planned)
    text = word(
        "draft-count",
        language,
        automatic=len(automatic),
        tasks=len(exercises),
        points=_sum_points(automatic),
        all_points=_sum_points(exercises),
    )
    yield safe(text, "bold")
    for planned in waiting:
        why = planned.proposal.why or "words"
        reason = word(f"draft-waits-{why}", language)
        points = word("draft-points", language, points=planned.points)
        yield _indented(f"{planned.title} ({points}): {reason}")
    for given in draft.given_answers:
        text = word(
            "draft-given-answer", language, file=given.file, name=given.name, title=given.title
        )
        yield _indented(text, "red")
    if draft.answer_modules:
        names = _join(draft.answer_modules)
        yield _indented(word("draft-answer-modules", language, names=names), "red")
    for cell in draft.failed:
        text = word(
            "draft-failed",
            language,
            cell=cell.number,
            error=f"{cell.error}: {cell.message}".rstrip(": ."),
        )
        yield _indented(text, "red")
        if cell.needed_by:
            numbers = map(str, cell.needed_by)
            needed = word("draft-failed-after", language, cells=_join(numbers))
            yield _indented(needed, "red")
        package = missing_package(cell)
        if package:
            advice = word("draft-missing-package", language, package=package)
            yield _indented(advice, "red")


def missing_package(cell: FailedCell) -> str:
    """Return the pip name of the package that a failed cell lacks; empty if none."""
    if cell.error != "ModuleNotFoundError":
        return ""
    quoted = cell.message.split("'")
    if len(quoted) < 2:
        return ""
    module = quoted[1].partition(".")[0]
    return install_name(module)


def _sum_points(exercises: Iterable[PlannedExercise]) -> float:
    return sum(planned.points for planned in exercises)


def _exercise(
    planned: PlannedExercise, draft: Draft, language: Language
) -> Iterator[RenderableType]:
    head = word(
        "draft-exercise",
        language,
        id=planned.id,
        points=planned.points,
        check=planned.proposal.check,
    )
    yield Padding(safe(head, "cyan"), (0, 0, 0, 2))
    yield from _answer(planned, draft, language)
    if planned.others:
        others = _join(planned.others[:MAX_OTHERS])
        yield _indented(word("draft-others", language, others=others), "dim", columns=4)


def _answer(planned: PlannedExercise, draft: Draft, language: Language) -> Iterator[RenderableType]:
    proposal = planned.proposal
    title = planned.task.title or planned.title
    cell = 0
    if planned.cell is not None:
        cell = planned.cell + 1

    if not planned.is_automatic:
        question = str(proposal.fields.get("question", ""))
        message_id = "draft-took-text" if proposal.check == "text" else "draft-took-manual"
        yield _indented(word(message_id, language, question=question), columns=4)
        return
    if planned.task.marked:
        yield _indented(word("draft-took-marked", language, cell=cell, title=title), columns=4)
    elif proposal.marks:
        text = word("draft-took", language, expression=proposal.expression, cell=cell, title=title)
        yield _indented(text, columns=4)
        yield _indented(planned.line(draft.notebook.cells), "dim", columns=6)
        for mark in proposal.marks:
            yield _indented(f"# grade: {planned.id} = {mark.expression}", "dim", columns=6)
    else:
        yield _indented(word("draft-asks", language, title=title), columns=4)
    for asked in _asked(planned):
        yield _indented(asked, "dim", columns=6)


def _asked(planned: PlannedExercise) -> Iterator[str]:
    """Write the first fields of an exercise as in `assignment.toml`."""
    lines = field_lines(planned.proposal.fields)
    shown = [line for entry in lines for line in entry.split("\n")]
    yield from shown[:MAX_FIELD_LINES]
    if len(shown) > MAX_FIELD_LINES:
        yield "…"


def _notes(draft: Draft, language: Language) -> Iterator[str]:
    """Yield notes on the whole draft, a sentence each."""
    notebook = draft.notebook
    if notebook.dropped_tests:
        yield word("draft-left-out", language, count=notebook.dropped_tests)
    if notebook.doubtful:
        numbers = [str(index + 1) for index in notebook.doubtful]
        yield word("draft-doubtful", language, cells=_join(numbers))
    if draft.missing_files:
        yield word("draft-missing-files", language, names=_join(draft.missing_files))
    if draft.raising:
        numbers = [str(number) for number in draft.raising]
        yield word("draft-raising", language, cells=_join(numbers))
    if draft.is_quick:
        yield word("draft-quick", language)
    elif draft.skipped_ways:
        yield word(
            "draft-skipped-ways",
            language,
            count=draft.skipped_ways,
            seconds=math.ceil(draft.seconds),
        )
    if not draft.is_tried:
        seconds = math.ceil(draft.seconds)
        yield word("draft-not-tried", language, seconds=seconds, name=draft.name)
    own_data = list(data_of_students(draft.plan.exercises, NotebookCode(notebook.cells)))
    if own_data:
        yield word("draft-own-data", language, names=_join(own_data))
    yield from _data_notes(draft, language)
    yield from _mistake_notes(draft, language)


def _data_notes(draft: Draft, language: Language) -> Iterator[str]:
    plan = draft.plan
    if plan.seeds:
        yield word("draft-seeds", language)
        return
    if plan.files:
        yield word("draft-varied-files", language, names=_join(plan.files))
        return
    if plan.inputs:
        yield word("draft-data", language, names=_join(_data_names(draft)))
    elif plan.right_values and not plan.data.too_large and draft.is_tried:
        yield word("draft-no-data-runs" if plan.data.inputs else "draft-no-data", language)

    drawn = []
    for drafted in plan.inputs:
        if drafted.data.drawn:
            drawn.append(drafted.data.name)
    if drawn:
        yield word("draft-drawn", language, names=_join(drawn))
    if plan.data.too_large:
        yield word("draft-too-large", language, names=_join(plan.data.too_large))
    if plan.inputs and plan.constant:
        yield word("draft-constant", language, names=_join(plan.constant))


def _data_names(draft: Draft) -> Iterator[str]:
    """List the data that varies, each with its relation to other data."""
    for drafted in draft.plan.inputs:
        data = drafted.data
        if data.relation:
            yield f"{data.name} = {data.relation}"
        else:
            yield data.name


def _mistake_notes(draft: Draft, language: Language) -> Iterator[str]:
    if not draft.mistakes and (draft.is_quick or not draft.is_tried):
        return
    if draft.mistakes:
        names = []
        for mistake in draft.mistakes:
            names.append(mistake.name[language])
        yield word("draft-mistakes", language, count=len(names), names=_join(names))
    else:
        yield word("draft-no-mistakes", language)
    if draft.untried_mistakes:
        yield word("draft-untried-mistakes", language, count=draft.untried_mistakes)
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
