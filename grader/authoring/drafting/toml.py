"""Format the files of a draft as TOML, with comments that explain the format. Pure.

The comments are in the language of the course, from the catalogues, like all texts for people.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.proposals.base import Field
from grader.authoring.drafting.variants import DraftedInput
from grader.messages import LANGUAGES, Language, word
from grader.settings import Limits

LINE_WIDTH = 90
"""Most columns of a list on one line."""
WIDTH = 110
"""Columns of a comment."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LIMITS = ("cell_timeout_s", "notebook_timeout_s", "memory_mib", "threads")
_ALWAYS_SET = ("cell_timeout_s",)
"""Limits that are written even if they have their default."""
_EXPLAINED = ("look_in", "where")
"""Fields of an exercise that a comment explains if they are used."""


@dataclass(frozen=True)
class AssignmentHead:
    """The part of `assignment.toml` above the exercises."""

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
    needs: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    """Fields of its check, by their names."""


@dataclass(frozen=True)
class VariedData:
    """The data that `variants.toml` varies."""

    inputs: Sequence[DraftedInput] = ()
    files: Sequence[str] = ()
    """Names of data files."""
    seeds: bool = False
    """Whether the seeds that make the data vary."""
    draws: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Expressions that draw the numbers of an input, by its name; those of others are fixed."""


@dataclass(frozen=True)
class DraftedMistake:
    """A table of `mistakes.toml`."""

    id: str
    name: Mapping[Language, str]
    hint: Mapping[Language, str]


def quote(text: str) -> str:
    """Quote a text for TOML: JSON's escapes are valid, except for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def format_assignment(
    head: AssignmentHead,
    exercises: Iterable[DraftedExercise],
    language: Language,
) -> str:
    """Format `assignment.toml`.

    Args:
        head: the part above the exercises.
        exercises: at least one.
        language: of the course.
    """
    lines = [
        _comment(word("draft-toml-title", language)),
        f"title = {quote(head.title)}",
        _comment(word("draft-toml-language", language)),
        f"language = {quote(language)}",
        _comment(word("draft-toml-handout", language)),
        f"handout = {quote(head.handout)}",
        _comment(word("draft-toml-files", language)),
        _files_line(head.files),
        "",
        _comment(word("draft-toml-run", language)),
        "[run]",
    ]
    lines.extend(_limit_lines(head.limits))
    lines.append("")
    tables = list(exercises)
    lines.extend(_explanations(tables, language))
    for exercise in tables:
        lines.extend(_exercise_lines(exercise))
    return _join_lines(lines)


def _explanations(
    exercises: Sequence[DraftedExercise],
    language: Language,
) -> Iterator[str]:
    """Explain the fields and the checks that exercises use."""
    yield _comment(word("draft-toml-id", language))
    yield _comment(word("draft-toml-points", language))
    if any(exercise.needs for exercise in exercises):
        yield _comment(word("draft-toml-needs", language))
    for check in dict.fromkeys(exercise.check for exercise in exercises):
        yield _comment(word(f"draft-toml-check-{check}", language))
    used = {name for exercise in exercises for name in exercise.fields}
    for name in _EXPLAINED:
        if name in used:
            yield _comment(word(f"draft-toml-{name.replace('_', '-')}", language))


def _files_line(names: Sequence[str]) -> str:
    if not names:
        return '# files = ["data.csv"]'
    return f"files = {_list(names)}"


def _limit_lines(limits: Limits) -> Iterator[str]:
    """Write the limits that differ from their defaults; the others as comments."""
    default = Limits()
    for name in _LIMITS:
        value = getattr(limits, name)
        is_set = name in _ALWAYS_SET or value != getattr(default, name)
        prefix = "" if is_set else "# "
        yield f"{prefix}{name} = {value:g}"
    if limits.data:
        yield f"data = {quote(limits.data)}"
    if limits.datasets:
        yield f"datasets = {_list(limits.datasets)}"


