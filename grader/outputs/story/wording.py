"""Word the parts of a story, for the terminal and for pages. Does no layout."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from grader.grading.checks.registry import check_named
from grader.grading.kernel_notes import messages_of_notes
from grader.messages import Language, Reader, say, word
from grader.outputs import wording
from grader.outputs.safe_text import plain
from grader.outputs.story.lines import Effect
from grader.outputs.story.saved import Saved
from grader.outputs.story.story import CellStory, Folded, Story, StoryDecision, StoryLine
from grader.outputs.values import in_short
from grader.report import Message, SubmissionResult
from grader.trace import CellRun

FOLDED_KEYS = {
    "handout": "story-handout",
    "not_run": "cells-not-run",
    "more": "more",
}
"""Words for cells that are shown in one line, by the reason."""


def folded(part: Folded, language: Language) -> str:
    """Describe which cells are collapsed, and why."""
    count = len(part.cells)
    first = part.cells[0] + 1
    last = part.cells[-1] + 1
    cells = f"[{first}]"
    if count > 1:
        cells = f"[{first}]–[{last}]"

    key = FOLDED_KEYS[part.why]
    reason = word(key, language, count=count)
    return f"{cells} {reason}"


def cell_states(part: CellStory, language: Language) -> Iterator[str]:
    """Yield how a cell differs from a student's own cell that ran once."""
    if part.handout:
        yield word("story-of-handout", language)
    if part.again_below:
        yield word("story-again-below", language)
    if part.run.again:
        yield word("story-again", language)


def passes(turns: Iterable[str], language: Language) -> str:
    """Format the passes of a loop with the same effect; empty if the statement ran once."""
    names = [word(f"story-{turn}", language) for turn in turns]
    return ", ".join(names)


def values(effect: Effect, language: Language) -> Iterator[tuple[str, str]]:
    """Return the paths and values of an effect as text; unnamed values have no path."""
    for path, value in effect.values:
        yield plain(path), in_short(value, language)


def texts_beside(line: StoryLine, language: Language) -> frozenset[str]:
    """Return the names and the values beside a line."""
    texts = set()
    for effect in line.line.effects:
        for path, value in effect.values:
            texts.add(in_short(value, language))
            if path:
                texts.add(path)
    return frozenset(texts)


def needs_value(decision: StoryDecision, texts: Collection[str]) -> bool:
    """Return whether the value that decided has to be shown.

    It has not if it is already there, by itself or under its name.

    Args:
        decision: the decision.
        texts: the names and values beside the line.
    """
    evidence = decision.evidence
    if not evidence.value:
        return False
    if evidence.name in texts or evidence.value in texts:
        return False

    first_check = check_named(decision.exercise.checks[0].check)
    if first_check is None:
        return False
    return first_check.shows_value


def recorder_note(
    effect: Effect,
    language: Language,
    reader: Reader,
) -> str:
    """Word a note of the recorder."""
    for message in messages_of_notes([effect.text]):
        return say(
            message.id,
            message.params,
            language=language,
            reader=reader,
        )
    return effect.text


def cell_ending(
    run: CellRun,
    language: Language,
    reader: Reader,
) -> Iterator[str]:
    """Yield how a cell failed; for a student, also what to do about it."""
    if run.status == "ok":
        return
    if run.status == "error":
        yield _error(run) or word("cell-error", language)

    message_id = _ending_id(run)
    if message_id:
        params = {"cell": run.cell, "seconds": round(run.seconds, 1)}
        yield say(
            message_id,
            params,
            language=language,
            reader=reader,
        )


def _error(run: CellRun) -> str:
    if not run.message:
        return run.error
    return f"{run.error}: {run.message}"


def _ending_id(run: CellRun) -> str:
    """Return the id of the message about the end of a cell; empty for an ordinary error."""
    if run.status != "error":
        return f"ended.{run.limit or run.status}"
    if run.limit:
        return f"limit.{run.limit}"
    return ""


def saved(output: Saved, language: Language) -> str:
    """Compare the saved output with that of a fresh run, with the saved execution counts."""
    count = " " if output.count is None else output.count
    sentence = word(
        "story-saved",
        language,
        saved=output.saved,
        fresh=output.fresh,
        place=f"In [{count}]",
    )
    if output.disorder is None:
        return sentence

    above, below = output.disorder
    disorder = word(
        "story-disorder",
        language,
        above=above,
        below=below,
    )
    return f"{sentence} {disorder}"


def story_notes(
    story: Story,
    result: SubmissionResult,
    language: Language,
) -> Iterator[str]:
    """Yield notes on the story as a whole."""
    for message in _story_messages(story, result):
        yield wording.message_text(message, language, "instructor")

    if story.left_out:
        yield word(
            "story-left-out",
            language,
            left_out=story.left_out,
            count=story.events,
        )


def _story_messages(story: Story, result: SubmissionResult) -> Iterator[Message]:
    """Return the notes and flags about the run that are not shown at a cell."""
    for note in result.execution.notes:
        if note.id == "note.truncated":
            yield note

    told_at_a_cell = _has_saved_output(story)
    for flag in result.flags:
        if flag.id == "not-reproducible" and told_at_a_cell:
            continue
        yield flag.message


def _has_saved_output(story: Story) -> bool:
    """Return whether the story has a saved output that differs from a fresh run."""
    cells = [part for part in story.parts if isinstance(part, CellStory)]
    return any(cell.saved for cell in cells)
