"""Shows what is in a release, and what to do with it."""

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
    path: Path, files: Sequence[str], release: Release, language: Language
) -> RenderableType:
    """What was written, what students can check with it, and what they do.

    Args:
        path: the zip.
        files: names in it.
        release: what they check with.
        language: language of the words.
    """
    automatic = [exercise.id for exercise in release.exercises if exercise.automatic]
    checked = [exercise for exercise in automatic if exercise not in release.undecided]
    lines = [
        safe(word("released", language, path=path, files=", ".join(files)), "bold"),
        safe(
            word(
                "release-checks",
                language,
                exercises=", ".join(checked) or "–",
                count=len(release.numbers()),
            )
        ),
    ]
    if release.undecided:
        lines.append(
            safe(word("release-undecided", language, exercises=", ".join(release.undecided)))
        )
    return Group(*lines, Text(""), safe(word("release-next", language, path=path)))
