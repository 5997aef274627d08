"""Whose a submission is, as the report says."""

from __future__ import annotations

import pytest

from grader.outputs.gradebooks.identifiers import Identifiers, identifiers_of
from grader.report import Person, Who
from tests.support.reports import submission


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (Who(), Identifiers("ana-exemplo")),
        (
            Who(source="moodle", name="Ana Exemplo", lms_id="71"),
            Identifiers("Ana Exemplo", participant_id="71"),
        ),
        (
            Who(source="canvas", name="exemploana", lms_id="4321"),
            Identifiers("exemploana", canvas_id="4321"),
        ),
        (Who(source="gradescope", name="Ana Exemplo", lms_id="9"), Identifiers("Ana Exemplo")),
        (
            Who(name="Ana Exemplo", email="ana@example.org"),
            Identifiers("Ana Exemplo", email="ana@example.org"),
        ),
    ],
)
def test_what_is_known_of_a_person_is_kept(who, expected):
    assert (expected,) == identifiers_of(submission("ana-exemplo", who=who))


def test_everyone_of_a_group_is_a_person():
    who = Who(
        members=(Person(name="Ana Exemplo"), Person(name="Bia Exemplo", email="bia@example.org"))
    )
    assert (
        Identifiers("Ana Exemplo"),
        Identifiers("Bia Exemplo", email="bia@example.org"),
    ) == identifiers_of(submission("grupo-1", who=who))
