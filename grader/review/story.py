"""Describe the lines of a submission and their effects, as data for the review page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import CodeLine, Effect
from grader.outputs.story.story import CellStory, Story, StoryDecision, StoryLine

Sections = Mapping[str, Collection[int]]
"""Per exercise that a person looks at, the indices of the cells in its section."""


def cells_of(
    story: Story,
    language: Language,
    pictures: Mapping[int, Sequence[str]],
    sections: Sections,
) -> list[dict[str, Any]]:
    """Describe the cells of a story, each with its lines and the exercises it decided.

    SECURITY: a student's text is sent without control characters; the page never interprets it as
    markup.

    Args:
        story: the story of a submission.
        language: language of the words.
        pictures: the pictures that each cell displayed, as `data:` addresses.
        sections: the cells that a person looks at.
    """
    cells = []
    for part in story.parts:
        if isinstance(part, CellStory):
            data = _cell(part, language)
            shown = pictures.get(part.cell, ())
            if part.again_below:  # the pictures are those of the last run of a cell
                shown = ()
            data["pictures"] = list(shown)
            data["sections"] = _sections_with(part.cell, sections)
            cells.append(data)
    return cells


def _sections_with(cell: int, sections: Sections) -> list[str]:
    return [exercise for exercise, cells in sections.items() if cell in cells]


def _cell(part: CellStory, language: Language) -> dict[str, Any]:
    ending = story_wording.cell_ending(part.run, language, "instructor")
    return {
        "cell": part.cell + 1,
        "heading": plain(part.heading),
        "lines": [_line(line, language) for line in part.lines],
        "ended": plain(" ".join(ending)),
        "decided": _decided_exercises(part.decisions),
    }


def _line(story_line: StoryLine, language: Language) -> dict[str, Any]:
    line = story_line.line
    texts: list[str] = []
    for effect in line.effects:
        texts += _effect_texts(effect, language)

    return {
        "number": line.number,
        "source": _source(line),
        "left": texts,
        "decided": _decided_exercises(story_line.decisions),
    }


def _source(line: CodeLine) -> str:
    """Format a line with its indentation, or with the function it is in."""
    if line.inside:
        return f"{plain(line.inside)}: {plain(line.source)}"
    unindented = line.source.lstrip()
    indentation = len(line.source) - len(unindented)
    return " " * indentation + plain(line.source)


def _decided_exercises(decisions: Iterable[StoryDecision]) -> list[str]:
    return [decision.exercise.id for decision in decisions]


def _effect_texts(effect: Effect, language: Language) -> Iterator[str]:
    prefix = story_wording.passes(effect.turns, language)
    if prefix:
        prefix += " "

    for path, value in story_wording.values(effect, language):
        if path:
            yield f"{prefix}{path} = {value}"
        else:
            yield f"{prefix}→ {value}"
    if effect.text:
        for line in effect.text.split("\n"):
            yield f"{prefix}» {plain(line)}"
    if effect.more:
        yield word("more", language, count=effect.more)
