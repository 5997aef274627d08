"""Show what filling in a gradebook came to: how many grades, and everyone without one, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.gradebooks.fill_in import FilledGradebook
from grader.outputs.safe_text import safe


def gradebook_view(path: Path, gradebook: FilledGradebook, language: Language) -> RenderableType:
    """Show what was written, and below it the lists of what a person should know, in full.

    Args:
        path: the file that was written.
        gradebook: its grades and comments, and who has none.
        language: language of the words.
    """
    counts = {"grades": len(gradebook.graded), "comments": len(gradebook.commented)}
    title = word("filled", language, path=path, **counts)

    lines: list[RenderableType] = [safe(title, "bold")]
    for key, names in _lists(gradebook):
        lines += _titled_names(word(key, language), names)
    return Group(*lines)


def _lists(gradebook: FilledGradebook) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the lists in the order shown: the key of the heading, and the lines below it."""
    changes = [f"{name}: {before} → {now}" for name, before, now in gradebook.changed]
    kept_grades = [f"{name}: {text}" for name, text in gradebook.kept_grades]

    yield "filled-changed", changes
    yield "filled-kept-grades", kept_grades
    yield "filled-kept-comments", gradebook.kept_comments
    yield "filled-pending", gradebook.pending
    yield "filled-without-grade", gradebook.without_grade
    yield "filled-ambiguous", gradebook.matches.ambiguous
    yield "filled-without-row", gradebook.matches.without_row
    yield "filled-without-submission", gradebook.matches.without_submission


def _titled_names(title: str, names: Sequence[str]) -> list[RenderableType]:
    """List names below a title, one a line; nothing at all without names."""
    if not names:
        return []
    lines = [Text("  ").append_text(safe(name)) for name in names]
    return [safe(title), *lines]


def feedback_zip_view(
    path: Path, missing: Sequence[str], count: int, language: Language
) -> RenderableType:
    """Show how many submissions a zip of feedback covers, and which are missing.

    Args:
        path: the zip.
        missing: labels of the submissions without feedback in it.
        count: how many submissions have feedback in it.
        language: language of the words.
    """
    title = safe(word("feedback-zip", language, path=path, count=count), "bold")
    missing_lines = _titled_names(word("feedback-zip-without", language), missing)
    return Group(title, *missing_lines)


def written_line(path: Path, language: Language) -> Text:
    """Say where an output was written."""
    return safe(word("written", language, path=path))


def feedback_line(folder: Path, count: int, language: Language) -> Text:
    """Say where the students' pages are, and how many."""
    return safe(word("feedback-pages", language, folder=folder, count=count))
