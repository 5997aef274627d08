"""Puts the parts of a story into words, for the terminal and for pages alike. Lays nothing out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from grader.messages import Language, Reader, say, word
from grader.outputs import wording
from grader.outputs.safe_text import plain
from grader.outputs.story.lines import Left, Turn
from grader.outputs.story.story import CellStory, Decision, Folded, Saved, Story, StoryLine
from grader.outputs.values import in_short
from grader.report import SubmissionResult
from grader.trace import CellRun


def folded(part: Folded, language: Language) -> str:
    """Cells that are told in one line."""
    first, last = part.cells[0] + 1, part.cells[-1] + 1
    cells = f"[{first}]" if len(part.cells) == 1 else f"[{first}]–[{last}]"
    key = {"handout": "story-handout", "not_run": "cells-not-run", "more": "more"}[part.why]
    return f"{cells} {word(key, language, count=len(part.cells))}"


def states(part: CellStory, language: Language) -> Iterator[str]:
    """What a cell is, beside a student's that ran once."""
    if part.handout:
        yield word("story-of-handout", language)
    if part.again_below:
        yield word("story-again-below", language)
    if part.run.again:
        yield word("story-again", language)


def passes(turns: tuple[Turn, ...], language: Language) -> str:
    """The passes of a loop that left the same; empty for a statement that ran once."""
    return ", ".join(word(f"story-{turn}", language) for turn in turns)


def values(left: Left, language: Language) -> Iterator[tuple[str, str]]:
    """Path and value of what a statement left; the path of a value without a name is empty."""
    for path, value in left.values:
        yield plain(path), in_short(value, language)


def told_beside(one: StoryLine, language: Language) -> frozenset[str]:
    """The names and the values that stand beside a line."""
    pairs = [pair for left in one.line.left for pair in left.values]
    return frozenset(
        {path for path, _ in pairs if path} | {in_short(value, language) for _, value in pairs}
    )


def is_news(decision: Decision, told: Collection[str]) -> bool:
    """Whether the value that decided has to be said: neither it nor its name is among what is told already."""
    evidence = decision.evidence
    known = (
        evidence.name in told
        or evidence.value in told
        or decision.exercise.checks[0].check != "value"
    )
    return bool(evidence.value) and not known


def note(left: Left, language: Language, reader: Reader) -> str:
    """A note of the recorder's."""
    if left.text.startswith("random-weights"):
        return say("note.random-weights", {}, language=language, reader=reader)
    return left.text


def ended(run: CellRun, language: Language, reader: Reader) -> Iterator[str]:
    """How a cell ended, if not well; to a student, also what to do about it."""
    if run.status == "ok":
        return
    if run.status == "error":
        error = f"{run.error}: {run.message}" if run.message else run.error
        yield error or word("cell-error", language)
    reached = f"limit.{run.limit}" if run.limit and run.status == "error" else ""
    cause = f"ended.{run.limit or run.status}" if run.status != "error" else ""
    if reached or cause:
        params = {"cell": run.cell, "seconds": round(run.seconds, 1)}
        yield say(reached or cause, params, language=language, reader=reader)


def saved(outputs: Saved, language: Language) -> str:
    """What the file holds and what a fresh run gives, with the execution counts as saved."""
    place = f"In [{' ' if outputs.count is None else outputs.count}]"
    told = word("story-saved", language, saved=outputs.saved, fresh=outputs.fresh, place=place)
    if outputs.disorder:
        above, below = outputs.disorder
        told += " " + word("story-disorder", language, above=above, below=below)
    return told


def whole(story: Story, result: SubmissionResult, language: Language) -> Iterator[str]:
    """What is to be known of the story as a whole."""
    told = [one for one in result.execution.notes if one.id == "note.truncated"]
    shown = any(isinstance(part, CellStory) and part.saved for part in story.parts)
    told += [flag.message for flag in result.flags if not (shown and flag.id == "not-reproducible")]
    yield from (wording.said(message, language, "instructor") for message in told)
    if story.left_out:
        yield word("story-left-out", language, left_out=story.left_out, count=story.events)
