"""The catalogues: whole in every language, as the code asks for them, and silent to students about expected values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from babel.messages.pofile import read_po

import grader
from grader.messages import LANGUAGES, READERS, Context, Language, catalogue, catalogue_file
from grader.report import CellProblem, ExerciseStatus, Flag, SubmissionStatus
from grader.running.sandbox.cgroups import CONTROLLERS
from grader.settings import Settings
from grader.trace import Limit

STUDENT_MAY_READ = {
    "credit",
    "needs",
    "cell",
    "cells",
    "hint",
    "operation",
    "found",
    "wanted",
    "function",
    "call",
    "error",
    "line",
    "mib",
    "version",
    "language",
    "seconds",
    "count",
    "what",
    "note",
}
ENGLISH = catalogue("en")
MESSAGES = {message_id for context, message_id in ENGLISH if context in READERS}
FAMILIES = "|".join(sorted({one.partition(".")[0] for one in MESSAGES if "." in one}))

PACKAGE = Path(grader.__file__).parent
CODE = [
    ast.parse(path.read_text("utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.parent.name != "kernel"
]
"""All but what runs notebooks, which has no words."""
OF_THE_SCREEN = ("word", "_tell", "tell", "texts")
"""Functions whose first argument is the id of a text of the screen."""


def parsed(language: Language):
    with catalogue_file(language).open("rb") as file:
        return read_po(file, abort_invalid=True)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def forms(text: str) -> set[str]:
    """What stands behind the colon of each parameter."""
    return {form for _, name, form, _ in Formatter().parse(text) if name and form}


def ids(node: ast.AST) -> Iterator[str]:
    """The ids that an expression may be, as patterns: `*` stands for what only a run knows."""
    if isinstance(node, ast.IfExp):
        yield from (*ids(node.body), *ids(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
        )


def of_the_screen() -> set[str]:
    """The texts of the screen that the code asks for, as patterns."""
    calls = [
        node
        for module in CODE
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and node.args
    ]
    asking = [
        call
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in OF_THE_SCREEN
    ]
    return {one for call in asking for one in ids(call.args[0])} | in_templates()


def in_templates() -> set[str]:
    """The texts of the screen that the templates of pages ask for."""
    pages = (path.read_text("utf-8") for path in PACKAGE.rglob("templates/*.html"))
    return {found for page in pages for found in re.findall(r'word\("([a-z_-]+)"', page)}


def of_messages() -> set[str]:
    """The messages that the code speaks of, as patterns."""
    every = {one for module in CODE for node in ast.walk(module) for one in ids(node)}
    return {
        one for one in every if re.fullmatch(rf"({FAMILIES})\.([a-z-]+|\*)", one) or one in MESSAGES
    }


def unknown(patterns: set[str], known: set[str]) -> list[str]:
    return sorted(
        pattern for pattern in patterns if not any(fnmatchcase(one, pattern) for one in known)
    )


def unused(known: set[str], patterns: set[str]) -> list[str]:
    return sorted(
        one for one in known if not any(fnmatchcase(one, pattern) for pattern in patterns)
    )


def in_context(*contexts: Context) -> set[str]:
    return {message_id for context, message_id in ENGLISH if context in contexts}


# The files


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_its_language_and_is_in_utf_8(language):
    assert (language, "utf-8") == (
        str(parsed(language).locale_identifier),
        parsed(language).charset,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_in_doubt(language):
    entries = [entry for entry in parsed(language) if entry.id]
    assert ([], {}) == (
        [(entry.context, entry.id) for entry in entries if entry.fuzzy or not entry.string],
        parsed(language).obsolete,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_twice(language):
    written = re.findall(
        r'^msgctxt "(.*)"\nmsgid "(.*)"$', catalogue_file(language).read_text("utf-8"), re.MULTILINE
    )
    assert written == list(catalogue(language))


def test_there_is_a_catalogue_for_each_language_and_no_other():
    folder = catalogue_file("en").parents[2]
    assert sorted(LANGUAGES) == sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/*"))


def test_settings_know_the_same_languages():
    (asked, _) = get_args(Settings.model_fields["language"].annotation)
    assert set(LANGUAGES) == set(get_args(asked)) == set(get_args(Language))


# One language and another


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_has_the_same_texts_in_the_same_order(language):
    assert list(ENGLISH) == list(catalogue(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_speaks_of_the_same_parameters(language):
    texts = catalogue(language)
    assert [] == [
        key for key, text in ENGLISH.items() if key in texts and fields(text) != fields(texts[key])
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_parameter_is_a_share_or_has_a_noun_for_one_and_one_for_many(language):
    odd = {key: forms(text) for key, text in catalogue(language).items()}
    assert {} == {
        key: found
        for key, found in odd.items()
        if not all(f == "%" or f.count("|") == 1 for f in found)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_operation_has_a_noun_for_one_and_one_for_many(language):
    nouns = {
        key: text.split("|") for key, text in catalogue(language).items() if key[0] == "operation"
    }
    assert [] == [key for key, found in nouns.items() if len(list(filter(None, found))) != 2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_one_line(language):
    assert [] == [key for key, text in catalogue(language).items() if re.search(r"\s\s|\n", text)]


# Who is told what


def test_every_text_stands_where_texts_may():
    assert set(get_args(Context)) == {context for context, _ in ENGLISH}


def test_the_instructor_is_told_everything():
    assert MESSAGES == in_context("instructor")


def test_what_is_said_in_few_words_is_a_message():
    assert set() == in_context("short") - MESSAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_student_reads_only_parameters_that_give_nothing_away(language):
    told = {key: fields(text) for key, text in catalogue(language).items() if key[0] == "student"}
    assert {} == {
        key: found - STUDENT_MAY_READ for key, found in told.items() if found - STUDENT_MAY_READ
    }


# The code and the catalogues


def test_every_text_that_the_screen_asks_for_is_there():
    assert [] == unknown(of_the_screen(), in_context("screen"))


def test_every_message_that_the_code_speaks_of_is_there():
    assert [] == unknown(of_messages(), MESSAGES)


def test_no_text_of_the_screen_is_there_for_nothing():
    statuses = {*get_args(ExerciseStatus), *get_args(SubmissionStatus)}
    assert [] == unused(in_context("screen"), of_the_screen() | statuses)


def test_no_message_is_there_for_nothing():
    assert [] == unused(MESSAGES, of_messages())


@pytest.mark.parametrize(
    ("context", "family", "members"),
    [
        ("screen", "{}", [*get_args(ExerciseStatus), *get_args(SubmissionStatus)]),
        (
            "screen",
            "count-{}",
            [status for status in get_args(SubmissionStatus) if status != "graded"],
        ),
        ("screen", "cell-{}", get_args(CellProblem.model_fields["status"].annotation)),
        ("screen", "doctor-limit-{}", CONTROLLERS),
        ("instructor", "flag.{}", get_args(Flag.model_fields["id"].annotation)),
        ("instructor", "limit.{}", [limit for limit in get_args(Limit) if limit]),
        ("instructor", "ended.{}", ["memory", "died", "timeout", "flooded"]),
        ("run", "{}", ["base", "variant", "variants"]),
    ],
)
def test_an_id_that_only_a_run_knows_is_there_whatever_it_is(context, family, members):
    assert set() == {family.format(member) for member in members} - in_context(context)
