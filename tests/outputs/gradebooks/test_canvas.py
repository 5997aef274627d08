"""The gradebook of Canvas gets grades in one column, and keeps every other byte."""

from __future__ import annotations

import codecs

import pytest

from grader.errors import GraderError
from grader.outputs.gradebooks.canvas import fill_canvas
from grader.outputs.gradebooks.grades import Scale
from grader.report import Who
from tests.support.gradebooks import half_step, settled
from tests.support.reports import info, not_graded, report, submission

TITLE = "PyTorch: Variable, gradientes e grafo computacional"
EXPORT = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,"{TITLE} (9001)",\
Outra tarefa (9002),Assignments Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,12.0,10.0,(read only)
"Exemplo, Ana",4321,a1,ana@example.org,"Turma 1",,7.5,80.00
"Exemplo, Beto",4322,b2,beto@example.org,Turma 1,3,,
"Exemplo, Zoé",4323,,,Turma 1,,,
"Student, Test",4399,,f00,Turma 1,,,
"""
FILLED = EXPORT.replace('"Turma 1",,7.5', '"Turma 1",10,7.5').replace(
    "Turma 1,3,,", "Turma 1,8.5,,"
)


def filled(*submissions, text=EXPORT, scale=None, column=None):
    return fill_canvas(text.encode(), report(*submissions), scale or Scale(), column)


@pytest.fixture
def two():
    return settled("Ana Exemplo"), half_step("Beto Exemplo")


def test_grades_are_written_and_everything_else_goes_back_as_it_was(two):
    assert FILLED.encode() == filled(*two).data


@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8])
def test_line_ends_and_a_byte_order_mark_stay(two, bom):
    given = bom + EXPORT.replace("\n", "\r\n").encode()
    assert (
        bom + FILLED.replace("\n", "\r\n").encode()
        == fill_canvas(given, report(*two), Scale()).data
    )


def test_a_file_in_another_language_is_filled_in_just_so(two):
    names = {
        "Student,": "Aluno,",
        "Section": "Seção",
        "Points Possible": "Pontos possíveis",
        "Manual": "Publicação",
    }
    text, expected = EXPORT, FILLED
    for one, other in names.items():
        text, expected = text.replace(one, other), expected.replace(one, other)
    assert expected.encode() == filled(*two, text=text).data


def test_semicolons_and_decimal_commas_stay(two):
    def european(text):
        header, *rest = text.split("\n")
        heads = (
            header.replace(f'"{TITLE} (9001)"', "@")
            .replace(",", ";")
            .replace("@", f"{TITLE} (9001)")
        )
        body = (
            "\n".join(rest)
            .replace('", ', "@")
            .replace("Exemplo, ", "Exemplo@ ")
            .replace("Student, ", "Student@ ")
        )
        return f"{heads}\n{body.replace(',', ';').replace('@', ',')}".replace(
            "12.0;10.0", "12,0;10,0"
        )

    expected = european(FILLED).replace("8.5", "8,5")
    assert expected.encode() == filled(*two, text=european(EXPORT)).data


def test_who_is_on_one_side_only_is_listed(two):
    matches = filled(*two, settled("Caio Exemplo")).matches
    assert (("Exemplo, Zoé", "Student, Test"), ("Caio Exemplo (caio-exemplo.ipynb)",)) == (
        matches.without_submission,
        matches.without_row,
    )


def test_a_grade_that_was_another_one_is_listed(two):
    assert [("Exemplo, Beto", "3", "8.5")] == filled(*two).changed


def test_a_grade_that_is_the_same_is_left_as_it_is_written(two):
    text = EXPORT.replace("Turma 1,3,,", "Turma 1,8.50,,")
    gradebook = filled(*two, text=text)
    assert (True, []) == (b"Turma 1,8.50,," in gradebook.data, gradebook.changed)


def test_what_is_no_number_is_a_persons_word_and_stays(two):
    gradebook = filled(*two, text=EXPORT.replace("Turma 1,3,,", "Turma 1,EX,,"))
    assert (True, [("Exemplo, Beto", "EX")]) == (
        b"Turma 1,EX,," in gradebook.data,
        gradebook.kept_grades,
    )


def test_a_cell_stays_as_it_was_while_a_person_has_still_to_look():
    gradebook = filled(submission("Ana Exemplo"))
    assert (EXPORT.encode(), ["Exemplo, Ana"], []) == (
        gradebook.data,
        gradebook.pending,
        gradebook.graded,
    )


def test_a_provisional_grade_is_written_though_a_person_has_still_to_look():
    gradebook = filled(submission("Ana Exemplo"), scale=Scale(provisional=True))
    assert (True, ["Exemplo, Ana"]) == (b'"Turma 1",10,7.5' in gradebook.data, gradebook.graded)


def test_what_could_not_be_graded_gets_no_0():
    gradebook = filled(not_graded("Ana Exemplo", "unreadable", "unreadable.empty"))
    assert (EXPORT.encode(), ["Exemplo, Ana"]) == (gradebook.data, gradebook.without_grade)


def test_a_submission_of_a_download_is_matched_by_its_number():
    gradebook = filled(
        settled("exemplob", who=Who(source="canvas", name="exemplob", lms_id="4322"))
    )
    assert ["Exemplo, Beto"] == gradebook.graded


@pytest.mark.parametrize("column", ["Outra tarefa", "Outra tarefa (9002)", "9002", "outra TAREFA"])
def test_another_column_can_be_named(two, column):
    gradebook = filled(*two, column=column, scale=Scale(to=10))
    assert b'"Turma 1",,8.33,80.00' in gradebook.data


def test_a_column_may_be_called_as_the_folder_of_the_assignment(two):
    gradebook = filled(*two, text=EXPORT.replace(f'"{TITLE} (9001)"', "Autograd (9001)"))
    assert 2 == len(gradebook.graded)


@pytest.mark.parametrize("column", ["Nenhuma", "", None])
def test_a_column_that_is_not_there_is_an_error_that_names_those_that_are(two, column):
    text = EXPORT.replace(TITLE, "Aula 1")
    with pytest.raises(
        GraderError, match=r"--canvas-column takes: “Aula 1 \(9001\)”, “Outra tarefa \(9002\)”"
    ):
        filled(*two, text=text, column=column)


def test_two_columns_of_one_name_are_told_apart_by_their_number(two):
    text = EXPORT.replace("Outra tarefa", f'"{TITLE}"').replace(
        f'"{TITLE}" (9002)', f'"{TITLE} (9002)"'
    )
    with pytest.raises(GraderError, match="No single assignment"):
        filled(*two, text=text)
    assert 2 == len(filled(*two, text=text, column="9001").graded)


def test_other_points_than_the_gradebooks_are_refused_unless_the_scale_is_said(two):
    text = EXPORT.replace(",12.0,", ",100.0,")
    with pytest.raises(
        GraderError, match=r"has 100 points, and the assignment 12\. Say .* --scale 100"
    ):
        filled(*two, text=text)
    assert b'"Turma 1",83.33,7.5' in filled(*two, text=text, scale=Scale(to=100)).data


def test_a_file_without_numbers_of_users_is_no_gradebook(two):
    with pytest.raises(GraderError, match="No row has the number of a user"):
        filled(*two, text="a,b\n1,x\n")


def test_a_report_of_two_assignments_has_to_be_parted(two):
    both = report(*two).model_copy(
        update={"assignments": (info(), info().model_copy(update={"name": "outra"}))}
    )
    with pytest.raises(GraderError, match="--assignment NAME"):
        fill_canvas(EXPORT.encode(), both, Scale())
