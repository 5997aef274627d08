"""Rows and submissions are matched by number, e-mail or name; what is ambiguous is listed."""

from __future__ import annotations

import pytest

from grader.outputs.gradebooks.matching import GradebookEntry, Matches, match, name_key
from grader.report import Person, Who
from tests.support.reports import submission

ANA = GradebookEntry(1, "Exemplo, Ana", "71", "ana@example.org")
BETO = GradebookEntry(2, "Beto Exemplo", "72", "beto@example.org")


def participant(name: str, number: str) -> Who:
    """A person with a number of Moodle."""
    return Who(source="moodle", name=name, lms_id=number)


def matched(entries: list[GradebookEntry], people: list[Who]) -> Matches:
    """Match rows with a submission of each person, in files `0.ipynb`, `1.ipynb`, …"""
    submissions = []
    for number, who in enumerate(people):
        file = f"{number}.ipynb"
        submissions.append(submission(who.name, id=file, file=file, who=who))
    return match(entries, submissions, lambda person: person.participant_id)


def rows(matches: Matches) -> dict[int, str]:
    """The file of each row that was matched."""
    return {entry.row: result.file for entry, result in matches.pairs}


def test_a_number_decides():
    matches = matched([ANA, BETO], [participant("?", "72"), participant("!", "71")])
    assert {1: "1.ipynb", 2: "0.ipynb"} == rows(matches)


def test_another_number_with_the_same_name_is_another_person():
    matches = matched([ANA], [participant("Ana Exemplo", "99")])
    assert {} == rows(matches)
    assert ("Ana Exemplo (0.ipynb)",) == matches.without_row
    assert ("Exemplo, Ana",) == matches.without_submission


def test_an_address_decides_where_no_number_is_known():
    people = [Who(name="Ana Exemplo", email="Beto@Example.org")]
    assert {2: "0.ipynb"} == rows(matched([ANA, BETO], people))


@pytest.mark.parametrize("name", ["Ana Exemplo", "exemplo, ana", "ána-EXEMPLO", "ana_exemplo"])
def test_a_name_decides_whatever_its_order_accents_and_signs(name):
    assert {1: "0.ipynb"} == rows(matched([ANA, BETO], [Who(name=name)]))


def test_a_part_of_a_name_is_not_a_name():
    matches = matched([ANA, BETO], [Who(name="Ana")])
    assert {} == rows(matches)
    assert ("Ana (0.ipynb)",) == matches.without_row


def test_a_name_without_letters_belongs_to_nobody():
    assert {} == rows(matched([GradebookEntry(1, "-", "71")], [Who(name="?")]))


def test_two_rows_of_one_name_are_not_guessed():
    namesake = GradebookEntry(2, "Ana Exemplo", "72")
    matches = matched([ANA, namesake], [Who(name="Ana Exemplo")])
    assert {} == rows(matches)
    assert ("Ana Exemplo (0.ipynb)",) == matches.ambiguous
    assert ((), ()) == (matches.without_row, matches.without_submission)


def test_of_two_rows_of_one_name_a_number_tells_one_and_then_the_other_is_alone():
    namesake = GradebookEntry(2, "Ana Exemplo", "72")
    people = [participant("Ana Exemplo", "71"), Who(name="Ana Exemplo")]
    assert {1: "0.ipynb", 2: "1.ipynb"} == rows(matched([ANA, namesake], people))


@pytest.mark.parametrize(
    "people",
    [
        [Who(name="Ana Exemplo"), Who(name="Ana Exemplo")],
        [participant("a", "71"), participant("b", "71")],
        [participant("a", "71"), participant("b", "71"), Who(name="Ana Exemplo")],
    ],
)
def test_several_submissions_of_one_row_are_not_guessed(people):
    matches = matched([ANA], people)
    assert {} == rows(matches)
    assert len(people) == len(matches.ambiguous)
    assert () == matches.without_submission


def test_a_submission_of_several_people_belongs_to_the_row_of_each():
    members = (Person(name="Ana Exemplo"), Person(name="Beto Exemplo"))
    matches = matched([ANA, BETO], [Who(members=members)])
    assert {1: "0.ipynb", 2: "0.ipynb"} == rows(matches)


def test_a_row_without_a_submission_is_listed():
    matches = matched([ANA, BETO], [Who(name="Ana Exemplo")])
    assert ("Beto Exemplo",) == matches.without_submission


def test_words_of_a_name_are_put_in_order():
    assert "ana da exemplo silva" == name_key("Exemplo da Silva, Aná")
