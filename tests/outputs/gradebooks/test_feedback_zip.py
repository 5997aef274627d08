"""Feedback is packed in the folders that Moodle knows the students by."""

from __future__ import annotations

import io
import zipfile

from grader.outputs.gradebooks.feedback_zip import pack_feedback
from grader.outputs.gradebooks.matching import GradebookEntry, Matches
from grader.report import Who
from tests.support.reports import submission

ANA = submission("Ana Exemplo")
BETO = submission("Beto Exemplo", who=Who(source="moodle", name="Beto Exemplo", lms_id="72"))
FILES = {ANA.id: {"feedback.txt": "Boa, Ana\n"}, BETO.id: {"feedback.txt": "Boa, Beto\n"}}


def matches(name="Ana Exemplo"):
    return Matches(((GradebookEntry(1, name, "71"), ANA),), (), (), ())


def contents(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_folder_is_named_as_in_the_zip_of_submissions():
    data, _ = pack_feedback([BETO], FILES)
    assert {"Beto Exemplo_72_assignsubmission_file_/feedback.txt": "Boa, Beto\n"} == contents(data)


def test_whose_number_is_not_known_is_listed_and_left_out():
    data, lost = pack_feedback([ANA, BETO], FILES)
    assert (1, ("Ana Exemplo (ana-exemplo.ipynb)",)) == (len(contents(data)), lost)


def test_the_worksheet_says_a_number():
    data, lost = pack_feedback([ANA, BETO], FILES, matches())
    assert (["Ana Exemplo_71_assignsubmission_file_/feedback.txt"], ()) == (
        list(contents(data))[:1],
        lost,
    )


def test_a_name_cannot_leave_its_folder_nor_part_the_number_from_it():
    data, _ = pack_feedback([ANA], FILES, matches("../A_na\\: \u202ex"))
    assert ["A na x_71_assignsubmission_file_/feedback.txt"] == list(contents(data))


def test_two_notebooks_of_one_participant_have_a_file_each():
    data, _ = pack_feedback([BETO, BETO], FILES)
    folder = "Beto Exemplo_72_assignsubmission_file_"
    assert [f"{folder}/feedback.txt", f"{folder}/2-feedback.txt"] == list(contents(data))


def test_the_same_feedback_is_the_same_file():
    assert pack_feedback([BETO], FILES) == pack_feedback([BETO], FILES)


def test_every_file_of_a_student_is_in_their_folder():
    data, _ = pack_feedback(
        [BETO], {BETO.id: {"feedback.txt": "Boa\n", "feedback.html": "<p>Boa\ud800"}}
    )
    folder = "Beto Exemplo_72_assignsubmission_file_"
    assert {f"{folder}/feedback.txt": "Boa\n", f"{folder}/feedback.html": "<p>Boa?"} == contents(
        data
    )
