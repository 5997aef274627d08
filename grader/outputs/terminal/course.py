"""Show the files of a new course, and the next command."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.safe_text import safe


def course_view(
    folder: Path,
    written: Sequence[str],
    kept: Sequence[str],
    language: Language,
    *,
    example: bool,
) -> RenderableType:
    """Show the written files, the existing files, and the next command.

    Args:
        folder: of the course.
        written: names of files and folders in it.
        kept: names of files that stay unchanged.
        language: of the words.
        example: whether it has submissions to try.
    """
    title = word("course-made", language, path=folder, files=", ".join(written))
    lines = [safe(title, "bold")]
    if kept:
        lines.append(safe(word("course-kept", language, files=", ".join(kept))))

    first = "grade submissions/" if example else "grade new week-1 solved.ipynb"
    here = shlex.quote(str(folder))
    advice = word("course-next", language, command=f"cd {here} && {first}")
    return Group(*lines, Text(""), safe(advice))