def _exercise_lines(exercise: DraftedExercise) -> Iterator[str]:
    yield ""
    yield "[[exercises]]"
    yield f"id = {quote(exercise.id)}"
    yield f"title = {quote(exercise.title)}"
    yield f"points = {exercise.points:g}"
    yield f"check = {quote(exercise.check)}"
    yield from field_lines(exercise.fields)
    if exercise.needs:
        yield f"needs = {_list(exercise.needs)}"


def field_lines(fields: Mapping[str, Field]) -> Iterator[str]:
    """Write the fields of an exercise, each on one or several lines."""
    for name, value in fields.items():
        yield f"{name} = {_value(value)}"


def _value(value: Field) -> str:
    """Format the value of a field."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        return f"{value:.10g}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        pairs = []
        for name, entry in value.items():
            pairs.append(f"{name} = {_value(entry)}")
        return f"{{ {', '.join(pairs)} }}"
    line = _list(value)
    if len(line) <= LINE_WIDTH:
        return line
    return _column(value)


def _text(text: str) -> str:
    """Format a text; a multi-line one verbatim, if TOML permits it."""
    if "\n" not in text or "'''" in text:
        return quote(text)
    return f"'''\n{text}\n'''"


def format_variants(
    varied: VariedData,
    language: Language,
) -> str:
    """Format `variants.toml`: proposed variants, or instructions to write some."""
    lines = [
        _comment(word("draft-toml-draws" if varied.draws else "draft-toml-variants", language))
    ]
    for name in varied.files:
        lines += [
            "",
            _comment(word("draft-toml-varied-file", language)),
            "[[files]]",
            f"name = {quote(name)}",
            'make = "resample"',
        ]
    if varied.seeds:
        lines += [
            "",
            _comment(word("draft-toml-seeds", language)),
            "[[seeds]]",
            "count = 2",
        ]
    elif not varied.inputs and not varied.files:
        lines += ["", _comment(word("draft-toml-no-variants", language))]
    for drafted in varied.inputs:
        name = quote(drafted.data.name)
        lines += [
            "",
            "[[inputs]]",
            f"name = {name}",
            f"from = {name}",
            *_numbers_of(drafted, varied.draws),
        ]
    return _join_lines(lines)


def _numbers_of(drafted: DraftedInput, draws: Mapping[str, Sequence[str]]) -> list[str]:
    """Write the numbers of an input, or how they are drawn."""
    drawn = draws.get(drafted.data.name, ())
    if len(drawn) == 1:
        return [f"draw = {quote(drawn[0])}"]
    if drawn:
        return [f"draw = {_column(drawn)}"]
    variants = f"variants = {_column(drafted.variants)}"
    practice = f"practice = {_column(drafted.practice)}"
    return [variants, practice]


def format_probes(
    code: str,
    language: Language,
) -> str:
    """Format `probes.py`."""
    explanation = word("draft-probes", language)
    return f'"""{explanation}"""\n\n{code}'


def format_mistakes(
    mistakes: Iterable[DraftedMistake],
    language: Language,
) -> str:
    """Format `mistakes.toml`."""
    lines = [_comment(word("draft-toml-mistakes", language))]
    for mistake in mistakes:
        is_bare = _BARE_KEY.fullmatch(mistake.id)
        key = mistake.id if is_bare else quote(mistake.id)
        lines += [
            "",
            f"[mistakes.{key}]",
            f"name = {_by_language(mistake.name)}",
            f"hint = {_by_language(mistake.hint)}",
            "credit = {}",
        ]
    return _join_lines(lines)


def _by_language(texts: Mapping[Language, str]) -> str:
    pairs = []
    for language in LANGUAGES:
        if language in texts:
            text = quote(texts[language])
            pairs.append(f"{language} = {text}")
    return f"{{ {', '.join(pairs)} }}"


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quote, texts))}]"


def _column(texts: Iterable[str]) -> str:
    lines = [f"    {quote(text)}" for text in texts]
    column = ",\n".join(lines)
    return f"[\n{column},\n]"


def _comment(text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_on_hyphens=False,
    )


def _join_lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
