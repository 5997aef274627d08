"""Who is not compared with whom: those of one group, and one student's several submissions."""

from __future__ import annotations

from grader.batch.similarity.parties import parties_of
from grader.report import Person, Who

ANA, BRUNO = (
    Person(name="Ana Exemplo", id="1"),
    Person(name="Bruno Exemplo", email="bruno@example.org"),
)


def test_of_nobody_known_everyone_is_by_themselves():
    assert [0, 1, 2] == parties_of([Who(), Who(), Who()])


def test_those_of_one_group_belong_together():
    assert [0, 1, 0] == parties_of(
        [Who(group="Grupo 1"), Who(group="Grupo 2"), Who(group="grupo 1")]
    )


def test_two_submissions_of_one_student_belong_together():
    assert [0, 1, 0] == parties_of(
        [Who(name="Ana Exemplo", id="1"), Who(id="2"), Who(id="1", login="ana")]
    )


def test_a_member_of_a_group_who_hands_in_alone_belongs_to_it():
    assert [0, 0, 0] == parties_of(
        [Who(members=(ANA, BRUNO)), Who(email="BRUNO@example.org"), Who(name="ana exemplo")]
    )


def test_what_two_belong_to_joins_them():
    assert [0, 0, 0] == parties_of([Who(id="1"), Who(login="bruno"), Who(id="1", login="bruno")])
