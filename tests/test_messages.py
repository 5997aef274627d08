"""The words of messages and numbers; `test_catalogues.py` tests that the catalogues are whole."""

from __future__ import annotations

import math

import pytest

from grader.messages import (
    LANGUAGES,
    READERS,
    as_language,
    common_language,
    in_language,
    number,
    own_first,
    say,
    short,
    texts,
    word,
)

PARAMS = {
    "value.partial-answer": {"credit": 0.75},
    "graph.differs": {"operation": "ConvolutionBackward0", "found": 36, "expected": 20},
    "ended.died": {"cell": 13},
}


@pytest.mark.parametrize(
    ("value", "pt", "en"),
    [
        (5.75, "5,75", "5.75"),
        (3.0, "3", "3"),
        (0.5, "0,5", "0.5"),
        (-28, "-28", "-28"),
        (31.36000061, "31,36", "31.36"),
        (12345.678, "12345,7", "12345.7"),
        (1.5e-05, "1,5e-05", "1.5e-05"),
        (-0.0, "0", "0"),
        (math.inf, "inf", "inf"),
        (math.nan, "nan", "nan"),
    ],
)
def test_a_number_is_written_as_people_of_the_language_do(value, pt, en):
    assert (pt, en, pt) == (number(value, "pt"), number(value, "en"), number(value, "es"))


def test_cells_are_counted_from_one():
    text = say("ended.died", PARAMS["ended.died"], language="pt", reader="instructor")
    assert "O kernel terminou na célula 14; o que veio antes foi corrigido." == text


def test_cells_in_a_list_are_counted_from_one():
    text = say("note.again", {"cells": "3, 9"}, language="en", reader="instructor")
    assert "cells 4, 10." == text[-12:]


def test_a_share_is_written_as_a_percentage():
    text = say(
        "value.partial-answer", PARAMS["value.partial-answer"], language="pt", reader="instructor"
    )
    assert "Mostra só uma parte da resposta, que vale 75% dos pontos." == text


@pytest.mark.parametrize(("words", "phrase"), [(1, "1 palavra"), (41, "41 palavras")])
def test_a_noun_agrees_with_its_number(words, phrase):
    text = say("text.answered", {"words": words}, language="pt", reader="instructor")
    assert phrase in text


def test_an_operation_is_named_in_the_words_of_the_field():
    text = say("graph.differs", PARAMS["graph.differs"], language="en", reader="instructor")
    assert "The graph has 36 convolutions where the reference's has 20." == text


def test_an_operation_without_a_noun_goes_by_its_own_name():
    params = {"operation": "ErfBackward0", "found": 1, "expected": 2}
    text = say("graph.differs", params, language="pt", reader="instructor")
    assert "O grafo tem 1 operação Erf onde o da referência tem 2." == text


def test_the_name_of_an_operation_is_text():
    params = {"operation": "a|{b}Backward0", "found": 2, "expected": 1}
    assert "2 a|{b} operations, not 1" == short("graph.differs", params, "en")


def test_a_student_is_not_told_the_expected_count():
    text = say("graph.differs", PARAMS["graph.differs"], language="pt", reader="student")
    assert "36 convoluções" in text
    assert "20" not in text


def test_the_student_reads_the_hint_and_the_instructor_the_name_of_a_mistake():
    params = {"name": "plus sign", "hint": "Check the sign."}
    by_reader = [say("mistake", params, language="en", reader=reader) for reader in READERS]
    assert ["Check the sign.", "Known mistake: plus sign."] == by_reader


def test_the_label_of_a_run_is_put_into_words():
    params = {"exercise": "w-grad", "title": "Gradient", "run": "variant-2"}
    text = say("validate.reference-loses", params, language="en", reader="instructor")
    assert text.startswith("“Gradient” (w-grad): the reference does not pass: in variant 2. ")


def test_a_run_of_some_variant_is_put_into_words():
    params = {"exercise": "w-grad", "title": "Gradiente", "run": "variants"}
    text = say("validate.reference-loses", params, language="pt", reader="instructor")
    assert text.startswith("“Gradiente” (w-grad): a referência não passa: em uma variante. ")


def test_a_reader_without_an_entry_is_not_told():
    assert "" == say("value.told", {"values": "J 14"}, language="pt", reader="student")


def test_a_message_of_another_version_is_shown_by_its_id():
    assert "value.of-tomorrow" == say("value.of-tomorrow", {}, language="pt", reader="student")


def test_a_missing_parameter_leaves_a_gap_and_no_error():
    text = say("ended.died", {}, language="pt", reader="instructor")
    assert "O kernel terminou na célula …" in text


def test_what_nothing_names_is_left_out_with_its_brackets():
    told = say("machine.path", {"what": "", "cell": 0}, language="en", reader="instructor")
    assert "Cell 1 opens a file or folder that does not exist here. See the code and decide" in told


def test_braces_in_a_parameter_are_text():
    params = {"hint": "{cell.__class__} {0}", "name": ""}
    assert "{cell.__class__} {0}" == say("mistake", params, language="pt", reader="student")


def test_a_narrow_column_gets_few_words():
    assert "36 convoluções, não 20" == short("graph.differs", PARAMS["graph.differs"], "pt")


def test_a_message_without_few_words_is_silent_in_a_narrow_column():
    assert "" == short("value.passed", {}, "pt")


def test_a_phrase_of_the_screen_is_filled_in():
    assert "2 entregas" == word("submissions", "pt", count=2)


def test_a_page_gets_texts_of_the_screen_as_they_stand():
    assert {"review-page-students": "{count:aluno|alunos}"} == texts("review-page-students", "pt")
    assert {"review-page-saved", "review-page-students"} <= set(texts("review-page-*", "en"))


def test_a_page_gets_no_messages():
    assert {} == texts("text.*", "en")


# Languages


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_with_a_catalogue_is_known_by_its_code(language):
    assert language == as_language(language)


@pytest.mark.parametrize("code", ["fr", "", "ES"])
def test_another_code_is_english(code):
    assert "en" == as_language(code)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "es"}, "es"),
        ({"LANG": "pt_BR.UTF-8"}, "pt"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "es_ES.UTF-8", "LANG": "pt_BR.UTF-8"}, "es"),
        ({"LC_MESSAGES": "C", "LANG": "es_ES.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_where_languages_differ_that_of_the_users_locale_counts(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language == common_language(["en", "pt"])


@pytest.mark.parametrize(
    ("own", "shown"), [("en", "in English"), ("pt", "em português"), ("es", "in English")]
)
def test_a_text_that_is_missing_is_the_assignments_own_or_else_the_english_one(own, shown):
    by_language = {"xx": "other", "pt": "em português", "en": "in English"}
    assert shown == in_language(own_first(by_language, own), "es")


def test_an_empty_text_is_as_good_as_missing():
    assert "em português" == in_language({"es": "", "pt": "em português"}, "es")


def test_a_text_in_no_language_is_empty():
    assert "" == in_language({}, "es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_note_of_an_assignment_that_has_one_language_is_shown_in_it(language):
    params = {"note.pt": "Vale a metade."}
    assert "Vale a metade." == say("value.accepted", params, language=language, reader="student")


def test_a_note_is_shown_in_the_language_that_is_asked_for():
    params = {"note.pt": "Vale a metade.", "note.es": "Vale la mitad."}
    assert "Vale la mitad." == say("value.accepted", params, language="es", reader="student")
