"""Look up the languages of a course's assignments."""

from __future__ import annotations

from grader.messages import Language, common_language
from grader.settings import Settings


def languages(settings: Settings, name: str | None) -> dict[str, Language]:
    """Return the language of each assignment by its name; only that of one if it is named."""
    from grader.assignment import load_assignments

    by_name: dict[str, Language] = {}
    for assignment in load_assignments(settings.exercises, name):
        by_name[assignment.name] = assignment.language
    return by_name


def course_language(settings: Settings) -> Language:
    """Return the language asked for; without one, that of the assignments."""
    if settings.language:
        return settings.language
    by_name = languages(settings, settings.assignment)
    return common_language(by_name.values())
