"""Look up the languages of a course's assignments, and warn if the seed of the class is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from grader.cli import console
from grader.messages import Language, common_language, word
from grader.outputs.safe_text import safe
from grader.settings import Settings

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
