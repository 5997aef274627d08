"""Rows and submissions are matched by number, by e-mail, else by name; what is ambiguous is listed."""

from __future__ import annotations

import pytest

from grader.outputs.gradebooks import matching
from grader.outputs.gradebooks.matching import Entry, Identity, match, name_key
from tests.support.reports import submission

ANA, BETO = (
    Entry(1, "Exemplo, Ana", "71", "ana@example.org"),
    Entry(2, "Beto Exemplo", "72", "beto@example.org"),
)


@pytest.fixture
def matched(monkeypatch):
    """Matches of rows with people; the name of a submission's file stands for it."""

    def matches(entries, people):
        known = {
            f"{number}.ipynb": who if isinstance(who, tuple) else (who,)
            for number, who in enumerate(people)
        }
        monkeypatch.setattr(matching, "identities", lambda one: known[one.file])
        return match(
            entries,
            [submission(file, id=file, file=file) for file in known],
            lambda who: who.participant_id,
        )

    return matches


def rows(matches):
    return {entry.row: one.file for entry, one in matches.pairs}


def test_a_number_decides(matched):
    found = matched(
        [ANA, BETO], [Identity("?", participant_id="72"), Identity("!", participant_id="71")]
    )
    assert {1: "1.ipynb", 2: "0.ipynb"} == rows(found)


def test_another_number_with_the_same_name_is_another_person(matched):
    found = matched([ANA], [Identity("Ana Exemplo", participant_id="99")])
    assert ({}, ("Ana Exemplo (0.ipynb)",), ("Exemplo, Ana",)) == (
        rows(found),
        found.without_row,
        found.without_submission,
    )


def test_an_address_decides_where_no_number_is_known(matched):
    assert {2: "0.ipynb"} == rows(
        matched([ANA, BETO], [Identity("Ana Exemplo", email="Beto@Example.org")])
    )


@pytest.mark.parametrize("name", ["Ana Exemplo", "exemplo, ana", "ána-EXEMPLO", "ana_exemplo"])
def test_a_name_decides_whatever_its_order_accents_and_signs(matched, name):
    assert {1: "0.ipynb"} == rows(matched([ANA, BETO], [Identity(name)]))


def test_a_part_of_a_name_is_not_a_name(matched):
    found = matched([ANA, BETO], [Identity("Ana")])
    assert ({}, ("Ana (0.ipynb)",)) == (rows(found), found.without_row)


def test_a_name_without_letters_is_of_nobody(matched):
    assert {} == rows(matched([Entry(1, "-", "71")], [Identity("?")]))


def test_two_rows_of_one_name_are_not_guessed(matched):
    found = matched([ANA, Entry(2, "Ana Exemplo", "72")], [Identity("Ana Exemplo")])
    assert ({}, ("Ana Exemplo (0.ipynb)",), (), ()) == (
        rows(found),
        found.ambiguous,
        found.without_row,
        found.without_submission,
    )


def test_of_two_rows_of_one_name_a_number_tells_one_and_then_the_other_is_alone(matched):
    namesake = Entry(2, "Ana Exemplo", "72")
    found = matched(
        [ANA, namesake], [Identity("Ana Exemplo", participant_id="71"), Identity("Ana Exemplo")]
    )
    assert {1: "0.ipynb", 2: "1.ipynb"} == rows(found)


@pytest.mark.parametrize(
    "people",
    [
        [Identity("Ana Exemplo"), Identity("Ana Exemplo")],
        [Identity("a", participant_id="71"), Identity("b", participant_id="71")],
        [
            Identity("a", participant_id="71"),
            Identity("b", participant_id="71"),
            Identity("Ana Exemplo"),
        ],
    ],
)
def test_several_submissions_of_one_row_are_not_guessed(matched, people):
    found = matched([ANA], people)
    assert ({}, len(people), ()) == (rows(found), len(found.ambiguous), found.without_submission)


def test_a_submission_of_several_people_is_of_each_ones_row(matched):
    together = (Identity("Ana Exemplo"), Identity("Beto Exemplo"))
    assert {1: "0.ipynb", 2: "0.ipynb"} == rows(matched([ANA, BETO], [together]))


def test_a_row_without_a_submission_is_listed(matched):
    assert ("Beto Exemplo",) == matched([ANA, BETO], [Identity("Ana Exemplo")]).without_submission


def test_words_of_a_name_are_put_in_order():
    assert "ana da exemplo silva" == name_key("Exemplo da Silva, Aná")
