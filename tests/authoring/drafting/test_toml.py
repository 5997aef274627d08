"""The files that are written: TOML that the grader reads, with comments that teach it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.authoring.drafting.inputs import NamedData
from grader.authoring.drafting.toml import (
    AssignmentHead,
    DraftedExercise,
    DraftedMistake,
    VariedData,
    format_assignment,
    format_mistakes,
    format_variants,
    quote,
)
from grader.authoring.drafting.variants import DraftedInput
from grader.messages import LANGUAGES
from grader.settings import Limits
from grader.trace import Array

LIMITS = Limits(cell_timeout_s=90, notebook_timeout_s=180)
HEAD = AssignmentHead('The "first" lab: é, \\ and \x7f', "lab.ipynb", ("data.csv",), LIMITS)
FUNCTION = {"function": "f", "calls": ("torch.randn(3)", "2"), "changes": True}
TESTS = {"setup": "a = 1\nb = 'two'", "equal": ("f(a)", "f(b)")}
EXERCISES = (
    DraftedExercise("w-grad", "The gradient", 2, "value", fields={"look_in": ("grad",)}),
    DraftedExercise("step", "The step", 1.5, "value", needs=("w-grad",)),
    DraftedExercise("graph", "The graph", 1, "graph"),
    DraftedExercise("why", "Why", 1, "text", fields={"question": "Why is it so?"}),
    DraftedExercise("f", "A function", 1, "function", fields=FUNCTION),
    DraftedExercise("plot", "A plot", 1, "figure", fields={"figure": {"kinds": ("line",)}}),
    DraftedExercise("tests", "Tests", 1, "test", fields=TESTS),
)
DATA = NamedData("x", Array(origin="tensor", shape=(3,), dtype="float32", elements=(1.0, 2.0, 3.0)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_assignment_is_read_as_it_was_meant(tmp_path: Path, language):
    (tmp_path / "assignment.toml").write_text(format_assignment(HEAD, EXERCISES, language), "utf-8")
    cell = {"cell_type": "markdown", "source": "Why is it so?"}
    (tmp_path / "lab.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [cell]}), "utf-8")
    (tmp_path / "data.csv").write_text("1", "utf-8")
    read = load_assignment(tmp_path)
    assert (HEAD.title, language, LIMITS, ("data.csv",)) == (
        read.title,
        read.language,
        read.limits,
        tuple(file.name for file in read.files),
    )
    assert [(e.id, e.title, e.points, e.check, e.needs) for e in EXERCISES] == [
        (e.id, e.title, e.points, e.check, e.needs) for e in read.exercises
    ]
    fields = [exercise.model_dump(by_alias=True) for exercise in read.exercises]
    for exercise, given in zip(EXERCISES, fields, strict=True):
        for name, value in exercise.fields.items():
            assert value == {**given, "setup": given["setup"].strip()}[name] or name == "figure"
    assert ("grad",) == read.exercises[0].look_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_that_is_written_is_explained(language):
    text = format_assignment(HEAD, EXERCISES, language)
    comments = " ".join(line for line in text.splitlines() if line.startswith("#"))
    checks = {exercise["check"] for exercise in tomllib.loads(text)["exercises"]}
    assert checks == {check for check in checks if f'check = "{check}"' in comments}
    assert "look_in:" in comments


def test_comments_are_in_the_language_of_the_course():
    assert "# O que as pessoas leem" in format_assignment(HEAD, EXERCISES, "pt")
    assert "# Shown to people" in format_assignment(HEAD, EXERCISES, "en")


def test_variants_are_read_as_they_were_meant():
    inputs = (DraftedInput(DATA, ("torch.tensor([1.])", "2 * x"), ("x",), ()),)
    table = {
        "name": "x",
        "from": "x",
        "variants": ["torch.tensor([1.])", "2 * x"],
        "practice": ["x"],
    }
    expected = {"inputs": [table]}
    assert expected == tomllib.loads(format_variants(VariedData(inputs), "en"))


def test_numbers_that_are_drawn_are_written_as_expressions():
    inputs = (DraftedInput(DATA, ("torch.tensor([1.])", "2 * x"), ("x",), ()),)
    for drawn, written in [(("torch.rand(1)",), "torch.rand(1)"), (("x + 1", "x"), ["x + 1", "x"])]:
        text = format_variants(VariedData(inputs, draws={"x": drawn}), "en")
        assert {"inputs": [{"name": "x", "from": "x", "draw": written}]} == tomllib.loads(text)
        assert "draw:" in text


def test_without_data_there_are_no_variants_and_a_word_on_how_to_write_some():
    text = format_variants(VariedData(), "en")
    assert ({}, True) == (tomllib.loads(text), "[[inputs]]" in text)


def test_seeds_and_files_are_read_as_they_were_meant():
    varied = VariedData(files=("data.csv",), seeds=True)
    expected = {
        "files": [{"name": "data.csv", "make": "resample"}],
        "seeds": [{"count": 2}],
    }
    assert expected == tomllib.loads(format_variants(varied, "en"))


def test_mistakes_are_read_as_they_were_meant():
    mistake = DraftedMistake(
        "plus-sign",
        {"pt": "sinal", "en": "sign", "es": "signo"},
        {"pt": "Confira.", "en": "Check.", "es": "Comprueba."},
    )
    (read,) = tomllib.loads(format_mistakes([mistake], "pt"))["mistakes"].values()
    assert {"name": dict(mistake.name), "hint": dict(mistake.hint), "credit": {}} == read


def test_a_mistake_is_written_in_the_languages_that_it_has():
    mistake = DraftedMistake("plus-sign", {"en": "sign"}, {"en": "Check."})
    (read,) = tomllib.loads(format_mistakes([mistake], "en"))["mistakes"].values()
    assert {"en": "sign"} == read["name"]


@pytest.mark.parametrize("text", ['a "b"', "a\\b", "é…", "a\nb", "\x7f\x01", "'''"])
def test_any_text_can_be_written(text):
    assert {"a": text} == tomllib.loads(f"a = {quote(text)}")
