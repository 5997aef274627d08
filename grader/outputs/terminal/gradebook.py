"""Shows what filling in a gradebook came to: how many grades, and everyone who got none, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.gradebooks.filling import Filled
from grader.outputs.safe_text import safe


def filled_view(path: Path, filled: Filled, language: Language) -> RenderableType:
    """What was written, and below it the lists of what a person should know; none of them is cut.

    Args:
        path: the file that was written.
        filled: what it came to.
        language: language of the words.
    """
    counts = {"grades": len(filled.graded), "comments": len(filled.commented)}
    lines: list[RenderableType] = [safe(word("filled", language, path=path, **counts), "bold")]
    for heading, names in _lists(filled, language):
        lines += names_below(heading, names)
    return Group(*lines)


def names_below(heading: str, names: Sequence[str]) -> list[RenderableType]:
    """A heading and the names below it, one a line; nothing at all without names."""
    return [safe(heading), *(Text("  ").append_text(safe(name)) for name in names)] if names else []


def lost_view(path: Path, lost: Sequence[str], count: int, language: Language) -> RenderableType:
    """What stands in a zip of feedback, and whose is not in it."""
    head = safe(word("feedback-zip", language, path=path, count=count), "bold")
    return Group(head, *names_below(word("feedback-zip-without", language), lost))


def written_line(path: Path, language: Language) -> Text:
    """Says where something was written."""
    return safe(word("written", language, path=path))


def feedback_line(folder: Path, count: int, language: Language) -> Text:
    """Says where the students' pages are, and how many."""
    return safe(word("feedback-pages", language, folder=folder, count=count))


def _lists(filled: Filled, language: Language) -> Iterator[tuple[str, Sequence[str]]]:
    yield (
        word("filled-changed", language),
        [f"{name}: {before} → {now}" for name, before, now in filled.changed],
    )
    yield (
        word("filled-kept-grades", language),
        [f"{name}: {text}" for name, text in filled.kept_grades],
    )
    yield word("filled-kept-comments", language), filled.kept_comments
    yield word("filled-pending", language), filled.pending
    yield word("filled-without-grade", language), filled.without_grade
    yield word("filled-ambiguous", language), filled.matches.ambiguous
    yield word("filled-without-row", language), filled.matches.without_row
    yield word("filled-without-submission", language), filled.matches.without_submission
