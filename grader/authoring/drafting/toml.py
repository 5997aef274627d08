"""Writes the files of a draft as TOML, with comments that teach the format. Pure.

The comments are in the language of the course, from the catalogues, as all else that people read.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.variants import Input
from grader.messages import LANGUAGES, Language, word
from grader.settings import Limits

WIDTH = 110
"""Columns of a comment."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Head:
    """What stands above the exercises of an `assignment.toml`."""

    title: str
    handout: str
    """Name of the notebook."""
    files: tuple[str, ...]
    """Names of data files."""
    limits: Limits


@dataclass(frozen=True)
class DraftedExercise:
    """A table of `[[exercises]]`."""

    id: str
    title: str
    points: float
    check: str
    look_in: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True)
class DraftedMistake:
    """A table of `mistakes.toml`."""

    id: str
    name: Mapping[Language, str]
    hint: Mapping[Language, str]


def quoted(text: str) -> str:
    """A text as TOML writes it: JSON's escapes are TOML's too, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def assignment(head: Head, exercises: Iterable[DraftedExercise], language: Language) -> str:
    """The text of `assignment.toml`.

    Args:
        head: what stands above the exercises.
        exercises: at least one.
        language: of the course.
    """
    usual = Limits()
    lines = [_tell("draft-toml-title", language), f"title = {quoted(head.title)}"]
    lines += [_tell("draft-toml-language", language), f"language = {quoted(language)}"]
    lines += [_tell("draft-toml-handout", language), f"handout = {quoted(head.handout)}"]
    lines += [_tell("draft-toml-files", language), _files(head.files)]
    lines += ["", _tell("draft-toml-run", language), "[run]"]
    for name in ("cell_timeout_s", "notebook_timeout_s", "memory_mib", "threads", "seed"):
        value = getattr(head.limits, name)
        shown = f"{name} = {value:g}"
        lines.append(
            shown
            if value != getattr(usual, name) or name in ("cell_timeout_s", "seed")
            else f"# {shown}"
        )
    lines += ["", *_explained(language)]
    lines += [line for exercise in exercises for line in _exercise(exercise)]
    return "\n".join(lines) + "\n"


def _files(names: Sequence[str]) -> str:
    return f"files = {_list(names)}" if names else '# files = ["data.csv"]'


def _explained(language: Language) -> list[str]:
    keys = ("id", "points", "check", "look-in", "needs", "question", "tolerance", "notes")
    return [_tell(f"draft-toml-{key}", language) for key in keys]


def _exercise(exercise: DraftedExercise) -> Iterable[str]:
    yield from (
        "",
        "[[exercises]]",
        f"id = {quoted(exercise.id)}",
        f"title = {quoted(exercise.title)}",
    )
    yield from (f"points = {exercise.points:g}", f"check = {quoted(exercise.check)}")
    if exercise.look_in:
        yield f"look_in = {_list(exercise.look_in)}"
    if exercise.needs:
        yield f"needs = {_list(exercise.needs)}"
    if exercise.question:
        yield f"question = {quoted(exercise.question)}"


def variants(inputs: Sequence[Input], language: Language) -> str:
    """The text of `variants.toml`: proposed variants, or how to write some."""
    lines = [_tell("draft-toml-variants", language)]
    if not inputs:
        lines += ["", _tell("draft-toml-no-variants", language)]
    for one in inputs:
        lines += [
            "",
            "[[inputs]]",
            f"name = {quoted(one.data.name)}",
            f"from = {quoted(one.data.name)}",
        ]
        lines += [f"variants = {_column(one.variants)}", f"practice = {_column(one.practice)}"]
    return "\n".join(lines) + "\n"


def _column(texts: Iterable[str]) -> str:
    shown = ",\n".join(f"    {quoted(text)}" for text in texts)
    return f"[\n{shown},\n]"


def mistakes(found: Iterable[DraftedMistake], language: Language) -> str:
    """The text of `mistakes.toml`."""
    lines = [_tell("draft-toml-mistakes", language)]
    for mistake in found:
        key = mistake.id if _BARE.fullmatch(mistake.id) else quoted(mistake.id)
        lines += ["", f"[mistakes.{key}]", f"name = {_by_language(mistake.name)}"]
        lines += [f"hint = {_by_language(mistake.hint)}", "credit = {}"]
    return "\n".join(lines) + "\n"


def _by_language(texts: Mapping[Language, str]) -> str:
    return (
        "{ " + ", ".join(f"{language} = {quoted(texts[language])}" for language in LANGUAGES) + " }"
    )


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _tell(key: str, language: Language) -> str:
    return textwrap.fill(
        word(key, language),
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_on_hyphens=False,
    )
