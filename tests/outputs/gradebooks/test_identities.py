"""Whose a submission is, as the report says."""

from __future__ import annotations

import pytest

from grader.outputs.gradebooks.matching import Identity, identities
from grader.report import Person, Who
from tests.support.reports import submission


@pytest.mark.parametrize(
    ("who", "identity"),
    [
        (Who(), Identity("ana-exemplo")),
        (
            Who(source="moodle", name="Ana Exemplo", lms_id="71"),
            Identity("Ana Exemplo", participant_id="71"),
        ),
        (
            Who(source="canvas", name="exemploana", lms_id="4321"),
            Identity("exemploana", canvas_id="4321"),
        ),
        (Who(source="gradescope", name="Ana Exemplo", lms_id="9"), Identity("Ana Exemplo")),
        (
            Who(name="Ana Exemplo", email="ana@example.org"),
            Identity("Ana Exemplo", email="ana@example.org"),
        ),
    ],
)
def test_what_is_known_of_a_person_is_kept(who, identity):
    assert (identity,) == identities(submission("ana-exemplo", who=who))


def test_everyone_of_a_group_is_a_person():
    who = Who(
        members=(Person(name="Ana Exemplo"), Person(name="Bia Exemplo", email="bia@example.org"))
    )
    assert (
        Identity("Ana Exemplo"),
        Identity("Bia Exemplo", email="bia@example.org"),
    ) == identities(submission("grupo-1", who=who))
