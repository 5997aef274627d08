"""Look up facts about a course: where it is, its languages, whether the seed of a class is lost."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import console
from grader.errors import AssignmentError, GraderError
from grader.messages import Language, common_language, word
from grader.outputs.safe_text import safe
from grader.settings import Settings
from grader.submissions.paths import mode_of

if TYPE_CHECKING:
    from grader.store.store import Store


def languages(settings: Settings, name: str | None) -> dict[str, Language]:
    """Map assignments to their languages; if one is named, only that one."""
    from grader.assignment import load_assignments

    by_name: dict[str, Language] = {}
    for assignment in load_assignments(settings.exercises, name):
        by_name[assignment.name] = assignment.language
    return by_name


def course_language(settings: Settings) -> Language:
    """Return the requested language, or else that of the assignments."""
    if settings.language:
        return settings.language
    by_name = languages(settings, settings.assignment)
    return common_language(by_name.values())


def tell_lost_seed(store: Store, language: Callable[[], Language]) -> None:
    """Warn that new numbers are drawn, because the stored seed of the class is lost.

    Args:
        store: the open output folder.
        language: looks up the language of the sentence.
    """
    from grader.reference.class_seed import SEED_FILE, is_lost

    if is_lost(store):
        file = store.folder / SEED_FILE
        sentence = word("class-seed-lost", language(), file=file)
        console.show(safe(sentence, "yellow"), err=True)


def require_submissions(paths: Sequence[Path], exercises: Path) -> None:
    """Check the paths of submissions before anything of the course is read.

    Args:
        paths: as given on the command line.
        exercises: folder of the assignments.

    Raises:
        NothingToGrade: a path does not exist.
        GraderError: a path is the folder of the course itself: its folders are no students.
        AssignmentError: the course is elsewhere, above one of the paths.
    """
    for path in paths:
        mode_of(path)

    for path in paths:
        if _has_assignment(exercises):
            _require_other_than_course(path, exercises)
        else:
            _require_no_other_course(path, exercises)


def _require_other_than_course(path: Path, exercises: Path) -> None:
    if path.resolve() in exercises.resolve().parents:
        raise GraderError(
            f"{path} is the folder of the course: {exercises}/ is in it.",
            "Give the folder with what students handed in, such as submissions/.",
        )


def _require_no_other_course(path: Path, exercises: Path) -> None:
    course = _course_around(path)
    if course is not None:
        command = shlex.join(["cd", str(course)])
        raise AssignmentError(
            f"There is no assignment in {exercises}/.",
            f"The course seems to be another folder; go there first: {command}",
        )


def _course_around(path: Path) -> Path | None:
    """Return the nearest folder with assignments in `exercises/`, from a path upwards."""
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        if _has_assignment(folder / "exercises"):
            return folder
    return None


def _has_assignment(exercises: Path) -> bool:
    return any(exercises.glob("*/assignment.toml"))
