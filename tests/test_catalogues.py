"""The catalogues: whole in every language, as the code needs them, without answers for students."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from functools import cache
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
    "name",
    "right",
    "shape",
    "model",
    "score",
    "bound",
    "steps",
    "other",
    "asked",
    "form",
    "data",
    "expression",
    "gives",
    "words",
    "names",
}
ENGLISH = catalogue("en")
MESSAGES = {message_id for context, message_id in ENGLISH if context in READERS}
FAMILIES = "|".join(
    sorted({message_id.partition(".")[0] for message_id in MESSAGES if "." in message_id})
)
"""What ids of messages begin with, as a pattern."""

PACKAGE = Path(grader.__file__).parent
SCREEN_FUNCTIONS = ("word", "_tell", "tell", "texts")
"""Functions whose first argument is the id of a text of the screen."""


@cache
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
        yield from ids(node.body)
        yield from ids(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(map(pattern_of, node.values))


def pattern_of(part: ast.expr) -> str:
    """The text of a part of an f-string; `*` for a value."""
    return str(part.value) if isinstance(part, ast.Constant) else "*"


@cache
def nodes() -> tuple[ast.AST, ...]:
    """The syntax of all code but what runs notebooks, which has no words."""
    every_node: list[ast.AST] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name != "kernel":
            every_node += ast.walk(ast.parse(path.read_text("utf-8")))
    return tuple(every_node)


@cache
def used_on_screen() -> set[str]:
    """The texts of the screen that the code asks for, as patterns."""
    patterns = used_in_templates()
    for node in nodes():
        if isinstance(node, ast.Call) and node.args and name_of(node.func) in SCREEN_FUNCTIONS:
            patterns.update(ids(node.args[0]))
    return patterns


def name_of(function: ast.expr) -> str:
    """The name that a call uses: `word` in `word(…)` and in `messages.word(…)`."""
    name = getattr(function, "id", "")
    return getattr(function, "attr", name)


def used_in_templates() -> set[str]:
    """The texts of the screen that the templates of pages ask for."""
    keys: set[str] = set()
    for path in PACKAGE.rglob("templates/*.html"):
        keys.update(re.findall(r'word\("([a-z_-]+)"', path.read_text("utf-8")))
    return keys


@cache
def used_messages() -> set[str]:
    """The messages that the code speaks of, as patterns."""
    form = re.compile(rf"({FAMILIES})\.([a-z-]+|\*)")
    patterns: set[str] = set()
    for node in nodes():
        for pattern in ids(node):
            if form.fullmatch(pattern) or pattern in MESSAGES:
                patterns.add(pattern)
    return patterns


def fits(patterns: Iterable[str]) -> Callable[[str], object]:
    """Make a function that tells whether one of some patterns fits an id."""
    return re.compile("|".join(map(translate, patterns))).match


def unknown(patterns: set[str], known: set[str]) -> list[str]:
    """The patterns that no known id fits."""
    return sorted(pattern for pattern in patterns if not any(map(fits([pattern]), known)))


def unused(known: set[str], patterns: set[str]) -> list[str]:
    """The known ids that fit no pattern."""
    fits_one = fits(patterns)
    return sorted(key for key in known if not fits_one(key))


def in_context(*contexts: Context) -> set[str]:
    return {message_id for context, message_id in ENGLISH if context in contexts}


# The files


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_its_language_and_is_in_utf_8(language):
    assert language == str(parsed(language).locale_identifier)
    assert "utf-8" == parsed(language).charset


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_in_doubt(language):
    entries = [entry for entry in parsed(language) if entry.id]
    in_doubt = [entry.id for entry in entries if entry.fuzzy or not entry.string]
    assert [] == in_doubt
    assert {} == parsed(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_twice(language):
    text = catalogue_file(language).read_text("utf-8")
    written = re.findall(r'^msgctxt "(.*)"\nmsgid "(.*)"$', text, re.MULTILINE)
    assert written == list(catalogue(language))


def test_there_is_a_catalogue_for_each_language_and_no_other():
    folder = catalogue_file("en").parents[2]
    with_catalogue = [path.parts[-3] for path in folder.glob("*/LC_MESSAGES/*")]
    assert sorted(LANGUAGES) == sorted(with_catalogue)


def test_settings_know_the_same_languages():
    in_settings, _ = get_args(Settings.model_fields["language"].annotation)
    assert set(LANGUAGES) == set(get_args(in_settings)) == set(get_args(Language))


# One language and another


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_has_the_same_texts_in_the_same_order(language):
    assert list(ENGLISH) == list(catalogue(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_speaks_of_the_same_parameters(language):
    texts = catalogue(language)
    different = []
    for key, text in ENGLISH.items():
        if key in texts and fields(text) != fields(texts[key]):
            different.append(key)
    assert [] == different


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_parameter_is_a_share_or_has_a_noun_for_one_and_one_for_many(language):
    odd = []
    for key, text in catalogue(language).items():
        for form in forms(text):
            if form != "%" and form.count("|") != 1:
                odd.append((key, form))
    assert [] == odd


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_operation_has_a_noun_for_one_and_one_for_many(language):
    odd = []
    for (context, message_id), text in catalogue(language).items():
        nouns = [noun for noun in text.split("|") if noun]
        if context == "operation" and len(nouns) != 2:
            odd.append(message_id)
    assert [] == odd


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
    given_away = {}
    for (context, message_id), text in catalogue(language).items():
        if context == "student" and not fields(text) <= STUDENT_MAY_READ:
            given_away[message_id] = fields(text) - STUDENT_MAY_READ
    assert {} == given_away


# The code and the catalogues


def test_every_text_that_the_screen_asks_for_is_there():
    assert [] == unknown(used_on_screen(), in_context("screen"))


def test_every_message_that_the_code_speaks_of_is_there():
    assert [] == unknown(used_messages(), MESSAGES)


def test_no_text_of_the_screen_is_there_for_nothing():
    statuses = {*get_args(ExerciseStatus), *get_args(SubmissionStatus)}
    assert [] == unused(in_context("screen"), used_on_screen() | statuses)


def test_no_message_is_there_for_nothing():
    assert [] == unused(MESSAGES, used_messages())


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
