"""Whose a submission is, as far as the names of its file and folders say."""

from __future__ import annotations

import pytest

from grader.gradebooks.identities import Identity, identities
from tests.render import submission


@pytest.mark.parametrize(
    ("file", "identity"),
    [
        ("ana-exemplo.ipynb", Identity("Ana Exemplo")),
        ("turma/Ana Exemplo_71_assignsubmission_file_/caderno.ipynb", Identity("Ana Exemplo", participant_id="71")),
        ("Ana Exemplo_71_assignsubmission_file_caderno.ipynb", Identity("Ana Exemplo", participant_id="71")),
        ("exemploana_4321_987654_caderno.ipynb", Identity("exemploana", canvas_id="4321")),
        ("exemploana_LATE_4321_987654_caderno.ipynb", Identity("exemploana", canvas_id="4321")),
        ("ana_2_final.ipynb", Identity("Ana Exemplo")),
    ],
)
def test_names_that_a_platform_gave_say_the_number_of_a_person(file, identity):
    assert (identity,) == identities(submission("Ana Exemplo", file=file))
