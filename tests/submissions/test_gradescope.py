"""The list beside a Gradescope export: who handed in what."""

from __future__ import annotations

from grader.submissions.gradescope import read_people

LIST = r"""---
submission_21:
  :submitters:
  - :name: "Jos\u00E9 Lima"
    :sid: '0042'
    :email: jose@x.br
  :created_at: 2024-03-01 21:04:11.123456000 Z
  :history:
  - :id: 1
    :created_at: 2024-02-01 00:00:00.000000000 Z
submission_22:
  :submitters:
  - :name: Ana O'Brien
    :sid:
  - :name: 'Rui d''Alva'
    :sid: '8'
"""


def test_one_submitter_has_a_name_an_id_an_address_and_a_time(tmp_path):
    (tmp_path / "m.yml").write_text(LIST, "utf-8")
    who = read_people(tmp_path / "m.yml")["21"]
    expected = ("José Lima", "0042", "jose@x.br", "2024-03-01T21:04:11+00:00")
    assert expected == (who.name, who.id, who.email, who.attempt)


def test_several_submitters_are_a_group(tmp_path):
    (tmp_path / "m.yml").write_text(LIST, "utf-8")
    who = read_people(tmp_path / "m.yml")["22"]
    assert ["Ana O'Brien", "Rui d'Alva"] == [member.name for member in who.members]


def test_a_list_that_is_not_there_names_nobody(tmp_path):
    assert {} == read_people(tmp_path / "m.yml")
