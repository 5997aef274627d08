"""Show the outcome of filling in a gradebook: how many grades, and who has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.gradebooks.fill_in import FilledGradebook
from grader.outputs.safe_text import safe


def gradebook_view(path: Path, gradebook: FilledGradebook, language: Language) -> RenderableType:
    """Show the written file, and below it all notes for a person.

    Args:
        path: the file that was written.
        gradebook: its grades and comments, and who has none.
        language: language of the words.
    """
    grades = len(gradebook.graded)
    comments = len(gradebook.commented)
    title = word("filled", language, path=path, grades=grades, comments=comments)
    lines: list[RenderableType] = [safe(title, "bold")]
    for key, names in _lists(gradebook):
        heading = word(key, language)
        lines += _titled_names(heading, names)
    return Group(*lines)


def _lists(gradebook: FilledGradebook) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the lists in order: the key of each heading, and the lines below it."""
    changes: list[str] = []
    for name, before, now in gradebook.changed:
        changes.append(f"{name}: {before} → {now}")
    kept_grades = [f"{name}: {text}" for name, text in gradebook.kept_grades]

    yield "filled-changed", changes
    yield "filled-kept-grades", kept_grades
    yield "filled-kept-comments", gradebook.kept_comments
    yield "filled-pending", gradebook.pending
    yield "filled-without-grade", gradebook.without_grade
    matches = gradebook.matches
    yield "filled-ambiguous", matches.ambiguous
    yield "filled-without-row", matches.without_row
    yield "filled-without-submission", matches.without_submission


def _titled_names(title: str, names: Sequence[str]) -> list[RenderableType]:
    """List names below a title, one per line; nothing without names."""
    if not names:
        return []
    lines: list[RenderableType] = [safe(title)]
    for name in names:
        line = Text("  ")
        line.append_text(safe(name))
        lines.append(line)
    return lines


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
    title = word("feedback-zip", language, path=path, count=count)
    heading = word("feedback-zip-without", language)
    missing_lines = _titled_names(heading, missing)
    return Group(safe(title, "bold"), *missing_lines)


def written_line(path: Path, language: Language) -> Text:
    """Show where an output was written."""
    sentence = word("written", language, path=path)
    return safe(sentence)


def feedback_line(folder: Path, count: int, language: Language) -> Text:
    """Show where the students' pages are, and how many."""
    sentence = word("feedback-pages", language, folder=folder, count=count)
    return safe(sentence)
