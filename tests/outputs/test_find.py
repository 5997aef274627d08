"""Submissions are found by what a person typed."""

from __future__ import annotations

import pytest

from grader.outputs.find import matching_submissions
from tests.support.reports import report, submission


@pytest.mark.parametrize("name", ["joao", "JOÃO ex", "joão-exemplo.ipynb", "joao-exemplo-1a2b3c"])
def test_a_student_is_found_by_id_name_or_file_without_regard_to_case_and_accents(name):
    assert ["João Exemplo"] == [
        one.student for one in matching_submissions(report().submissions, name)
    ]


def test_a_whole_name_wins_over_a_part_of_one():
    everyone = (submission("Ana"), submission("Ana Exemplo"))
    assert ["Ana"] == [match.student for match in matching_submissions(everyone, "ana")]
