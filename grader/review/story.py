"""The lines of a submission with what they left behind, as a page shows them: plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import Left
from grader.outputs.story.story import CellStory, Decision, Story, StoryLine


def cells_of(story: Story, language: Language) -> list[dict[str, Any]]:
    """The cells that are told, each with its lines and the exercises that it decided.

    SECURITY: what a student wrote is text without controls; the page never makes markup of it.
    """
    return [_cell(part, language) for part in story.parts if isinstance(part, CellStory)]


def _cell(part: CellStory, language: Language) -> dict[str, Any]:
    return {
        "cell": part.cell + 1,
        "heading": plain(part.heading),
        "lines": [_line(one, language) for one in part.lines],
        "ended": plain(" ".join(story_wording.ended(part.run, language, "instructor"))),
        "decided": _exercises(part.decisions),
    }


def _line(one: StoryLine, language: Language) -> dict[str, Any]:
    line = one.line
    indent = len(line.source) - len(line.source.lstrip())
    return {
        "number": line.number,
        "source": (f"{plain(line.inside)}: " if line.inside else " " * indent) + plain(line.source),
        "left": [text for left in line.left for text in _left(left, language)],
        "decided": _exercises(one.decisions),
    }


def _exercises(decisions: Iterable[Decision]) -> list[str]:
    return [decision.exercise.id for decision in decisions]


def _left(left: Left, language: Language) -> Iterator[str]:
    passes = story_wording.passes(left.turns, language)
    before = f"{passes} " if passes else ""
    for path, value in story_wording.values(left, language):
        yield before + (f"{path} = {value}" if path else f"→ {value}")
    if left.text:
        yield from (f"{before}» {plain(line)}" for line in left.text.split("\n"))
    if left.more:
        yield word("more", language, count=left.more)
