"""Show the contents of a release, and how to use it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.safe_text import safe

if TYPE_CHECKING:
    from grader.reference.release import Release


def release_view(
    path: Path,
    files: Sequence[str],
    release: Release,
    language: Language,
) -> RenderableType:
    """Show the written files, the exercises that students can check with them, and the next steps.

    Args:
        path: the zip.
        files: names in it.
        release: the exercises, and which of them the practice variants cannot decide.
        language: language of the words.
    """
    automatic = [exercise.id for exercise in release.exercises if exercise.automatic]
    checked = [exercise_id for exercise_id in automatic if exercise_id not in release.undecided]

    title = word(
        "released",
        language,
        path=path,
        files=", ".join(files),
    )
    exercises = ", ".join(checked) or "–"
    count = len(release.numbers())
    if count:
        checks = word("release-checks", language, exercises=exercises, count=count)
    else:
        checks = word("release-checks-data", language, exercises=exercises)
    lines = [safe(title, "bold"), safe(checks)]

    if release.undecided:
        undecided = ", ".join(release.undecided)
        lines.append(safe(word("release-undecided", language, exercises=undecided)))

    lines += [Text(""), safe(word("release-next", language, path=path))]
    return Group(*lines)
