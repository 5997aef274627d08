"""What would be graded, without running anything: what `--dry-run` shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.arriving.arrivals import MappedFiles, arrived, mapped
from grader.assignment import load_assignments
from grader.messages import Language, as_language
from grader.settings import Settings


def preview(paths: Sequence[Path], settings: Settings) -> tuple[MappedFiles, Language]:
    """What becomes of each file that was handed in, and the language of the first assignment.

    Raises:
        GraderError: as a run raises it.
    """
    assignments = load_assignments(settings.exercises, settings.assignment)
    with arrived(paths, assignments, settings.roster) as arrivals:
        return mapped(arrivals, assignments), as_language(assignments[0].language)
